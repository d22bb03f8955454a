"""What the terminal says of pooled slices."""

from dataclasses import replace

import pytest

from prefactor.analysis.pooled import PooledWeight, pooled_weights
from prefactor.cli.pooled import pooled_cells, print_poolings
from prefactor.stats.estimate import Estimate, Weight
from report.pooled_examples import pooling_of

POOLING = pooling_of(["a", "b", "c", "d"], ["topic=x", "topic=y", "topic=z"], judge="me", column="topic")


def test_the_strongest_clear_factors_of_a_slice_are_named() -> None:
    def weight(mean: float, chance: Estimate, own: float) -> PooledWeight:
        return PooledWeight(Weight(mean, 0.1, mean - 0.2, mean + 0.2), chance, own)

    pooled = {
        ("me", "s", "weak"): weight(0.3, Estimate(0.57, 0.52, 0.62), 0.1),
        ("me", "s", "strong"): weight(-0.9, Estimate(0.29, 0.25, 0.33), 0.3),
        ("me", "s", "unclear"): weight(1.0, Estimate(0.73, 0.4, 0.9), 0.9),
        ("me", "t", "other"): weight(2.0, Estimate(0.88, 0.8, 0.95), 0.9),
    }
    assert pooled_cells("me", "s", pooled=pooled) == ("strong 29 [25, 33]; weak 57 [52, 62]", "20 %")
    assert pooled_cells("you", "s", pooled=pooled) == ("not pooled", "")
    assert pooled_cells("me", "u", pooled={("me", "u", "unclear"): pooled["me", "s", "unclear"]})[0] == "no clear taste"


def test_what_is_told_is_printed_and_what_is_not_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    print_poolings([POOLING])
    out = capsys.readouterr().out
    assert "slices of me by topic, pooled" in out
    assert "~ a: what pooling says of it" in out
    assert "= b: what pooling says of it" in out
    assert "? on average chosen in %, all else equal: c " in out
    assert "d:" not in out
    assert "settled" not in out


def test_chains_that_have_not_settled_are_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    judges = pooling_of(["a"], ["x\x1b[2J", "y", "z"])
    print_poolings([replace(judges, fit=replace(judges.fit, converged=False))])
    out = capsys.readouterr().out
    assert "judges, pooled" in out
    assert "have not settled" in out


def test_weights_are_found_by_judge_slice_and_factor() -> None:
    pooled = pooled_weights([POOLING, pooling_of(["a"], ["x", "y", "z"])])
    assert len(pooled) == 12
    assert pooled["me", "topic=y", "b"] == POOLING.factors[1].groups[1]
