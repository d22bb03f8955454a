"""Every reader of question sets, on a file as its source gives it: what is read, what is left out, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from prefactor.data.question_set import Question, QuestionSet
from prefactor.errors import BadRowsError, InputFileError, UnknownNameError
from prefactor.graders.answer_log import write_answers
from prefactor.readers.questions import QUESTION_READERS, find_questions, read_questions

EVOUNA = {
    "question": "Who wrote Emma?",
    "golden_answer": "Jane Austen/Austen",
    "answer_fid": "Austen",
    "judge_fid": True,
    "answer_gpt4": "Emily Bronte",
    "judge_gpt4": False,
    "improper": False,
}
EXAMPLES: dict[str, Any] = {
    "evouna": [EVOUNA],
    "trivia_qa": {
        "Data": [
            {
                "Question": "Who wrote Emma?",
                "QuestionId": "tc_1",
                "Answer": {"Value": "Austen", "Aliases": ["Jane Austen"], "NormalizedAliases": ["jane austen"]},
            }
        ],
        "Version": 1.0,
    },
    "squad": {
        "version": "2.0",
        "data": [
            {
                "title": "Emma",
                "paragraphs": [
                    {
                        "context": "Emma is by Austen.",
                        "qas": [
                            {"id": "1", "question": "Who wrote Emma?", "answers": [{"text": "Austen"}]},
                            {"id": "2", "question": "Who painted it?", "answers": [], "is_impossible": True},
                        ],
                    }
                ],
            }
        ],
    },
    "multiple_choice": [
        {"question": "Who wrote Emma?", "subject": "letters", "choices": ["Eliot", "Austen"], "answer": 1}
    ],
    "natural_questions": [{"question": "Who wrote Emma?", "answer": ["Jane Austen", "Austen"]}],
    "question_columns": [{"query": "Who wrote Emma?", "gold": "Austen", "shelf": 3}],
}


def read(path: Path, content: object, **options: object) -> QuestionSet:
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_questions(find_questions([str(path)]), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list(QUESTION_READERS))
def test_a_format_is_recognised_and_read(name: str, tmp_path: Path) -> None:
    found = read(tmp_path / "questions.json", EXAMPLES[name])
    assert found.sources[0].format == name
    (question,) = found.questions
    assert question.text == "Who wrote Emma?"
    assert "Austen" in question.key


@pytest.mark.parametrize("name", list(QUESTION_READERS))
def test_a_record_without_a_question_is_named_with_its_row(name: str, tmp_path: Path) -> None:
    content = EXAMPLES[name]
    whole = content if isinstance(content, list) else content["Data" if name == "trivia_qa" else "data"]
    assert isinstance(whole, list)
    broken = json.loads(json.dumps(whole[0]).replace("Who wrote Emma?", " "))
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, [whole[0], broken])), encoding="utf-8")
    sources = find_questions([str(path)])
    with pytest.raises(BadRowsError, match=r"questions\.jsonl:2: question: expected a question"):
        read_questions(sources)
    assert len(read_questions(sources, on_bad_row="skip").questions) == 1


def test_improper_rows_are_counted_and_verdicts_that_say_nothing_are_none(tmp_path: Path) -> None:
    silent = EVOUNA | {"question": "Who drew Emma?", "judge_fid": "nan"}
    found = read(tmp_path / "tq.json", [EVOUNA, EVOUNA | {"question": "Who sang?", "improper": True}, silent])
    assert found.left_out == (("marked improper", 1),)
    assert [(each.answerer, each.right) for each in found.answers] == [
        ("fid", True),
        ("gpt4", False),
        ("fid", None),
        ("gpt4", False),
    ]
    assert found.questions[0].key == ("Jane Austen", "Austen", "Jane Austen/Austen")


def test_questions_marked_as_having_no_answer_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path / "squad.json", EXAMPLES["squad"])
    assert found.left_out == (("marked as having no answer", 1),)
    assert found.questions[0].source == "Emma is by Austen."
    assert found.questions[0].columns == {"title": "Emma"}


@pytest.mark.parametrize(
    ("row", "right"),
    [
        ({"choices": ["Eliot", "Austen"], "answer": "B"}, "Austen"),
        ({"options": ["Eliot", "Austen"], "answer": "Austen"}, "Austen"),
        ({"choices": {"text": ["Eliot", "Austen"], "label": ["1", "2"]}, "answerKey": "2"}, "Austen"),
        ({"A": "Eliot", "B": "Austen", "C": "Gaskell", "answer": "B"}, "Austen"),
        ({"A": "3", "B": "4", "answer": "A"}, "3"),
    ],
)
def test_options_come_in_many_layouts(row: dict[str, object], right: str, tmp_path: Path) -> None:
    (question,) = read(tmp_path / "q.json", [{"question": "Who?", **row}]).questions
    assert question.key == (right,)
    assert len(question.options) >= 2


def test_an_option_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRowsError, match="the letter, index from 0 or text of one of 2"):
        read(tmp_path / "q.json", [{"question": "Who?", "choices": ["a", "b"], "answer": "E"}])


def test_columns_are_mapped_and_rows_about_one_question_join(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = ['Why?,"[""so"", ""thus""]",so,ann,yes,right,j', "Why?,because,no,bob,no,unknown,j"]
    path.write_text("\n".join(["ask,gold,said,who,ok,judged,by", *rows]), encoding="utf-8")
    mapping = {"question": "ask", "answer": "gold", "response": "said", "answerer": "who"}
    mapping |= {"human": "ok", "verdict": "judged", "evaluator": "by"}
    found = read_questions(find_questions([str(path)], mapping=mapping))
    assert [question.key for question in found.questions] == [("so", "thus", "because")]
    assert [(each.answerer, each.right) for each in found.answers] == [("ann", True), ("bob", False)]
    assert [(each.right, each.problem) for each in found.verdicts] == [(True, ""), (None, "unknown")]


def test_two_answers_of_one_answerer_are_refused(tmp_path: Path) -> None:
    rows = [{"question": "Why?", "key": "so", "response": text, "answerer": "ann"} for text in ("so", "no")]
    with pytest.raises(BadRowsError, match="one answer of 'ann' a question"):
        read(tmp_path / "t.json", rows)


def test_a_role_that_is_none_and_a_column_that_is_none_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('[{"question": "Why?", "key": "so"}]', encoding="utf-8")
    with pytest.raises(UnknownNameError, match="unknown role 'anser'"):
        find_questions([str(path)], mapping={"anser": "key"})
    with pytest.raises(InputFileError, match="expected the column 'gold'"):
        read_questions(find_questions([str(path)], mapping={"answer": "gold"}))


def test_pairs_are_no_questions(tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    path.write_text('[{"question": "Why?", "response_A": "a", "response_B": "b", "label": "A>B"}]', encoding="utf-8")
    assert find_questions([str(path)]) == ()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [
        {"question": "Why?", "key": ["so", "thus"], "response": "so", "answerer": "ann", "human_verdict": "right"}
        | {"evaluator": "j", "verdict": said, "chance": 0.75, "repeat": repeat, "form": "words", "topic": "tea"}
        for repeat, said in enumerate(["wrong", "unknown"])
    ]
    found = read(tmp_path / "first.json", [*rows, {"question": "Who?", "key": "she", "topic": "tea"}])
    assert len(found.verdicts) == 2
    write_answers(tmp_path / "again.jsonl", found)
    again = read_questions(find_questions([str(tmp_path / "again.jsonl")]))
    assert (again.questions, again.answers, again.verdicts) == (found.questions, found.answers, found.verdicts)


def test_the_order_of_rows_changes_no_id(tmp_path: Path) -> None:
    rows = [EVOUNA, EVOUNA | {"question": "Who sang?"}]
    first, second = (read(tmp_path / "a.json", part).questions for part in (rows, rows[::-1]))

    def ids(questions: tuple[Question, ...]) -> set[str]:
        return {each.identity for each in questions}

    assert ids(first) == ids(second)
