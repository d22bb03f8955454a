"""Writes the comparisons that ``prefactor demo`` explains, from the content and the manners beside it.

What a response says (``sample/<topic>.toml``) and how it says it (``sample/manners.toml``) are drawn apart, so that the
manners vary nearly independently and a simulated judge's weights can be recovered. It holds no preference.

Run as ``make sample``; with ``--check`` it only says whether the file is what this would write.
"""

import gzip
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent / "sample"
TARGET = Path(__file__).parents[1] / "src" / "prefactor" / "cli" / "sample" / "comparisons.jsonl.gz"
TOPICS = ("technical", "everyday", "advice", "creative", "knowledge", "summarization", "languages")
MODELS = ("terse-1", "tidy-1", "chatty-1", "careful-1")
SEED = 20_241
LONGEST_RESTATED = 120
"""Characters of the longest prompt that a response repeats."""
RESPONSES = 8
PAIRS = ((0, 1), (2, 3), (4, 5), (6, 7), (0, 3), (2, 5), (4, 7))
"""Which of a prompt's responses are compared: every one is in at least one comparison, and most are in two."""

EMOJI = {
    "technical": "💻🔧🚀",
    "everyday": "🏡🍳🌿",
    "advice": "🌱💪🙌",
    "creative": "✨🎨🎉",
    "knowledge": "🔭🔬💡",
    "summarization": "📝📌👀",
    "languages": "🌍😊👍",
}

Phrases = Mapping[str, Any]
Random = np.random.Generator


@dataclass(frozen=True)
class Entry:
    """One prompt, and what there is to say about it."""

    topic: str
    prompt: str
    lead: str
    points: tuple[tuple[str, str], ...]
    extra: str
    figure: str
    ask: str
    example: str = ""
    code: str = ""
    wiki: str = ""
    domain: str = ""
    english: str = ""
    language: str = "en"
    ordered: bool = False


@dataclass(frozen=True)
class Manner:
    """How one response says it: a length from 0 to 3, a layout, a stance, and the traits it has."""

    length: int
    layout: str
    stance: str
    traits: frozenset[str]

    def has(self, trait: str) -> bool:
        """Whether the response has the trait."""
        return trait in self.traits


CHANCES = {
    "headings": 0.22,
    "bold": 0.35,
    "polite": 0.28,
    "polite_end": 0.28,
    "apology": 0.20,
    "first_person": 0.30,
    "exclaim": 0.28,
    "emoji": 0.25,
    "informal": 0.22,
    "limits": 0.20,
    "ask": 0.32,
    "figure": 0.45,
    "example": 0.42,
    "link": 0.35,
    "restate": 0.10,
    "summary": 0.18,
    "unfinished": 0.05,
}
TILTS: Mapping[str, Mapping[str, float]] = {
    "terse-1": {"polite": -0.10, "polite_end": -0.10, "ask": -0.10, "summary": -0.08},
    "tidy-1": {"headings": 0.12, "bold": 0.15, "emoji": -0.08, "informal": -0.08},
    "chatty-1": {"exclaim": 0.12, "emoji": 0.10, "informal": 0.10, "ask": 0.08, "first_person": 0.08},
    "careful-1": {"limits": 0.12, "apology": 0.10, "polite": 0.08, "informal": -0.08},
}
"""How far a model leans from the common chances: little, so that manners stay nearly independent of one another."""

LENGTHS = {
    "terse-1": (0.40, 0.32, 0.20, 0.08),
    "tidy-1": (0.22, 0.30, 0.30, 0.18),
    "chatty-1": (0.22, 0.26, 0.30, 0.22),
    "careful-1": (0.24, 0.28, 0.28, 0.20),
}


def read_entries() -> tuple[list[Entry], Phrases]:
    """Read every prompt with its content, and the phrases of every language."""
    entries = []
    for topic in TOPICS:
        for fields in tomllib.loads((HERE / f"{topic}.toml").read_text(encoding="utf-8"))["entry"]:
            points = tuple(split_label(point) for point in fields.pop("points"))
            entries.append(Entry(topic=topic, points=points, **fields))
    return entries, tomllib.loads((HERE / "manners.toml").read_text(encoding="utf-8"))


def split_label(point: str) -> tuple[str, str]:
    """Split ``"Label: Sentence."`` at its first colon, of whatever script."""
    at = min(at for colon in (": ", " : ", "：") if (at := point.find(colon)) >= 0)
    return point[:at].strip(), point[at:].lstrip(" :：")


