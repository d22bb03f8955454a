"""From a judge's templates and the texts of a comparison to a request.

Texts are put in once and never looked at for places, whatever they hold. Knows no parser.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from prefactor.asking.fence import enclosed, mark_for
from prefactor.asking.templates import filled, turn_by_turn
from prefactor.judges.base import Asking, Texts
from prefactor.judges.judge_file import JudgeFile
from prefactor.llm.records import Message, Request

__all__ = ["make_request"]

_LABELS: Final = {
    "prompt": "request",
    "first": "answer A",
    "second": "answer B",
    "answer": "answer",
    "instructions": "instructions",
    "source": "document",
    "reference": "known good answer",
}


def make_request(
    file: JudgeFile,
    texts: Texts,
    *,
    answers: Mapping[str, str],
    asking: Asking,
    repeat: int = 0,
    schema: str = "",
    top_logprobs: int = 0,
) -> Request:
    """Return the call that shows a comparison, or one answer of it, to a judge.

    Parameters
    ----------
    file
        The judge.
    texts
        The comparison.
    answers
        The answers by the place they take in the prompt: ``first`` and ``second``, or ``answer``.
    asking
        Model and fence.
    repeat
        From 1 on, the seed of the call: what makes the second time of asking another call than the first.
    schema, top_logprobs
        What the parser wants.
    """  # fmt: skip
    shown = {
        "prompt": turn_by_turn(texts.conversation) if texts.conversation else texts.prompt,
        **answers,
        **_further(texts, file),
    }
    mark = mark_for(list(shown.values())) if asking.fence and file.fence else ""
    places = {name: enclosed(text, label=_LABELS[name], mark=mark) for name, text in shown.items()}
    for name in file.optional:
        places[name] = file.optional[name].replace("{text}", places[name]) if name in places else ""
    places["fence"] = file.fence.replace("{mark}", mark) if mark else ""
    places["criteria"] = "\n".join(f"- {each.name}: {each.question}" for each in file.criteria)
    system = (Message("system", filled(file.system, places)),) if file.system else ()
    return Request(
        model=asking.model,
        messages=(*system, Message("user", filled(file.user, places))) if file.user else (),
        prompt=filled(file.text, places),
        sampling=replace(file.sampling, seed=repeat) if repeat else file.sampling,
        top_logprobs=top_logprobs,
        schema=schema if file.structured else "",
    )


def _further(texts: Texts, file: JudgeFile) -> dict[str, str]:
    there = {"instructions": texts.system, "source": texts.source, "reference": texts.reference}
    return {name: text for name, text in there.items() if text and name in file.optional}
