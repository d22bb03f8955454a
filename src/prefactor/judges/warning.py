"""Judges warned of their own bias: a variant of a judge's file whose prompt names what must not count.

Our own wording; the variant has its own name and digest, so that its verdicts are never taken for those of the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from prefactor.errors import SettingError
from prefactor.judges.judge_file import JudgeFile

__all__ = ["VERSION", "warned_judge", "warning_text"]

VERSION: Final = 1
"""Of the wording."""

_LEADS: Final = (
    "Before you decide, know that you tend to be swayed by how an answer is dressed. In earlier verdicts you"
)
_THEN: Final = (
    "None of this makes an answer better. Imagine both answers rewritten to be alike in it, and judge what is left: "
    "whether they are right, complete, and do what was asked."
)


def warning_text(biases: Sequence[tuple[str, int]]) -> str:
    """Return the warning.

    Parameters
    ----------
    biases
        What the judge leans to: a label, and 1 where it prefers more of it or -1 where it prefers less.

    Raises
    ------
    SettingError
        There is none.

    Examples
    --------
    >>> warning_text([("length", 1), ("emoji", -1)]).partition("verdicts you ")[2].partition(".")[0]
    'favoured answers with more of this: length; favoured answers with less of this: emoji'
    """
    if not biases:
        raise SettingError("biases", expected="at least one thing to warn of", got="none")
    said = [f"favoured answers with {'more' if way > 0 else 'less'} of this: {label}" for label, way in biases]
    return f"{_LEADS} {'; '.join(said)}. {_THEN}"


def warned_judge(file: JudgeFile, biases: Sequence[tuple[str, int]]) -> JudgeFile:
    """Return the judge with the warning at the end of its instructions.

    Raises
    ------
    SettingError
        It is a jury or a reward model, which read no instructions, or there is nothing to warn of.
    """
    if file.kind in ("jury", "reward"):
        raise SettingError("--judge-with", expected="a judge that reads instructions", got=file.kind)
    warning = warning_text(biases).replace("{", "(").replace("}", ")")
    digest = blake2b(f"{file.digest}\0{VERSION}\0{warning}".encode(), digest_size=8).hexdigest()
    named = replace(file, name=f"{file.name}-warned", digest=digest)
    if file.text:
        return replace(named, text=f"{warning}\n\n{file.text}")
    return replace(named, system=f"{file.system}\n\n{warning}" if file.system else warning)
