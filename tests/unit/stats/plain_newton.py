"""The plain twin of the gains of subsets: one model at a time."""

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.gains import RIDGE
from prefactor.stats.likelihood import log_likelihood

__all__ = ["plain_gain"]


def plain_gain(features: FloatArray, preference: FloatArray, tie: float) -> float:
    """Log-likelihood above a coin's where the penalised one is largest, by plain Newton steps."""
    weights = np.zeros(features.shape[1])
    for _ in range(100):
        half = features @ weights / 2
        strength = 2 * np.cosh(half) + tie
        slope = features.T @ (preference - 0.5 - np.sinh(half) / strength) - RIDGE * weights
        curve = (features.T * ((1 + tie / 2 * np.cosh(half)) / strength**2)) @ features + RIDGE * np.eye(len(weights))
        weights = weights + np.linalg.solve(curve, slope)
    return float(
        (log_likelihood(features @ weights, preference, tie=tie) - log_likelihood(0.0, preference, tie=tie)).sum()
    )
