"""Results folders for the tests of the app, and a way to ask the app without a server."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np

from prefactor.analysis.scores_file import write_scores
from prefactor.analysis.texts_file import TEXTS_FILE, write_texts
from prefactor.app.guard import AsgiApp
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.report import write_report
from prefactor.study import explain, measure, preference_table

TOKEN: Final = "let-me-in"

HOSTILE: Final = (
    "<script>alert(1)</script></style></textarea><svg onload=alert(2)><img src=x onerror=alert(3)>{{7*7}}{% raw %}"
    "\u202etxet\u200b\x00\x1b[31m & \"quoted\" 'single' javascript:alert(4) <!-- "
)
HUGE: Final = "x" * 1_000_000


def dataset_of(comparisons: int = 80, *, hostile: bool = False) -> Dataset:
    """Return answers of 1 to 40 words and two judges, one of which likes words; one answer is a line of a megabyte."""
    random = np.random.default_rng(0)
    names = ("words", "coin") if not hostile else (f"judge {HOSTILE}", "coin")
    nasty = f" {HOSTILE}" if hostile else ""
    collector = Collector()
    for number in range(comparisons):
        counts = random.integers(1, 41, 2)
        likes = float(counts[0] > counts[1]) if random.random() < 0.9 else 0.5
        verdicts = [Verdict(names[0], likes), Verdict(names[1], float(random.random() < 0.5))]
        first, second = (
            f"{number} {side} {'word ' * int(count)}{nasty}" for side, count in zip("ab", counts, strict=True)
        )
        if hostile and number == 1:
            first = HUGE
        row = Row(number, f"prompt {number}{nasty}", first, second, verdicts, columns={"half": f"{number % 2}{nasty}"})
        row.model_a, row.model_b = f"small{nasty}", "large"
        collector.add(row)
    return collector.finish()


def write_folder(folder: Path, *, comparisons: int = 80, hostile: bool = False, texts: bool = True) -> Path:
    """Write what ``prefactor explain --by half`` writes."""
    dataset = dataset_of(comparisons, hostile=hostile)
    scores = measure(dataset)
    write_report(explain(dataset, scores, by="half"), folder)
    write_scores(scores, folder / "factors.parquet", dataset=dataset)
    preference_table(dataset, scores).write_parquet(folder / "preferences.parquet")
    if texts:
        write_texts(dataset, folder / TEXTS_FILE)
    return folder


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app replied."""

    status: int
    headers: dict[str, str]
    text: str


def ask(
    app: AsgiApp, link: str, *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Reply:
    """Ask the app as a server would."""
    given = {"host": "127.0.0.1:8321", **(headers or {})}
    parts = urlsplit(link)
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8321),
    }
    sent: list[MutableMapping[str, Any]] = []
    received: list[bool] = []

    async def receive() -> MutableMapping[str, Any]:
        if received:
            return {"type": "http.disconnect"}
        received.append(True)
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(_call(app, scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], found, content.decode("utf-8"))


async def _call(app: AsgiApp, scope: Any, receive: Any, send: Any) -> None:
    await app(scope, receive, send)
