"""The posterior beside numpyro and PyMC: processor time and error of one fit, of the published job, of bootstraps.

python benchmarks/posterior.py [--rounds 50] [--repeats 3] [--resamples 20]

Run it with the Python of an environment that has the contenders (numpyro and jax, pymc and nutpie), prefactor on the
path; a contender that is not installed is named and left out. Prints Markdown. The model is that of Li et al. 2024
(arXiv 2402.11296): logistic, no intercept, Laplace(0, 0.1) on 29 weights; the samplers have its settings, 500 warm-up
and 2,000 kept draws in each of 4 chains. Data are made up (``sign_features.py``); errors are those against
``truths/posterior_500x29.json`` (``long_run_truth.py``). Times are processor seconds, user and system, of all threads
and children, with one BLAS thread; imports are not timed. All run here, one after the other, on the same rows.

The published job: 33 judges x 16 slices x 10 folds. prefactor runs all of it (and each judge's fit to all rows, from
which the folds start); numpyro runs a sample of fits of five sizes, the rest is a straight line in the number of rows.
"""

import json
import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
from contenders import load, on_one_thread
from long_run_truth import FACTORS, TRUTH, fingerprint, one_fit
from sign_features import SignFeatures, draw_labels, draw_weights

from prefactor._typing import BoolArray, FloatArray
from prefactor.stats.posterior import fit_posterior

JUDGES, FOLDS, SEED = 33, 10, 0
SCENARIOS = (400,) * 9 + (820,) * 2
KINDS = (1_418, 459, 401, 388, 121)
SAMPLED = (0, 9, 11, 12, 15)
"""Slices of which numpyro really fits a fold, for two judges."""

BOOTSTRAPS = 1_000

Fit = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Contender:
    """A way to fit; ``warm`` means that it is compiled before it is timed."""

    name: str
    fit: Fit
    warm: bool = False
    published: bool = False


@dataclass(frozen=True)
class Slice:
    """Rows that are fitted together: signs (n, factors), labels of all judges (judges, n), folds (10, n)."""

    signs: FloatArray
    labels: FloatArray
    folds: BoolArray


def processor_seconds() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def timed(work: Callable[[], object]) -> float:
    begun = processor_seconds()
    work()
    return processor_seconds() - begun


