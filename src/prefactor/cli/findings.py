"""What an explanation looks like in a terminal."""

from collections.abc import Sequence
from math import isfinite, isnan

from prefactor.analysis.ceiling import ceiling_words, repeated_words
from prefactor.analysis.manipulability import manipulability_sentence
from prefactor.analysis.pooled import pooled_weights
from prefactor.analysis.results import CheckOutcome, Effect, Explanation, Profile
from prefactor.analysis.sentences import joint_sentences, percent, shares_sentence
from prefactor.cli.likeness import print_near_judges
from prefactor.cli.pooled import pooled_cells, print_poolings
from prefactor.cli.terminal import heading, line, print_table
from prefactor.config import FEW_COMPARISONS, WHOLE
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate

__all__ = ["print_explanation"]

_KINDS = {"label": "objective label"}
_STRONGEST = 5
_MOST_PAIRS = 12
_MOST_WARNINGS = 8


def print_explanation(explanation: Explanation) -> None:
    """Print what was read, the strongest factors each way, slices, agreements and warnings that matter."""
    _print_sources(explanation)
    for profile in explanation.profiles:
        if profile.slice == WHOLE:
            _print_profile(profile, explanation.factors)
    _print_slices(explanation)
    print_poolings(explanation.pooled)
    _print_agreements(explanation)
    print_near_judges(explanation.nearest_published)
    _print_warnings(explanation)


def _print_sources(explanation: Explanation) -> None:
    formats = sorted({source.format for source in explanation.sources})
    files = len(explanation.sources)
    line(
        f"read {explanation.comparisons:,} comparisons on {explanation.prompts:,} prompts, {explanation.responses:,} "
        f"distinct responses, from {files:,} file{'s' if files != 1 else ''} ({', '.join(formats)})"
    )
    bad_rows = sum(source.bad_rows for source in explanation.sources)
    repaired = sum(source.repaired for source in explanation.sources)
    if bad_rows:
        line(f"left out {bad_rows:,} rows that could not be used", "yellow")
    if repaired:
        line(f"mended {repaired:,} texts that held lone surrogates")


def _print_profile(profile: Profile, factors: Sequence[Factor]) -> None:
    account = profile.account
    heading(f"{profile.judge} ({_KINDS.get(profile.kind, profile.kind)})".removesuffix(" (unknown)"))
    turned = f", {profile.inconsistent:,} of them because the two orders disagree" if profile.inconsistent else ""
    line(
        f"{account.read:,} read: {account.used:,} used ({account.tied:,} tied{turned}), "
        f"{account.unreadable:,} unreadable, {account.missing:,} missing"
    )
    told = [effect for effect in profile.effects if effect.verdict in ("prefers more", "prefers less")]
    told.sort(key=lambda effect: -abs(effect.tau14.value))
    own = [effect for effect in told if effect.absorbed_by is None]
    for sign, verdict in (("+", "prefers more"), ("-", "prefers less")):
        for effect in [effect for effect in own if effect.verdict == verdict][:_STRONGEST]:
            line(f"  {sign} {effect.sentence}")
    for reason in dict.fromkeys(effect.absorbed_by for effect in told if effect.absorbed_by is not None):
        mostly = [_alone_and_together(effect) for effect in told if effect.absorbed_by == reason]
        shown = ", ".join(mostly[:_STRONGEST]) + (", ..." if len(mostly) > _STRONGEST else "")
        line(f"  mostly {reason} (chosen alone -> with all else equal): {shown}")
    if not told:
        line("  nothing can be said: too few comparisons to tell, or no factor makes a difference that matters")
    _print_prediction(profile)
    if profile.account.used:
        line(f"  {shares_sentence(profile.apportionment)}")
    for sentence in joint_sentences(profile.joint, {factor.name: factor.label for factor in factors}):
        line(f"  {sentence}", "yellow")
    for group in profile.dependence.indistinguishable:
        line(f"  {group.sentence}")
    dressed = manipulability_sentence(profile.manipulability)
    if dressed:
        line(f"  {dressed}")


def _alone_and_together(effect: Effect) -> str:
    alone, together = effect.single_probability.value, effect.probability.value
    return f"{effect.factor} {100 * alone:.0f} -> {100 * together:.0f} %"


