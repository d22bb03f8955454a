"""A judge on one page, made from whatever was run: what is known of it, and the command for what is not.

Takes ``results.json`` and the JSON of other commands, decoded. Computes nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from prefactor._validate import check_known
from prefactor.config import WHOLE
from prefactor.report.forest import percent_mark, tone_of
from prefactor.report.html import render_page
from prefactor.report.markdown_text import escape_line
from prefactor.report.naming import name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.scales import Axis, axis_between
from prefactor.report.views import Mark
from prefactor.report.wording import decimal, interval, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["CardRow", "CardSection", "CardView", "Ran", "render_card", "render_card_markdown", "summarise_card"]

Found = Mapping[str, Any]

_MOST: Final = 6
"""Factors each way, and judges, that a card shows."""

_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Ran:
    """What was run.

    Parameters
    ----------
    explained
        ``results.json`` documents.
    commands
        Documents of other commands, by command: ``"competence"``, ``"defend"``, ``"steer"``.
    """

    explained: tuple[Found, ...]
    commands: Mapping[str, tuple[Found, ...]]


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a section.

    Parameters
    ----------
    name
        What it says.
    mark
        The chance on the axis; None where it is no chance.
    value, more
        In words.
    """

    name: str
    mark: Mark | None
    value: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class CardSection:
    """One part of a card.

    Parameters
    ----------
    anchor, title
        What it is called.
    rows, sentences
        What it shows.
    missing, command
        Why it shows nothing, and what would fill it in; empty where it shows something.
    """

    anchor: str
    title: str
    rows: tuple[CardRow, ...] = ()
    sentences: tuple[str, ...] = ()
    missing: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class CardView:
    """Everything a card shows.

    Parameters
    ----------
    judge, lead
        Whose it is, and its verdicts counted.
    axis
        Of all chances.
    sections
        In the order of the page.
    mass, version
        What intervals hold, and the version that made the numbers.
    """

    judge: str
    lead: str
    axis: Axis
    sections: tuple[CardSection, ...]
    mass: str
    version: str


def summarise_card(judge: str, ran: Ran) -> CardView:
    """Return the card of one judge.

    Parameters
    ----------
    judge
        Its name in the explanations.
    ran
        What was run.

    Raises
    ------
    UnknownNameError
        No explanation has the judge.
    """
    judges = [profile["judge"] for document in ran.explained for profile in document["profiles"]]
    check_known("judge", [judge], judges)
    document = next(each for each in ran.explained if any(one["judge"] == judge for one in each["profiles"]))
    profile = next(one for one in document["profiles"] if one["judge"] == judge and one["slice"] == WHOLE)
    axis = axis_between((0.0, 1.0), low=0.0, high=1.0, centre=0.5)
    account = profile["account"]
    lead = (
        f"{account['read']:,} verdicts on {profile['prompts']:,} prompts: {account['used']:,} used, "
        f"{account['tied']:,} tied, {account['unreadable']:,} unreadable, {account['missing']:,} missing."
    )
    makers: tuple[Callable[[], CardSection], ...] = (
        lambda: _agrees(judge, document, axis),
        lambda: _prefers(profile, document, axis),
        lambda: _position(profile, axis),
        lambda: _itself(judge, profile, axis),
        lambda: _competence(judge, ran.commands.get("competence", ()), axis),
        lambda: _dressed(judge, profile, ran, axis),
        lambda: _published(judge, document),
        lambda: _trust(judge, profile, document, axis),
    )
    return CardView(
        judge=name_line(judge),
        lead=lead,
        axis=axis,
        sections=tuple(make() for make in makers),
        mass=percent(document["settings"]["interval"]),
        version=name_line(document["prefactor_version"]),
    )


def render_card(view: CardView) -> str:
    """Return the card as one self-contained HTML page, as :func:`prefactor.report.html.render_html` makes pages."""
    return render_page("card.html.j2", {"view": view})


def render_card_markdown(view: CardView) -> str:
    """Return the card as Markdown; text of any origin in it is escaped."""
    return "\n".join(_markdown(view)) + "\n"


def _markdown(view: CardView) -> Iterable[str]:
    yield f"# {escape_line(view.judge)}"
    yield ""
    yield escape_line(view.lead)
    for section in view.sections:
        yield ""
        yield f"## {escape_line(section.title)}"
        yield ""
        if section.rows:
            yield from ("|  | value |  |", "|---|---|---|")
        for row in section.rows:
            yield f"| {escape_line(row.name)} | {escape_line(row.value)} | {escape_line(row.more)} |"
        if section.rows:
            yield ""
        for sentence in section.sentences:
            yield f"- {escape_line(sentence)}"
        if section.missing:
            yield f"Not known: {escape_line(section.missing)}. Run: {escape_line(section.command)}"
    yield ""
    yield f"Intervals hold {escape_line(view.mass)}. Made with prefactor {escape_line(view.version)}."


