"""Renders what was found of answerers and evaluators as one HTML file that runs no script and asks for nothing."""

from importlib.metadata import version
from math import isfinite
from typing import Final

from prefactor.analysis.competence import RULE, Competence, Evaluator
from prefactor.analysis.competence.pairs import RULE_OF_PAIRS, PairCompetence, PairJudge
from prefactor.analysis.competence.results import Conclusion, Example
from prefactor.data.dataset import SourceCount
from prefactor.report.competence_tables import competence_tables, pair_tables, share_words
from prefactor.report.competence_views import (
    CompetencePage,
    EvaluatorCard,
    ExampleGroup,
    ExampleText,
    Flow,
    FlowBand,
)
from prefactor.report.html import make_environment
from prefactor.report.safe_text import shorten
from prefactor.report.views import Setting
from prefactor.report.wording import counted, listed, percent

__all__ = ["render_competence", "render_pairs"]

TONES: Final[dict[Conclusion, str]] = {
    "trust": "pass",
    "trust where it knows": "part",
    "don't trust": "fail",
    "underpowered": "unclear",
}
LONGEST: Final = 900
"""Characters of a text to read."""


def render_competence(found: Competence) -> str:
    """Return the page about answerers and evaluators of answers; encode it as UTF-8."""
    settings = found.settings
    page = CompetencePage(
        title="Does the judge know?",
        lead=_lead(found),
        version=version("prefactor"),
        stats=_stats(found),
        evaluators=tuple(_card(place, each) for place, each in enumerate(found.evaluators)),
        tables=competence_tables(found),
        examples=tuple(group for each in found.evaluators for group in _examples(each)),
        rule=RULE.format(least=percent(settings.least), margin=f"{100 * settings.margin:g} points"),
        settings=(
            Setting("graders", listed(list(settings.graders))),
            Setting("trusted from", percent(settings.least)),
            Setting("difference that does not matter", f"{100 * settings.margin:g} points"),
            Setting("intervals", percent(settings.interval)),
            Setting("false discoveries, at most", percent(settings.discovery)),
        ),
        files=tuple(map(_file, found.sources)),
    )
    return _rendered(page)


def render_pairs(found: PairCompetence) -> str:
    """Return the page about judges of pairs; encode it as UTF-8."""
    judges = counted(len(found.judges), "judge")
    page = CompetencePage(
        title="Do the judges know?",
        lead=f"{judges} of pairs of answers, one of which is better by an objective label.",
        version=version("prefactor"),
        stats=(Setting("pairs", f"{found.pairs:,}"), Setting("with a label", f"{found.labelled:,}")),
        evaluators=tuple(_pair_card(place, each) for place, each in enumerate(found.judges)),
        tables=pair_tables(found),
        examples=(),
        rule=RULE_OF_PAIRS.format(least=percent(found.settings.least)),
        of_pairs=True,
        settings=(
            Setting("trusted from", percent(found.settings.least)),
            Setting("intervals", percent(found.settings.interval)),
        ),
        files=tuple(map(_file, found.sources)),
    )
    return _rendered(page)


def _file(source: SourceCount) -> str:
    bad = f", {source.bad_rows:,} left out as unusable" if source.bad_rows else ""
    return f"{source.file} ({source.format}, {source.rows:,} rows{bad})"


def _rendered(page: CompetencePage) -> str:
    sections = [("verdicts", "Verdicts")] if page.evaluators else []
    sections += [(anchor, name) for anchor, name, _ in page.tables]
    sections += [("read", "To read")] if page.examples else []
    sections += [("methods", "Methods")]
    return make_environment().get_template("competence.html.j2").render(view=page, sections=sections)


def _lead(found: Competence) -> str:
    answerers = counted(len(found.answerers), "answerer")
    evaluators = counted(len(found.evaluators), "evaluator")
    return (
        f"{answerers} and {evaluators} on {counted(found.questions, 'question')} with a key: who answers well, who "
        "grades well, and whether those who grade well do so because they know."
    )


def _stats(found: Competence) -> tuple[Setting, ...]:
    answers = sum(each.read for each in found.answerers)
    return (
        Setting("questions", f"{found.questions:,}"),
        Setting("answers", f"{answers:,}"),
        *(Setting(f"called right or wrong by {who}", f"{number:,}") for who, number in sorted(found.truth.items())),
        *(Setting(why, f"{number:,}") for why, number in found.left_out),
    )


def _card(place: int, each: Evaluator) -> EvaluatorCard:
    return EvaluatorCard(
        anchor=f"judge-{place}",
        name=each.name,
        conclusion=each.conclusion,
        tone=TONES[each.conclusion],
        sentence=each.sentence,
        facts=tuple(_facts(each)),
        flows=tuple(_flows(each)),
    )


