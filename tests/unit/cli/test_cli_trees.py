"""Trees and matrices in a terminal: what is drawn, what does not fit, and names that would harm it."""

import numpy as np
import pytest

from prefactor.analysis.trees import cluster_judges
from prefactor.cli.terminal import print_table
from prefactor.cli.trees import print_matrix, print_tree
from prefactor.stats.estimate import Estimate

HOSTILE = "[/red]\x1b[31mevil\nsecond line"
SIMILARITY = np.array([[1.0, 0.2, 0.9], [0.2, 1.0, 0.4], [0.9, 0.4, 1.0]])


def test_a_tree_is_drawn_with_similarity_and_stability(capsys: pytest.CaptureFixture[str]) -> None:
    print_tree(cluster_judges(["a", "b", "c"], SIMILARITY, replicates=np.stack([SIMILARITY] * 4)))
    assert capsys.readouterr().out.splitlines() == [
        "  0.30",
        "  ├─ 0.90, together in 100 % of resamples",
        "  │  ├─ a",
        "  │  └─ c",
        "  └─ b",
    ]


def test_every_judge_of_a_large_tree_is_drawn_once(capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    half = np.triu(random.uniform(0, 1, (20, 20)), 1)
    names = [f"judge-{number:02}" for number in range(20)]
    print_tree(cluster_judges(names, half + half.T + np.eye(20)))
    printed = capsys.readouterr().out
    assert [printed.count(name) for name in names] == [1] * 20
    assert "resamples" not in printed
    assert len(printed.splitlines()) == 39


def test_a_matrix_holds_values_below_and_intervals_above(capsys: pytest.CaptureFixture[str]) -> None:
    half, none = Estimate(0.5, -0.004, 0.75), Estimate(float("nan"))
    rows = [[Estimate(1.0), half, none], [half, Estimate(1.0), none], [none, none, Estimate(1.0)]]
    assert print_matrix(["a", "b", "c"], rows)
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table[2:] == [["1", "a", "·", ".00,.75", "-"], ["2", "b", ".50", "·", "-"], ["3", "c", "-", "-", "·"]]
    assert print_matrix(["a", "b"], [row[:2] for row in rows[:2]], percent=True)
    assert "50" in capsys.readouterr().out


def test_a_matrix_too_wide_for_its_intervals_says_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    some = [[Estimate(0.5, 0.4, 0.6)] * 14] * 14
    assert print_matrix([f"judge {number}" for number in range(14)], some)
    printed = capsys.readouterr().out
    assert "too wide for the intervals, which are in the file" in printed
    assert printed.count(".50") == 14 * 13 // 2
    assert ".40" not in printed


def test_a_matrix_that_does_not_fit_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    many = [[Estimate(0.5, 0.4, 0.6)] * 40] * 40
    assert not print_matrix([f"judge {number}" for number in range(40)], many)
    assert capsys.readouterr().out == ""


def test_names_cannot_harm_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    names = [HOSTILE, "b", "c"]
    print_tree(cluster_judges(names, SIMILARITY))
    print_matrix(names, [[Estimate(value) for value in row] for row in SIMILARITY])
    print_table(["factor", HOSTILE], [["words", "1"]])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert printed.count("[/red]") == 3
    assert len(printed.splitlines()) == 5 + 5 + 3
