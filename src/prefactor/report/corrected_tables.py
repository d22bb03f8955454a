"""Effects as measured beside effects corrected for the error of measurement, as a report and a terminal show them."""

from collections.abc import Sequence
from math import isfinite

from prefactor.analysis.correction_results import CorrectedEffect, Corrections
from prefactor.analysis.results import Profile
from prefactor.report.corrected_views import CorrectedRow, CorrectedTable
from prefactor.report.naming import Names, name_line
from prefactor.report.wording import decimal, interval, listed, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["summarise_corrected"]


def summarise_corrected(profiles: Sequence[Profile], names: Names) -> tuple[CorrectedTable, ...]:
    """Return a table for every judge whose effects were corrected.

    Parameters
    ----------
    profiles
        Of judges on all comparisons.
    names
        Words for factors.
    """
    return tuple(
        _table(profile.judge, profile.corrections, names) for profile in profiles if profile.corrections.effects
    )


def _table(judge: str, corrections: Corrections, names: Names) -> CorrectedTable:
    measured = [each for each in corrections.effects if isfinite(each.reliability.value) or each.reason]
    measured.sort(key=lambda each: (-_size(each), each.factor))
    exact = len(corrections.effects) - len(measured)
    lead = (
        f"Factors as measured by {name_line(corrections.model)}, whose reliability is in {name_line(corrections.file)}"
    )
    return CorrectedTable(
        judge=name_line(judge),
        lead=f"{lead}; {exact:,} more are taken from the texts without error." if exact else f"{lead}.",
        rows=tuple(
            CorrectedRow(
                label=names.label(each.factor),
                reliability=_number(each.reliability),
                tau14=_number(each.tau14),
                corrected_tau14=_number(each.corrected_tau14),
                chance=_chance(each.probability),
                corrected_chance=_chance(each.corrected_probability),
                reason=each.reason,
            )
            for each in measured
        ),
        notes=tuple(_notes(corrections, names)),
    )


def _notes(corrections: Corrections, names: Names) -> list[str]:
    notes = []
    unsure = [
        each.factor
        for each in corrections.effects
        if isfinite(each.corrected_tau14.value) and not isfinite(each.corrected_tau14.low)
    ]
    if unsure:
        notes.append(
            f"the reliability of {listed([names.label(each) for each in unsure])} is so unsure that its effect may be "
            "of any size: repeat more answers"
        )
    if corrections.capped:
        notes.append(
            "some factors are measured so badly, and go together so much, that part of the joint correction was held "
            "back: true variance was taken to be 2 % of what is seen at least"
        )
    if corrections.reason:
        notes.append(f"no joint effects are corrected: {corrections.reason}")
    return notes


def _size(each: CorrectedEffect) -> float:
    value = each.corrected_tau14.value if isfinite(each.corrected_tau14.value) else each.tau14.value
    return abs(value) if isfinite(value) else -1.0


def _number(estimate: Estimate) -> str:
    return f"{decimal(estimate.value)} {interval(estimate)}".strip()


def _chance(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} {percent_interval(estimate)}".strip()
