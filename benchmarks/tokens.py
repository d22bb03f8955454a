"""What measuring the taxonomy of arXiv 2402.11296 costs in tokens and calls, beside the five calls of the paper.

Run it with the real logs in ../shared/data or $PREFACTOR_DATA, and with tiktoken and its ranks of cl100k_base (a file
that the package litellm ships; TIKTOKEN_CACHE_DIR names its folder): ``python benchmarks/tokens.py [comparisons]``.

Both sides read the same comparisons, tokens counted by the same tokenizer. Nobody is asked: what queries hold is drawn
by rule for both alike, as often as the paper found it in its own data. Of the paper's prompts only the numbers of
tokens stand here, never their words.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import import_module

from contenders import real_data

from prefactor.asking.calls import Asked
from prefactor.factors.asked.base import Answer, Query, RateOptions, Subjects
from prefactor.factors.asked.rating import WAY
from prefactor.factors.base import Factor
from prefactor.factors.taxonomy import load_taxonomy
from prefactor.llm.records import Reply, Request
from prefactor.study import read

Count = Callable[[str], int]

_REQUEST = re.compile(
    r"^----- request (\d+) begins, mark \w+ -----\n(.*?)\n----- request \1 ends, mark \w+ -----$",
    re.DOTALL | re.MULTILINE,
)

PAPER: dict[str, int] = {
    "query": 539,
    "18 properties": 1067,
    "2 properties": 453,
    "query-specific": 97,
    "errors": 863,
    "reference around": 24,
}
"""Tokens (cl100k_base) of the paper's templates with nothing filled in: files of prompts/ in
GAIR-NLP/Preference-Dissection at commit ba40855, with the descriptions that annotate.py puts in; counted in November
2026."""

PAPER_QUESTIONS: dict[str, int] = {
    "unclear": 108, "feelings": 122, "constraints": 160, "stances": 232, "mistakes": 256,
}  # fmt: skip
"""Tokens of each question that query_info_to_questions of its utils.py adds, form of the reply included, without what
was found in the query."""

HELD: dict[str, float] = {
    "unclear": 459 / 5240, "feelings": 121 / 5240, "constraints": 1418 / 5240, "stances": 388 / 5240,
    "mistakes": 401 / 5240,
}  # fmt: skip
"""Share of the paper's comparisons whose query is of each kind."""

PHRASE = "a phrase of about eight words on it"
CACHED_PRICE = 0.1
LEAST_CACHED = 1024
BLOCK = 128
"""What a server's cache of beginnings takes: from 1,024 tokens on, in steps of 128, at a tenth of the price."""


@dataclass(frozen=True)
class Comparison:
    """A comparison: its query and two answers."""

    id: str
    query: Query
    a: str
    b: str


def comparisons(name: str = "") -> list[Comparison]:
    """Return the comparisons of all AlpacaEval logs, or of one, by their ids."""
    folder = real_data() / "alpaca_eval" / "weighted_alpaca_eval_gpt4_turbo"
    dataset = read(str(folder / f"{name}.json") if name else str(folder))
    prompts = dict(dataset.prompts.select("index", "prompt").collect().iter_rows())
    texts = dict(dataset.responses.select("index", "text").collect().iter_rows())
    rows = dataset.comparisons.select("comparison_id", "prompt", "response_a", "response_b").sort("comparison_id")
    return [Comparison(each, Query(prompts[prompt]), texts[a], texts[b]) for each, prompt, a, b in rows.iter_rows()]


def held_by(query: Query) -> list[str]:
    """Return the kinds that a query is taken to be of: drawn by its hash, as often as the paper found them."""
    return [kind for kind, share in HELD.items() if _draw(kind, query) < share]


def _draw(kind: str, query: Query) -> float:
    return int.from_bytes(blake2b(f"{kind}\0{query.prompt}".encode(), digest_size=8).digest(), "big") / 2**64


def papers_tokens(chosen: Sequence[Comparison], count: Count, *, reference: bool) -> tuple[float, float]:
    """Return tokens and calls per comparison of the paper's way."""
    tokens, calls = 0, 0
    for each in chosen:
        query, answers = count(each.query.prompt), count(each.a) + count(each.b)
        kinds = held_by(each.query)
        tokens += PAPER["query"] + query
        tokens += PAPER["18 properties"] + answers
        tokens += PAPER["2 properties"] + query + answers
        tokens += PAPER["errors"] + query + answers
        if reference:
            # The paper had GPT-4-Turbo's answer; in these logs output_1 is one of GPT-4-Turbo's.
            tokens += PAPER["reference around"] + count(each.a)
        if kinds:
            tokens += PAPER["query-specific"] + query + answers
            tokens += sum(PAPER_QUESTIONS[kind] + count(PHRASE) for kind in kinds)
        calls += 4 + bool(kinds)
    return tokens / len(chosen), calls / len(chosen)


