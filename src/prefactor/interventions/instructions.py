"""Instructions that move factors: our own sentence for more and for less of each, and system messages of them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from prefactor._validate import check_known

__all__ = ["Instruction", "Wish", "load_instructions", "system_message"]

_OPENING = "Answer as well as you can. Beyond that, follow these wishes about how the answer is written:"
_CLOSING = "Do not mention these wishes."


@dataclass(frozen=True, slots=True)
class Instruction:
    """How a model is asked for a factor.

    Parameters
    ----------
    factor
        Its name.
    more, less
        One sentence each.
    """

    factor: str
    more: str
    less: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A factor that a model is asked to move.

    Parameters
    ----------
    factor
        Its name.
    direction
        1 for more of it, -1 for less.
    """

    factor: str
    direction: Literal[1, -1]

    @property
    def opposite(self) -> "Wish":
        """The same factor the other way."""
        return Wish(self.factor, -1 if self.direction == 1 else 1)


@cache
def load_instructions() -> Mapping[str, Instruction]:
    """Return the instruction of every factor that has one, by the factor's name.

    Examples
    --------
    >>> load_instructions()["emoji"].less
    'Use no emoji.'
    """
    text = files("prefactor.interventions").joinpath("instructions.toml").read_text(encoding="utf-8")
    return {name: Instruction(name, **said) for name, said in tomllib.loads(text).items()}


def system_message(wishes: Sequence[Wish]) -> str:
    """Return the message that asks a model for the wishes; empty for none.

    Raises
    ------
    UnknownNameError
        There is no instruction for a factor.

    Examples
    --------
    >>> print(system_message([Wish("words", 1), Wish("emoji", -1)]))
    Answer as well as you can. Beyond that, follow these wishes about how the answer is written:
    - Write a long answer: take twice the room you would normally take.
    - Use no emoji.
    Do not mention these wishes.
    """
    if not wishes:
        return ""
    known = load_instructions()
    check_known("factor with an instruction", [wish.factor for wish in wishes], known)
    said = [known[wish.factor] for wish in wishes]
    lines = [f"- {one.more if wish.direction > 0 else one.less}" for one, wish in zip(said, wishes, strict=True)]
    return "\n".join((_OPENING, *lines, _CLOSING))
