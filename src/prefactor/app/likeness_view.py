"""How alike judges are: a matrix and a tree, of the folder's judges or of those whose weights were published."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.published_groups import compare_published
from prefactor.analysis.reference import load_published_profiles
from prefactor.analysis.trees import JudgeTree, cluster_judges
from prefactor.app.asked import Asked
from prefactor.app.results import Results
from prefactor.app.tables import Table
from prefactor.errors import SettingError
from prefactor.report.forest import shade
from prefactor.report.naming import name_line
from prefactor.report.scales import Axis, axis_between
from prefactor.report.views import AgreementCell, AgreementRow
from prefactor.report.wording import decimal, percent, percent_interval
from prefactor.stats.correlation import pearson
from prefactor.stats.estimate import Estimate

__all__ = ["ORDERS", "WHAT", "Branch", "Leaf", "LikenessView", "TreeView", "view_likeness", "view_tree"]

WHAT: Final = {
    "weights": "weights of the judges here",
    "agreement": "agreement of the judges here",
    "published": "the 33 published judges",
}
ORDERS: Final = {"likeness": "by likeness", "name": "by name", "size": "by size"}
_STEPS: Final = (0.4, 0.6, 0.75, 0.88)
"""|correlation| from which each deeper shade begins: judges are mostly alike, so the steps are close at the top."""

_SAYS: Final = {
    "weights": "Pearson's correlation of the weights of two profiles, all factors together. No interval: the results "
    "hold no joint resamples of two judges; prefactor align makes them, and its file shows here under Files.",
    "agreement": "Share of comparisons on which two judges prefer the same answer, where both have a strict "
    "preference; two coins agree on 50 %.",
    "published": "Pearson's correlation of published weights on 29 properties, averaged over 11 scenarios "
    "(arXiv 2402.11296). No interval: they were published without their noise.",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One judge of a tree, and its height in percent."""

    name: str
    y: float


@dataclass(frozen=True, slots=True)
class Branch:
    """Where two parts of a tree meet: its similarity in words, and the places of its lines in percent."""

    judges: str
    similarity: str
    x: float
    top: float
    bottom: float
    from_top: float
    from_bottom: float


@dataclass(frozen=True, slots=True)
class TreeView:
    """A tree of judges, or the reason why there is none; ``height`` in pixels."""

    leaves: tuple[Leaf, ...]
    branches: tuple[Branch, ...]
    height: int
    axis: Axis | None
    reason: str


@dataclass(frozen=True, slots=True)
class LikenessView:
    """The matrix, its tree, and the published judges that each judge is near to."""

    what: str
    says: str
    rows: tuple[AgreementRow, ...]
    tree: JudgeTree
    near: tuple[tuple[str, str, str], ...]
    table: Table


def view_likeness(results: Results, asked: Asked) -> LikenessView:
    """Return the likeness that a link asks for.

    Parameters
    ----------
    results
        What was explained.
    asked
        ``what`` and ``order``.

    Raises
    ------
    UnknownNameError
        There is no such choice.
    SettingError
        There are fewer than two judges.
    """
    what = asked.choice("what", WHAT, default="weights")
    order = asked.choice("order", ORDERS, default="likeness")
    judges, matrix = _matrix(results, what)
    if len(judges) < 2:
        raise SettingError("judges", expected="at least two", got=len(judges), hint="add one, or see the published")
    values = np.array([[one.value for one in row] for row in matrix])
    tree = cluster_judges(judges, values)
    places = [judges.index(name) for name in _in_order(judges, tree, order)]
    names = [name_line(judges[place]) for place in places]
    percents = what == "agreement"
    rows = tuple(
        AgreementRow(
            names[place],
            tuple(_cell(matrix[row][column], diagonal=row == column, percents=percents) for column in places),
        )
        for place, row in enumerate(places)
    )
    near = tuple(
        (name_line(one.judge), one.published, str(one.similarity)) for one in results.near if what != "published"
    )
    table = tuple(
        (judges[one], judges[other], matrix[one][other].value, matrix[one][other].low, matrix[one][other].high)
        for one in places
        for other in places
        if one != other
    )
    return LikenessView(what, _SAYS[what], rows, tree, near, Table(("judge", "other", what, "low", "high"), table))


