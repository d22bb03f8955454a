"""Copies are counted, and near-copies of a prompt fall into one fold."""

import numpy as np

from prefactor.analysis.evidence import Repetition
from prefactor.analysis.repetition import count_repetition, find_copies
from prefactor.analysis.units import judge_units
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict


def dataset_of(*rows: tuple[str, str, str, list[Verdict]]) -> Dataset:
    collector = Collector()
    for number, (prompt, a, b, verdicts) in enumerate(rows):
        collector.add(Row(number, prompt, a, b, verdicts))
    return collector.finish()


def said(*preferences: float, annotator: str | None = None) -> list[Verdict]:
    return [Verdict("judge", preference, annotator=annotator) for preference in preferences]


def counted(dataset: Dataset) -> Repetition:
    return count_repetition(judge_units(dataset, "judge"), find_copies(dataset))


def test_repeated_and_contradicting_verdicts_are_counted() -> None:
    found = counted(
        dataset_of(
            ("p", "a", "b", said(1.0)),
            ("p", "b", "a", said(0.0)),
            ("q", "a", "b", said(1.0, 0.0, 0.5)),
            ("r", "a", "b", [*said(1.0, annotator="ann"), *said(0.0, annotator="bob")]),
            ("s", "a", "b", said(0.5, 1.0)),
        )
    )
    assert found == Repetition(comparisons=4, repeated=3, contradicting=1, shared_answers=4)


def test_answers_under_another_prompt_are_counted_and_near_copies_of_a_prompt_are_joined() -> None:
    dataset = dataset_of(
        ("Why?", "one answer", "another", said(1.0)),
        ("why", "another", "one answer", said(0.0)),
        ("When?", "one answer", "another", said(1.0)),
        ("Where?", "here", "there", said(1.0)),
    )
    assert counted(dataset) == Repetition(comparisons=4, shared_answers=3, joined_prompts=2)
    units = judge_units(dataset, "judge")
    assert units.prompt[0] == units.prompt[1]
    assert len(np.unique(units.prompt)) == 3


def test_a_log_without_copies_has_none() -> None:
    dataset = dataset_of(("p", "a", "b", said(1.0)), ("q", "c", "d", said(0.0)))
    assert counted(dataset) == Repetition(comparisons=2)
