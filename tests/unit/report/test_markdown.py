"""The Markdown says what was found of every judge, and no name in it becomes markup."""

import re
from dataclasses import replace
from typing import Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from prefactor.analysis.results import Explanation
from prefactor.report import render_markdown
from prefactor.report.markdown_text import escape_line
from prefactor.report.safe_text import make_readable
from report import examples
from report.examples import Size, empty_explanation, explanation_of, hostile_explanation

PLAIN: Final = "plain words"

NASTY: Final = (
    examples.HOSTILE,
    "[click](javascript:alert(1))",
    "![pixel](https://example.org/pixel.png)",
    "<https://example.org>",
    "<b>bold</b> &amp; &lt;i&gt;",
    "| cell | cell |",
    "``` fence",
    "a\n\n# heading\n\n- item",
    "**bold** __bold__ ~~gone~~ $x$",
    "[^1] [x]: https://example.org",
    "\\",
    "\\| \\` \\<",
    "- item",
    "1. item",
    "2) item",
    "+ item",
    "> quote",
    "---",
    "===",
)

PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shape(tokens: list[Token]) -> list[str]:
    """What a reader of Markdown makes of a text, without its words."""
    found = []
    for token in tokens:
        found.append(f"{token.type} {token.tag}")
        inner = [part for part in token.children or [] if part.type not in {"text", "text_special"}]
        found += [f"{part.type} {part.tag}" for part in inner]
    return found


def written(tokens: list[Token]) -> str:
    """The words that a reader of Markdown sees."""
    return "\n".join("".join(part.content for part in token.children or []) for token in tokens)


def hostile(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    monkeypatch.setattr(examples, "HOSTILE", text)
    return render_markdown(hostile_explanation())


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_no_name_becomes_markup(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    plain = shape(PARSER.parse(hostile(monkeypatch, PLAIN)))
    assert shape(PARSER.parse(hostile(monkeypatch, text))) == plain


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_a_judge_alone_becomes_no_markup(text: str) -> None:
    """The sentence of an effect begins with the name of its judge: the start of a line is the place to be nasty."""
    base = explanation_of(Size(factors=4))

    def named(judge: str) -> Explanation:
        effects = [replace(one, sentence=f"{judge} prefers it.") for one in base.profiles[0].effects]
        return replace(base, profiles=(replace(base.profiles[0], judge=judge, effects=tuple(effects)),))

    plain, nasty = (shape(PARSER.parse(render_markdown(named(judge)))) for judge in (PLAIN, text))
    assert nasty == plain


def test_markup_would_be_seen() -> None:
    assert shape(PARSER.parse("- <b>x")) != shape(PARSER.parse("- x"))
    assert shape(PARSER.parse("- 1. x")) != shape(PARSER.parse("- x"))


def test_no_angle_bracket_and_no_unseen_character(monkeypatch: pytest.MonkeyPatch) -> None:
    text = hostile(monkeypatch, examples.HOSTILE)
    assert re.findall(r"(?<!\\)[<>]", text) == []
    assert make_readable(text) == text


def test_every_row_has_the_cells_of_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    text = hostile(monkeypatch, "a | b \\| c \\")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) >= 2
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in table.splitlines()}
        assert len(cells) == 1


@pytest.mark.parametrize(
    "text", ["https://example.org/x", "HTTP://example.org", "www.example.org", "ftp://example.org"]
)
def test_an_address_in_a_name_is_no_address_to_link(text: str) -> None:
    """GitHub links addresses without any markup."""
    shown = escape_line(f"judge {text}")
    assert not re.search(r"(?<!\\)://|www\.", shown, re.IGNORECASE)
    assert written(PARSER.parse(shown)) .strip() == f"judge {text}"  # fmt: skip


@pytest.mark.parametrize("text", ["1.5 of 2", "a_b*c", "5 % [4, 6]", "g-4 & <x>", "a\\b", "e.g. x: y", "- a", "3. b"])
def test_escaping_keeps_the_words(text: str) -> None:
    assert written(PARSER.parse(escape_line(text))).strip() == text


def test_says_what_was_found() -> None:
    explanation = explanation_of(Size(judges=3, slices=2))
    words = written(PARSER.parse(render_markdown(explanation)))
    for profile in explanation.profiles:
        assert profile.judge in words
    for profile in (one for one in explanation.profiles if one.slice == "all"):
        clear = [one for one in profile.effects if one.verdict.startswith("prefers") and one.absorbed_by is None]
        strongest = max(clear, key=lambda effect: abs(effect.tau14.value))
        assert strongest.sentence in words


def test_lists_every_check_and_what_failed() -> None:
    explanation = explanation_of(Size(judges=2, slices=2))
    words = written(PARSER.parse(render_markdown(explanation)))
    for check in explanation.checks:
        assert f"{check.code} {check.name}" in words
        if check.outcome in {"fail", "warn"}:
            assert check.message in words


def test_shows_no_prompt_and_no_answer() -> None:
    explanation = explanation_of(Size(judges=2))
    marked = tuple(
        replace(one, prompt="sesame", response_a="sesame", response_b="sesame") for one in explanation.telling
    )
    assert "sesame" not in render_markdown(replace(explanation, telling=marked))


def test_an_empty_explanation_says_so() -> None:
    words = written(PARSER.parse(render_markdown(empty_explanation())))
    assert "silent judge" in words
    assert "nothing can be said" in words
    assert "nan" not in words.lower()


def test_the_same_explanation_gives_the_same_text() -> None:
    size = Size(judges=2, slices=3)
    assert render_markdown(explanation_of(size)) == render_markdown(explanation_of(size))
