"""Whether an evaluator is to be trusted, and why, in one sentence. The rule, and the words for it."""

from math import isnan

from prefactor.analysis.competence.results import CompetenceSettings, Conclusion, Following, Generation, Knowing
from prefactor.stats.estimate import Estimate

__all__ = ["RULE", "conclude"]

RULE = (
    "Trust: balanced accuracy is at least {least} (the whole interval), and so it is where the evaluator cannot answer "
    "itself, or it is at most {margin} lower there. Trust where it knows: it is at least {least} where the evaluator "
    "answers right itself, and clearly lower elsewhere. Don't trust: it is below {least} (the whole interval), and so "
    "it is where the evaluator answers right. Underpowered: anything else, the intervals being too wide to tell."
)
"""The rule in words."""


def conclude(
    balanced: Estimate,
    *,
    knowing: Knowing | None,
    generation: Generation | None,
    following: Following | None,
    settings: CompetenceSettings,
) -> tuple[Conclusion, str]:
    """Return whether to trust an evaluator, and the sentence that says why.

    Parameters
    ----------
    balanced
        Its balanced accuracy.
    knowing, generation, following
        Beside its own answers; None where those are not known.
    settings
        The balanced accuracy from which it is trusted, and the difference that does not matter.
    """
    conclusion = _conclusion(balanced, knowing, settings)
    sentences = [f"Balanced accuracy {_percent(balanced)}."]
    if knowing is not None and not isnan(knowing.balanced_difference.value):
        sentences.append(
            f"Where it answers right itself {_percent(knowing.balanced_if_can)}, elsewhere "
            f"{_percent(knowing.balanced_if_cannot)}."
        )
    if generation is not None and generation.difference.excludes(0):
        points = abs(100 * generation.difference.value)
        word = "worse" if generation.difference.value < 0 else "better"
        sentences.append(f"It grades {word} than it answers, by {points:.1f} points.")
    if following is not None and following.with_own.low > 0.5:
        sentences.append(
            f"Where its own answer and the truth part, it goes with its own in {_percent(following.with_own)}."
        )
    if conclusion == "underpowered":
        sentences.append(_lacking(balanced, knowing, settings))
    return conclusion, " ".join(sentences)


def _conclusion(balanced: Estimate, knowing: Knowing | None, settings: CompetenceSettings) -> Conclusion:
    least, margin = settings.least, settings.margin
    if knowing is None or isnan(knowing.balanced_difference.value):
        if balanced.low >= least:
            return "trust"
        return "don't trust" if balanced.high < least else "underpowered"
    can, cannot, gap = knowing.balanced_if_can, knowing.balanced_if_cannot, knowing.balanced_difference
    if balanced.low >= least and (cannot.low >= least or gap.high <= margin):
        return "trust"
    if can.low >= least and gap.low > 0:
        return "trust where it knows"
    return "don't trust" if balanced.high < least and can.high < least else "underpowered"


def _lacking(balanced: Estimate, knowing: Knowing | None, settings: CompetenceSettings) -> str:
    least = f"{100 * settings.least:g} %"
    if isnan(balanced.low):
        return "There are not right and wrong answers of two questions with a verdict each."
    if not (balanced.low >= settings.least or balanced.high < settings.least):
        return f"That may be above {least} or below: more graded answers would tell."
    if knowing is None:
        return "More graded answers would tell."
    return "Whether it is as good where it does not know cannot be told: more graded answers would tell."


def _percent(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "not known"
    if isnan(estimate.low):
        return f"{100 * estimate.value:.1f} %"
    return f"{100 * estimate.value:.1f} % [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
