"""Long NUTS runs on real slices: writes ``tests/golden/long_runs.json``, which a test compares the posterior with.

PYTHONPATH=src:tests python benchmarks/long_runs.py [--draws 10000] [--only NAME]

Run it with the real logs in ../shared/data or $PREFACTOR_DATA, and the Python of an environment that has PyMC and nutpie.
Means, sds and ends of 90 % intervals of 35 lexical factors' weights, Laplace(0, 0.1), on the slices of
``tests/golden/real_slices.py``: nutpie's NUTS, 4 chains of 500 warm-up and 10,000 kept draws in double precision. The
likelihood is written here anew, from the docstring of ``fit_posterior``; Davidson's nu is fixed at prefactor's estimate.
About 12 minutes of one core.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import process_time

HERE = Path(__file__).resolve().parent
# The coverage.py beside this file is not the package that numba looks for.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != HERE]
warnings.simplefilter("ignore")

import arviz
import numpy as np
import nutpie
import pymc
from golden.real_slices import RealSlice, real_slices
from pymc import math

from prefactor._typing import FloatArray
from prefactor.config import INTERVAL, PRIOR_SCALE
from prefactor.stats.posterior import fit_posterior

CHAINS, WARM_UP, SEED = 4, 500, 0
TARGET = HERE.parent / "tests" / "golden" / "long_runs.json"

Sampler = Callable[[RealSlice, float], FloatArray]


def sampler(factors: int, draws: int) -> Sampler:
    """Compile the model once; what is returned gives draws of shape (chains, draws, factors) for a slice and nu."""
    with pymc.Model() as model:
        features, label = pymc.Data("features", np.zeros((1, factors))), pymc.Data("label", np.zeros(1))
        weights, tie = pymc.Data("weights", np.ones(1)), pymc.Data("tie", 0.0)
        beta = pymc.Laplace("beta", 0, PRIOR_SCALE, shape=factors)
        odds = math.dot(features, beta)
        strength = math.exp(0.5 * odds) + math.exp(-0.5 * odds) + tie
        pymc.Potential("preferences", math.sum(weights * ((label - 0.5) * odds - math.log(strength))))
    compiled = nutpie.compile_pymc_model(model)

    def sample(part: RealSlice, nu: float) -> FloatArray:
        data = {"features": part.features, "label": part.preference, "weights": part.weights, "tie": nu}
        trace = nutpie.sample(
            compiled.with_data(**data),
            tune=WARM_UP,
            draws=draws,
            chains=CHAINS,
            cores=1,
            seed=SEED,
            target_accept=0.7,
            progress_bar=False,
        )
        return np.asarray(trace.posterior["beta"].to_numpy())

    return sample


def long_run(part: RealSlice, sample: Sampler) -> dict[str, object]:
    """Sample one slice, and sum the draws up."""
    tie = float(fit_posterior(part.features, part.preference, weights=part.weights).tie_parameter)
    begun = process_time()
    found = sample(part, tie)
    seconds = process_time() - begun
    dataset = arviz.convert_to_dataset(found)
    worst = float(arviz.rhat(dataset)["x"].max())
    effective = arviz.ess(dataset)["x"].to_numpy()
    flat = found.reshape(-1, found.shape[-1])
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000, help="kept draws of each of 4 chains")
    parser.add_argument("--only", default="", help="slices whose name has this in it; the rest of the file stays")
    settings = parser.parse_args()
    data = Path(os.environ.get("PREFACTOR_DATA") or HERE.parent.parent / "shared" / "data")
    known = {run["slice"]: run for run in json.loads(TARGET.read_text("utf-8"))} if TARGET.exists() else {}
    parts = list(real_slices(data))
    sample = sampler(parts[0].features.shape[1], settings.draws)
    runs = []
    for part in parts:
        kept = known.get(part.name)
        runs.append(kept if kept and settings.only not in part.name else long_run(part, sample))
    TARGET.write_text("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
