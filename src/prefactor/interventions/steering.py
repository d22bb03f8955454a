"""Steering without training: a model answers prompts plainly, and under system messages that ask for factors.

Turn by turn, each answer in its own conversation. Knows neither judges nor scores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from prefactor.asking.calls import Asked, AskOptions, ask_all
from prefactor.asking.replies import CUT_OFF, final_text, why_no_answer
from prefactor.data.prompt_set import OpenPrompt
from prefactor.interventions.instructions import Wish, system_message
from prefactor.llm.base import Provider
from prefactor.llm.records import Message, Request, Sampling
from prefactor.runtime.budget import Cost
from prefactor.runtime.running import Watch

__all__ = ["ARMS", "Arm", "Written", "first_requests", "spent_on", "within", "write_answers"]

Arm = Literal["plain", "towards", "away"]
"""How a model is asked: as it is, for what the judge prefers, for the opposite."""

ARMS: Final[tuple[Arm, ...]] = ("plain", "towards", "away")


@dataclass(frozen=True, slots=True)
class Written:
    """The answers to one prompt in one arm.

    Parameters
    ----------
    prompt
        Place of the prompt.
    arm
        How the model was asked.
    wishes
        What it was asked for; none in the plain arm.
    answers
        One per turn, as far as they go.
    problem
        Why there are not all of them; empty where there are.
    cut_off
        How many were ended by the limit of tokens; they are kept.
    """

    prompt: int
    arm: Arm
    wishes: tuple[Wish, ...]
    answers: tuple[str, ...]
    problem: str = ""
    cut_off: int = 0


def first_requests(
    prompts: Sequence[OpenPrompt], wishes: Sequence[Sequence[Wish]], *, model: str, sampling: Sampling
) -> tuple[Request, ...]:
    """Return the calls for the first turns of all arms, in order of arms and prompts.

    Parameters
    ----------
    prompts, wishes, model, sampling
        As for :func:`write_answers`.
    """
    return tuple(_request(prompts[one.prompt], one, model, sampling) for one in _blank(prompts, wishes))


def write_answers(
    prompts: Sequence[OpenPrompt],
    wishes: Sequence[Sequence[Wish]],
    *,
    model: str,
    sampling: Sampling,
    provider: Provider,
    options: AskOptions | None = None,
    watch: Watch | None = None,
) -> tuple[tuple[Written, ...], tuple[Asked, ...]]:
    """Have a model answer every prompt in every arm, turn by turn.

    Parameters
    ----------
    prompts
        What is asked.
    wishes
        For every prompt, what the model is asked for towards the judge; the opposite is asked for in the arm away.
    model, sampling, provider, options, watch
        Who answers, and how; a budget holds for all turns together.

    Returns
    -------
    tuple
        The answers in order of arms and prompts, and what became of every call.
    """
    found = list(_blank(prompts, wishes))
    calls: list[Asked] = []
    options = options or AskOptions()
    for turn in range(max(len(prompt.turns) for prompt in prompts)):
        open_places = [
            place for place, one in enumerate(found) if not one.problem and len(prompts[one.prompt].turns) > turn
        ]
        requests = [_request(prompts[found[place].prompt], found[place], model, sampling) for place in open_places]
        answered = ask_all(provider, requests, options=within(options, calls), watch=watch)
        calls += dict(zip(requests, answered, strict=True)).values()
        for place, asked in zip(open_places, answered, strict=True):
            found[place] = _with(found[place], asked)
    return tuple(found), tuple(calls)


def spent_on(calls: Sequence[Asked]) -> Cost:
    """Return what distinct calls have cost."""
    paid = [call for call in calls if not call.cached and call.attempts]
    tokens = sum(call.usage.input_tokens + call.usage.output_tokens for call in paid)
    return Cost(sum(call.attempts for call in paid), tokens, sum(call.price for call in paid))


def within(options: AskOptions, calls: Sequence[Asked]) -> AskOptions:
    """Return options whose budget is what these calls have left of it."""
    budget = options.calls.budget.without(spent_on(calls))
    return replace(options, calls=replace(options.calls, budget=budget))


def _blank(prompts: Sequence[OpenPrompt], wishes: Sequence[Sequence[Wish]]) -> tuple[Written, ...]:
    turned: dict[Arm, Callable[[Wish], Wish]] = {"towards": lambda wish: wish, "away": lambda wish: wish.opposite}
    return tuple(
        Written(place, arm, tuple(turned[arm](wish) for wish in wishes[place]) if arm in turned else (), ())
        for arm in ARMS
        for place in range(len(prompts))
    )


def _request(prompt: OpenPrompt, so_far: Written, model: str, sampling: Sampling) -> Request:
    said = system_message(so_far.wishes)
    messages = [Message("system", said)] if said else []
    for turn, answer in zip(prompt.turns, so_far.answers, strict=False):
        messages += [Message("user", turn), Message("assistant", answer)]
    messages.append(Message("user", prompt.turns[len(so_far.answers)]))
    return Request(model, tuple(messages), sampling=sampling)


def _with(so_far: Written, asked: Asked) -> Written:
    """Return the answers with one more, or with why there is none."""
    if asked.reply is None:
        return replace(so_far, problem=asked.failure)
    text = final_text(asked.reply)
    if not text:
        return replace(so_far, problem=f"no answer: {why_no_answer(asked.reply, text)}")
    cut = so_far.cut_off + (asked.reply.finish == CUT_OFF)
    return replace(so_far, answers=(*so_far.answers, text), cut_off=cut)
