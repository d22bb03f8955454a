"""What a judge leans to, slice by slice: factors to ask a model for, from an explanation or its ``results.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from prefactor._validate import check_known, check_positive
from prefactor.analysis.results import Explanation
from prefactor.config import FEW_COMPARISONS, WHOLE
from prefactor.data.prompt_set import OpenPrompt
from prefactor.errors import FitError, InputFileError, SettingError
from prefactor.factors.content_free import CONTENT_FREE
from prefactor.interventions.instructions import Wish, load_instructions

__all__ = ["Leaning", "Taste", "taste_for", "tastes_in", "tastes_of"]

_DIRECTIONS = {"prefers more": 1, "prefers less": -1}


@dataclass(frozen=True, slots=True)
class Leaning:
    """One factor of a profile, as far as choosing takes it.

    Parameters
    ----------
    factor
        Its name.
    verdict, absorbed_by
        As in :class:`prefactor.analysis.results.Effect`.
    tau14, weight
        Values of its influence and of its joint weight.
    """

    factor: str
    verdict: str
    absorbed_by: str | None
    tau14: float
    weight: float


@dataclass(frozen=True, slots=True)
class Taste:
    """What a judge clearly leans to on one slice.

    Parameters
    ----------
    judge, slice
        Whose, and where.
    strict
        Strict preferences that it was learnt from.
    wishes
        Factors and directions, the strongest first.
    """

    judge: str
    slice: str
    strict: int
    wishes: tuple[Wish, ...]


def tastes_of(explanation: Explanation, *, judge: str | None = None, most: int = 3) -> tuple[Taste, ...]:
    """Return the tastes of one judge on all slices of an explanation.

    Parameters
    ----------
    explanation
        What was found.
    judge
        Whose tastes; the only judge by default.
    most
        At most so many factors.

    Raises
    ------
    UnknownNameError
        There is no such judge.
    SettingError
        There are several judges and none is named.
    """
    name = _one_judge([profile.judge for profile in explanation.profiles], judge)
    return tuple(
        Taste(
            name,
            profile.slice,
            profile.account.strict,
            _wishes(
                [
                    Leaning(one.factor, one.verdict, one.absorbed_by, one.tau14.value, one.weight.mean)
                    for one in profile.effects
                ],
                most,
            ),
        )
        for profile in explanation.profiles
        if profile.judge == name
    )


def tastes_in(document: Mapping[str, Any], file: str, *, judge: str | None = None, most: int = 3) -> tuple[Taste, ...]:
    """Return the tastes that a ``results.json`` holds.

    Parameters
    ----------
    document
        The file, decoded.
    file
        Its name, for messages.
    judge, most
        As for :func:`tastes_of`.

    Raises
    ------
    InputFileError
        It is no ``results.json``.
    UnknownNameError, SettingError
        As for :func:`tastes_of`.
    """
    try:
        profiles = cast("Sequence[Mapping[str, Any]]", document["profiles"])
        name = _one_judge([profile["judge"] for profile in profiles], judge)
        return tuple(
            Taste(
                name,
                profile["slice"],
                profile["account"]["used"] - profile["account"]["tied"],
                _wishes([_leaning(one) for one in profile["factors"]], most),
            )
            for profile in profiles
            if profile["judge"] == name
        )
    except (KeyError, TypeError) as error:
        raise InputFileError(file, expected="the results.json of 'prefactor explain'", got=f"no {error}") from error


def taste_for(prompt: OpenPrompt, tastes: Sequence[Taste], *, by: Sequence[str] = ()) -> Taste:
    """Return the taste on the slice of a prompt, or on the whole where that slice is small or nothing is clear on it.

    Parameters
    ----------
    prompt
        With the columns of ``by`` where it has them.
    tastes
        Of one judge, that on the whole among them.
    by
        Columns, the first that settles it.

    Raises
    ------
    FitError
        Nothing is clear on the whole either.
    """
    known = {taste.slice: taste for taste in tastes}
    for column in by:
        found = known.get(f"{column}={prompt.columns.get(column)}")
        if found is not None and found.strict >= FEW_COMPARISONS and found.wishes:
            return found
    whole = known.get(WHOLE)
    if whole is None or not whole.wishes:
        judge = tastes[0].judge if tastes else "the judge"
        raise FitError(f"what {judge} leans to", "no factor that a model can be asked for is clear", "more comparisons")
    return whole


def _one_judge(judges: Sequence[str], wanted: str | None) -> str:
    known = list(dict.fromkeys(judges))
    if wanted is not None:
        return check_known("judge", [wanted], known)[0]
    if len(known) != 1:
        raise SettingError("--judge", expected=f"one of {', '.join(known)}", got=None)
    return known[0]


def _leaning(one: Mapping[str, Any]) -> Leaning:
    none = float("nan")
    tau14, weight = one["tau14"]["value"], one["weight"]["mean"]
    return Leaning(
        one["name"],
        one["verdict"],
        one["absorbed_by"],
        none if tau14 is None else tau14,
        none if weight is None else weight,
    )


def _wishes(leanings: Sequence[Leaning], most: int) -> tuple[Wish, ...]:
    """Choose the strongest factors that stand for themselves, also with the others held equal; one of each move."""
    check_positive("towards", most)
    move_of = {factor: move for move, factors in CONTENT_FREE.items() for factor in factors}
    asked = load_instructions()
    clear = [
        one
        for one in leanings
        if one.factor in asked and one.absorbed_by is None and _DIRECTIONS.get(one.verdict, 0) * one.weight > 0
    ]
    clear.sort(key=lambda one: (-abs(one.tau14), one.factor))
    moves: dict[str, Wish] = {}
    known = {one.factor: one for one in clear}
    for one in clear:
        move = move_of.get(one.factor, one.factor)
        # Measures of one thing, such as words and characters, are asked for by the first of them.
        first = next((known[name] for name in CONTENT_FREE.get(move, ()) if name in known), one)
        moves.setdefault(move, Wish(first.factor, 1 if first.tau14 > 0 else -1))
    return tuple(moves.values())[:most]
