"""How fast ``prefactor app`` answers, and how much memory it takes, on a results folder replicated to a given size.

    python benchmarks/app.py RESULTS --comparisons 1000000

RESULTS is a folder that ``prefactor explain --keep-texts --out`` wrote. Every comparison is copied with its own
ids until there are enough; the profiles stay those of the original.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import orjson
import polars as pl

PORT = 8397
ID_COLUMNS = ("comparison_id", "prompt_id", "response_id", "response_a", "response_b", "text_id")


def replicate(source: Path, target: Path, copies: int) -> None:
    """Copy the tables of a results folder so many times, each copy with ids of its own."""
    shutil.copy(source / "results.json", target)
    for name in ("preferences.parquet", "factors.parquet", "texts.parquet"):
        table = pl.read_parquet(source / name)
        ids = [column for column in ID_COLUMNS if column in table.columns]
        numbers = pl.LazyFrame({"copy": range(copies)}, schema={"copy": pl.UInt32})
        prefixed = [pl.format("{}-{}", pl.col("copy"), pl.col(column)).alias(column) for column in ids]
        grown = numbers.join(table.lazy(), how="cross").with_columns(prefixed).drop("copy")
        if name == "texts.parquet":
            grown = grown.sort("text_id")
        grown.sink_parquet(target / name, row_group_size=5_000 if name == "texts.parquet" else None)


def links(folder: Path) -> dict[str, str]:
    """Return what is asked for, by name."""
    results = orjson.loads((folder / "results.json").read_bytes())
    judges = list(dict.fromkeys(profile["judge"] for profile in results["profiles"]))
    factor, last = results["factors"][0]["name"], judges[-1]
    middle = pl.scan_parquet(folder / "preferences.parquet").select("comparison_id").slice(12_345, 1).collect().item()
    return {
        "findings": "/",
        "profiles": "/profiles?sort=parting",
        "comparisons": "/comparisons",
        "comparisons, by factor": f"/comparisons?factor={factor}&has=other",
        "comparisons, least expected": f"/comparisons?sort=surprise&judge={quote(last)}",
        "comparisons, disagreement": f"/comparisons?other={quote(last)}&against=disagree&sort=parting",
        "comparisons, page 500": "/comparisons?page=500",
        "lens": f"/lens?comparison={quote(middle)}",
        "lens, what if": f"/lens?comparison={quote(middle)}&f.{factor}=-1",
        "likeness, published": "/likeness?what=published",
        "checks": "/checks",
        "text search, first": "/comparisons?text=zebra",
        "text search, again": "/comparisons?text=zebra",
    }


def timed(link: str) -> float:
    start = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{link}", timeout=120) as reply:
        reply.read()
    return 1000 * (time.perf_counter() - start)


def memory(pid: int, what: str) -> float:
    """Return a line of the process's status in GB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024**2


def wait(process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            timed("/")
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the app did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--comparisons", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    count = orjson.loads((given.results / "results.json").read_bytes())["counts"]["comparisons"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        copies = -(-given.comparisons // count)
        replicate(given.results, folder, copies)
        print(f"{copies * count:,} comparisons, {sum(one.stat().st_size for one in folder.iterdir()) / 1e6:,.0f} MB")
        command = [sys.executable, "-m", "prefactor", "app", str(folder), "--port", str(PORT)]
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PREFACTOR_TOKEN": "x"}) as app:
            try:
                wait(app)
                print(f"opened in {time.perf_counter() - start:.1f} s, {memory(app.pid, 'VmRSS'):.2f} GB")
                medians = []
                for name, link in links(folder).items():
                    repeats = 1 if name.startswith("text search") else given.repeats
                    times = [timed(link) for _ in range(repeats)]
                    medians.append(statistics.median(times))
                    print(f"{name:32} first {times[0]:7.0f} ms, median {medians[-1]:7.0f} ms")
                print(f"median over the views: {statistics.median(medians):.0f} ms")
                print(f"most memory: {memory(app.pid, 'VmHWM'):.2f} GB, now {memory(app.pid, 'VmRSS'):.2f} GB")
            finally:
                app.terminate()


if __name__ == "__main__":
    main()
