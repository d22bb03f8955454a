"""Competence end to end: llama.cpp's own server, and a tiny model taught what to answer and how to grade."""

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prefactor.analysis.competence import CompetenceSettings, assess
from prefactor.asking.calls import Asked, ask_all
from prefactor.data.question_set import QuestionSet
from prefactor.graders.asked import Asking, Sheet, answers_from, pose_gradings, pose_questions, verdicts_from
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Reply, Request
from prefactor.readers.questions import find_questions, read_questions
from servers.llama_cpp import llama_server

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

QUESTIONS = 4
CONTEXT = 2048
"""Tokens of one call; the prompts take some 900 of the tiny model's."""


def lessons_of(tiny: "TinyModel", sheet: Sheet, said: list[str]) -> list[tuple[str, str]]:
    return [(prompt_of(tiny, request), text) for request, text in zip(sheet.requests, said, strict=True)]


def prompt_of(tiny: "TinyModel", request: Request) -> str:
    messages = [{"role": each.role, "content": each.content} for each in request.messages]
    return str(tiny.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


def test_a_served_model_answers_and_grades_as_it_was_taught(tiny: "TinyModel", tmp_path: Path) -> None:
    from servers.tiny_model import TinyModel, teach, write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    rows = [{"question": f"Is it A or B? {number}", "answer": ["AB"[number % 2]]} for number in range(QUESTIONS)]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = read_questions(find_questions([str(tmp_path / "q.jsonl")]))
    asking = Asking(("tiny",))
    asked = pose_questions(found, asking)
    taught = ["A"] * QUESTIONS
    answered = QuestionSet(found.questions, answers_from(asked, [Asked(Reply(text)) for text in taught]))
    graded = pose_gradings(answered, asking)
    verdicts = ["[[right]]"] * QUESTIONS
    model = TinyModel(tiny.tokenizer, copy.deepcopy(tiny.model).train())
    lessons = [*lessons_of(tiny, asked, taught), *lessons_of(tiny, graded, verdicts)]
    teach(model.model, model.tokenizer, lessons=lessons)
    model.model.eval()
    write_gguf(model, tmp_path / "taught.gguf")
    with llama_server(tmp_path / "taught.gguf", context=CONTEXT) as server:
        provider = OpenAICompatible(server.url)
        answers = answers_from(asked, ask_all(provider, asked.requests))
        found = QuestionSet(found.questions, answers)
        sheet = pose_gradings(found, asking)
        given = verdicts_from(sheet, ask_all(provider, sheet.requests))
    # What the server says is what the model's own weights say.
    expected = [model.continued(prompt_of(model, request), 200) for request in asked.requests]
    assert [each.text for each in answers] == expected
    settings = CompetenceSettings(factors=())
    (evaluator,) = assess(QuestionSet(found.questions, answers, given), settings).evaluators
    assert evaluator.answerer == "tiny"
    assert evaluator.account.read == QUESTIONS
    assert expected == taught
    assert [each.right for each in given] == [True] * QUESTIONS
    assert evaluator.account.used == QUESTIONS
    # It can answer every second question, and accepts whatever it reads.
    (whole, _) = evaluator.knowing
    assert (whole.can_true, whole.can_false, whole.cannot_true, whole.cannot_false) == (2, 0, 0, 2)
    assert evaluator.balanced.value == pytest.approx(0.5)
