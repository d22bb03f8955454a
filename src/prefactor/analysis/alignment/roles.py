"""Which judges are people, a model that evaluates and that model when it generates: as said, or by name and kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from prefactor._validate import check_known
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError

__all__ = ["WHEN_GENERATING", "Roles", "find_roles", "may_have_gap"]

WHEN_GENERATING: Final = " when generating"
"""End of the name of a judge that is a model's own writing."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of the judges.

    Parameters
    ----------
    human, evaluates, generates
        People, the model when it evaluates, the model when it generates; the last is empty where none does.
    """

    human: str
    evaluates: str
    generates: str = ""


def find_roles(dataset: Dataset, *, human: str = "", evaluates: str = "", generates: str = "") -> Roles:
    """Return who is who; what is not said is looked for.

    People are the one judge of kind "human"; who generates is the one judge whose name ends in " when generating"; who
    evaluates is the one language model that is not it, and whose name begins with that of the model where there are
    several.

    Parameters
    ----------
    dataset
        Holds the verdicts.
    human, evaluates, generates
        Names of judges, or empty.

    Raises
    ------
    UnknownNameError
        There is no such judge.
    FitError
        None, or several, could be meant.
    """
    given = [name for name in (human, evaluates, generates) if name]
    check_known("judge", given, dataset.judges)
    kinds = _kinds(dataset)
    if not generates:
        writers = [name for name in kinds if name.endswith(WHEN_GENERATING)]
        generates = _only("generates", writers) if writers else ""
    human = human or _only("human", [name for name, kind in kinds.items() if kind == "human"])
    if not evaluates:
        model = generates.removesuffix(WHEN_GENERATING)
        models = [name for name, kind in kinds.items() if kind == "llm" and not name.endswith(WHEN_GENERATING)]
        own = [name for name in models if generates and (name == model or name.startswith(f"{model} "))]
        evaluates = _only("evaluates", own or models)
    if len({human, evaluates, generates}) < 3:
        raise FitError("a gap", f"one judge stands for two: {human!r}, {evaluates!r}, {generates!r}")
    return Roles(human, evaluates, generates)


def may_have_gap(dataset: Dataset) -> bool:
    """Whether the judges are those of a gap, each told without a word: people, a model, and the same when generating.

    Parameters
    ----------
    dataset
        Holds the verdicts.
    """
    try:
        return bool(find_roles(dataset).generates)
    except FitError:
        return False


def _kinds(dataset: Dataset) -> dict[str, str]:
    found = dataset.preferences.group_by("judge").agg(pl.col("kind").sort().first()).sort("judge")
    return dict(found.iter_rows())


def _only(role: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    why = f"{len(names)} judges may be the one that is '{role}'" + (f": {', '.join(names[:8])}" if names else "")
    raise FitError("a gap", why, f"name it: --{role} NAME")
