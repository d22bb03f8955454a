"""What every reader must do, held for all of them: add a format to the registry and it is tested here."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from prefactor.data.preference import flip
from prefactor.data.records import Row
from prefactor.errors import InputFileError
from prefactor.readers import READERS, BadRows, Sample, find_sources

Records = list[dict[str, object]]

JUDGED = (
    "[User Question]\n{q}\n\n[The Start of Assistant A's Answer]\n{a}\n[The End of Assistant A's Answer]\n\n"
    "[The Start of Assistant B's Answer]\n{b}\n[The End of Assistant B's Answer]"
)
GRADED = "[Question]\n{q}\n\n[The Start of Assistant's Answer]\n{a}\n[The End of Assistant's Answer]"


def talk(answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": answer}]


def judged_pair(a: str, b: str, winners: tuple[str, str]) -> Records:
    prompt = JUDGED.format(q="Why?", a=a, b=b)
    games = {"g1_winner": winners[0], "g2_winner": winners[1], "g1_user_prompt": prompt}
    return [
        {"question_id": 81, "model_1": f"m{a}", "model_2": f"m{b}", "judge": ["gpt-4", "pair-v2"], "turn": 1, **games}
    ]


def grades(a: tuple[str, float], b: tuple[str, float]) -> Records:
    shared = {"question_id": 81, "turn": 1, "judge": ["gpt-4", "single-v1"], "judgment": "..."}
    return [
        {**shared, "model": f"m{text}", "score": score, "user_prompt": GRADED.format(q="Why?", a=text)}
        for text, score in (a, b)
    ]


def sample(a: str, b: str, value: str) -> Records:
    metadata = {"question": "Why?", "response_a": a, "response_b": b}
    return [
        {
            "id": 1,
            "epoch": 1,
            "eval": {"task": "duel", "model": "openai/gpt-4o"},
            "input": "Which is better?",
            "metadata": metadata,
            "scores": {"match": {"value": value}},
        }
    ]


def own(a: str, b: str, preference: float) -> Records:
    verdict = {"judge": "gpt-4o pairwise", "kind": "llm", "order": "ab", "preference": preference, "problem": ""}
    models = {"model_a": f"m{a}", "model_b": f"m{b}"}
    return [
        {
            "prefactor_preferences": 1,
            "prompt": "Why?",
            "response_a": a,
            "response_b": b,
            **models,
            "columns": {"topic": "tea"},
            "verdicts": [verdict],
        }
    ]


# Each format by a record in which A = "x" is preferred, and the same record with A and B exchanged.
EXAMPLES: Mapping[str, tuple[Records, Records]] = {
    "prefactor_preferences": (own("x", "y", 0.75), own("y", "x", 0.25)),
    "alpaca_eval": (
        [{"instruction": "Why?", "output_1": "x", "output_2": "y", "annotator": "gpt4", "preference": 1.25}],
        [{"instruction": "Why?", "output_1": "y", "output_2": "x", "annotator": "gpt4", "preference": 1.75}],
    ),
    "mt_bench_pair": (judged_pair("x", "y", ("model_1", "tie")), judged_pair("y", "x", ("model_2", "tie"))),
    "mt_bench_single": (grades(("x", 9), ("y", 3.5)), grades(("y", 3.5), ("x", 9))),
    "arena": (
        [
            {
                "model_a": "p",
                "model_b": "q",
                "conversation_a": talk("x"),
                "conversation_b": talk("y"),
                "winner": "model_a",
            }
        ],
        [
            {
                "model_a": "q",
                "model_b": "p",
                "conversation_a": talk("y"),
                "conversation_b": talk("x"),
                "winner": "model_b",
            }
        ],
    ),
    "judgebench": (
        [{"pair_id": "1", "question": "Why?", "response_A": "x", "response_B": "y", "label": "A>B"}],
        [{"pair_id": "1", "question": "Why?", "response_A": "y", "response_B": "x", "label": "B>A"}],
    ),
    "auto_j": (
        [{"scenario": "chat", "label": 0, "prompt": "Why?", "response 1": "x", "response 2": "y"}],
        [{"scenario": "chat", "label": 1, "prompt": "Why?", "response 1": "y", "response 2": "x"}],
    ),
    "pandalm": (
        [{"instruction": "Why?", "input": "", "response1": "x", "response2": "y", "annotator1": 1, "annotator2": 0}],
        [{"instruction": "Why?", "input": "", "response1": "y", "response2": "x", "annotator1": 2, "annotator2": 0}],
    ),
    "llmbar": (
        [{"input": "Why?", "output_1": "x", "output_2": "y", "label": 1}],
        [{"input": "Why?", "output_1": "y", "output_2": "x", "label": 2}],
    ),
    "inspect": (sample("x", "y", "A"), sample("y", "x", "B")),
    "rewardbench": (
        [
            {
                "prompt": "Why?",
                "chosen": "x",
                "rejected": "y",
                "subset": "chat",
                "scores_chosen": 2.0,
                "scores_rejected": 1.0,
            }
        ],
        [],
    ),
    "preference_pairs": ([{"prompt": "Why?", "chosen": "x", "rejected": "y"}], []),
    "columns": (
        [{"Question": "Why?", "Answer 1": "x", "Answer 2": "y", "winner": "A"}],
        [{"Question": "Why?", "Answer 1": "y", "Answer 2": "x", "winner": "B"}],
    ),
}
SWAPPABLE = [name for name, (_, swapped) in EXAMPLES.items() if swapped]


def read(name: str, records: Records) -> tuple[list[Row], BadRows]:
    bad = BadRows()
    return list(READERS[name].read(enumerate(records, start=1), "log.jsonl", bad)), bad


def test_every_format_has_an_example() -> None:
    assert set(EXAMPLES) == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_the_registered_name_is_the_readers_own(name: str) -> None:
    assert READERS[name].name == name
    assert READERS[name].label


@pytest.mark.parametrize("name", READERS)
def test_each_example_is_recognised_as_its_own_format(name: str, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text("\n".join(map(json.dumps, EXAMPLES[name][0])))
    (source,) = find_sources([str(file)]).sources
    assert source.format == name
    assert source.guessed
    bad = BadRows()
    assert [row.response_a for row in source.rows(bad)] == ["x"]
    assert bad.total == 0


@pytest.mark.parametrize("name", READERS)
def test_rows_are_whole(name: str) -> None:
    rows, bad = read(name, EXAMPLES[name][0])
    assert bad.total == 0
    (row,) = rows
    assert (row.prompt, row.response_a, row.response_b) == ("Why?", "x", "y")
    assert row.row >= 1
    assert row.verdicts
    assert row.verdicts[0].preference is not None
    assert row.verdicts[0].preference > 0.5
    for verdict in row.verdicts:
        assert verdict.judge
        assert verdict.preference is None or 0 <= verdict.preference <= 1
        assert bool(verdict.problem) == (verdict.preference is None)


@pytest.mark.parametrize("name", SWAPPABLE)
def test_exchanging_a_and_b_turns_every_preference_round(name: str) -> None:
    (row,), _ = read(name, EXAMPLES[name][0])
    (swapped,), _ = read(name, EXAMPLES[name][1])
    assert (swapped.response_a, swapped.response_b) == (row.response_b, row.response_a)
    assert (swapped.model_a, swapped.model_b) == (row.model_b, row.model_a)
    preferences = [verdict.preference for verdict in row.verdicts]
    assert [verdict.preference for verdict in swapped.verdicts] == [
        None if preference is None else flip(preference) for preference in preferences
    ]


@pytest.mark.parametrize("name", READERS)
def test_the_example_lists_nothing_as_a_slice_that_is_text_of_the_comparison(name: str) -> None:
    (row,), _ = read(name, EXAMPLES[name][0])
    assert not {"Why?", "x", "y"} & {str(value) for value in row.columns.values()}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("value", [None, 7, "nonsense", [], {}, [None], float("nan")], ids=repr)
def test_nothing_in_any_column_breaks_the_reader(name: str, value: object) -> None:
    for column in EXAMPLES[name][0][0]:
        records = [{**record, column: value} for record in EXAMPLES[name][0]]
        try:
            rows, bad = read(name, records)
        except InputFileError:
            continue
        assert rows or bad.total
        for fault in bad.first:
            assert fault.file == "log.jsonl"
            assert fault.row >= 1
            assert fault.field
        for row in rows:
            assert all(isinstance(text, str) for text in (row.prompt, row.response_a, row.response_b))


@pytest.mark.parametrize("name", READERS)
def test_a_record_without_its_columns_is_reported_not_dropped(name: str) -> None:
    good = EXAMPLES[name][0]
    rows, bad = read(name, [*good, {"unrelated": 1}])
    assert len(rows) == 1
    assert bad.total == 1
    assert bad.first[0].row == len(good) + 1


@pytest.mark.parametrize("name", READERS)
def test_an_empty_answer_is_an_answer(name: str) -> None:
    text = json.dumps(EXAMPLES[name][0]).replace('"y"', '""').replace("Answer]\\ny\\n", "Answer]\\n\\n")
    rows, bad = read(name, json.loads(text))
    assert bad.total == 0
    assert [row.response_b for row in rows] == [""]


@pytest.mark.parametrize("name", READERS)
def test_unrelated_columns_are_not_recognised(name: str) -> None:
    assert not READERS[name].recognise(Sample("a.json", [{"id": 1, "text": "t"}]))
    assert not READERS[name].recognise(Sample("a.json", []))
