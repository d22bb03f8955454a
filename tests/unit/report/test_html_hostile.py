"""Whatever names and texts hold, the page is the same page: they are shown as text and can do nothing."""

import re
import unicodedata
from functools import cache
from typing import Final

import pytest

from prefactor.report import render_html
from prefactor.report.html import make_environment
from report import examples
from report.examples import hostile_explanation
from report.page import Element, read_page

PLAIN: Final = "plain words"

NASTY: Final = (
    examples.HOSTILE,
    "</title></style><script>alert(1)</script>",
    '" onmouseover="alert(1)" style="position:fixed',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "<meta http-equiv=refresh content=0;url=https://example.org>",
    "<iframe src=https://example.org></iframe><object data=x></object><embed src=x>",
    "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>",
    "<link rel=stylesheet href=https://example.org/x.css><base href=https://example.org>",
    "<form action=https://example.org><input name=q></form>",
    "]]><!-- --!><?php ?>",
    "&lt;script&gt;&#60;b&#62;&amp;",
    "{{ view }}{% include 'page.html.j2' %}{# gone #}",
    "`${1}` \\u003cscript\\u003e \\",
    "\u202egnp.exe\u2066\u2069\u200f\u061c",
    "\x1b]8;;https://example.org\x07link\x1b]8;;\x07\x9b31m\x7f",
    "\ud800\udfff\udc80",
    "\U000e0041\U000e0042\u3164\u00ad\ufeff",
)

ALLOWED: Final = {
    *("html", "head", "meta", "title", "link", "style", "body", "a", "div", "header", "p", "nav", "ul", "li"),
    *("fieldset", "legend", "label", "input", "span", "main", "section", "h1", "h2", "h3", "dl", "dt", "dd"),
    *("article", "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "line", "circle", "rect"),
    *("text", "b", "br", "small", "details", "summary", "bdi", "code", "var", "sub", "footer"),
}

each = pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))


@cache
def page_of(text: str) -> Element:
    """Return the page of the hostile explanation with another text in every place that is not ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examples, "HOSTILE", text)
        return read_page(render_html(hostile_explanation()))


def outline(page: Element) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.tag, tuple(one.attributes)) for one in page.walk()]


@each
def test_a_text_makes_no_element_and_no_attribute(text: str) -> None:
    plain = outline(page_of(PLAIN))
    assert outline(page_of(text)) == plain


@each
def test_nothing_runs_and_nothing_is_loaded(text: str) -> None:
    page = page_of(text)
    assert {one.tag for one in page.walk()} <= ALLOWED
    names = {name for one in page.walk() for name in one.attributes}
    assert {name for name in names if name.startswith("on") or name in {"style", "src", "srcdoc", "action"}} == set()
    assert [one.attributes for one in page.find("link")] == [{"rel": "icon", "href": "data:,"}]
    assert {one.attributes["href"][0] for one in page.find("a")} == {"#"}
    assert [one.attributes["type"] for one in page.find("input")] == ["radio"] * 3
    equivalents = [one.attributes["http-equiv"] for one in page.find("meta") if "http-equiv" in one.attributes]
    assert equivalents == ["Content-Security-Policy"]


@each
def test_classes_come_from_the_page_alone(text: str) -> None:
    """No word of a text reaches a class, an id or a place; only the words that describe may hold it."""
    spoken = {"aria-label", "title"}

    def values(page: Element) -> list[str]:
        return [value for one in page.walk() for name, value in one.attributes.items() if name not in spoken]

    plain = values(page_of(PLAIN))
    assert values(page_of(text)) == plain


@each
def test_the_style_is_our_own(text: str) -> None:
    (style,) = page_of(text).find("style")
    assert (style,) == tuple(page_of(PLAIN).find("style"))
    assert re.findall(r"url\(|@import|@font-face|expression\(|image-set|src\(", style.text) == []


def test_the_policy_allows_nothing_but_style() -> None:
    page = read_page(render_html(hostile_explanation()))
    (policy,) = (one for one in page.find("meta") if "http-equiv" in one.attributes)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.attributes["content"].split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@each
def test_every_character_can_be_seen(text: str) -> None:
    page = page_of(text)
    shown = page.text + "".join(value for one in page.walk() for value in one.attributes.values())
    unseen = {f"U+{ord(one):04X}" for one in shown if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert unseen <= {"U+000A", "U+0009"}


def test_a_template_cannot_forget_to_make_a_text_harmless() -> None:
    """Even what no view has looked at is shown and escaped, in an element and in an attribute."""
    template = make_environment().from_string('<p title="{{ text }}">{{ text }}</p>')
    assert template.render(text='"\u202e<b>\x00') == '<p title="{0}">{0}</p>'.format("&#34;⟦U+202E⟧&lt;b&gt;␀")


def test_what_cannot_be_seen_is_named() -> None:
    text = page_of(examples.HOSTILE).text
    for shown in ("⟦U+202E⟧", "⟦U+200B⟧", "⟦U+D800⟧", "␀", "␛[31m"):
        assert shown in text


def test_texts_are_shown_as_they_are() -> None:
    """Nothing is unescaped, stripped or rendered on the way: the reader sees what the model wrote."""
    for text in (one for one in NASTY if one.isprintable()):
        read = page_of(text).by_id("read")
        assert read is not None
        answers = [one for one in read.find("bdi") if one.text.startswith(text * 5)]
        assert len(answers) == 2 * len(hostile_explanation().telling)


def test_line_breaks_of_an_answer_stay() -> None:
    read = page_of("first\n\n  second\tthird\n").by_id("read")
    assert read is not None
    assert read.find("bdi")[0].text.startswith("first\n\n  second\tthird\nfirst\n")
