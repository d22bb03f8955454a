"""What a report shows of effects corrected for the error of measurement, as plain frozen data."""

from dataclasses import dataclass

__all__ = ["CorrectedRow", "CorrectedTable"]


@dataclass(frozen=True, slots=True)
class CorrectedRow:
    """One factor.

    Parameters
    ----------
    label
        Its words.
    reliability
        With its interval; empty where it is measured without error.
    tau14, corrected_tau14, chance, corrected_chance
        As measured with the wider interval, and corrected; the chance is P(preferred) with all factors together.
    reason
        Why it is not corrected.
    """

    label: str
    reliability: str
    tau14: str
    corrected_tau14: str
    chance: str
    corrected_chance: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectedTable:
    """One judge.

    Parameters
    ----------
    judge
        Its name.
    lead
        Who measured, and what was corrected.
    rows
        Factors whose measurement has an error, the largest corrected effect first.
    notes
        What to mind.
    """

    judge: str
    lead: str
    rows: tuple[CorrectedRow, ...]
    notes: tuple[str, ...]