def _print_prediction(profile: Profile) -> None:
    prediction = profile.prediction
    if not prediction.folds:
        line("  too few prompts to test the profile on comparisons it has not seen")
        return
    beside = [
        ("coin", "50 %"),
        ("majority side", _share(prediction.majority)),
        ("longer answer", _share(prediction.length)),
    ]
    baselines = ", ".join(f"{name} {value}" for name, value in beside if value)
    line(f"  predicts {percent(prediction.accuracy)} of preferences it has not seen ({baselines})")
    line(f"  {ceiling_words(profile.ceiling)}")
    if profile.ceiling.known:
        line(f"  {repeated_words(profile.ceiling)}")


def _share(estimate: Estimate) -> str:
    return "" if isnan(estimate.value) else f"{100 * estimate.value:.0f} %"


def _print_slices(explanation: Explanation) -> None:
    sliced = [profile for profile in explanation.profiles if profile.slice != WHOLE]
    if not sliced:
        return
    heading("slices")
    pooled = pooled_weights(explanation.pooled)
    rows = []
    for profile in sliced:
        told = [effect for effect in profile.effects if effect.verdict in ("prefers more", "prefers less")]
        strongest = sorted(told, key=lambda effect: -abs(effect.tau14.value))[:2]
        found = "; ".join(f"{effect.factor} {effect.tau14}" for effect in strongest)
        small = " (small)" if profile.account.strict < FEW_COMPARISONS else ""
        found = found or _nothing_told(profile)
        cells = pooled_cells(profile.judge, profile.slice, pooled=pooled) if pooled else ()
        rows.append((profile.judge, profile.slice, f"{profile.account.used:,}{small}", found, *cells))
    columns = ["judge", "slice", "used ", "strongest factors, tau14"]
    print_table([*columns, *(["pooled: chosen in %, all else equal", "own "] if pooled else [])], rows)


def _nothing_told(profile: Profile) -> str:
    verdicts = {effect.verdict for effect in profile.effects} - {"not identified"}
    if verdicts == {"makes no difference that matters"}:
        return "no factor makes a difference that matters"
    return "too few comparisons to tell"


def _print_agreements(explanation: Explanation) -> None:
    if not explanation.agreements:
        return
    heading("agreement")
    rows = [
        (pair.first, pair.second, f"{pair.strict:,}", percent(pair.agreement) if pair.strict else "no strict pair")
        for pair in explanation.agreements[:_MOST_PAIRS]
    ]
    print_table(["judge", "judge", "both strict ", "agree on"], rows)
    if len(explanation.agreements) > _MOST_PAIRS:
        line(f"  and {len(explanation.agreements) - _MOST_PAIRS} more pairs, in the report")
    _print_against_annotators(explanation)


def _print_against_annotators(explanation: Explanation) -> None:
    for people in dict.fromkeys(one.annotators_of for one in explanation.against_annotators):
        heading(f"predicting one annotator of {people} at a time, on the same comparisons")
        rows = [
            (
                one.judge,
                f"{one.verdicts:,}",
                percent(one.agreement),
                percent(one.one_another),
                percent(one.ceiling),
                percent(one.way) if isfinite(one.way.low) else "cannot be told",
            )
            for one in explanation.against_annotators
            if one.annotators_of == people
        ]
        columns = ["judge", "verdicts ", "right ", "another annotator ", "ceiling ", "of the way from a coin "]
        print_table(columns, rows[:_MOST_PAIRS])
        if len(rows) > _MOST_PAIRS:
            line(f"  and {len(rows) - _MOST_PAIRS} more judges, in the report")


def _print_warnings(explanation: Explanation) -> None:
    whole = [check for check in explanation.checks if check.outcome in ("warn", "fail") and check.slice in (WHOLE, "")]
    small = sum(
        check.code == "PF101" and check.outcome != "pass" and check.slice != WHOLE for check in explanation.checks
    )
    if not whole and not small:
        return
    heading("mind")
    for check in whole[:_MOST_WARNINGS]:
        line(f"  {_warning(check)}", "yellow")
    if len(whole) > _MOST_WARNINGS:
        line(f"  and {len(whole) - _MOST_WARNINGS} more warnings, in the report", "yellow")
    if small:
        slices = sum(profile.slice != WHOLE for profile in explanation.profiles)
        line(f"  PF101 few comparisons: {small:,} of {slices:,} slices are small", "yellow")


def _warning(check: CheckOutcome) -> str:
    return f"{check.code} {check.name}, {check.judge}: {check.message}"