def draw_manner(model: str, random: Random) -> Manner:
    """Draw how a model writes this time."""
    tilts = TILTS[model]
    tabular = 0.08
    lists = 0.40 + (0.12 if model == "tidy-1" else 0.0)
    stances = (0.28, 0.24) if model == "careful-1" else (0.22, 0.26)
    return Manner(
        length=int(random.choice(4, p=LENGTHS[model])),
        layout=str(random.choice(["prose", "list", "table"], p=[1 - lists - tabular, lists, tabular])),
        stance=str(random.choice(["plain", "hedges", "certainty"], p=[1 - sum(stances), *stances])),
        traits=frozenset(name for name, chance in CHANCES.items() if random.random() < chance + tilts.get(name, 0.0)),
    )


class Writer:
    """Writes responses to one prompt."""

    def __init__(self, entry: Entry, phrases: Phrases, random: Random) -> None:
        self.entry = entry
        self.phrases = phrases
        self.random = random

    def write(self, manner: Manner) -> str:
        """Return one response in the manner given."""
        blocks = [self.opening(manner), *self.body(manner), self.closing(manner)]
        text = "\n\n".join(block for block in blocks if block)
        return self.cut(text) if manner.has("unfinished") and manner.length >= 2 else text

    def some(self, manner: str, number: int = 1) -> list[str]:
        """Return ``number`` phrases of a manner, all different."""
        special = self.phrases.get("topic", {}).get(self.entry.topic, {})
        known: list[str] = special.get(manner, self.phrases[manner])
        return [known[at] for at in self.random.permutation(len(known))[:number]]

    def join(self, sentences: Sequence[str]) -> str:
        """Join sentences as the language does."""
        return str(self.phrases["space"]).join(sentence for sentence in sentences if sentence)

    def opening(self, manner: Manner) -> str:
        """Return what comes before the answer."""
        sentences: list[str] = []
        if manner.has("restate") and len(self.entry.prompt) <= LONGEST_RESTATED:
            sentences.append(self.phrases["restate"].format(prompt=self.entry.prompt))
        if manner.has("exclaim") and self.random.random() < 0.4:
            sentences += self.some("exclaim_start")
        for trait in ("polite", "informal", "apology"):
            if manner.has(trait):
                sentences += self.some(trait)
        return self.join(sentences)

    def body(self, manner: Manner) -> list[str]:
        """Return the answer: its lead, its points, what lies behind them, and an example."""
        lead, stance = [self.entry.lead], list[str]()
        if manner.stance != "plain":
            stance = self.some(manner.stance, 1 + (manner.length >= 2))
            lead.append(stance.pop())
        if manner.has("first_person"):
            lead += self.some("first_person")
        if manner.has("emoji"):
            lead[-1] += " " + self.emoji()
        background = [self.entry.extra] if manner.length >= 2 else []
        if manner.has("figure"):
            background.append(self.entry.figure)
        background += stance
        sections = [self.join(lead), self.points(manner), self.join(background)]
        titles = list(self.phrases["headings"])
        if manner.has("headings") and manner.length >= 1:
            sections = [f"## {title}\n\n{section}" for title, section in zip(titles, sections, strict=False) if section]
        summary = [self.phrases["summary"].format(lead=self.lowered())] if self.repeats(manner) else []
        return [*sections, *self.example(manner), *summary]

    def repeats(self, manner: Manner) -> bool:
        """Whether the response ends by saying its lead again."""
        return manner.has("summary") and manner.length >= 2 and self.entry.lead[0] not in '"「«“'

    def lowered(self) -> str:
        """Return the lead as it stands after a colon."""
        lead = self.entry.lead
        english_word = self.entry.language == "en" and lead[:2] not in {"I ", "I'"} and lead[1:2].islower()
        names = ("Johannes", "Thursday", "Lisbon", "Return", "Support", "Argon2")
        return lead[0].lower() + lead[1:] if english_word and not lead.startswith(names) else lead

    def points(self, manner: Manner) -> str:
        """Return the points in the layout of the manner."""
        available = self.entry.points
        wanted = (0 if manner.layout == "prose" else 2, 2, len(available) - 1, len(available))[manner.length]
        points = available[: max(wanted, 0)]
        if not points:
            return ""
        if manner.layout == "table" and len(points) > 1:
            head = self.phrases["table"]
            rows = [f"| {label} | {sentence.replace('|', '/')} |" for label, sentence in points]
            return "\n".join([f"| {head[0]} | {head[1]} |", "| --- | --- |", *rows])
        if manner.layout == "prose":
            return self.join(
                [self.named(label, text, bold=True) if manner.has("bold") else text for label, text in points]
            )
        named = manner.has("bold") or self.random.random() < 0.4
        bold = manner.has("bold")
        lines = [self.named(label, text, bold=bold) if named else text for label, text in points]
        marks = [f"{number}." for number in range(1, len(lines) + 1)] if self.entry.ordered else ["-"] * len(lines)
        return "\n".join(f"{mark} {line}" for mark, line in zip(marks, lines, strict=True))

    def named(self, label: str, text: str, *, bold: bool) -> str:
        """Return a point with its label before it."""
        head = f"{label}{self.phrases['colon']}"
        return self.join([f"**{head}**" if bold else head, text])

    def example(self, manner: Manner) -> list[str]:
        """Return the example of the entry, or its code, where the manner has one."""
        if not manner.has("example"):
            return []
        return [f"```\n{self.entry.code}\n```" if self.entry.code else self.entry.example]

    def closing(self, manner: Manner) -> str:
        """Return what comes after the answer."""
        sentences: list[str] = []
        if manner.has("limits"):
            special = self.phrases.get("domain", {}).get(self.entry.domain)
            sentences += [special] if special else self.some("limits")
        if manner.has("link") and self.entry.wiki and "link" in self.phrases:
            url = f"https://en.wikipedia.org/wiki/{self.entry.wiki}"
            title = self.entry.wiki.partition("_(")[0].replace("_", " ")
            sentences.append(self.phrases["link"].format(title=title, url=url))
        if manner.has("exclaim"):
            sentences += self.some("exclaim", 1 + (manner.length >= 2))
        if manner.has("polite_end"):
            sentences += self.some("polite_end")
        if manner.has("ask"):
            sentences.append(self.entry.ask)
        if manner.has("emoji") and sentences and self.random.random() < 0.5:
            sentences[-1] += " " + self.emoji()
        return self.join(sentences)

    def emoji(self) -> str:
        """Return one emoji that suits the topic."""
        known = EMOJI[self.entry.topic]
        return known[int(self.random.integers(len(known)))]

    def cut(self, text: str) -> str:
        """Return the text broken off in the middle, as when a limit of tokens was reached."""
        if "```" in text:
            return text
        kept = text[: int(len(text) * self.random.uniform(0.6, 0.9))]
        return kept.rpartition(" ")[0].rstrip(" .,;:!?*#|-\n") if self.phrases["space"] else kept.rstrip("。，、！？：")


