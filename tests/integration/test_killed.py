"""A process that is killed at random moments, again and again: what was paid is kept, and the end is the same."""

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from prefactor.asking.calls import AskOptions, ask_all
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Message, Request
from prefactor.runtime.calls import CallOptions
from servers.model_server import Answer, Asked, ModelServer, completion, serving, text_of

KILLS = 50
CALLS = 600
IN_FLIGHT = 8

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and a fork server")


def script(asked: Asked) -> Answer:
    return Answer(completion(text_of(asked).upper()), seconds=0.02)


def judge(url: str, cache: str, out: str) -> None:
    """Ask everything and write the table: what a killed process was doing."""
    requests = [Request("tiny", (Message("user", f"question {number}"),)) for number in range(CALLS)]
    options = AskOptions(CallOptions(concurrency=IN_FLIGHT), Path(cache))
    asked = ask_all(OpenAICompatible(url), requests, options=options)
    Path(out).write_text(json.dumps([one.reply.text if one.reply else one.failure for one in asked]))


def context() -> multiprocessing.context.ForkServerContext:
    """Return what starts processes quickly: from one that has loaded everything."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["prefactor.asking.calls", "prefactor.llm.openai_compatible"])
    return found


def paid(server: ModelServer) -> Counter[str]:
    return Counter(server.answered)


def test_killing_loses_nothing_but_the_calls_in_flight(tmp_path: Path) -> None:
    draw, start, kills = random.Random(3), context(), 0
    table, cache = tmp_path / "table.json", tmp_path / "c.db"
    with serving(script) as server:
        while not table.exists():
            process = start.Process(target=judge, args=(server.url, str(cache), str(table)))
            before = len(server.requests)
            process.start()
            if kills < KILLS:
                deadline = time.monotonic() + 30
                while len(server.requests) == before and time.monotonic() < deadline and process.is_alive():
                    time.sleep(0.002)
                time.sleep(draw.uniform(0, 0.06))
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            process.join(60)
        asked = Counter(map(text_of, server.requests))
    assert kills == KILLS
    undisturbed = [f"QUESTION {number}" for number in range(CALLS)]
    assert json.loads(table.read_text()) == undisturbed
    assert set(asked) == {text.lower() for text in undisturbed}
    # A call is made again only where it was in flight when the process was killed.
    assert asked.total() <= CALLS + KILLS * IN_FLIGHT


def test_two_processes_at_once_pay_once(tmp_path: Path) -> None:
    start, cache = context(), tmp_path / "c.db"
    tables = [tmp_path / f"table{place}.json" for place in range(2)]
    with serving(script) as server:
        processes = [start.Process(target=judge, args=(server.url, str(cache), str(table))) for table in tables]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        asked = Counter(map(text_of, server.requests))
    assert tables[0].read_text() == tables[1].read_text()
    assert asked == Counter(f"question {number}" for number in range(CALLS))
