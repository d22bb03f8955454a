"""Agreement of judges: plain, Cohen's kappa, Krippendorff's alpha of two judges and of three with ties and gaps."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.agreement import strict_agreement
from prefactor.stats.reliability import kappa_estimate, krippendorff_alpha

BOOTSTRAPS = 400
Found = Mapping[str, tuple[float, float, float]]


def draw_agreements(
    random: np.random.Generator, clusters: IntArray, *, agree: float, alike: float
) -> tuple[FloatArray, FloatArray]:
    """Chance of agreeing on every row, ``agree`` on average, and which rows agree."""
    chance = np.full(int(clusters.max()) + 1, agree)
    if alike:
        strength = (1 - alike) / alike
        chance = random.beta(agree * strength, (1 - agree) * strength, len(chance))
    return chance, random.random(len(clusters)) < chance[clusters]


def simulate_two(
    random: np.random.Generator, *, prompts: int, size: int, share: float, agree: float, alike: float
) -> Found:
    """Two strict judges: the second keeps the first's verdict, or draws one, so that both prefer A in ``share``."""
    clusters = np.repeat(np.arange(prompts), size)
    first = (random.random(len(clusters)) < share).astype(np.float64)
    _, kept = draw_agreements(random, clusters, agree=agree, alike=alike)
    second = np.where(kept, first, random.random(len(clusters)) < share).astype(np.float64)
    observed = agree + (1 - agree) * (share**2 + (1 - share) ** 2)
    plain = strict_agreement(first, second, clusters=clusters)
    kappa = kappa_estimate(first, second, clusters=clusters, bootstraps=BOOTSTRAPS)
    alpha = krippendorff_alpha([first, second], clusters=clusters, bootstraps=BOOTSTRAPS)
    # Kept with that chance or drawn anew from the same shares: agreement beyond chance is the chance of keeping.
    return {
        "agreement": (plain.low, observed, plain.high),
        "Cohen's kappa": (kappa.low, agree, kappa.high),
        "Krippendorff's alpha": (alpha.low, agree, alpha.high),
    }


def simulate_three(random: np.random.Generator, *, prompts: int, size: int, agree: float) -> Found:
    """Three judges, ties as a third category, a fifth of the verdicts missing: each follows a common one or draws."""
    clusters = np.repeat(np.arange(prompts), size)
    categories, shares = np.array([-1.0, 0.0, 1.0]), [0.4, 0.15, 0.45]
    common = random.choice(categories, len(clusters), p=shares)
    own = random.choice(categories, (3, len(clusters)), p=shares)
    ratings = np.where(random.random(own.shape) < np.sqrt(agree), common, own)
    ratings[random.random(own.shape) < 0.2] = np.nan
    alpha = krippendorff_alpha(ratings, clusters=clusters, bootstraps=BOOTSTRAPS)
    return {"Krippendorff's alpha": (alpha.low, agree, alpha.high)}


DESIGNS: dict[str, Callable[[np.random.Generator], Found]] = {}
for _prompts, _size, _alike in ((30, 1, 0.0), (100, 1, 0.0), (500, 1, 0.0), (15, 10, 0.2), (60, 5, 0.3)):
    for _share, _agree in ((0.5, 0.5), (0.5, 0.85), (0.8, 0.4), (0.5, 0.0)):
        DESIGNS[f"{_prompts} prompts x {_size}, {_share:.0%} for A, kappa {_agree}"] = partial(
            simulate_two, prompts=_prompts, size=_size, share=_share, agree=_agree, alike=_alike if _agree else 0.0
        )
for _prompts, _size in ((30, 1), (300, 1), (40, 5)):
    for _agree in (0.2, 0.6):
        DESIGNS[f"three judges, {_prompts} prompts x {_size}, alpha {_agree}"] = partial(
            simulate_three, prompts=_prompts, size=_size, agree=_agree
        )
