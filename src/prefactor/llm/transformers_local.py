"""Models in this process, through transformers: requests that wait are gathered and computed together.

Reading a request and writing a reply; what is computed is ``local_model``'s. Needs the extra ``local``.
"""

import queue
import threading
from asyncio import wrap_future
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from prefactor._typing import IntArray
from prefactor.errors import CallError
from prefactor.llm.continuing import Continued, Wish, continue_all, first_tokens
from prefactor.llm.local_model import LocalModel, Task, load_library, load_model
from prefactor.llm.providers import ProviderOptions
from prefactor.llm.records import Reply, Request, Sampling, TokenChoice, Usage
from prefactor.llm.shapes import read_object

__all__ = ["TransformersLocal", "transformers_provider"]

_AT_ONCE: Final = 512
_QUIET_SECONDS: Final = 0.02
"""Requests are gathered until none has come for this long."""

Waiting = tuple[Request, "Future[Reply]"]


class TransformersLocal:
    """Models in this process: chats and plain texts continued, next tokens and answers scored.

    A request for one token is not generated: the sequence is read once. Several models are loaded one after the other,
    one at a time, as they are asked. A JSON Schema is not enforced.

    Parameters
    ----------
    device
        As torch knows it; empty for the GPU where there is one, and the processor otherwise.
    at_once
        How many requests are gathered at most.

    Attributes
    ----------
    device
        Where models run, and in which precision.
    scores
        True: rewards can be asked for.

    Raises
    ------
    MissingExtraError
        The extra ``local`` is not installed.
    """

    scores = True

    def __init__(self, device: str = "", *, at_once: int = _AT_ONCE) -> None:
        self._library = load_library(device)
        self.device = self._library.device
        self.at_once = at_once
        self.identity = f"transformers:{self.device}"
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loaded: tuple[tuple[str, Task], LocalModel] | None = None
        self.identity_of = lru_cache(maxsize=None)(self._identity_of)

    def __repr__(self) -> str:
        return f"TransformersLocal({self.device.name!r})"

    def _identity_of(self, model: str) -> str:
        """Return the identity with a hash of the model's files: names, sizes, times of change."""
        folder = Path(model)
        if not folder.is_dir():
            return self.identity
        stats = sorted((path.name, path.stat()) for path in folder.iterdir() if path.is_file())
        files = "".join(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0" for name, stat in stats)
        return f"{self.identity}:{blake2b(files.encode(), digest_size=8).hexdigest()}"

    async def ask(self, request: Request) -> Reply:
        """Make one call, together with those that wait beside it.

        Raises
        ------
        CallError
            There is no reply.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="prefactor-model", daemon=True)
            self._thread.start()
        future: Future[Reply] = Future()
        self._queue.put((request, future))
        return await wrap_future(future)

    async def close(self) -> None:
        """End the thread and let go of the model."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._loaded = None

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            waiting, ended = self._gathered(first)
            groups: dict[tuple[str, Task], list[Waiting]] = {}
            for one in waiting:
                if one[1].set_running_or_notify_cancel():
                    groups.setdefault((one[0].model, one[0].wants), []).append(one)
            for key, group in groups.items():
                self._answer(key, group)
            if ended:
                return

    def _gathered(self, first: Waiting) -> tuple[list[Waiting], bool]:
        """Return the requests that wait, and whether the end has come behind them."""
        waiting = [first]
        while len(waiting) < self.at_once:
            try:
                one = self._queue.get(timeout=_QUIET_SECONDS)
            except queue.Empty:
                break
            if one is None:
                return waiting, True
            waiting.append(one)
        return waiting, False

    def _answer(self, key: tuple[str, Task], waiting: Sequence[Waiting]) -> None:
        """Answer a group that asks one model; a failure ends the calls it concerns, never the others or the thread."""
        try:
            model = self._model(key)
        except CallError as error:
            for _, future in waiting:
                future.set_exception(error)
            return
        try:
            wishes = _Reading(model).wishes(waiting)
            replies = _scored(model, wishes) if key[1] == "score" else _continued(model, wishes)
            for place, reply in replies:
                waiting[place][1].set_result(reply)
        except Exception as error:  # noqa: BLE001 -- handed on as the failure of the call that it has ended
            left = [one for one in waiting if not one[1].done()]
            if len(left) == 1:
                left[0][1].set_exception(error if isinstance(error, CallError) else _failure(error))
                return
            for one in left:
                self._answer(key, [one])

    def _model(self, key: tuple[str, Task]) -> LocalModel:
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = None
            self._loaded = (key, load_model(key[0], key[1], library=self._library))
        return self._loaded[1]


class _Reading:
    """Turns requests into token ids."""

    def __init__(self, model: LocalModel) -> None:
        self._model = model
        self._tokenizer = model.tokenizer

    def wishes(self, waiting: Sequence[Waiting]) -> dict[int, Wish]:
        """Return what is to be continued by its place; a request that cannot be read ends here."""
        found = {}
        for place, (request, future) in enumerate(waiting):
            try:
                found[place] = self._wish(request)
            except CallError as error:
                future.set_exception(error)
        return found

    def _wish(self, request: Request) -> Wish:
        tokens = self._tokens(request)
        made = 0 if request.wants == "score" else request.sampling.max_tokens - 1
        if not 0 < len(tokens) <= self._model.longest - made:
            what = f"{len(tokens)} tokens and {made + 1} more; {request.model} takes {self._model.longest} in all"
            raise CallError("bad request", what, retryable=False)
        seed = int.from_bytes(blake2b(request.to_bytes(), digest_size=8).digest())
        return Wish(tokens, request.sampling, seed, request.top_logprobs)

    def _tokens(self, request: Request) -> IntArray:
        if request.prompt:
            return np.array(self._tokenizer(request.prompt)["input_ids"])
        text = self._chat(request, [{"role": each.role, "content": each.content} for each in request.messages])
        return np.array(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _chat(self, request: Request, messages: list[dict[str, str]]) -> str:
        """Write a chat by the model's template; one without a place for a system message gets it before the user's."""
        if not self._tokenizer.chat_template:
            hint = "use a judge with prompt.text, such as logprob-base"
            raise CallError("bad request", f"{request.model} has no chat template; {hint}", retryable=False)
        ends = messages[-1]["role"] == "assistant" if messages else False
        further: Mapping[str, Any] = read_object("extra fields of a request", request.extra) if request.extra else {}
        if further.keys() - {"chat_template_kwargs"}:
            what = f"extra fields that are not known here: {', '.join(further)}; chat_template_kwargs is"
            raise CallError("bad request", what, retryable=False)
        try:
            text: str = self._tokenizer.apply_chat_template(
                messages,
                tokenize=False,
                add_generation_prompt=not ends,
                continue_final_message=ends and request.wants == "text",
                **further.get("chat_template_kwargs", {}),
            )
        except Exception as error:  # noqa: BLE001 -- a template is a program of the model's maker
            if len(messages) > 1 and messages[0]["role"] == "system" and messages[1]["role"] == "user":
                joint = f"{messages[0]['content']}\n\n{messages[1]['content']}"
                return self._chat(request, [{"role": "user", "content": joint}, *messages[2:]])
            what = f"the chat template of {request.model} refuses: {str(error)[:200]}"
            raise CallError("bad request", what, retryable=False) from None
        return text


def _continued(model: LocalModel, wishes: Mapping[int, Wish]) -> Iterator[tuple[int, Reply]]:
    """Yield the replies; those of one token before those that are generated."""
    ends = _ends(model)
    tokenizer = model.tokenizer

    def stops(tokens: Sequence[int], sampling: Sampling) -> bool:
        text = tokenizer.decode(tokens, skip_special_tokens=True)
        return any(stop in text for stop in sampling.stop)

    single = [place for place, wish in wishes.items() if wish.sampling.max_tokens == 1]
    several = [place for place, wish in wishes.items() if wish.sampling.max_tokens > 1]
    for number, made in first_tokens(model, [wishes[place] for place in single], ends=ends):
        yield single[number], _reply(model, wishes[single[number]], made)
    for number, made in continue_all(model, [wishes[place] for place in several], ends=ends, stops=stops):
        yield several[number], _reply(model, wishes[several[number]], made)


def _reply(model: LocalModel, wish: Wish, made: Continued) -> Reply:
    decode = model.tokenizer.decode
    if not np.isfinite(made.logprobs).all():
        raise CallError("unreadable reply", "log-probabilities that are no numbers", retryable=False)
    text = decode(made.tokens, skip_special_tokens=True)
    cuts = [text.index(stop) for stop in wish.sampling.stop if stop in text]
    choices = (
        TokenChoice(decode([token]), value, tuple((decode([other]), its) for other, its in others))
        for token, value, others in zip(made.tokens, made.logprobs, made.alternatives, strict=True)
    )
    return Reply(
        text[: min(cuts)] if cuts else text,
        made.finish,
        tuple(choices) if wish.alternatives else (),
        Usage(len(wish.tokens), len(made.tokens)),
        model.model.config.name_or_path,
    )


def _scored(model: LocalModel, wishes: Mapping[int, Wish]) -> Iterator[tuple[int, Reply]]:
    places = list(wishes)
    for part, found in model.scores([wish.tokens for wish in wishes.values()]):
        for number, score in zip(part, found[:, 0].tolist(), strict=True):
            usage = Usage(len(wishes[places[number]].tokens), 0)
            yield places[number], Reply(repr(score), usage=usage, model=model.model.config.name_or_path)


def _ends(model: LocalModel) -> frozenset[int]:
    declared = model.model.generation_config.eos_token_id
    several = declared if isinstance(declared, list) else [declared]
    return frozenset(token for token in (*several, model.tokenizer.eos_token_id) if token is not None)


def _failure(error: Exception) -> CallError:
    return CallError("unreadable reply", f"{type(error).__name__}: {str(error)[:200]}", retryable=False)


def transformers_provider(options: ProviderOptions) -> TransformersLocal:
    """Return the provider for models in this process; ``place`` is the device.

    Raises
    ------
    MissingExtraError
        The extra ``local`` is not installed.
    """
    return TransformersLocal(options.place)
