"""Asking models: for answers to questions, and for verdicts on answers, without the key or with it.

From a question set to requests, and from what came back to answers and verdicts. Reads no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from prefactor.asking.calls import Asked
from prefactor.asking.replies import final_text
from prefactor.data.question_set import Answer, AnswerVerdict, QuestionSet
from prefactor.errors import SettingError
from prefactor.graders.abstention import is_abstention
from prefactor.graders.prompt_file import ANSWER, Shown, make_request, read_prompt
from prefactor.graders.verdict_text import ALTERNATIVES, read_verdict
from prefactor.llm.records import Request

__all__ = ["Asking", "Sheet", "Slot", "answers_from", "pose_gradings", "pose_questions", "verdicts_from"]


@dataclass(frozen=True, slots=True)
class Asking:
    """How models are asked.

    Parameters
    ----------
    models
        Who.
    forms
        In what forms evaluators are asked, the first being the one that counts.
    keyed
        For verdicts: ``(False,)`` without the key, ``(False, True)`` also with it, as a control.
    unknown
        Whether they may say that they do not know.
    fence
        Whether texts are fenced off from instructions.
    repeat
        How often every answer is graded in the first form, with another seed each time.
    """

    models: tuple[str, ...]
    forms: tuple[str, ...] = ("words",)
    keyed: tuple[bool, ...] = (False,)
    unknown: bool = False
    fence: bool = True
    repeat: int = 1

    def __post_init__(self) -> None:
        for kind, names in (("model", self.models), ("form", self.forms)):
            if not names or len(set(names)) < len(names):
                raise SettingError(kind, expected="at least one, each once", got=list(names))


@dataclass(frozen=True, slots=True)
class Slot:
    """What one call is about.

    Parameters
    ----------
    question
        Id of the question.
    answerer
        Who answers, or whose answer is graded.
    evaluator, form, keyed, repeat
        As in :class:`prefactor.data.question_set.AnswerVerdict`; the evaluator is empty where an answer is asked for.
    """

    question: str
    answerer: str
    evaluator: str = ""
    form: str = ""
    keyed: bool = False
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """Calls, and what each is about; equally long.

    Parameters
    ----------
    requests, slots
        The calls.
    unknown
        Whether models may say that they do not know.
    """

    requests: tuple[Request, ...]
    slots: tuple[Slot, ...]
    unknown: bool


def pose_questions(found: QuestionSet, asking: Asking) -> Sheet:
    """Return the calls that ask every model every question, but for those that it has answered before."""
    answered = {(answer.question, answer.answerer) for answer in found.answers if answer.text is not None}
    file = read_prompt(ANSWER)
    slots, requests = [], []
    for question in found.questions:
        for model in asking.models:
            if (question.identity, model) not in answered:
                shown = Shown(question, unknown=asking.unknown, fence=asking.fence)
                slots.append(Slot(question.identity, model))
                requests.append(make_request(file, shown, model=model))
    return Sheet(tuple(requests), tuple(slots), asking.unknown)


def answers_from(sheet: Sheet, asked: Sequence[Asked]) -> tuple[Answer, ...]:
    """Return the answers that came of :func:`pose_questions`; a call that failed is an answer without a text."""
    return tuple(
        Answer(slot.question, slot.answerer, None, problem=one.failure or "missing")
        if one.reply is None
        else Answer(slot.question, slot.answerer, final_text(one.reply))
        for slot, one in zip(sheet.slots, asked, strict=True)
    )


def pose_gradings(found: QuestionSet, asking: Asking) -> Sheet:
    """Return the calls that ask every model to grade every answer, abstentions left out."""
    questions = {question.identity: question for question in found.questions}
    slots, requests = [], []
    for answer in found.answers:
        question = questions[answer.question]
        if answer.text is None or is_abstention(answer, question):
            continue
        for model in asking.models:
            for place, form in enumerate(asking.forms):
                file = read_prompt(form)
                for keyed in asking.keyed:
                    if keyed and not question.key:
                        continue
                    for repeat in range(1 if place else asking.repeat):
                        shown = Shown(question, answer.text, keyed, asking.unknown, asking.fence)
                        wanted = ALTERNATIVES if file.parser == "probability" else 0
                        slots.append(Slot(answer.question, answer.answerer, model, form, keyed, repeat))
                        requests.append(make_request(file, shown, model=model, repeat=repeat, top_logprobs=wanted))
    return Sheet(tuple(requests), tuple(slots), asking.unknown)


def verdicts_from(sheet: Sheet, asked: Sequence[Asked]) -> tuple[AnswerVerdict, ...]:
    """Return the verdicts that came of :func:`pose_gradings`; each says why where it holds none."""
    return tuple(_verdict(slot, one, unknown=sheet.unknown) for slot, one in zip(sheet.slots, asked, strict=True))


def _verdict(slot: Slot, asked: Asked, *, unknown: bool) -> AnswerVerdict:
    if asked.reply is None:
        right, chance, problem, text = None, None, "missing", asked.failure
    else:
        said = read_verdict(asked.reply, read_prompt(slot.form).parser, unknown=unknown)
        right, chance, problem, text = said.right, said.chance, said.problem, said.text
    return AnswerVerdict(
        slot.question,
        slot.answerer,
        slot.evaluator,
        right,
        chance,
        problem,
        text,
        slot.repeat,
        slot.form,
        slot.keyed,
    )
