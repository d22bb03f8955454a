"""Trees of judges: who is left out, and why there is none."""

import numpy as np

from prefactor.analysis.trees import cluster_judges

NAN = float("nan")


def test_the_judge_with_the_fewest_similarities_is_left_out_first() -> None:
    similarity = np.array([[1.0, 0.9, 0.2, NAN], [0.9, 1.0, 0.3, NAN], [0.2, 0.3, 1.0, 0.5], [NAN, NAN, 0.5, 1.0]])
    tree = cluster_judges(["a", "b", "c", "lonely"], similarity)
    assert tree.left_out == ("lonely",)
    assert tree.order == ("a", "b", "c")
    assert tree.merges[-1].judges == tree.order


def test_there_is_no_tree_of_two() -> None:
    for judges in (["a", "b"], ["a"], []):
        tree = cluster_judges(judges, np.eye(len(judges)))
        assert tree.merges == ()
        assert tree.reason
    apart = cluster_judges(["a", "b", "c"], np.where(np.eye(3, dtype=bool), 1.0, NAN))
    assert (apart.order, apart.left_out) == ((), ())
