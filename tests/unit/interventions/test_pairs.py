from collections import Counter

from prefactor.interventions.base import Answer, Task
from prefactor.interventions.pairs import best_of, every_two

LEVELS = tuple(Answer(level, 5 - level, f"answer {level}") for level in range(1, 6))


def test_five_levels_make_ten_pairs_of_which_the_higher_is_preferred() -> None:
    pairs = every_two(Task("Why?"), LEVELS)
    assert len(pairs) == 10
    for pair in pairs:
        assert pair.preference == float(pair.a.rank > pair.b.rank)
        assert pair.order == ("ab" if pair.a.rank > pair.b.rank else "ba")  # the highest was written first


def test_which_is_a_says_nothing_of_the_level_and_does_not_hang_on_order() -> None:
    sides = Counter(pair.preference for number in range(200) for pair in every_two(Task(f"Question {number}?"), LEVELS))
    assert abs(sides[1.0] - sides[0.0]) < 200  # of 2,000
    assert set(every_two(Task("Why?"), LEVELS)) == set(every_two(Task("Why?"), LEVELS[::-1]))


def test_answers_of_no_use_and_equal_ones_make_no_pair() -> None:
    answers = [*LEVELS[:3], Answer(4, 1, "", "refusal"), Answer(5, 0, "answer 3")]
    assert {frozenset((pair.a.rank, pair.b.rank)) for pair in every_two(Task("Why?"), answers)} == {
        frozenset(pair) for pair in ((1, 2), (1, 3), (2, 3), (1, 5), (2, 5))
    }


def test_the_best_is_compared_with_the_rest() -> None:
    scores = [0.2, 0.9, float("nan"), 0.9, -1.0]
    pairs = best_of(Task("Why?"), LEVELS, scores=scores)
    assert all(2 in (pair.a.rank, pair.b.rank) for pair in pairs)
    told = {pair.a.rank if pair.b.rank == 2 else pair.b.rank: pair.preference != 0.5 for pair in pairs}
    assert told == {1: True, 4: False, 5: True}
    assert best_of(Task("Why?"), LEVELS, scores=[float("nan")] * 5) == ()
