"""The posterior beside numpyro and PyMC: processor time and error of one fit, of the published job, of bootstraps.

python benchmarks/posterior.py [--rounds 20] [--repeats 3] [--resamples 20]

Run it with the Python of an environment that has the contenders (numpyro and jax, pymc and nutpie), prefactor on the
path; a contender that is not installed is named and left out. Prints Markdown. The model is that of Li et al. 2024
(arXiv 2402.11296): logistic, no intercept, Laplace(0, 0.1) on 29 weights; the samplers have its settings, 500 warm-up and
2,000 kept draws in each of 4 chains. Data are made up (``sign_features.py``); errors are those against
``truths/posterior_500x29.json`` (``long_run_truth.py``). Times are processor seconds, user and system, of all threads
and children, with one BLAS thread; imports are not timed. All contenders run here, one after the other, on the same rows.

The published job: 33 judges x 16 slices x 10 folds. prefactor runs all of it (and each judge's fit to all rows, from which
the folds start); numpyro runs a sample of fits of every size, the rest is a straight line in the number of rows.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# As the published code does: one device per chain. It must be said before jax is loaded.
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=4")

import argparse
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from long_run_truth import FACTORS, SCALE, TRUTH, fingerprint, one_fit
from sign_features import SignFeatures, draw_labels, draw_weights

from prefactor._typing import BoolArray, FloatArray
from prefactor.stats.posterior import fit_posterior

WARM_UP, DRAWS, CHAINS = 500, 2_000, 4
JUDGES, FOLDS, SEED = 33, 10, 0
SCENARIOS = (400,) * 9 + (820,) * 2
KINDS = (1_418, 459, 401, 388, 121)
BOOTSTRAPS = 1_000

Fit = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


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


def with_prefactor(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    found = fit_posterior(signs, labels, prior_scale=SCALE, tie_parameter=0.0)
    return found.mean, found.sd


class Numpyro:
    """As the published code: a new sampler for every fit, in single precision, the chains on four devices."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], object] = {}

    def sampler(self, *, compiled: bool) -> object:
        import numpyro
        from jax import numpy as jnp
        from numpyro import distributions as dist
        from numpyro.infer import MCMC, NUTS

        def model(signs: object, labels: object) -> None:
            weights = numpyro.sample("w", dist.Laplace(jnp.zeros(FACTORS), SCALE))
            with numpyro.plate("rows", len(labels)):  # type: ignore[arg-type]  # an array
                numpyro.sample("y", dist.Bernoulli(logits=jnp.dot(signs, weights)), obs=labels)

        settings = {"num_warmup": WARM_UP, "num_samples": DRAWS, "num_chains": CHAINS, "progress_bar": False}
        return MCMC(NUTS(model), **settings, jit_model_args=compiled)

    def __call__(self, signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.run(self.sampler(compiled=False), signs, labels)

    def again(self, signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Fit with a sampler that was compiled for this number of rows before, if there is one."""
        return self.run(self.kept.setdefault(signs.shape, self.sampler(compiled=True)), signs, labels)

    def run(self, sampler: object, signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
        from jax import random

        sampler.run(random.PRNGKey(SEED), signs.astype(np.float32), labels.astype(np.int32))  # type: ignore[attr-defined]
        draws = np.asarray(sampler.get_samples()["w"], dtype=np.float64)  # type: ignore[attr-defined]
        return draws.mean(axis=0), draws.std(axis=0)


def with_nutpie(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PyMC's model, compiled by and sampled with nutpie."""
    import nutpie
    import pymc

    with pymc.Model() as model:
        weights = pymc.Laplace("w", 0, SCALE, shape=FACTORS)
        pymc.Bernoulli("y", logit_p=pymc.math.dot(signs, weights), observed=labels)
    compiled = nutpie.compile_pymc_model(model)
    trace = nutpie.sample(compiled, tune=WARM_UP, draws=DRAWS, chains=CHAINS, seed=SEED, progress_bar=False)
    draws = trace.posterior["w"].to_numpy().reshape(-1, FACTORS)
    return draws.mean(axis=0), draws.std(axis=0)


def contenders() -> dict[str, Fit]:
    """Load the contenders that are installed, and say which are not."""
    # The coverage.py beside this file is not the package that numba looks for.
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
    warnings.simplefilter("ignore", FutureWarning)
    numpyro = Numpyro()
    known: dict[str, tuple[tuple[str, ...], Fit]] = {
        "numpyro NUTS, as published": (("numpyro", "jax"), numpyro),
        "numpyro NUTS, compiled before": (("numpyro", "jax"), numpyro.again),
        "PyMC with nutpie": (("pymc", "nutpie"), with_nutpie),
    }
    found = {}
    for name, (packages, fit) in known.items():
        if missing := [package for package in packages if find_spec(package) is None]:
            print(f"not installed, left out: {name} (needs {', '.join(missing)})\n")
            continue
        for package in packages:
            import_module(package)
        found[f"{name} ({', '.join(f'{package} {version(package)}' for package in packages)})"] = fit
    return found


def one_fit_table(rivals: dict[str, Fit], *, rounds: int, repeats: int) -> None:
    """Print time and error of one fit of 500 x 29."""
    signs, labels = one_fit()
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    if truth["data_sha256"] != fingerprint(signs, labels):
        raise SystemExit("the made-up data are not those of the committed truth: run long_run_truth.py again")
    mean, sd = np.array(truth["mean"]), np.array(truth["sd"])
    print(f"## One fit, {len(signs)} x {FACTORS}\n")
    print("| | processor s | prefactor is faster by | error of means, rms | largest | sds: largest error | rms |")
    print("|---|---|---|---|---|---|---|")
    with_prefactor(signs, labels)
    begun = processor_seconds()
    for _ in range(rounds):
        with_prefactor(signs, labels)
    ours = (processor_seconds() - begun) / rounds
    for name, fit in {"prefactor": with_prefactor, **rivals}.items():
        found: list[tuple[FloatArray, FloatArray]] = []
        if "compiled before" in name:
            fit(signs, 1 - labels)
        seconds = [timed(lambda fit=fit, found=found: found.append(fit(signs, labels))) for _ in range(repeats)]  # type: ignore[misc]
        cost = ours if fit is with_prefactor else median(seconds)
        off, wide = found[-1][0] - mean, found[-1][1] / sd - 1
        errors = f"{rms(off):.1e} | {np.abs(off).max():.1e} | {np.abs(wide).max():.2%} | {rms(wide):.2%}"
        print(f"| {name} | {cost:.4g} | {cost / ours:,.0f} | {errors} |", flush=True)
    known = f"error of its means {truth['rms_error_of_means']:.0e} rms"
    print(f"\nTruth: {truth['draws']:,} weighted draws, {known}, of its sds at most ", end="")
    print(f"{truth['largest_relative_error_of_sds']:.2%}. Posterior sds are {sd.min():.3f} to {sd.max():.3f}.\n")


def rms(values: FloatArray) -> float:
    return float(np.sqrt((values**2).mean()))


def published_job_table(rivals: dict[str, Fit]) -> None:
    """Print the cost of 33 judges x 16 slices x 10 folds."""
    slices = published_job()
    sizes = [len(each.signs) for each in slices]
    begun = processor_seconds()
    for each in slices:
        found = fit_posterior(each.signs, each.labels, masks=each.folds, prior_scale=SCALE, tie_parameter=0.0)
        if not found.converged.all():
            print(f"not converged: {np.count_nonzero(~found.converged)} fits of a slice of {len(each.signs)}")
    ours = processor_seconds() - begun
    fits = JUDGES * FOLDS * len(slices)
    print(f"## The published job: {JUDGES} judges x {len(slices)} slices x {FOLDS} folds = {fits:,} fits\n")
    print("| | fits run | processor s | prefactor is faster by |\n|---|---|---|---|")
    print(f"| prefactor | {fits:,} (and {JUDGES * len(slices)} to all rows) | {ours:.2f} | 1 |", flush=True)
    for name, fit in rivals.items():
        if "numpyro" not in name:
            continue
        rows, seconds = sampled(slices, fit, again="compiled before" in name)
        slope, intercept = np.polyfit(rows, seconds, 1)
        whole = sum(intercept + slope * 0.9 * size for size in sizes) * JUDGES * FOLDS
        line = f"{len(rows)}, the rest from {intercept:.2f} s + {1e3 * slope:.2f} ms a row"
        print(f"| {name} | {line} | {whole:,.0f} | {whole / ours:,.0f} |", flush=True)
        print(f"<!-- rows {rows}, seconds {[round(each, 2) for each in seconds]} -->", flush=True)
    print()


def sampled(slices: list[Slice], fit: Fit, *, again: bool) -> tuple[list[int], list[float]]:
    """Time folds of two judges on slices of five sizes."""
    rows, seconds = [], []
    for place in (0, 9, 11, 12, 15):
        each = slices[place]
        used = each.folds[0]
        if again:
            fit(each.signs[used], each.labels[2][used])
        for judge in (0, 1):
            rows.append(int(used.sum()))
            seconds.append(timed(partial(fit, each.signs[used], each.labels[judge][used])))
    return rows, seconds


def bootstraps_line(resamples: int) -> None:
    """Print the cost of bootstraps of all cells, from a share of them."""
    random = np.random.default_rng(SEED + 2)
    slices = published_job()
    begun = processor_seconds()
    for each in slices:
        rows = len(each.signs)
        counts = random.multinomial(rows, np.full(rows, 1 / rows), size=resamples)
        fit_posterior(
            each.signs,
            np.tile(each.labels, (resamples, 1)),
            weights=np.repeat(counts, JUDGES, axis=0),
            prior_scale=SCALE,
            tie_parameter=0.0,
        )
    seconds = processor_seconds() - begun
    cells = JUDGES * len(slices)
    whole = seconds * BOOTSTRAPS / resamples
    print(f"## {BOOTSTRAPS:,} bootstraps of all {cells} cells: {whole:,.0f} processor s\n")
    print(f"{resamples} bootstraps of everything ({resamples * cells:,} fits to integer weights) took {seconds:.1f} s; ")
    print(f"the rest is that rate, {1e3 * seconds / (resamples * cells):.2f} ms a fit.\n", flush=True)


def rows_table() -> None:
    """Print the cost of one fit of 5,000 and of 1,000,000 rows."""
    print("## Cost by rows\n\n| rows | processor s | microseconds a row | passes |\n|---|---|---|---|")
    for rows, repeats in ((5_000, 5), (1_000_000, 1)):
        random = np.random.default_rng(rows)
        signs = SignFeatures.make(FACTORS, SEED).draw(rows, random).astype(np.int8)
        labels = draw_labels(signs, draw_weights(FACTORS, random), random)
        begun = process_time()
        for _ in range(repeats):
            found = fit_posterior(signs, labels, prior_scale=SCALE, tie_parameter=0.0)
        seconds = (process_time() - begun) / repeats
        print(f"| {rows:,} | {seconds:.3f} | {1e6 * seconds / rows:.1f} | {int(found.iterations)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50, help="fits that prefactor's time is a mean of")
    parser.add_argument("--repeats", type=int, default=3, help="fits that a contender's time is the median of")
    parser.add_argument("--resamples", type=int, default=20, help="bootstraps really run")
    settings = parser.parse_args()
    rivals = contenders()
    one_fit_table(rivals, rounds=settings.rounds, repeats=settings.repeats)
    published_job_table(rivals)
    bootstraps_line(settings.resamples)
    rows_table()


if __name__ == "__main__":
    main()
