"""A tiny explanation with numbers written out, so that its snapshots can be read and are the same on every machine."""

from math import nan

from prefactor.analysis.pooled import PooledFactor, PooledGroup, PooledWeight, Pooling, PoolingFit
from prefactor.analysis.results import (
    CheckOutcome,
    Collinearity,
    Effect,
    EffectVerdict,
    Explanation,
    Fit,
    Prediction,
    Profile,
    Settings,
)
from prefactor.data.account import Account
from prefactor.data.dataset import SourceCount
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate, Weight

NONE = Estimate(nan)
GONE = Weight(nan, nan, nan, nan)

FACTORS = (
    Factor("words", "words", "longer answer", "Words of the answer.", "words", "length"),
    Factor("list_items", "list items", "answer with more list items", "Items of lists.", "items", "structure"),
    Factor("tables", "tables", "answer with more tables", "Tables.", "tables", "structure"),
)


def effect_of(
    factor: str, tau: Estimate, joint: Weight, *, chances: tuple[Estimate, Estimate], verdict: EffectVerdict
) -> Effect:
    """One effect; the chances are those together and alone."""
    return Effect(
        factor=factor,
        account=Account(120, 100, 10, 15, 5),
        concordant=63,
        discordant=27,
        tau14=tau,
        q_value=0.0004,
        weight=joint,
        probability=chances[0],
        single_weight=Weight(0.8, 0.125, 0.6, 1.0),
        single_probability=chances[1],
        verdict=verdict,
        absorbed_by="words" if factor == "list_items" else None,
        sentence=f"gpt <4> moves with {factor} (tau14 {tau}).",
    )


def effects() -> tuple[Effect, ...]:
    """One effect that stands, one that is mostly another, one that is not identified."""
    alone = Estimate(0.69, 0.65, 0.73)
    unknown = Effect(
        factor="tables",
        account=Account(0, 0),
        concordant=0,
        discordant=0,
        tau14=NONE,
        q_value=nan,
        weight=GONE,
        probability=NONE,
        single_weight=GONE,
        single_probability=NONE,
        verdict="not identified",
        absorbed_by=None,
        sentence="gpt <4>: tables is not identified.",
    )
    return (
        effect_of(
            "words",
            Estimate(0.36, 0.25, 0.5),
            Weight(0.75, 0.1, 0.5, 1.0),
            chances=(Estimate(0.68, 0.62, 0.73), alone),
            verdict="prefers more",
        ),
        effect_of(
            "list_items",
            Estimate(-0.25, -0.4, -0.125),
            Weight(-0.125, 0.25, -0.5, 0.25),
            chances=(Estimate(0.47, 0.38, 0.56), Estimate(0.31, 0.27, 0.35)),
            verdict="prefers less",
        ),
        unknown,
    )


def tiny_pooling() -> Pooling:
    """Three slices of one factor, with numbers that are exact in binary."""
    weights = [
        PooledWeight(
            Weight(mean, 0.125, mean - 0.25, mean + 0.25), Estimate(chance, chance - 0.0625, chance + 0.0625), own
        )
        for mean, chance, own in ((0.5, 0.625, 0.125), (0.25, 0.5625, 0.25), (0.0, 0.5, 0.5))
    ]
    words = PooledFactor(
        factor="words",
        common=Weight(0.25, 0.125, 0.0, 0.5),
        common_probability=Estimate(0.5625, 0.5, 0.625),
        spread=Estimate(0.25, 0.125, 0.5),
        difference=Estimate(0.25, 0.125, 0.375),
        differ=0.96875,
        detectable=0.125,
        verdict="not the same everywhere",
        sentence="words: not the same in all 3 slices by topic_<b>",
        groups=tuple(weights),
    )
    groups = tuple(PooledGroup(f"topic_<b>={name}", 30, 28.5) for name in ("cooking", "law", "<i>"))
    fit = PoolingFit(
        converged=False, draws=1_200, effective=64.5, r_hat=1.0625, likeness=0.125, sharing=0.0, spread_scale=0.125,
        smallest_difference=0.125,
    )  # fmt: skip
    return Pooling("slices", "gpt <4>", "topic_<b>", groups, (words,), fit)


def tiny_explanation() -> Explanation:
    """One judge with a name that needs escaping, three factors, one check."""
    profile = Profile(
        judge="gpt <4>",
        kind="llm",
        slice="all",
        account=Account(120, 100, 10, 15, 5),
        inconsistent=4,
        both_orders=60,
        prompts=40,
        a_preferred=Estimate(0.5, 0.375, 0.625),
        effects=effects(),
        prediction=Prediction(
            Estimate(0.7, 0.65, 0.75), Estimate(0.6, 0.55, 0.65), Estimate(0.5, 0.45, 0.55), Estimate(0.65, 0.6, 0.7),
            Estimate(0.7), Estimate(0.65), 10,
        ),
        fit=Fit(converged=True, iterations=6, tie_parameter=0.25),
        collinear=(Collinearity("list_items", "words", 0.75),),
    )  # fmt: skip
    return Explanation(
        profiles=(profile,),
        factors=FACTORS,
        agreements=(),
        checks=(
            CheckOutcome("PF101", "few comparisons", "warn", "gpt <4>", "all", "90 strict.", "Collect more."),
        ),
        telling=(),
        sources=(SourceCount("log.jsonl", "mt-bench", 121, 1, 0),),
        comparisons=120,
        responses=230,
        prompts=40,
        truth=(),
        settings=Settings(
            0.9, "Laplace", 0.1, 2_000, 10, 0, 0.1, 0.05, judges=(), by=(), factors=("lexical",), excerpt=1_500,
            version="0.1.0",
        ),
        pooled=(tiny_pooling(),),
    )  # fmt: skip