def in_english(entry: Entry) -> Entry:
    """Return the entry as it is answered in the wrong language: in brief, and with nothing else to add."""
    return Entry(
        topic=entry.topic,
        prompt=entry.prompt,
        lead=entry.english,
        points=(),
        extra="",
        figure="",
        ask="Shall I say more about one of these steps?",
        example="",
    )


def write_comparisons() -> list[dict[str, str]]:
    """Write every comparison of the sample."""
    entries, phrases = read_entries()
    random = np.random.default_rng(SEED)
    comparisons = []
    for entry in entries:
        shuffled = [MODELS[at] for at in random.permutation(len(MODELS))]
        models = [shuffled[at % len(MODELS)] for at in range(RESPONSES)]
        responses: list[str] = []
        for number, model in enumerate(models):
            foreign = bool(entry.english) and number == 0
            source = in_english(entry) if foreign else entry
            writer = Writer(source, phrases[source.language], random)
            response = writer.write(draw_manner(model, random))
            while response in responses:
                response = writer.write(draw_manner(model, random))
            responses.append(response)
        for pair in PAIRS:
            a, b = pair if random.random() < 0.5 else pair[::-1]
            comparisons.append(
                {
                    "prompt": entry.prompt,
                    "response_a": responses[a],
                    "response_b": responses[b],
                    "model_a": models[a],
                    "model_b": models[b],
                    "topic": entry.topic,
                }
            )
    return comparisons


def render() -> bytes:
    """Return the sample as JSON lines."""
    lines = (json.dumps(comparison, ensure_ascii=False) for comparison in write_comparisons())
    return "".join(f"{line}\n" for line in lines).encode()


def main() -> int:
    """Write the sample, or with ``--check`` compare it; the exit status is 1 when it differs."""
    written = render()
    if "--check" in sys.argv[1:]:
        same = TARGET.is_file() and gzip.decompress(TARGET.read_bytes()) == written
        sys.stdout.write("the sample is what this script writes\n" if same else "the sample differs: make sample\n")
        return 0 if same else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(gzip.compress(written, mtime=0))
    sys.stdout.write(f"{len(written.splitlines())} comparisons, {len(written):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
