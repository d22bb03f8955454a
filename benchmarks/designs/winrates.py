"""What ``prefactor control`` prints: win rates and ratings, raw and with a factor held equal, and its slope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.proportion import cluster_share
from prefactor.stats.special import sigmoid
from prefactor.stats.winrates import BASELINE, ELO, Matches, fit_ratings, fit_win_rates

Found = Mapping[str, tuple[float, float, float]]
NOISE = 200.0
"""Standard deviation of the length difference of two equally good models' answers, and of what 1 log-odd adds to it."""
PULL = 100.0


@dataclass(frozen=True)
class League:
    """``models`` on ``prompts`` prompts against a baseline, better models with longer answers, length liked."""

    models: int
    prompts: int
    prompt_sd: float = 1.0
    slope: float = 1.0

    def __str__(self) -> str:
        models = "1 model" if self.models == 1 else f"{self.models} models"
        return f"{models}, {self.prompts:,} prompts of sd {self.prompt_sd}, slope {self.slope}"

    @property
    def levels(self) -> FloatArray:
        return np.linspace(-1.5, 1.0, self.models) if self.models > 1 else np.array([-0.7])

    @property
    def spread(self) -> float:
        """Root mean square of the length difference."""
        return float(np.sqrt(np.mean((PULL * self.levels) ** 2) + NOISE**2))

    def draw(self, random: np.random.Generator) -> Matches:
        model, prompt = (each.ravel() for each in np.indices((self.models, self.prompts)))
        effect = random.normal(0, self.prompt_sd, self.prompts)
        difference = random.normal(PULL * self.levels[model], NOISE)
        odds = self.levels[model] + effect[prompt] + self.slope * np.tanh(difference / self.spread)
        won = (random.random(len(model)) < sigmoid(odds)).astype(np.float64)
        return Matches(model, np.full(len(model), BASELINE), won, difference[:, None], prompt)


@cache
def true_rates(league: League) -> tuple[FloatArray, FloatArray]:
    """Win rates of the models as they are, and with the lengths equal."""
    random = np.random.default_rng(0)
    effect = random.normal(0, league.prompt_sd, 400_000)
    noise = random.normal(0, NOISE, len(effect))
    raw = [
        sigmoid(level + effect + league.slope * np.tanh((PULL * level + noise) / league.spread)).mean()
        for level in league.levels
    ]
    return np.array(raw), np.array([sigmoid(level + effect).mean() for level in league.levels])


@cache
def true_slope(league: League) -> float:
    """Slope where prompts have one row each, and their effects cannot be told from chance: of the chances averaged."""
    many = League(league.models, 300_000, league.prompt_sd, league.slope)
    return float(fit_win_rates(many.draw(np.random.default_rng(2))).slopes.value[0])


def simulate_league(random: np.random.Generator, *, league: League) -> Found:
    matches = league.draw(random)
    found = fit_win_rates(matches)
    raw, equal = true_rates(league)
    chosen = random.integers(league.models)
    own = matches.ahead == chosen
    rate = cluster_share(matches.outcome[own], clusters=matches.clusters[own])
    ends = {
        "win rate, raw": (rate.low, raw[chosen], rate.high),
        "win rate, length held": (found.low[chosen], equal[chosen], found.high[chosen]),
    }
    if league.models == 1:
        ends["slope beside win rates"] = (found.slopes.low[0], true_slope(league), found.slopes.high[0])
    return ends


@dataclass(frozen=True)
class Field:
    """``models`` in random pairs on ``rows`` comparisons, ``size`` on each prompt, which all lean by a whim of it."""

    models: int
    rows: int
    size: int = 1
    slope: float = 0.8

    def __str__(self) -> str:
        return f"{self.models} models in {self.rows:,} pairs, {self.size} on a prompt"

    @property
    def levels(self) -> FloatArray:
        return np.linspace(-1, 1, self.models)

    def draw(self, random: np.random.Generator) -> Matches:
        ahead = random.integers(0, self.models, self.rows)
        behind = (ahead + random.integers(1, self.models, self.rows)) % self.models
        prompt = np.arange(self.rows) // self.size
        apart = self.levels[ahead] - self.levels[behind]
        difference = random.normal(PULL * apart, NOISE)
        # How much length counts differs from prompt to prompt: verdicts on one prompt go together.
        liked = self.slope + (random.normal(0, 0.5, self.rows)[prompt] if self.size > 1 else 0.0)
        odds = apart + liked * np.tanh(difference / self.spread)
        won = (random.random(self.rows) < sigmoid(odds)).astype(np.float64)
        return Matches(ahead, behind, won, difference[:, None], prompt)

    @property
    def spread(self) -> float:
        gaps = self.levels[:, None] - self.levels
        return float(np.sqrt(PULL**2 * (gaps**2).sum() / (self.models * (self.models - 1)) + NOISE**2))


@cache
def true_ratings(field: Field) -> tuple[FloatArray, FloatArray, float]:
    """Ratings without and with length held, and its slope, from 300,000 pairs."""
    long = Field(field.models, 300_000, field.size, field.slope)
    matches = long.draw(np.random.default_rng(1))
    plain = Matches(matches.ahead, matches.behind, matches.outcome, matches.difference[:, :0], matches.clusters)
    held = fit_ratings(matches)
    known = field.size == 1
    return (
        fit_ratings(plain).value,
        ELO * field.levels if known else held.value,
        field.slope if known else float(held.slopes.value[0]),
    )


def simulate_field(random: np.random.Generator, *, field: Field) -> Found:
    matches = field.draw(random)
    plain = Matches(matches.ahead, matches.behind, matches.outcome, matches.difference[:, :0], matches.clusters)
    raw, held = fit_ratings(plain), fit_ratings(matches)
    truth_raw, truth_held, slope = true_ratings(field)
    chosen = random.integers(field.models)
    return {
        "rating, raw": (raw.low[chosen], truth_raw[chosen], raw.high[chosen]),
        "rating, length held": (held.low[chosen], truth_held[chosen], held.high[chosen]),
        "slope beside ratings": (held.slopes.low[0], slope, held.slopes.high[0]),
    }


LEAGUES = (League(1, 80), League(1, 500), League(5, 40), League(5, 150, 1.5), League(20, 300), League(5, 150, 0.0))
FIELDS = (Field(4, 100), Field(5, 400), Field(10, 3_000), Field(5, 600, size=10), Field(12, 400))
DESIGNS: dict[str, Callable[[np.random.Generator], Found]] = {
    **{str(league): partial(simulate_league, league=league) for league in LEAGUES},
    **{str(field): partial(simulate_field, field=field) for field in FIELDS},
}
