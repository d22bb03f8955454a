"""Logs that several people have judged, as the readers of PandaLM, the arena and plain tables take them."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

Record = dict[str, object]


@dataclass(frozen=True)
class Pair:
    """A comparison with its true chance of A."""

    prompt: str
    response_a: str
    response_b: str
    chance: float


def pairs(number: int, *, seed: int = 0, spread: float = 2.0) -> list[Pair]:
    """Make pairs whose longer answer is likelier to be preferred, and that differ in how clear they are."""
    source = random.Random(seed)
    words = ["the", "sea", "rises", "and", "falls", "with", "moon", "twice", "a", "day", "because", "it", "pulls"]
    made = []
    for place in range(number):
        lengths = [source.randint(5, 60) for _ in range(2)]
        first, second = (" ".join(source.choices(words, k=length)) + "." for length in lengths)
        odds = spread * (1 if lengths[0] > lengths[1] else -1) * source.random() + source.gauss(0, spread / 2)
        made.append(Pair(f"Question {place}: why are there tides?", first, second, 1 / (1 + exp(-odds))))
    return made


def votes(pair: Pair, people: Sequence[str], source: random.Random, *, habits: Mapping[str, str]) -> dict[str, str]:
    """Draw the vote of everybody: A, B or tie; a habit is a vote that never changes, or ``"coin"``."""
    drawn = {}
    for person in people:
        chance = 0.5 if habits.get(person) == "coin" else pair.chance
        vote = "A" if source.random() < chance else "B"
        drawn[person] = habits[person] if habits.get(person) in {"A", "B", "tie"} else vote
    return drawn


def pandalm_records(number: int, *, seed: int = 0, coin: bool = False) -> list[Record]:
    """Make PandaLM pairs with three annotators; the third answers by coin where ``coin`` is set."""
    source = random.Random(seed + 1)
    people = ["annotator1", "annotator2", "annotator3"]
    codes = {"A": 1, "B": 2, "tie": 0}
    records: list[Record] = []
    for place, pair in enumerate(pairs(number, seed=seed)):
        drawn = votes(pair, people, source, habits={"annotator3": "coin"} if coin else {})
        texts = {"instruction": pair.prompt, "input": "", "response1": pair.response_a, "response2": pair.response_b}
        people_said = {person: codes[vote] for person, vote in drawn.items()}
        records.append({"idx": place, "cmp_key": "llama-7b_opt-7b", **texts, **people_said})
    return records


def arena_records(
    number: int, people: Sequence[str], *, seed: int = 0, shared: int = 3, habits: Mapping[str, str] | None = None
) -> list[Record]:
    """Make arena battles; ``shared`` people, drawn anew, vote on every one."""
    source = random.Random(seed + 2)
    winners = {"A": "model_a", "B": "model_b", "tie": "tie"}
    records: list[Record] = []
    for pair in pairs(number, seed=seed):
        drawn = votes(pair, source.sample(list(people), shared), source, habits=habits or {})
        for person, vote in drawn.items():
            sides = [
                [{"role": "user", "content": pair.prompt}, {"role": "assistant", "content": text}]
                for text in (pair.response_a, pair.response_b)
            ]
            battle = {"model_a": "m-1", "model_b": "m-2", "conversation_a": sides[0], "conversation_b": sides[1]}
            records.append({**battle, "winner": winners[vote], "judge_hash": person})
    return records


def write_lines(records: Sequence[Record], path: Path) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path
