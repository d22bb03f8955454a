"""Models in this process give what plain transformers give one by one, however they are batched, sorted and shared."""

import asyncio
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from models.tiny import TEMPLATE, WITHOUT_SYSTEM, loaded, make_model
from prefactor.asking.calls import AskOptions, ask_all, plan_calls
from prefactor.errors import CallError, MissingExtraError, SettingError
from prefactor.judges.reward import reward_of, reward_request
from prefactor.llm import local_model
from prefactor.llm.local_model import load_library, load_model
from prefactor.llm.providers import make_provider
from prefactor.llm.records import Message, Reply, Request, Sampling
from prefactor.llm.scripted import ScriptedProvider
from prefactor.llm.transformers_local import TransformersLocal

WORDS = (
    "the",
    "request",
    "stands",
    "between",
    "lines",
    "and",
    "each",
    "answer",
    "says",
    "which",
    "letter",
    "is",
    "best",
)
RUBRIC = "You compare two answers by these criteria: it is right, it is short, it is kind. Reply with a letter."


@pytest.fixture(scope="module", autouse=True)
def _installed(skip_or_fail: Callable[[str], NoReturn]) -> None:
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        skip_or_fail("needs the extra local (torch and transformers)")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, _installed: None) -> Path:
    return make_model(tmp_path_factory.mktemp("text"))


@pytest.fixture(scope="module")
def tiny_reward(tmp_path_factory: pytest.TempPathFactory, _installed: None) -> Path:
    return make_model(tmp_path_factory.mktemp("score"), score=True)


