"""McNemar's exact test: whether two shares on the same rows differ. Counts in, a p-value out."""

from math import exp, lgamma, log

import numpy as np

from prefactor.errors import SettingError

__all__ = ["mcnemar_exact"]


def mcnemar_exact(first_only: int, second_only: int) -> float:
    """Two-sided exact p-value of no difference, from the rows on which the two differ.

    Given their number n, the rows on which only the first is right are binomial with one half; the p-value is twice the
    smaller tail, at most 1 (McNemar 1947, DOI 10.1007/BF02295996). Rows must be independent: one a question.

    Parameters
    ----------
    first_only, second_only
        Rows on which only the first, or only the second, is right; at least 0.

    Returns
    -------
    float
        In (0, 1]; 1 where the two never differ.

    Raises
    ------
    SettingError
        A count below 0.

    Examples
    --------
    >>> round(mcnemar_exact(2, 10), 4), mcnemar_exact(0, 0), mcnemar_exact(5, 5)
    (0.0386, 1.0, 1.0)
    """
    if min(first_only, second_only) < 0:
        raise SettingError("counts", expected="counts of at least 0", got=(first_only, second_only))
    n = first_only + second_only
    smaller = np.arange(min(first_only, second_only) + 1)
    logs = [lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2) for k in smaller.tolist()]
    return min(1.0, 2 * sum(map(exp, logs)))
