"""PF109: comparisons, answers and prompts that come more than once, so that folds leak or rows count double."""

from prefactor.analysis.results import Profile, Settings
from prefactor.checks.base import Check, Finding

__all__ = ["CHECK"]

TOLERABLE = 0.01
"""Share of the comparisons up to which copies do not matter."""

_FEW = 5
"""Repeated comparisons from which it tells something that none of them has verdicts both ways."""


class _Duplicates:
    code = "PF109"
    name = "duplicates and leakage"
    advice = (
        "take out rows that were copied, and give prompts that are one the same text; answers that stand under several "
        "prompts let the profile see in training what it is tested on"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        found = profile.repetition
        if not found.comparisons:
            return Finding("not applicable", "nothing was judged")
        said = []
        if found.repeated:
            said.append(
                f"{_counted(found.repeated)} judged more than once by the same ({found.contradicting:,} both ways)"
            )
        if found.shared_answers:
            said.append(f"{_counted(found.shared_answers)} whose two answers stand under another prompt too")
        if found.joined_prompts:
            said.append(
                f"{found.joined_prompts:,} prompts nearly equal to another, taken as one in folds and intervals"
            )
        counts = "; ".join(said) or "nothing comes more than once"
        message = f"{counts} (of {found.comparisons:,} comparisons)"
        if found.shared_answers > TOLERABLE * found.comparisons:
            return Finding("warn", f"{message}: folds leak")
        copied = found.repeated >= _FEW and not found.contradicting
        if copied and found.repeated > TOLERABLE * found.comparisons:
            return Finding("warn", f"{message}: never both ways, so probably copied rows, which count double")
        return Finding("pass", message)


def _counted(number: int) -> str:
    return f"{number:,} comparison{'s' * (number != 1)}"


CHECK: Check = _Duplicates()
