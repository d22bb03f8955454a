"""PyMC's model sampled by nutpie's NUTS: the published model, and the tie-aware likelihood for long runs."""

import warnings
from collections.abc import Callable
from typing import Any

import arviz
import numpy as np
import nutpie
import pymc
from pymc import math

from prefactor._typing import FloatArray
from prefactor.config import PRIOR_SCALE

CHAINS, WARM_UP, DRAWS, SEED = 4, 500, 2_000, 0
ACCEPT = 0.65
"""Of long runs: half the steps of the usual 0.8, and two thirds of its effective draws."""

_compiled: dict[bytes, Any] = {}


def fit(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return posterior means and sds from a model compiled for this fit, at nutpie's own settings."""
    return _summed_up(_compile(signs, labels))


def fit_again(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Do the same with a model that was compiled for these very data before, if there was one."""
    key = signs.tobytes() + labels.tobytes()
    if key not in _compiled:
        _compiled[key] = _compile(signs, labels)
    return _summed_up(_compiled[key])


def _compile(signs: FloatArray, labels: FloatArray) -> Any:
    with pymc.Model() as model, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = pymc.Laplace("w", 0, PRIOR_SCALE, shape=signs.shape[1])
        # Constants: with data that may change later it takes twice as long.
        pymc.Bernoulli("y", logit_p=math.dot(signs, weights), observed=labels)
        return nutpie.compile_pymc_model(model)


def _summed_up(compiled: Any) -> tuple[FloatArray, FloatArray]:
    trace = nutpie.sample(compiled, tune=WARM_UP, draws=DRAWS, chains=CHAINS, seed=SEED, progress_bar=False)
    draws = trace.posterior["w"].to_numpy().reshape(CHAINS * DRAWS, -1)
    return draws.mean(axis=0), draws.std(axis=0)


def tie_aware_sampler(factors: int, draws: int) -> Callable[..., FloatArray]:
    """Compile the likelihood exp((y - 1/2) z) / (2 cosh(z / 2) + nu), every row to the power of its weight.

    Returns
    -------
    Callable
        From the data ``features``, ``label``, ``weights`` and ``nu`` to draws of shape (chains, draws, factors).
    """
    with pymc.Model() as model:
        features, label = pymc.Data("features", np.zeros((1, factors))), pymc.Data("label", np.zeros(1))
        weights, nu = pymc.Data("weights", np.ones(1)), pymc.Data("nu", 0.0)
        odds = math.dot(features, pymc.Laplace("beta", 0, PRIOR_SCALE, shape=factors))
        strength = math.exp(0.5 * odds) + math.exp(-0.5 * odds) + nu
        pymc.Potential("preferences", math.sum(weights * ((label - 0.5) * odds - math.log(strength))))
    compiled = nutpie.compile_pymc_model(model)

    def sample(**data: Any) -> FloatArray:
        trace = nutpie.sample(
            compiled.with_data(**data),
            tune=WARM_UP,
            draws=draws,
            chains=CHAINS,
            cores=1,
            seed=SEED,
            target_accept=ACCEPT,
            progress_bar=False,
        )
        return np.asarray(trace.posterior["beta"].to_numpy())

    return sample


def diagnose(draws: FloatArray) -> tuple[float, FloatArray]:
    """Return the worst R-hat, and the effective draws of every weight."""
    dataset = arviz.convert_to_dataset(draws)
    return float(arviz.rhat(dataset)["x"].max()), np.asarray(arviz.ess(dataset)["x"].to_numpy())