def chats(model: Path, *, count: int = 24, system: str = RUBRIC) -> list[Request]:
    """Chats of very different lengths; every two show the same request, as two presentation orders do."""
    draw = np.random.default_rng(7)
    found = []
    for number in range(count // 2):
        asked, one, two = (" ".join(draw.choice(WORDS, size)) for size in draw.integers(1, 60, 3))
        for first, second in ((one, two), (two, one)):
            said = f"{number} {asked}\n\nA: {first}\n\nB: {second}"
            messages = (Message("system", system), Message("user", said))
            found.append(Request(str(model), messages, sampling=Sampling(max_tokens=1), top_logprobs=20))
    return found


def plain(model: Path) -> tuple[Any, Any]:
    transformers = loaded("transformers")
    return (
        transformers.AutoModelForCausalLM.from_pretrained(model).eval(),
        transformers.AutoTokenizer.from_pretrained(model),
    )


def one_by_one(model: Path, requests: Sequence[Request]) -> list[list[tuple[str, float]]]:
    """The slow twin: each chat by itself, all logits, no padding, no cache."""
    torch = loaded("torch")
    network, tokenizer = plain(model)
    found = []
    for request in requests:
        messages = [{"role": each.role, "content": each.content} for each in request.messages]
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            top = network(ids).logits[0, -1].log_softmax(-1).topk(20)
        pairs = zip(top.indices.tolist(), top.values.tolist(), strict=True)
        found.append([(tokenizer.decode([token]), value) for token, value in pairs])
    return found


def replies(provider: TransformersLocal, requests: Sequence[Request]) -> list[Reply]:
    asked = ask_all(provider, requests)
    assert [one.failure for one in asked] == [""] * len(asked)
    return [one.reply for one in asked if one.reply is not None]


@pytest.mark.parametrize("system", [RUBRIC, "A or B?"], ids=["long prefix", "short prefix"])
@pytest.mark.parametrize("tokens", [64, 700, 100_000])
def test_log_probabilities_are_those_of_one_by_one(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, system: str, tokens: int
) -> None:
    monkeypatch.setattr(local_model, "_TOKENS_A_BATCH", {"cpu": tokens})
    requests = chats(tiny, system=system)
    for reply, expected in zip(replies(TransformersLocal("cpu"), requests), one_by_one(tiny, requests), strict=True):
        got = reply.tokens[0].alternatives
        assert sorted(token for token, _ in got) == sorted(token for token, _ in expected)
        values = np.array([[value for _, value in each] for each in (got, expected)])
        assert np.abs(values[0] - values[1]).max() < 1e-4
        assert (reply.tokens[0].token, reply.tokens[0].logprob) == got[0]


def test_sharing_computes_fewer_tokens_and_changes_nothing(tiny: Path) -> None:
    model = load_model(str(tiny), "text", library=load_library("cpu"))
    assert model.shares
    prefix = list(range(10, 110))
    sequences = [np.array([*prefix, 200 + number, *range(110, 110 + 3 * number)]) for number in range(8)]

    def scored() -> dict[int, Any]:
        return {
            place: logits.row(number)
            for places, logits in model.next_tokens(sequences)
            for number, place in enumerate(places)
        }

    shared, computed = scored(), model.computed
    model.shares, model.computed = False, 0
    alone = scored()
    assert computed < 0.5 * model.computed
    assert all(np.abs(shared[place] - alone[place]).max() < 1e-4 for place in alone)


def test_padding_changes_nothing(tiny: Path) -> None:
    """A sequence beside one that is 20 times as long."""
    model = load_model(str(tiny), "text", library=load_library("cpu"))
    short, long = np.arange(20, 30), np.arange(20, 220)[::-1].copy()
    [(_, alone)] = model.next_tokens([short])
    [(places, beside)] = model.next_tokens([short, long])
    assert np.abs(alone.row(0) - beside.row(places.index(0))).max() < 1e-4


def test_too_little_memory_halves_the_batch(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = loaded("torch")
    model = load_model(str(tiny), "text", library=load_library("cpu"))
    real = model._forward

    def small(table: Any, ends: Any, **further: Any) -> Any:
        if len(table) > 2:
            raise torch.OutOfMemoryError
        return real(table, ends, **further)

    monkeypatch.setattr(model, "_forward", small)
    sequences = [np.arange(10, 20 + number) for number in range(7)]
    found = [place for places, _ in model.next_tokens(sequences) for place in places]
    assert sorted(found) == list(range(7))
    monkeypatch.setattr(model, "_forward", lambda *given, **further: small(np.zeros(9), 0))
    with pytest.raises(CallError, match="too long for the memory"):
        list(model.next_tokens(sequences))


def test_one_that_does_not_fit_fails_by_itself(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = loaded("torch")
    real = local_model.LocalModel._forward

    def small(self: Any, table: Any, ends: Any, **further: Any) -> Any:
        if table.shape[1] > 300:
            raise torch.OutOfMemoryError
        return real(self, table, ends, **further)

    monkeypatch.setattr(local_model.LocalModel, "_forward", small)
    requests = [
        Request(str(tiny), prompt="A or B? " * count, sampling=Sampling(max_tokens=1)) for count in (1, 2, 150, 3)
    ]
    failures = [one.failure for one in ask_all(TransformersLocal("cpu"), requests)]
    assert [bool(failure) for failure in failures] == [False, False, True, False]
    assert "too long for the memory" in failures[2]


def test_generation_is_that_of_plain_transformers(tiny: Path) -> None:
    torch = loaded("torch")
    network, tokenizer = plain(tiny)
    requests = [replace(each, sampling=Sampling(max_tokens=12), top_logprobs=0) for each in chats(tiny, count=8)]
    got = replies(TransformersLocal("cpu"), requests)
    for request, reply in zip(requests, got, strict=True):
        messages = [{"role": each.role, "content": each.content} for each in request.messages]
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")
        with torch.inference_mode():
            made = network.generate(**ids, max_new_tokens=12, do_sample=False)[0, ids["input_ids"].shape[1] :]
        assert reply.text == tokenizer.decode(made, skip_special_tokens=True)
        assert reply.finish == ("stop" if tokenizer.eos_token_id in made.tolist() else "length")


def test_draws_are_by_seed_and_not_by_neighbours(tiny: Path) -> None:
    drawn = Sampling(temperature=1.0, max_tokens=8, top_p=0.9, seed=3)
    requests = [replace(each, sampling=drawn) for each in chats(tiny, count=8)]
    together = [reply.text for reply in replies(TransformersLocal("cpu"), requests)]
    alone = [replies(TransformersLocal("cpu"), [request])[0].text for request in requests]
    assert together == alone
    other = [replace(each, sampling=replace(drawn, seed=4)) for each in requests]
    assert [reply.text for reply in replies(TransformersLocal("cpu"), other)] != together


def test_draws_follow_the_probabilities(tiny: Path) -> None:
    """400 draws of a first token against its probability: within 4 standard errors."""
    [request] = chats(tiny, count=2)[:1]
    share = np.exp(replies(TransformersLocal("cpu"), [request])[0].tokens[0].logprob)
    draws = [
        replace(request, sampling=Sampling(temperature=1.0, max_tokens=1, seed=seed), top_logprobs=1)
        for seed in range(400)
    ]
    got = replies(TransformersLocal("cpu"), draws)
    hits = np.mean([reply.tokens[0].logprob == reply.tokens[0].alternatives[0][1] for reply in got])
    assert abs(hits - share) < 4 * np.sqrt(share * (1 - share) / 400)


def test_a_text_that_ends_the_reply_is_cut(tiny: Path) -> None:
    request = Request(str(tiny), prompt="Which answer", sampling=Sampling(max_tokens=12))
    [whole] = replies(TransformersLocal("cpu"), [request])
    stop = whole.text[3:5]
    [cut] = replies(TransformersLocal("cpu"), [replace(request, sampling=Sampling(max_tokens=12, stop=(stop,)))])
    assert (cut.text, cut.finish) == (whole.text[: whole.text.index(stop)], "stop")
    assert cut.usage.output_tokens < 12


def test_rewards_are_those_of_plain_transformers(tiny_reward: Path) -> None:
    torch, transformers = loaded("torch"), loaded("transformers")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(tiny_reward).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_reward)
    draw = np.random.default_rng(3)
    answers = [" ".join(draw.choice(WORDS, size)) for size in draw.integers(1, 80, 12)]
    requests = [reward_request(str(tiny_reward), "Which?", response=answer) for answer in answers]
    for answer, reply in zip(answers, replies(TransformersLocal("cpu"), requests), strict=True):
        chat = [{"role": "user", "content": "Which?"}, {"role": "assistant", "content": answer}]
        ids = tokenizer(
            tokenizer.apply_chat_template(chat, tokenize=False), add_special_tokens=False, return_tensors="pt"
        )
        with torch.inference_mode():
            expected = network(**ids).logits.item()
        assert reward_of(reply) == pytest.approx(expected, abs=1e-4)


def test_a_reward_model_that_declares_no_padding_is_batched_all_the_same(tmp_path: Path) -> None:
    folder = make_model(tmp_path, score=True, pad_token_id=None)
    requests = [reward_request(str(folder), "Which?", response="A " * count) for count in (1, 5, 30)]
    together = [reward_of(reply) for reply in replies(TransformersLocal("cpu"), requests)]
    alone = [reward_of(replies(TransformersLocal("cpu"), [request])[0]) for request in requests]
    assert together == pytest.approx(alone, abs=1e-4)


def test_two_labels_are_no_reward(tmp_path: Path) -> None:
    folder = make_model(tmp_path, score=True, num_labels=2)
    [asked] = ask_all(TransformersLocal("cpu"), [reward_request(str(folder), "Which?", response="A")])
    assert "has 2 outputs" in asked.failure


def test_scores_are_not_asked_of_who_gives_none() -> None:
    class Mute:
        identity = "mute"
        ask = close = None

    mute: Any = Mute()
    with pytest.raises(SettingError, match="one that gives scores"):
        ask_all(mute, [reward_request("any", "Which?", response="A")])
    [asked] = ask_all(ScriptedProvider(lambda request: "1.5"), [reward_request("any", "Which?", response="A")])
    assert asked.reply == replace(asked.reply or Reply(""), text="1.5")


def test_what_a_model_cannot_do_is_a_failure_of_that_call(tiny: Path, tmp_path: Path) -> None:
    bare = make_model(tmp_path / "bare", template="")
    good = chats(tiny, count=2)[0]
    requests = [
        good,
        replace(good, model=str(bare)),
        replace(good, model=str(tmp_path / "nowhere")),
        replace(good, messages=(Message("user", "A " * 2_000),)),
        replace(good, extra='{"top_k": 3}'),
    ]
    said = [one.failure for one in ask_all(TransformersLocal("cpu"), requests)]
    expected = ("", "has no chat template", "cannot be loaded", "takes 1024 in all", "top_k")
    assert all(part in failure for part, failure in zip(expected, said, strict=True))
    assert said[0] == ""


def test_a_template_without_a_system_message_gets_it_from_the_user(tmp_path: Path) -> None:
    without = make_model(tmp_path / "without", template=WITHOUT_SYSTEM)
    joint = make_model(tmp_path / "with", template=TEMPLATE)
    asked = Request(str(without), (Message("system", "Be kind."), Message("user", "A?")), top_logprobs=3)
    same = Request(str(joint), (Message("user", "Be kind.\n\nA?"),), top_logprobs=3)
    provider = TransformersLocal("cpu")
    [one], [two] = replies(provider, [asked]), replies(provider, [same])
    assert (one.text, one.usage) == (two.text, two.usage)


def test_replies_are_kept_until_the_model_changes(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    options = AskOptions(cache=tmp_path / "cache.sqlite")
    request = chats(folder, count=2)[0]
    ask_all(TransformersLocal("cpu"), [request], options=options)
    assert ask_all(TransformersLocal("cpu"), [request], options=options)[0].cached
    make_model(folder, intermediate_size=64)
    assert plan_calls(TransformersLocal("cpu"), [request], options=options).cached == 0


def test_it_is_closed_and_used_again(tiny: Path) -> None:
    provider = TransformersLocal("cpu", at_once=3)
    requests = chats(tiny, count=8)
    first = replies(provider, requests)
    asyncio.run(provider.close())
    assert replies(provider, requests) == first
    asyncio.run(provider.close())
    assert provider._thread is None


def test_the_table_of_providers_knows_it() -> None:
    provider = make_provider("transformers:cpu")
    assert isinstance(provider, TransformersLocal)
    assert (provider.identity, f"{provider.device}") == ("transformers:cpu float32", "cpu float32")


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtraError, match="local"):
        TransformersLocal()