def _estimate(found: Found | None) -> Estimate:
    ends = [math.nan if found is None or found[name] is None else found[name] for name in ("value", "low", "high")]
    return Estimate(*ends)


def _row(name: str, found: Estimate, axis: Axis, more: str = "") -> CardRow:
    """Return a row of a chance."""
    mark = percent_mark(found, axis, tone=tone_of(found, 0.5))
    return CardRow(_line(name), mark, f"{percent(found.value)} {percent_interval(found)}".strip(), _line(more))


def _number(name: str, found: Estimate, more: str = "") -> CardRow:
    return CardRow(_line(name), None, f"{decimal(found.value)} {interval(found)}".strip(), _line(more))


def _line(text: str) -> str:
    return make_readable_line(text, _LONGEST)


def _section(
    anchor: str,
    title: str,
    rows: Iterable[CardRow] = (),
    *,
    sentences: Iterable[str] = (),
    missing: str,
    command: str,
) -> CardSection:
    """Return a section that is told to be missing where nothing is in it."""
    kept, said = tuple(rows), tuple(_line(each) for each in sentences if each)
    if kept or said:
        return CardSection(anchor, title, kept, said)
    return CardSection(anchor, title, (), (), _line(missing), _line(command))


def _agrees(judge: str, document: Found, axis: Axis) -> CardSection:
    pairs = [one for one in document["agreements"] if judge in (one["first"], one["second"]) and one["strict"]]
    rows = [
        _row(
            one["second"] if one["first"] == judge else one["first"],
            _estimate(one["agreement"]),
            axis,
            f"{one['strict']:,} strict pairs",
        )
        for one in pairs
    ]
    rows.sort(key=lambda row: row.mark.at if row.mark and row.mark.at is not None else -1.0, reverse=True)
    people = [one for one in document.get("against_annotators", []) if one["judge"] == judge]
    said = [
        f"It names the verdict of one annotator of {one['annotators_of']} in "
        f"{_shown(one['agreement'])}; another annotator does in {_shown(one['one_another'])}."
        for one in people
    ]
    return _section(
        "agrees",
        "Whom it agrees with",
        rows[:_MOST],
        sentences=said,
        missing="no other judge has judged the same comparisons",
        command="prefactor explain LOGS OTHER_JUDGES_LOG --out DIR",
    )


def _shown(found: Found | None) -> str:
    estimate = _estimate(found)
    return f"{percent(estimate.value)} {percent_interval(estimate)}".strip()


def _prefers(profile: Found, document: Found, axis: Axis) -> CardSection:
    more = {factor["name"]: factor["more"] for factor in document["factors"]}
    clear = [
        one
        for one in profile["factors"]
        if one["verdict"] in ("prefers more", "prefers less") and one["absorbed_by"] is None
    ]
    clear.sort(key=lambda one: -abs(one["tau14"]["value"]))
    shown = [
        one
        for verdict in ("prefers more", "prefers less")
        for one in [each for each in clear if each["verdict"] == verdict][:_MOST]
    ]
    rows = [
        _row(f"the {more[one['name']]}", _estimate(one["single_probability"]), axis,
             f"{_shown(one['probability'])} all else equal")
        for one in shown
    ]  # fmt: skip
    return _section(
        "prefers",
        "What it prefers",
        rows,
        missing="no factor makes a clear difference, or there are too few comparisons to tell",
        command="prefactor plan",
    )


def _position(profile: Found, axis: Axis) -> CardSection:
    first = _estimate(profile["first_preferred"])
    rows = [] if math.isnan(first.value) else [_row("the answer shown first is preferred", first, axis)]
    both, turned = profile["both_orders"], profile["account"]["inconsistent"]
    said = [f"Asked in both orders, it turns round on {turned:,} of {both:,} comparisons."] if both else []
    return _section(
        "position",
        "Position bias",
        rows,
        sentences=said,
        missing="the log does not say which answer was shown first",
        command="prefactor judge LOGS --orders both --out LOG",
    )


def _itself(judge: str, profile: Found, axis: Axis) -> CardSection:
    found = profile["self_preference"]
    rows = []
    if found["basis"] != "none":
        excess = _estimate(found["excess"])
        points = Estimate(100 * excess.value, 100 * excess.low, 100 * excess.high)
        rows = [
            _row(
                "its own answers are preferred", _estimate(found["won"]), axis, f"{found['comparisons']:,} comparisons"
            ),
            _number(f"more than by {found['basis']}, points", points),
        ]
    missing = "it is none of the models compared, as far as their names say"
    if found["models"] and not rows:
        missing = "nothing is known that its verdicts on its own answers could be set against"
    return _section(
        "itself", "Self-preference", rows, missing=missing,
        command=f"prefactor explain LOGS --judge-is '{judge}=MODEL' --out DIR",
    )  # fmt: skip


