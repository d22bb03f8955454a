"""Long NUTS runs on real slices: writes ``tests/golden/long_runs.json``, which a test compares the posterior with.

PYTHONPATH=src:tests python benchmarks/long_runs.py [--draws 10000] [--again NAME]

Run it with the real logs in ../shared/data or $PREFACTOR_DATA, and the Python of an environment that has PyMC and
nutpie. Means, sds and ends of 90 % intervals of 35 lexical factors' weights, Laplace(0, 0.1), on those slices of
``tests/golden/real_slices.py`` that the file lacks: NUTS, 4 chains of 500 warm-up and 10,000 kept draws in double
precision. The likelihood is written anew, from the docstring of ``fit_posterior``; Davidson's nu is fixed at
prefactor's estimate. About 8 minutes of one core.
"""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from contenders import HERE, load, on_one_thread, real_data

from golden.real_slices import RealSlice, real_slices
from prefactor._typing import FloatArray
from prefactor.config import INTERVAL
from prefactor.stats.posterior import fit_posterior

TARGET = HERE.parent / "tests" / "golden" / "long_runs.json"

Sampler = Callable[..., FloatArray]


def long_run(part: RealSlice, sample: Sampler, diagnose: Any) -> dict[str, object]:
    """Sample one slice, and sum the draws up."""
    tie = float(fit_posterior(part.features, part.preference, weights=part.weights).tie_parameter)
    begun = process_time()
    draws = sample(features=part.features, label=part.preference, weights=part.weights, nu=tie)
    seconds = process_time() - begun
    worst, effective = diagnose(draws)
    flat = draws.reshape(-1, draws.shape[-1])
    low, high = np.quantile(flat, [(1 - INTERVAL) / 2, (1 + INTERVAL) / 2], axis=0)
    size = f"{len(part.features)} rows, {seconds:.0f} s"
    print(f"{part.name}: {size}, R-hat {worst:.4f}, ESS {effective.min():,.0f} or more", flush=True)
    return {
        "slice": part.name,
        "rows": len(part.features),
        "inputs": part.fingerprint(),
        "tie_parameter": tie,
        "draws": len(flat),
        "rhat": round(worst, 5),
        "effective_draws": effective.round().astype(int).tolist(),
        "mean": flat.mean(axis=0).round(6).tolist(),
        "sd": flat.std(axis=0).round(6).tolist(),
        "low": low.round(6).tolist(),
        "high": high.round(6).tolist(),
    }


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000, help="kept draws of each of 4 chains")
    parser.add_argument("--again", metavar="NAME", help="slices to sample anew: all that have this in their name")
    settings = parser.parse_args()
    on_one_thread()
    nuts, _ = load("nutpie_nuts", "pymc", "nutpie")
    if nuts is None:
        raise SystemExit(1)
    known = {run["slice"]: run for run in json.loads(TARGET.read_text(encoding="utf-8"))} if TARGET.exists() else {}
    parts = list(real_slices(real_data()))
    sample = nuts.tie_aware_sampler(len(parts[0].factors), settings.draws)
    for part in parts:
        if part.name not in known or (settings.again is not None and settings.again in part.name):
            known[part.name] = long_run(part, sample, nuts.diagnose)
        runs = [known[each.name] for each in parts if each.name in known]
        TARGET.write_text("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
