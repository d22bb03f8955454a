"""Reads what ``prefactor validate-factors`` wrote of how well factors are measured. Knows no statistics."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefactor.errors import InputFileError

__all__ = ["KnownReliability", "ReliabilityFile", "read_reliability"]

Ends = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class KnownReliability:
    """How well one factor is measured; value, low and high end, NaN where there is none.

    Parameters
    ----------
    factor
        Its name.
    verdict
        "reliable", "noisy", "unusable" or "cannot be told".
    reliability, slope
        Squared correlation with the true feature, and by what effects are multiplied.
    by
        ``"repeats"`` or ``"people"``.
    """

    factor: str
    verdict: str
    reliability: Ends
    slope: Ends
    by: str


@dataclass(frozen=True, slots=True)
class ReliabilityFile:
    """How well factors are measured, and how their errors go together.

    Parameters
    ----------
    file, model
        Where it is from, and who measured.
    interval
        Mass of the intervals.
    factors
        One per factor.
    halo, halo_error
        Correlations of errors and their standard errors, in the same order.
    """

    file: str
    model: str
    interval: float
    factors: tuple[KnownReliability, ...]
    halo: tuple[tuple[float, ...], ...]
    halo_error: tuple[tuple[float, ...], ...]


def read_reliability(path: Path) -> ReliabilityFile:
    """Read ``reliability.json``.

    Where people's labels say how well a factor is measured, these are taken, else the repeats.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputFileError
        It is not there, or is nothing that ``prefactor validate-factors`` wrote.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["command"] != "validate-factors":
            raise InputFileError(
                str(path), expected="the results of validate-factors", got=f"those of {content['command']}"
            )
        found = content["results"]
        factors = tuple(_known(each) for each in found["factors"])
        if list(found["halo"]["factors"]) != [each.factor for each in factors]:
            raise KeyError("halo")
        halo, errors = (
            tuple(tuple(map(_number, row)) for row in found["halo"][name]) for name in ("correlation", "error")
        )
        return ReliabilityFile(path.name, str(found["model"]), float(found["interval"]), factors, halo, errors)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputFileError):
            raise
        got = f"{type(error).__name__}: {error}"
        raise InputFileError(str(path), expected="reliability.json of prefactor validate-factors", got=got) from error


def _known(each: Mapping[str, Any]) -> KnownReliability:
    people = each["by_people_slope"]
    by_people = people is not None and people["low"] is not None and each["by_people_reliability"]["low"] is not None
    kind = "by_people_" if by_people else ""
    ends = [
        tuple(_number(each[kind + name][end]) for end in ("value", "low", "high")) for name in ("reliability", "slope")
    ]
    verdict = str(each["verdict"])
    return KnownReliability(str(each["factor"]), verdict, ends[0], ends[1], "people" if by_people else "repeats")  # type: ignore[arg-type]


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