def our_calls(chosen: Sequence[Comparison], factors: Sequence[Factor], *, together: bool) -> list[Request]:
    """Return the calls that prefactor makes, in order, queries read first."""
    places: dict[tuple[Query, str], int] = {}
    pairs = [tuple(places.setdefault((each.query, text), len(places)) for text in (each.a, each.b)) for each in chosen]
    subjects = Subjects(tuple(Answer(text, query) for query, text in places), tuple((a, b) for a, b in pairs))
    steps = WAY.steps(subjects, factors, RateOptions("m", together=together))
    requests: list[Request] = []
    asked = list(next(steps))
    while True:
        requests += asked
        try:
            asked = list(steps.send([Asked(Reply(_reading(request))) for request in asked]))
        except StopIteration:
            return requests


def _reading(request: Request) -> str:
    """Say what the queries of a call hold; nothing of a call that rates."""
    found = {}
    for number, prompt in _REQUEST.findall(request.messages[1].content):
        kinds = held_by(Query(prompt))
        flags = {kind: kind in kinds for kind in ("unclear", "feelings")}
        lists = {kind: [PHRASE] * (kind in kinds) for kind in ("constraints", "stances", "mistakes")}
        found[number] = {"scenario": "other", **flags, **lists}
    return json.dumps(found)


@dataclass(frozen=True)
class Cost:
    """Tokens read and calls made, per comparison.

    Parameters
    ----------
    plain
        All tokens of the messages.
    with_schema
        The same with the schema of the reply, as JSON.
    cached
        The same at a server that caches beginnings: those it has read before count a tenth.
    calls
        Calls.
    """

    plain: float
    with_schema: float
    cached: float
    calls: float


def cost_of(requests: Sequence[Request], comparisons: int, count: Count) -> Cost:
    """Return what calls cost. A beginning is the schema with the instructions; nothing behind them counts as cached."""
    seen: Counter[tuple[str, str]] = Counter()
    plain = with_schema = 0
    cached = 0.0
    for request in requests:
        system, user = (message.content for message in request.messages)
        beginning, rest = count(request.schema) + count(system), count(user)
        plain += count(system) + rest
        with_schema += beginning + rest
        held = beginning // BLOCK * BLOCK if beginning >= LEAST_CACHED and seen[request.schema, system] else 0
        seen[request.schema, system] += 1
        cached += beginning + rest - (1 - CACHED_PRICE) * held
    return Cost(plain / comparisons, with_schema / comparisons, cached / comparisons, len(requests) / comparisons)


def counter() -> Count:
    """Return a function that counts tokens of cl100k_base, each text once."""
    encoding = import_module("tiktoken").get_encoding("cl100k_base")
    return cache(lambda text: len(encoding.encode(text, disallowed_special=())))


def main() -> None:
    """Print a table for every set of comparisons."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    count = counter()
    factors = [factor for factor in load_taxonomy("dissection") if factor.way in ("rating", "errors")]
    every = comparisons()
    by_prompt = sorted(every, key=lambda each: (blake2b(each.query.prompt.encode()).digest(), each.id))
    sets = {
        f"{number} of all models, by smallest id": every[:number],
        f"{number} of one model, by smallest id": comparisons("Mixtral-8x7B-Instruct-v0.1_concise")[:number],
        f"{number} of all models, query by query": by_prompt[:number],
        f"all {len(every):,} of all models": every,
    }
    for name, chosen in sets.items():
        texts = sum(count(each.a) + count(each.b) + count(each.query.prompt) for each in chosen) / len(chosen)
        print(f"\n{name}: {texts:.0f} tokens of query and answers per comparison")
        papers = [papers_tokens(chosen, count, reference=reference) for reference in (False, True)]
        for (tokens, calls), what in zip(papers, ("without", "with"), strict=True):
            print(f"  the paper, {what} a reference: {tokens:,.0f} tokens, {calls:.2f} calls")
        answers = len({(each.query, text) for each in chosen for text in (each.a, each.b)})
        for together in (False, True):
            requests = our_calls(chosen, factors, together=together)
            cost = cost_of(requests, len(chosen), count)
            shares = [
                ", ".join(f"{each / tokens:.1%}" for tokens, _ in papers)
                for each in (cost.plain, cost.with_schema, cost.cached)
            ]
            print(
                f"  {'together' if together else 'alone   '}: {cost.plain:,.0f} tokens ({shares[0]}), with schemas "
                f"{cost.with_schema:,.0f} ({shares[1]}), with a cache of beginnings {cost.cached:,.0f} ({shares[2]}); "
                f"{cost.calls:.2f} calls per comparison, {len(requests) / answers:.2f} per distinct answer"
            )
    first = our_calls(every[:1], factors, together=True)
    for request in first:
        print(f"\ninstructions {count(request.messages[0].content)}, schema {count(request.schema)}")


if __name__ == "__main__":
    main()
