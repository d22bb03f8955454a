"""From templates and a task to a request. Texts are put in once and never looked at for places, whatever they hold."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from prefactor.asking.fence import enclosed, mark_for
from prefactor.interventions.base import Task
from prefactor.interventions.prompt_file import PromptFile
from prefactor.llm.records import Message, Request

__all__ = ["make_request", "plain_request", "with_seed"]

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_LABELS: Final = {
    "prompt": "request",
    "instructions": "instructions",
    "source": "document",
    "answer": "answer",
    "advice": "advice",
}
_SPEAKERS: Final = {"user": "User", "assistant": "Assistant", "system": "System"}
_ROLES: Final = ("user", "assistant", "system")


def make_request(
    file: PromptFile,
    task: Task,
    *,
    model: str,
    places: Mapping[str, str],
    texts: Mapping[str, str] | None = None,
    schema: str = "",
    attempt: int = 0,
) -> Request:
    """Return the call that shows a task, fenced off from what is wanted of it.

    Parameters
    ----------
    file
        The prompt.
    task
        What is answered.
    model
        Who answers.
    places
        What else stands in the prompt, by place; words of the prompt's own file.
    texts
        What else is shown between fences, by place: ``answer``, ``advice``.
    schema
        JSON Schema of the reply, as text.
    attempt
        From 1 on, the seed of the call: what makes it another call than the first.
    """
    texts = {"prompt": _asked(task), **(texts or {})}
    further = {"instructions": task.system, "source": task.source}
    texts |= {name: text for name, text in further.items() if text and name in file.optional}
    mark = mark_for(list(texts.values()))
    shown = {name: enclosed(text, label=_LABELS[name], mark=mark) for name, text in texts.items()}
    for name in file.optional:
        shown[name] = file.optional[name].replace("{text}", shown[name]) if name in shown else ""
    filled = {**places, **shown, "fence": file.fence.replace("{mark}", mark)}
    said = (("system", file.system), ("user", file.user))
    messages = tuple(Message(role, _filled(text, filled)) for role, text in said if text)  # type: ignore[arg-type]
    request = Request(model=model, messages=messages, sampling=file.sampling, schema=schema)
    return with_seed(request, attempt)


def plain_request(task: Task, *, model: str) -> Request:
    """Return the call that has a model answer a task as it would anybody: the task is all it sees.

    A source document goes before the prompt, in the same message.
    """
    asked = task.prompt if not task.source else f"{task.source}\n\n{task.prompt}"
    said = [("user", asked)] if not task.conversation else [(one.role, one.content) for one in task.conversation]
    if task.system and not any(role == "system" for role, _ in said):
        said.insert(0, ("system", task.system))
    messages = tuple(Message(role if role in _ROLES else "user", text) for role, text in said)  # type: ignore[arg-type]
    return Request(model=model, messages=messages)


def with_seed(request: Request, seed: int) -> Request:
    """Return the same call with a seed; 0 leaves it as it is."""
    return replace(request, sampling=replace(request.sampling, seed=seed)) if seed else request


def _filled(template: str, places: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: places.get(match[1], ""), template)


def _asked(task: Task) -> str:
    """Return the prompt, or the conversation that leads to the answer, turn by turn."""
    if not task.conversation:
        return task.prompt
    turns = enumerate(task.conversation, start=1)
    return "\n\n".join(
        f"[{_SPEAKERS.get(one.role, one.role)}, message {number}]\n{one.content}" for number, one in turns
    )
