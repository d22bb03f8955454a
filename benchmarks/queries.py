"""How many prompts a second the rules read, and what they say of them: prints Markdown tables.

Run: python benchmarks/queries.py LOG... [--repeat 5]
"""

import argparse
import sys
import time
from collections import Counter

import polars as pl

from prefactor.analysis.queries import KIND_COLUMNS
from prefactor.factors.asked import SCENARIOS
from prefactor.factors.queries import read_query
from prefactor.study import read


def main() -> None:
    """Read the prompts of every log several times; the median counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("logs", nargs="+")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    prompts = read(options.logs).prompts.select(pl.col("prompt")).collect()["prompt"].to_list()
    readings = [read_query(prompt) for prompt in prompts]
    seconds = []
    for _ in range(options.repeat):
        started = time.process_time()
        for prompt in prompts:
            read_query(prompt)
        seconds.append(time.process_time() - started)
    rate = len(prompts) / sorted(seconds)[len(seconds) // 2]
    length = sum(map(len, prompts)) / len(prompts)
    lines = [f"{len(prompts):,} prompts of {length:,.0f} characters: {rate:,.0f} a second of processor time", ""]
    found = Counter(reading.scenario for reading in readings)
    lines += ["| slice | prompts |", "| --- | --- |"]
    lines += [f"| {name} | {found[name]} |" for name in SCENARIOS]
    lines += [f"| {column} | {sum(r.has(kind) for r in readings)} |" for kind, column in KIND_COLUMNS.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