def _facts(each: Evaluator) -> list[str]:
    account = each.account
    facts = [f"{account.used:,} of {counted(account.read, 'verdict')} used"]
    odd = (
        (account.unknown, "said it does not know"),
        (account.unreadable, "unreadable"),
        (account.missing, "missing"),
        (account.not_applicable, "where its rule does not apply"),
        (account.untold, "on abstentions or ungraded answers"),
    )
    facts += [f"{number:,} {why}" for number, why in odd if number]
    facts.append(
        f"accepts {share_words(each.sensitivity)} of right answers, rejects {share_words(each.specificity)} of wrong"
    )
    facts += [f"same verdict on {part.kind}: {share_words(part.same)} of {part.pairs:,}" for part in each.consistency]
    if isfinite(each.self_preference.value):
        facts.append(f"accepts its own answers more than others as right, by {share_words(each.self_preference)}")
    if each.calibration is not None:
        facts.append(f"calibration error {share_words(each.calibration.error)}, Brier score {each.calibration.brier}")
    if not each.knowing:
        facts.append("its own answers are not known, so whether it grades by knowing cannot be told")
    return facts


def _flows(each: Evaluator) -> list[Flow]:
    cells = each.cells
    by_truth = [sum(getattr(cell, name) for cell in cells) for name in _BY_TRUTH]
    flows = [
        _flow("Answers, and what it calls them", ("right", "wrong"), ("accepted", "rejected"), by_truth, _TRUTH_TONES)
    ]
    if each.knowing:
        own = each.knowing[0]
        counts = [own.can_true, own.can_false, own.cannot_true, own.cannot_false]
        names = ("it can answer", "it cannot"), ("true verdict", "false verdict")
        flows.append(_flow("Its own answers, and its verdicts", *names, counts, _KNOWING_TONES))
    return [flow for flow in flows if flow.bands]


_BY_TRUTH: Final = ("right_accepted", "right_rejected", "wrong_accepted", "wrong_rejected")
_TRUTH_TONES: Final = ("pass", "fail", "fail", "pass")
_KNOWING_TONES: Final = ("pass", "fail", "part", "unclear")
_GAP: Final = 6.0
"""Percent of the height between two nodes."""


def _flow(
    caption: str, left: tuple[str, str], right: tuple[str, str], counts: list[int], tones: tuple[str, ...]
) -> Flow:
    """Return ribbons from two nodes to two: their heights are shares of all."""
    total = sum(counts)
    if not total:
        return Flow(caption, left, right, ())
    scale = (100 - _GAP) / total
    first, second = counts[0] + counts[1], counts[2] + counts[3]
    starts = [0.0, counts[0] * scale, first * scale + _GAP, (first + counts[2]) * scale + _GAP]
    upper = counts[0] + counts[2]
    ends = [0.0, upper * scale + _GAP, counts[0] * scale, (upper + counts[1]) * scale + _GAP]
    bands = tuple(
        FlowBand(
            f"{left[place // 2]}, {right[place % 2]}: {count:,} ({percent(count / total, 1)})",
            tone,
            (round(starts[place], 2), round(starts[place] + count * scale, 2)),
            (round(ends[place], 2), round(ends[place] + count * scale, 2)),
        )
        for place, (count, tone) in enumerate(zip(counts, tones, strict=True))
        if count
    )
    return Flow(caption, _named(left, (first, second)), _named(right, (upper, total - upper)), bands)


def _named(names: tuple[str, str], counts: tuple[int, int]) -> tuple[str, str]:
    return f"{names[0]} {counts[0]:,}", f"{names[1]} {counts[1]:,}"


def _examples(each: Evaluator) -> list[ExampleGroup]:
    groups: dict[tuple[bool | None, bool, bool], list[Example]] = {}
    for one in each.examples:
        groups.setdefault((one.own_right, one.right, one.accepted), []).append(one)
    found = []
    for (own, right, accepted), examples in groups.items():
        known = "" if own is None else f", {'can' if own else 'cannot'} answer itself"
        truth, verdict = ("right" if right else "wrong"), ("accepted" if accepted else "rejected")
        tone = "pass" if right == accepted else "fail"
        texts = tuple(
            ExampleText(
                one.answerer,
                shorten(one.question, LONGEST),
                one.key,
                shorten(one.answer, LONGEST),
                shorten(one.own_answer or "", LONGEST),
            )
            for one in examples
        )
        found.append(ExampleGroup(f"{each.name}: {truth} answers {verdict}{known}", tone, texts))
    return found


def _pair_card(place: int, each: PairJudge) -> EvaluatorCard:
    facts = [f"{counted(each.verdicts, 'verdict')}, {counted(each.tied, 'tie')}"]
    if each.unreadable or each.missing:
        facts.append(f"{each.unreadable:,} unreadable, {each.missing:,} missing")
    if each.both_orders:
        facts.append(f"same in both orders: {share_words(each.consistency)} of {each.both_orders:,}")
    if each.knowing is not None:
        gap = share_words(each.knowing.difference)
        facts.append(f"better where it can answer, by {gap} ({each.knowing.can:,} and {each.knowing.cannot:,} pairs)")
    return EvaluatorCard(
        f"judge-{place}", each.judge, each.conclusion, TONES[each.conclusion], each.sentence, tuple(facts), ()
    )
