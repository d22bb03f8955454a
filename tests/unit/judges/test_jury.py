"""Juries: what most say, the mean, too few voices, members that see no order, and members kept as annotators."""

from dataclasses import replace
from pathlib import Path

import pytest

from prefactor.data.preference import Order
from prefactor.errors import SettingError
from prefactor.judges.base import Asking, Opinion, Problem
from prefactor.judges.judge_file import shipped_judge
from prefactor.judges.judging import make_bench
from prefactor.judges.jury import joint_opinions

JURY = shipped_judge("jury")
MEAN = replace(JURY, vote="mean")


def one(preference: float | None, order: Order | None = "ab", problem: Problem = "unreadable") -> list[Opinion]:
    return [Opinion(order, 0, preference, "" if preference is not None else problem)]


@pytest.mark.parametrize(
    ("preferences", "majority", "mean"),
    [
        ((1.0, 1.0, 0.0), 1.0, 2 / 3),
        ((0.0, 0.0, 1.0), 0.0, 1 / 3),
        ((1.0, 0.0), 0.5, 0.5),
        ((1.0, 0.5, 0.5), 1.0, 2 / 3),
        ((0.9, 0.4, 0.4), 0.0, 1.7 / 3),
        ((1.0, None, 1.0), 1.0, 1.0),
    ],
)
def test_votes(preferences: tuple[float | None, ...], majority: float, mean: float) -> None:
    members = [one(preference) for preference in preferences]
    assert joint_opinions(JURY, members)[0].preference == majority
    assert joint_opinions(MEAN, members)[0].preference == pytest.approx(mean)


def test_too_few_voices_are_no_verdict() -> None:
    (found,) = joint_opinions(JURY, [one(1.0), one(None), one(None, problem="missing")])
    assert (found.preference, found.problem, found.said) == (None, "unreadable", "1 of 3 members have a verdict")
    (found,) = joint_opinions(JURY, [one(None, problem="missing")] * 2)
    assert found.problem == "missing"


def test_a_member_that_sees_no_order_counts_in_both() -> None:
    pair = [*one(1.0, "ab"), *one(0.0, "ba")]
    joint = joint_opinions(JURY, [pair, pair, one(0.0, None)])
    assert [(each.order, each.preference) for each in joint] == [("ab", 1.0), ("ba", 0.0)]
    assert [each.order for each in joint_opinions(JURY, [one(1.0, None), one(1.0, None)])] == [None]


def test_members_are_asked_of_every_model_and_files_lie_beside_the_jury(tmp_path: Path) -> None:
    bench = make_bench("jury", ["m1", "m2"], asking=Asking(""))
    assert len(bench.seats) == 6
    assert bench.name == "jury"
    own = (
        'name = "own"\nversion = 1\nkind = "jury"\n[[member]]\njudge = "one.toml"\n[[member]]\njudge = "grade"\n'
        'model = "fixed"\n'
    )
    (tmp_path / "own.toml").write_text(own)
    prompt = (
        'name = "one"\nversion = 1\nkind = "pairwise"\nparser = "verdict"\n[prompt]\nuser = "{prompt}{first}{second}"'
    )
    (tmp_path / "one.toml").write_text(prompt)
    bench = make_bench(str(tmp_path / "own.toml"), ["m"], asking=Asking(""))
    assert [seat.name for seat in bench.seats] == ["m one", "fixed grade"]
    assert bench.name == "m own"
    (tmp_path / "own.toml").write_text(own.replace('"grade"', '"jury"'))
    with pytest.raises(SettingError, match="no jury"):
        make_bench(str(tmp_path / "own.toml"), ["m"], asking=Asking(""))
