"""Requests by the batch: submitted, and later collected into the cache, from which asking then takes them for nothing.

Knows requests, keys and the cache; how a batch is sent is the provider's.
"""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from prefactor.asking.calls import AskOptions, request_key
from prefactor.errors import CallError, SettingError
from prefactor.llm.base import Provider
from prefactor.llm.openai_batch import BatchState, OpenAIBatches
from prefactor.llm.records import Reply, Request
from prefactor.runtime.cache import ReplyCache, StoredReply

__all__ = ["Collected", "collect_batch", "submit_batch"]


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of a batch.

    Parameters
    ----------
    state
        How far it is.
    kept
        Replies that are in the cache now.
    failures
        Why others are not, by number; one named "no answer" for each request that the batch says nothing of.
    """

    state: BatchState
    kept: int = 0
    failures: tuple[tuple[str, int], ...] = ()


def submit_batch(
    batches: OpenAIBatches, requests: Sequence[Request], *, provider: Provider, options: AskOptions
) -> BatchState | None:
    """Submit the requests whose replies are not in the cache; None where all of them are.

    Parameters
    ----------
    batches
        Where to.
    requests
        What is asked.
    provider
        Whose replies they count as: the one that :func:`prefactor.asking.calls.ask_all` will be given afterwards.
    options
        Cache and repetition.

    Raises
    ------
    SettingError
        There is no cache to collect into, or the requests do not fit into one batch.
    CallError
        The server did not take them.
    """
    with closing(_cache(options)) as cache:
        keyed = {request_key(provider, request, repeat=options.repeat): request for request in requests}
        stored = cache.look_up(list(keyed))
    left = {key.hex(): request for key, request in keyed.items() if key not in stored}
    return asyncio.run(batches.submit(left)) if left else None


def collect_batch(
    batches: OpenAIBatches, name: str, *, provider: Provider, requests: Sequence[Request], options: AskOptions
) -> Collected:
    """Look how far a batch is and, where it has ended, keep its replies; asking again takes them from the cache.

    Parameters
    ----------
    batches
        Where it is.
    name
        The server's name for it.
    provider, requests, options
        As it was submitted.

    Raises
    ------
    SettingError
        There is no cache to collect into.
    CallError
        The server does not answer.
    InputFileError
        The cache cannot be written.
    """
    keyed = {request_key(provider, request, repeat=options.repeat): request for request in requests}

    async def collect(cache: ReplyCache) -> Collected:
        state = await batches.look(name)
        if not state.ended:
            return Collected(state)
        found = {bytes.fromhex(text): one for text, one in (await batches.collect(state)).items()}
        ours = {key: one for key, one in found.items() if key in keyed}
        replies = [
            _stored(key, one, request=keyed[key], provider=provider, options=options)
            for key, one in ours.items()
            if isinstance(one, Reply)
        ]
        await asyncio.gather(*map(cache.store, replies))
        failures = [one.kind for one in ours.values() if isinstance(one, CallError)]
        failures += ["no answer"] * max(0, state.total - len(found))
        return Collected(state, len(replies), tuple((kind, failures.count(kind)) for kind in sorted(set(failures))))

    with closing(_cache(options)) as cache:
        return asyncio.run(collect(cache))


def _cache(options: AskOptions) -> ReplyCache:
    if options.cache is None:
        raise SettingError("--cache", expected="a file to collect the replies of a batch into", got="none")
    return ReplyCache(options.cache)


def _stored(key: bytes, reply: Reply, *, request: Request, provider: Provider, options: AskOptions) -> StoredReply:
    usage = reply.usage
    return StoredReply(
        key,
        reply.to_bytes(),
        request.to_bytes() if options.keep_prompts else None,
        f"{provider.identity} {request.model}",
        usage.input_tokens + usage.output_tokens,
        options.price.of(usage) if options.price else 0.0,
    )
