"""Near-copies of a prompt are one cluster, whatever the order of rows; other prompts are not."""

import random

from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Message, Row


def dataset_of(rows: list[Row]) -> Dataset:
    collector = Collector()
    for row in rows:
        collector.add(row)
    return collector.finish()


def clusters_of(*rows: Row) -> list[int]:
    dataset = dataset_of(list(rows))
    return dataset.prompt_clusters.gather(dataset.comparisons["prompt"]).to_list()


def row(prompt: str, **more: object) -> Row:
    return Row(1, prompt, "a", "b", **more)  # type: ignore[arg-type]


def test_case_spaces_and_punctuation_do_not_make_another_prompt() -> None:
    first, *rest = clusters_of(
        row("Why, is it so?"), row("why is it so"), row("  WHY   is it…so?!\n"), row("why_is it so")
    )
    assert rest == [first] * 3


def test_other_words_sources_systems_and_conversations_do() -> None:
    said = (Message("user", "Sum up."), Message("assistant", "No."), Message("user", "Please."))
    rows = [
        row("Sum up."),
        row("Sum it up."),
        row("Sum up.", source="one"),
        row("Sum up.", source="two"),
        row("Sum up.", system="Be brief"),
        row("Sum up.", conversation=said),
    ]
    assert len(set(clusters_of(*rows))) == len(rows)
    assert len(set(clusters_of(row("Sum up.", source="One!"), row("sum up", source="one")))) == 1


def test_prompts_without_a_word_are_themselves() -> None:
    assert len(set(clusters_of(row("?!"), row("..."), row("")))) == 3
    assert len(set(clusters_of(row("为什么？"), row("为什么"), row("怎么")))) == 2


def test_the_number_does_not_depend_on_the_order_of_rows() -> None:
    rows = [row("Why?"), row("why"), row("how?"), row("How!"), row("when")]
    numbers = dict(zip((each.prompt for each in rows), clusters_of(*rows), strict=True))
    random.Random(0).shuffle(rows)
    assert dict(zip((each.prompt for each in rows), clusters_of(*rows), strict=True)) == numbers
