"""Clusters of shared prefixes save what the best cut of their tree saves; batches lose nothing and stay small."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from prefactor.llm.prefixes import Cluster, batches_by_length, shared_prefixes

SEQUENCES = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9), min_size=1, max_size=7)


def saved(clusters: list[Cluster]) -> int:
    return sum(each.prefix * (len(each.members) - 1) for each in clusters)


def best_by_trying(sequences: list[list[int]]) -> int:
    """The slow twin: the most that any partition into clusters saves."""

    def common(members: tuple[int, ...]) -> int:
        size = min(len(sequences[place]) for place in members) - 1
        while size and len({tuple(sequences[place][:size]) for place in members}) > 1:
            size -= 1
        return size * (len(members) - 1)

    def best(left: tuple[int, ...]) -> int:
        if not left:
            return 0
        first, rest = left[0], left[1:]
        choices = (
            common((first, *others)) + best(tuple(place for place in rest if place not in others))
            for count in range(len(rest) + 1)
            for others in combinations(rest, count)
        )
        return max(choices)

    return best(tuple(range(len(sequences))))


@given(SEQUENCES)
def test_no_partition_saves_more(sequences: list[list[int]]) -> None:
    clusters = shared_prefixes([np.array(each) for each in sequences], least=1, worth=0.0)
    assert sorted(place for each in clusters for place in each.members) == list(range(len(sequences)))
    for each in clusters:
        begins = {tuple(sequences[place][: each.prefix]) for place in each.members}
        assert len(begins) == 1
        assert all(len(sequences[place]) > each.prefix for place in each.members)
    assert saved(clusters) == best_by_trying(sequences)


def test_a_little_is_not_worth_it() -> None:
    sequences = [np.array([1, 2, *range(100 * number, 100 * number + 60)]) for number in range(1, 4)]
    assert saved(shared_prefixes(sequences, least=1)) == 0
    assert saved(shared_prefixes(sequences, least=1, worth=0.0)) == 4


def test_prefixes_within_prefixes_end_somewhere() -> None:
    sequences = [np.arange(length) for length in range(2, 600)]
    clusters = shared_prefixes(sequences, least=1)
    assert sum(len(each.members) for each in clusters) == len(sequences)


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(1, 120))
def test_batches_hold_every_place_once_and_no_more_than_they_may(lengths: list[int], tokens: int) -> None:
    batches = batches_by_length(lengths, tokens=tokens)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[place] for place in batch)
        assert len(batch) == 1 or len(batch) * longest <= tokens
