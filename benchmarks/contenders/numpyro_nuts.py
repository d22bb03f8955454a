"""numpyro's NUTS on the published model, as the published code runs it: single precision, a device for each chain."""

from typing import Any

import jax
import numpy as np
import numpyro
from jax import numpy as jnp
from numpyro import distributions as dist
from numpyro.diagnostics import effective_sample_size
from numpyro.infer import MCMC, NUTS

from prefactor._typing import FloatArray
from prefactor.config import PRIOR_SCALE

CHAINS = 4
numpyro.set_host_device_count(CHAINS)

_compiled: dict[tuple[int, ...], Any] = {}


def fit(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return posterior means and sds from a sampler made for this fit, as the published code makes one."""
    return _summed_up(_run(_sampler(compiled=False), signs, labels))


def fit_again(signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Do the same with a sampler that was compiled for this number of rows before, if there was one."""
    return _summed_up(_run(_compiled.setdefault(signs.shape, _sampler(compiled=True)), signs, labels))


def long_run(signs: FloatArray, labels: FloatArray, draws: int) -> tuple[FloatArray, FloatArray]:
    """Return draws in double precision, shape (chains, draws, factors), and the effective draws of each weight."""
    with jax.enable_x64(True):  # noqa: FBT003 -- its only form
        found = _run(_sampler(compiled=False, warm_up=1_000, draws=draws), signs, labels, dtype=np.float64)
    return found, np.asarray(effective_sample_size(found))


def _sampler(*, compiled: bool, warm_up: int = 500, draws: int = 2_000) -> Any:
    def model(signs: Any, labels: Any) -> None:
        weights = numpyro.sample("w", dist.Laplace(jnp.zeros(signs.shape[1]), PRIOR_SCALE))
        with numpyro.plate("rows", len(labels)):
            numpyro.sample("y", dist.Bernoulli(logits=jnp.dot(signs, weights)), obs=labels)

    return MCMC(
        NUTS(model),
        num_warmup=warm_up,
        num_samples=draws,
        num_chains=CHAINS,
        progress_bar=False,
        jit_model_args=compiled,
    )


def _run(sampler: Any, signs: FloatArray, labels: FloatArray, *, dtype: type = np.float32) -> FloatArray:
    sampler.run(jax.random.PRNGKey(0), signs.astype(dtype), labels.astype(np.int32))
    return np.asarray(sampler.get_samples(group_by_chain=True)["w"], dtype=np.float64)


def _summed_up(draws: FloatArray) -> tuple[FloatArray, FloatArray]:
    return draws.mean(axis=(0, 1)), draws.std(axis=(0, 1))
