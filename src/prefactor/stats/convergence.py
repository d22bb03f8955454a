"""Whether Markov chains have run long enough: split R-hat and effective sample size.

Arrays in, arrays out; knows nothing of what was drawn.
"""

import numpy as np

from prefactor._typing import FloatArray
from prefactor.errors import SettingError

__all__ = ["effective_draws", "split_r_hat"]


def split_r_hat(draws: FloatArray) -> FloatArray:
    """Split R-hat: how much wider all half chains lie together than each by itself; 1 where they agree.

    With W the mean variance within the half chains of length n and B / n the variance of their means,
    sqrt(((n - 1) / n W + B / n) / W) (Gelman et al. 2013, Bayesian Data Analysis, section 11.4).

    Parameters
    ----------
    draws
        Shape (chains, draws, quantities), at least 4 draws a chain.

    Returns
    -------
    FloatArray
        Shape (quantities,); 1 for a quantity that never moves.

    Raises
    ------
    SettingError
        Fewer than 4 draws a chain.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> apart = rng.normal(size=(2, 100, 1)) + np.array([0.0, 3.0])[:, None, None]
    >>> bool(split_r_hat(rng.normal(size=(2, 100, 1)))[0] < 1.05 < split_r_hat(apart)[0])
    True
    """
    halves = _halves(draws)
    length = halves.shape[1]
    within = halves.var(axis=1, ddof=1).mean(axis=0)
    between = halves.mean(axis=1).var(axis=0, ddof=1)
    moving = within > 0
    ratio = between / np.where(moving, within, 1.0)
    return np.where(moving, np.sqrt((length - 1) / length + ratio), 1.0)


def effective_draws(draws: FloatArray) -> FloatArray:
    """Effective sample size: how many independent draws would tell the mean as well.

    Autocorrelations of the half chains are averaged and summed over Geyer's initial positive, monotone sequence
    (Vehtari et al. 2021, DOI 10.1214/20-BA1221, without the rank normalisation).

    Parameters
    ----------
    draws
        Shape (chains, draws, quantities), at least 4 draws a chain.

    Returns
    -------
    FloatArray
        Shape (quantities,), at most the number of draws times its decimal logarithm.

    Raises
    ------
    SettingError
        Fewer than 4 draws a chain.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bool(effective_draws(rng.normal(size=(4, 200, 1)))[0] > 500)
    True
    >>> walk = np.cumsum(rng.normal(size=(4, 200, 1)), axis=1)
    >>> bool(effective_draws(walk)[0] < 30)
    True
    """
    halves = _halves(draws)
    chains, length, _ = halves.shape
    centred = halves - halves.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * length, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=0)
    covariance = np.fft.irfft(power, n=2 * length, axis=0)[:length] / length
    within = covariance[0] * length / (length - 1)
    whole = covariance[0] + halves.mean(axis=1).var(axis=0, ddof=1)
    correlation = 1 - (within - covariance) / np.where(whole > 0, whole, 1.0)
    correlation[0] = 1.0
    pairs = correlation[: length // 2 * 2].reshape(length // 2, 2, -1).sum(axis=1)
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    monotone = np.minimum.accumulate(np.where(positive, pairs, 0.0), axis=0)
    total = chains * length
    time = np.maximum(2 * monotone.sum(axis=0) - 1, 1 / np.log10(total))
    return np.asarray(np.where(whole > 0, total / time, total))


def _halves(draws: FloatArray) -> FloatArray:
    if draws.ndim != 3 or draws.shape[1] < 4:
        raise SettingError("draws", expected="shape (chains, at least 4, quantities)", got=draws.shape)
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