def _competence(judge: str, found: Sequence[Found], axis: Axis) -> CardSection:
    own = [
        one
        for document in found
        for one in document["results"].get("evaluators", [])
        if judge == one["name"] or judge.startswith(f"{one['name']} ")
    ]
    rows, said = [], []
    for one in own:
        rows += [
            _row("grades that are right", _estimate(one["accuracy"]), axis),
            _row("right answers that it accepts", _estimate(one["sensitivity"]), axis),
            _row("wrong answers that it rejects", _estimate(one["specificity"]), axis),
        ]
        rows += [
            _row(f"accepts what it cannot answer ({each['answerer']})", _estimate(each["unfaithful"]), axis)
            for each in one["knowing"]
        ]
        said.append(one["sentence"])
    return _section(
        "competence",
        "Competence and faithfulness",
        rows,
        sentences=said,
        missing="it has not graded answers whose truth is known",
        command="prefactor competence QUESTIONS --out DIR",
    )


def _dressed(judge: str, profile: Found, ran: Ran, axis: Axis) -> CardSection:
    found = profile.get("manipulability") or {"reason": "the results are of an older version"}
    rows: list[CardRow] = []
    if not found["reason"]:
        moved = ", ".join(f"{'more' if each['direction'] > 0 else 'less'} {each['label']}" for each in found["moves"])
        rows = [
            _row("an answer dressed for it beats its equal", _estimate(found["towards"]), axis, moved),
            _row("dressed against it", _estimate(found["away"]), axis, "the same, the other way"),
        ]
    rows += [
        _row(
            f"the best dressing under the defence: {one['judge']}",
            _estimate(one["manipulability"]["towards"]),
            axis,
            f"agreement with people changes by {_points(one['agreement_change'])}" if one["people_comparisons"] else "",
        )
        for document in ran.commands.get("defend", ())
        if document["settings"]["judge"] == judge
        for one in document["results"]["defences"][1:]
    ]
    for document in ran.commands.get("steer", ()):
        for one in document["results"]["judges"]:
            if one["judge"] != judge or one["turn"]:
                continue
            title, level = f"{document['settings']['model']} steered {one['arm']}", _estimate(one["level"])
            rows.append(_row(title, level, axis) if one["scale"] == "win rate" else _number(f"{title}, grade", level))
    return _section(
        "dressed",
        "Manipulability",
        rows,
        missing=found["reason"] or "not measured",
        command="prefactor explain LOGS --out DIR",
    )


def _points(found: Found | None) -> str:
    estimate = _estimate(found)
    whole = Estimate(100 * estimate.value, 100 * estimate.low, 100 * estimate.high)
    return f"{decimal(whole.value, 1)} {interval(whole, 1)} points"


def _published(judge: str, document: Found) -> CardSection:
    found = [one for one in document.get("nearest_published", []) if one["judge"] == judge]
    rows = [_number(one["judge"], _estimate(one["similarity"])) for each in found for one in each["near"][:3]]
    reason = next((each["reason"] for each in found if each["reason"]), "the published properties were not measured")
    return _section(
        "published",
        "Nearest published judges",
        rows,
        missing=reason,
        command="prefactor explain LOGS --taxonomy dissection --measure-with MODEL --out DIR",
    )


def _trust(judge: str, profile: Found, document: Found, axis: Axis) -> CardSection:
    prediction = profile["prediction"]
    rows = [_row("the profile predicts unseen verdicts", _estimate(prediction["accuracy"]), axis)]
    rows.append(_row("length alone does", _estimate(prediction["baselines"]["length"]["accuracy"]), axis))
    ceiling = _estimate(profile["ceiling"]["accuracy"])
    if not math.isnan(ceiling.value):
        rows.append(_row("the best that anything can do", ceiling, axis))
    said = [
        f"{one['code']} {one['name']}: {one['message']}"
        for one in document["checks"]
        if one["judge"] in (judge, "") and one["slice"] in (WHOLE, "") and one["outcome"] in ("warn", "fail")
    ]
    known = [row for row in rows if row.mark is not None and row.mark.at is not None]
    return _section(
        "trust",
        "How far this is to be trusted",
        known,
        sentences=said,
        missing="too few prompts to test the profile on comparisons it has not seen",
        command="prefactor plan",
    )