def view_tree(tree: JudgeTree) -> TreeView:
    """Return where the lines of a tree are drawn: the more alike two parts are, the nearer to their names they meet.

    Parameters
    ----------
    tree
        Judges clustered by how alike they are.
    """
    if tree.reason:
        return TreeView((), (), 0, None, tree.reason)
    count = len(tree.order)
    heights: dict[tuple[str, ...], float] = {
        (name,): 100 * (place + 0.5) / count for place, name in enumerate(tree.order)
    }
    reached: dict[tuple[str, ...], float] = dict.fromkeys(heights, 100.0)
    axis = axis_between([merge.similarity for merge in tree.merges], low=-1.0, high=1.0, centre=1.0)
    branches = []
    for merge in tree.merges:
        first, second = _parts(merge.judges, heights)
        x = axis.place(merge.similarity) or 0.0
        top, bottom = heights[first], heights[second]
        heights[merge.judges], reached[merge.judges] = (top + bottom) / 2, x
        branches.append(
            Branch(
                ", ".join(name_line(name) for name in merge.judges),
                decimal(merge.similarity),
                *(round(each, 2) for each in (x, top, bottom, reached[first], reached[second])),
            )
        )
    leaves = tuple(Leaf(name_line(name), round(heights[(name,)], 2)) for name in tree.order)
    return TreeView(leaves, tuple(branches), 24 * count, axis, "")


def _parts(judges: tuple[str, ...], known: dict[tuple[str, ...], float]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the two parts of a cluster: its members stand in order, so that a part is a run from either end."""
    cuts = ((judges[:cut], judges[cut:]) for cut in range(1, len(judges)))
    return next((first, second) for first, second in cuts if first in known and second in known)


def _matrix(results: Results, what: str) -> tuple[tuple[str, ...], list[list[Estimate]]]:
    if what == "published":
        found = compare_published()
        return found.judges, [[Estimate(value) for value in row] for row in found.similarity]
    judges = results.judges
    if what == "agreement":
        pairs = {(one.first, one.second): one.agreement for one in results.agreements}
        judges = tuple(name for name in judges if any(name in pair for pair in pairs))
        rows = [
            [
                Estimate(1.0) if one == other else pairs.get((one, other)) or pairs.get((other, one)) or Estimate(nan)
                for other in judges
            ]
            for one in judges
        ]
        return judges, rows
    return judges, [[Estimate(float(value)) for value in row] for row in _correlations(results)]


def _correlations(results: Results) -> FloatArray:
    weights = np.array(
        [
            [effect.weight.mean for effect in profile.effects] if (profile := results.profile(judge)) else []
            for judge in results.judges
        ]
    )
    known = np.isfinite(weights).all(axis=0)
    each = np.broadcast_to(weights[:, None, known], (len(weights), len(weights), int(known.sum())))
    found = np.asarray(pearson(each, np.swapaxes(each, 0, 1)))
    np.fill_diagonal(found, 1.0)
    return found


def _in_order(judges: Sequence[str], tree: JudgeTree, order: str) -> list[str]:
    if order == "name":
        return sorted(judges, key=str.casefold)
    if order == "size":
        published = load_published_profiles()
        billions = dict(zip(published.judges, published.billions, strict=True))
        # Those whose size is not known come last.
        return sorted(judges, key=lambda name: (not isfinite(billions.get(name, nan)), billions.get(name, nan), name))
    return [*tree.order, *(name for name in judges if name not in tree.order)]


def _cell(one: Estimate, *, diagonal: bool, percents: bool) -> AgreementCell:
    if diagonal or not isfinite(one.value):
        return AgreementCell("z", "", "", "")
    if percents:
        return AgreementCell(shade(one, centre=0.5, scale=2.0), percent(one.value), percent_interval(one), "")
    depth = sum(abs(one.value) >= step for step in _STEPS)
    return AgreementCell(f"{'p' if one.value > 0 else 'n'}{depth}" if depth else "z", decimal(one.value), "", "")
