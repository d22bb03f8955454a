"""What share of the ideal rate a client reaches against a model server that takes 200 ms, and what it costs.

python benchmarks/client.py [--in-flight 64 256 1024] [--rounds 40] [--contenders prefactor pyreqwest ...]

Needs httpx, aiohttp and openai beside prefactor. Server and client are processes of their own, on a core each where
there are two. prefactor builds its requests, looks them up, claims them, keeps every reply on the disk and parses it;
the others build a request and parse its reply. A client that would need minutes makes fewer calls.
"""

import argparse
import asyncio
import importlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

SECONDS = 0.2
PROMPT_BYTES = 7_500
ROUNDS = {"httpx": 3, "openai": 4}
"""Rounds of clients that are slow, at most."""

MODULES = {
    "prefactor": ("prefactor.asking.calls", "prefactor.llm.openai_compatible"),
    "pyreqwest": ("pyreqwest.client", "orjson"),
}
"""What is loaded before the clocks start, where it is not the module of the contender's name."""

Points = list[tuple[float, int]]
"""Times, and how many calls were done by then."""

WORDS = [line.split(maxsplit=1)[0] for line in Path(__file__).read_text(encoding="utf-8").splitlines() if line.split()]


def prompts(count: int) -> list[str]:
    """Texts of about 7.5 KB that all differ."""
    draw = random.Random(0)
    text = " ".join(draw.choices(WORDS, k=PROMPT_BYTES // 5))[:PROMPT_BYTES]
    return [f"{number}: {text}" for number in range(count)]


def body(prompt: str) -> dict[str, object]:
    return {"model": "fixed", "messages": [{"role": "user", "content": prompt}], "temperature": 0.0, "max_tokens": 512}


def rate(points: Points) -> float:
    """Return calls a second: the slope of the least squares."""
    times, done = [time for time, _ in points], [done for _, done in points]
    return statistics.linear_regression(times, done).slope


async def ask_each(count: int, in_flight: int, ask: Callable[[str], Awaitable[str]]) -> Points:
    places, ends = asyncio.Semaphore(in_flight), list[float]()

    async def one(prompt: str) -> None:
        async with places:
            assert await ask(prompt)
        ends.append(time.perf_counter())

    await asyncio.gather(*map(one, prompts(count)))
    return [(end, place) for place, end in enumerate(ends)][in_flight:-in_flight]


async def run_httpx(url: str, count: int, in_flight: int) -> Points:
    import httpx  # noqa: PLC0415 -- only the contender that is measured is loaded

    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with httpx.AsyncClient(limits=limits, timeout=600) as client:

        async def ask(prompt: str) -> str:
            reply = await client.post(f"{url}/chat/completions", json=body(prompt))
            return str(reply.json()["choices"][0]["message"]["content"])

        return await ask_each(count, in_flight, ask)


async def run_aiohttp(url: str, count: int, in_flight: int) -> Points:
    import aiohttp  # noqa: PLC0415

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def ask(prompt: str) -> str:
            async with session.post(f"{url}/chat/completions", json=body(prompt)) as reply:
                return str((await reply.json())["choices"][0]["message"]["content"])

        return await ask_each(count, in_flight, ask)


async def run_pyreqwest(url: str, count: int, in_flight: int) -> Points:
    import orjson  # noqa: PLC0415
    from pyreqwest.client import ClientBuilder  # noqa: PLC0415

    async with ClientBuilder().build() as client:

        async def ask(prompt: str) -> str:
            request = client.post(f"{url}/chat/completions").header("content-type", "application/json")
            reply = await request.body_bytes(orjson.dumps(body(prompt))).build().send()
            return str(orjson.loads(bytes(await reply.bytes()))["choices"][0]["message"]["content"])

        return await ask_each(count, in_flight, ask)


async def run_openai(url: str, count: int, in_flight: int) -> Points:
    import openai  # noqa: PLC0415

    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=600) as client:

        async def ask(prompt: str) -> str:
            messages = [{"role": "user", "content": prompt}]
            reply = await client.chat.completions.create(
                model="fixed", messages=messages, temperature=0, max_tokens=512
            )
            return str(reply.choices[0].message.content)

        return await ask_each(count, in_flight, ask)


def run_prefactor(url: str, count: int, in_flight: int) -> Points:
    """Points from when the calls in flight were as many as allowed: at first there are fewer, by design."""
    from prefactor.asking.calls import AskOptions, ask_all  # noqa: PLC0415
    from prefactor.llm.openai_compatible import OpenAICompatible  # noqa: PLC0415
    from prefactor.llm.records import Message, Request  # noqa: PLC0415
    from prefactor.runtime.calls import CallOptions, Standing  # noqa: PLC0415

    seen: Points = []

    def watch(standing: Standing) -> None:
        if standing.limit == in_flight and standing.total - standing.done > in_flight:
            seen.append((time.perf_counter(), standing.done))

    with tempfile.TemporaryDirectory() as folder:
        options = AskOptions(CallOptions(concurrency=in_flight), Path(folder) / "replies.db")
        requests = [Request("fixed", (Message("user", prompt),)) for prompt in prompts(count)]
        asked = ask_all(OpenAICompatible(url), requests, options=options, watch=watch)
    assert all(one.reply for one in asked)
    return seen


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def contend(name: str, url: str, count: int, in_flight: int) -> None:
    """Run one contender in this process and print its rates and cost."""
    for module in MODULES.get(name, (name,)):
        importlib.import_module(module)
    before, began = processor_seconds(), time.perf_counter()
    if name == "prefactor":
        points = run_prefactor(url, count, in_flight)
    else:
        runners = {"httpx": run_httpx, "aiohttp": run_aiohttp, "openai": run_openai, "pyreqwest": run_pyreqwest}
        points = asyncio.run(runners[name](url, count, in_flight))
    whole = count / (time.perf_counter() - began)
    print(json.dumps({"whole": whole, "steady": rate(points), "cpu": processor_seconds() - before}))


def measure(name: str, url: str, in_flight: int, rounds: int) -> None:
    count = in_flight * min(rounds, ROUNDS.get(name, rounds))
    command = [sys.executable, __file__, "--contender", name, "--url", url]
    command += ["--in-flight", str(in_flight), "--rounds", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    ideal = in_flight / SECONDS
    whole, steady, cost = found["whole"] / ideal, found["steady"] / ideal, found["cpu"] / count * 1e3
    print(f"| {name} | {in_flight} | {100 * steady:.0f} | {100 * whole:.0f} | {cost:.2f} |", flush=True)


def pin(server: int) -> None:
    """Give the server one core and the clients, which this process starts, another, where there are two."""
    if hasattr(os, "sched_setaffinity"):
        first, *others = sorted(os.sched_getaffinity(0))
        if others:
            os.sched_setaffinity(server, {first})
            os.sched_setaffinity(0, {others[0]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256, 1024])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--contenders", nargs="+", default=["prefactor", "pyreqwest", "aiohttp", "httpx", "openai"])
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contend(options.contender, options.url, options.rounds, options.in_flight[0])
        return
    command = [sys.executable, str(Path(__file__).with_name("slow_server.py")), str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pin(server.pid)
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        columns = ["client", "in flight", "% of the ideal rate", "with start and end", "processor ms a call"]
        print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        try:
            for in_flight in options.in_flight:
                for name in options.contenders:
                    measure(name, url, in_flight, options.rounds)
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