def with_prefactor(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    found = fit_posterior(signs, labels, tie_parameter=0.0)
    return found.mean, found.sd


def contenders() -> list[Contender]:
    """Return those that are installed."""
    found = []
    numpyro, versions = load("numpyro_nuts", "numpyro", "jax")
    if numpyro is not None:
        found += [
            Contender(f"numpyro NUTS, as published ({versions})", numpyro.fit, published=True),
            Contender("numpyro NUTS, compiled before", numpyro.fit_again, warm=True, published=True),
        ]
    nutpie, versions = load("nutpie_nuts", "pymc", "nutpie")
    if nutpie is not None:
        found += [
            Contender(f"PyMC with nutpie ({versions})", nutpie.fit),
            Contender("PyMC with nutpie, its sampling alone", nutpie.fit_again, warm=True),
        ]
    return found


def one_fit_table(rivals: list[Contender], *, rounds: int, repeats: int) -> None:
    """Print time and error of one fit of 500 x 29."""
    signs, labels = one_fit()
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    if truth["data_sha256"] != fingerprint(signs, labels):
        raise SystemExit("the made-up data are not those of the committed truth: run long_run_truth.py again")
    print(f"## One fit, {len(signs)} x {FACTORS}\n")
    print("| | processor s | prefactor is faster by | error of means, rms | largest | of sds, rms | largest |")
    print("|---|---|---|---|---|---|---|")
    with_prefactor(signs, labels)
    ours = timed(lambda: [with_prefactor(signs, labels) for _ in range(rounds)]) / rounds
    print(f"| prefactor | {ours:.4f} | 1 | {errors(truth, *with_prefactor(signs, labels))} |", flush=True)
    for rival in rivals:
        if rival.warm:
            rival.fit(signs, labels)
        cost = median(timed(partial(rival.fit, signs, labels)) for _ in range(repeats))
        found = errors(truth, *rival.fit(signs, labels))
        print(f"| {rival.name} | {cost:.2f} | {cost / ours:,.0f} | {found} |", flush=True)
    known = f"error of its means {truth['rms_error_of_means']:.0e} rms"
    print(f"\nTruth: {truth['draws']:,} weighted draws; {known}, ", end="")
    print(f"of its sds at most {truth['largest_relative_error_of_sds']:.2%}.")
    print(f"The sds are {min(truth['sd']):.3f} to {max(truth['sd']):.3f}.\n", flush=True)


def errors(truth: dict[str, list[float]], mean: FloatArray, sd: FloatArray) -> str:
    """Return how far means and sds are off, as cells."""
    off, wide = mean - np.array(truth["mean"]), sd / np.array(truth["sd"]) - 1
    cells = (f"{rms(off):.1e}", f"{np.abs(off).max():.1e}", f"{rms(wide):.2%}", f"{np.abs(wide).max():.2%}")
    return " | ".join(cells)


def rms(values: FloatArray) -> float:
    return float(np.sqrt((values**2).mean()))


def published_folds(rows: int) -> BoolArray:
    """Return which rows each of ten fits uses: all but a tenth, in a shuffled order."""
    used = np.ones((FOLDS, rows), dtype=np.bool_)
    for fold, left_out in enumerate(np.array_split(np.random.default_rng(SEED).permutation(rows), FOLDS)):
        used[fold, left_out] = False
    return used


def published_job() -> list[Slice]:
    """Return slices of the published sizes: scenarios of distinct rows, and overlapping kinds of query."""
    random = np.random.default_rng(SEED + 1)
    signs = SignFeatures.make(FACTORS, SEED).draw(sum(SCENARIOS), random)
    ends = np.cumsum(SCENARIOS)
    chosen = [np.arange(end - size, end) for end, size in zip(ends, SCENARIOS, strict=True)]
    chosen += [random.choice(len(signs), size, replace=False) for size in KINDS]
    weights = draw_weights(FACTORS, random, judges=JUDGES)
    slices = []
    for rows in chosen:
        own = weights + random.normal(0, 0.05, weights.shape)
        slices.append(Slice(signs[rows], draw_labels(signs[rows], own, random), published_folds(len(rows))))
    return slices


def published_job_table(slices: list[Slice], rivals: list[Contender]) -> None:
    """Print the cost of 33 judges x 16 slices x 10 folds."""
    begun = processor_seconds()
    moving = 0
    for each in slices:
        found = fit_posterior(each.signs, each.labels, masks=each.folds, tie_parameter=0.0, interval=None)
        moving += int(np.count_nonzero(~found.converged))
    ours = processor_seconds() - begun
    fits = JUDGES * FOLDS * len(slices)
    print(f"## The published job: {JUDGES} judges x {len(slices)} slices x {FOLDS} folds = {fits:,} fits\n")
    print("| | fits run | processor s | prefactor is faster by |\n|---|---|---|---|")
    print(f"| prefactor | {fits:,}, and {JUDGES * len(slices)} to all rows | {ours:.2f} | 1 |", flush=True)
    for rival in rivals:
        if not rival.published:
            continue
        rows, seconds = sampled(slices, rival)
        slope, start = np.polyfit(rows, seconds, 1)
        whole = JUDGES * FOLDS * sum(start + slope * 0.9 * len(each.signs) for each in slices)
        line = (
            f"{len(rows)}, of {min(rows)} to {max(rows):,} rows; the rest at {start:.2f} s + {1e3 * slope:.2f} ms a row"
        )
        print(f"| {rival.name} | {line} | {whole:,.0f} | {whole / ours:,.0f} |", flush=True)
    print(f"\n{moving} of prefactor's fits did not converge.\n", flush=True)


def sampled(slices: list[Slice], rival: Contender) -> tuple[list[int], list[float]]:
    """Time one fold of two judges on slices of five sizes; return rows and seconds."""
    rows, seconds = [], []
    for each in (slices[place] for place in SAMPLED):
        used = each.folds[0]
        signs, labels = each.signs[used], each.labels[:, used]
        if rival.warm:
            rival.fit(signs, labels[2])
        for judge in (0, 1):
            rows.append(len(signs))
            seconds.append(timed(partial(rival.fit, signs, labels[judge])))
    return rows, seconds


def bootstraps(slices: list[Slice], resamples: int) -> None:
    """Print the cost of bootstraps of all cells, from a share of them."""
    random = np.random.default_rng(SEED + 2)
    begun = processor_seconds()
    for each in slices:
        rows = len(each.signs)
        counts = random.multinomial(rows, np.full(rows, 1 / rows), size=resamples)
        fit_posterior(
            each.signs,
            np.tile(each.labels, (resamples, 1)),
            weights=np.repeat(counts, JUDGES, axis=0),
            tie_parameter=0.0,
            interval=None,
        )
    seconds = processor_seconds() - begun
    fits = resamples * JUDGES * len(slices)
    print(f"## {BOOTSTRAPS:,} bootstraps of all {JUDGES * len(slices)} cells\n")
    print(f"{seconds * BOOTSTRAPS / resamples:,.0f} processor s, at the rate of {resamples} bootstraps of everything: ")
    print(f"{fits:,} fits to integer weights took {seconds:.1f} s, {1e3 * seconds / fits:.2f} ms each.\n", flush=True)


def rows_table() -> None:
    """Print the cost of one fit of 5,000 and of 1,000,000 rows."""
    print("## Cost by rows\n\n| rows | processor s | microseconds a row | passes |\n|---|---|---|---|")
    for rows, repeats in ((5_000, 10), (1_000_000, 1)):
        random = np.random.default_rng(rows)
        signs = SignFeatures.make(FACTORS, SEED).draw(rows, random).astype(np.int8)
        labels = draw_labels(signs, draw_weights(FACTORS, random), random)
        fit = partial(fit_posterior, signs, labels, tie_parameter=0.0)
        passes = int(fit().iterations)
        seconds = sum(timed(fit) for _ in range(repeats)) / repeats
        print(f"| {rows:,} | {seconds:.3f} | {1e6 * seconds / rows:.1f} | {passes} |", flush=True)


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50, help="fits that prefactor's time is the mean of")
    parser.add_argument("--repeats", type=int, default=3, help="fits that a contender's time is the median of")
    parser.add_argument("--resamples", type=int, default=20, help="bootstraps really run")
    settings = parser.parse_args()
    on_one_thread()
    rivals = contenders()
    one_fit_table(rivals, rounds=settings.rounds, repeats=settings.repeats)
    slices = published_job()
    published_job_table(slices, rivals)
    bootstraps(slices, settings.resamples)
    rows_table()


if __name__ == "__main__":
    main()
