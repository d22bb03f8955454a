"""Builds explanations for the tests of the report: realistic numbers, many judges and slices, hostile texts."""

import math
from dataclasses import dataclass, replace
from math import exp, nan, sqrt

import numpy as np

from prefactor.analysis.evidence import (
    CEILING_NOT_KNOWN,
    NO_ANNOTATORS,
    AgainstAnnotators,
    Annotators,
    AnnotatorStanding,
    Ceiling,
)
from prefactor.analysis.joint_results import (
    Apportionment,
    Attribution,
    Dependence,
    FactorShare,
    GroupShare,
    IndistinguishableFactors,
)
from prefactor.analysis.pooled import Pooling
from prefactor.analysis.results import (
    Agreement,
    CheckOutcome,
    Collinearity,
    Effect,
    EffectVerdict,
    Explanation,
    Fit,
    Prediction,
    Profile,
    Settings,
    TellingComparison,
)
from prefactor.data.account import Account
from prefactor.data.dataset import SourceCount
from prefactor.data.records import JudgeKind
from prefactor.factors.base import Factor
from prefactor.stats.ceiling import way_to_ceiling
from prefactor.stats.estimate import Estimate, Weight
from report.pooled_examples import pooling_of

HOSTILE = (
    "<script>alert(1)</script></style></textarea><img src=x onerror=alert(2)>{{7*7}}{% raw %}"
    "\u202etxet desrever\u200b\x00\x1b[31m & \"quoted\" 'single' | pipe `code` <!-- "
)

_FACTORS = """length|word count|words|length|0.42
length|sentences|sentences|length|0.33
length|paragraphs|paragraphs|length|0.29
length|words per sentence|words|length|-0.04
formatting|list items|items|formatting|0.31
formatting|headings|headings|formatting|0.17
formatting|bold text|per 100 words|formatting|0.24
formatting|tables|tables|formatting|0.03
formatting|code blocks|blocks|formatting|0.06
formatting|emoji|per 100 words|formatting|-0.12
style|first person|per 100 words|style|-0.14
style|second person|per 100 words|style|0.02
style|hedging|per 100 words|style|-0.09
style|exclamation marks|per 100 words|style|-0.07
style|questions asked|questions|style|-0.11
style|apologies|per 100 words|style|-0.19
style|boosters|per 100 words|style|0.08
style|politeness|per 100 words|style|0.05
style|formality|share|style|0.11
content|admits limits|yes or no|content|-0.23
content|refuses|yes or no|content|-0.38
content|numbers|per 100 words|content|0.13
content|links|links|content|0.01
content|quotes|quotes|content|0.04
content|examples given|examples|content|0.21
content|steps spelled out|steps|content|0.26
wording|distinct words|share|wording|-0.22
wording|long words|share|wording|0.09
wording|repetition|share|wording|-0.16
wording|syllables per word|syllables|wording|0.07
relation to the prompt|words from the prompt|share|relation to the prompt|0.14
relation to the prompt|restates the question|yes or no|relation to the prompt|-0.03
relation to the prompt|answers in its language|yes or no|relation to the prompt|0.02
relation to the prompt|new words|share|relation to the prompt|0.1""".splitlines()


@dataclass(frozen=True, slots=True)
class Size:
    """How large an explanation is built."""

    judges: int = 1
    slices: int = 0
    factors: int = 34
    comparisons: int = 4_000


def factor_infos(number: int = 34) -> tuple[Factor, ...]:
    """The first factors of the list."""
    infos = []
    for line in _FACTORS[:number]:
        _, label, unit, group, _ = line.split("|")
        name = label.replace(" ", "_")
        more = "longer answer" if label == "word count" else f"answer with more {label}"
        definition = f"What the rules count as {label}, in {unit}; markup is taken out first."
        infos.append(Factor(name, label, more, definition, unit, group))
    return tuple(infos)


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value))


def effect_of(info: Factor, tau: float, strict: int, *, rest: float = 0.6, judge: str = "gpt-4") -> Effect:
    """One effect with an interval that fits its number of strict preferences."""
    tied = strict // 5
    if strict == 0:
        none = Estimate(nan)
        gone = Weight(nan, nan, nan, nan)
        return Effect(
            info.name, Account(0, 0), 0, 0, none, nan, gone, none, gone, none, "not identified", None,
            f"{judge}: {info.label} is not identified.",
        )  # fmt: skip
    half = 1.645 * sqrt(max(0.05, 1 - tau * tau) / strict)
    estimate = Estimate(tau, max(-1.0, tau - half), min(1.0, tau + half))
    verdict: EffectVerdict = "too few comparisons to tell"
    if estimate.within(0.1):
        verdict = "makes no difference that matters"
    elif estimate.excludes(0) and abs(tau) >= 0.1:
        verdict = "prefers more" if tau > 0 else "prefers less"
    single, joint = 2.2 * tau, 2.2 * tau * rest
    weights = [Weight(mean, 1.4 * half / 1.645, mean - 1.4 * half, mean + 1.4 * half) for mean in (joint, single)]
    chances = [Estimate(sigmoid(one.mean), sigmoid(one.low), sigmoid(one.high)) for one in weights]
    compared = strict - tied
    concordant = round(compared * (1 + tau) / 2)
    share = concordant / max(1, compared)
    return Effect(
        factor=info.name,
        account=Account(strict + strict // 10, strict, tied, strict // 10, 0),
        concordant=concordant,
        discordant=compared - concordant,
        tau14=estimate,
        q_value=min(1.0, math.exp(-abs(tau) / half * 2)),
        weight=weights[0],
        probability=chances[0],
        single_weight=weights[1],
        single_probability=chances[1],
        verdict=verdict,
        absorbed_by="word_count" if rest < 0.35 and info.name != "word_count" else None,
        sentence=f"{judge} prefers the {info.more} in {share:.0%} of {compared:,} comparisons (tau14 {estimate}).",
    )


def profile_of(
    judge: str, slice_name: str, infos: tuple[Factor, ...], strict: int, random: np.random.Generator
) -> Profile:
    """One profile with noise about the list's effects."""
    shift = random.normal(0, 0.05, len(infos)) + random.normal(0, 1 / sqrt(strict + 1), len(infos))
    effects = tuple(
        effect_of(
            info,
            float(np.clip(float(line.split("|")[4]) + move, -0.95, 0.95)),
            0 if info.name == "tables" else strict,
            rest=(0.2 if info.name in {"sentences", "paragraphs", "headings"} else 0.7),
            judge=judge,
        )
        for info, line, move in zip(infos, _FACTORS, shift, strict=False)
    )
    kinds: tuple[JudgeKind, ...] = ("human", "llm", "reward model", "label", "unknown")
    tied, unreadable, missing = strict // 6, strict // 40, strict // 90
    used = strict + tied
    right, half = float(random.uniform(0.62, 0.74)), 0.8 / sqrt(strict + 1)
    folds = 10 if strict >= 50 else 0
    scored = [Estimate(value, value - half, value + half) if folds else Estimate(nan) for value in
              (right, 0.58 + (1 - right) / 2, 0.52, right - 0.07, 0.692, 0.64)]  # fmt: skip
    return Profile(
        judge=judge,
        kind=kinds[sum(map(ord, judge)) % 5],
        slice=slice_name,
        account=Account(used + unreadable + missing, used, tied, unreadable, missing),
        inconsistent=used // 9,
        both_orders=used // 2,
        prompts=max(1, strict // 3),
        a_preferred=Estimate(0.52, 0.52 - half, 0.52 + half),
        effects=effects,
        prediction=Prediction(scored[0], scored[1], scored[2], scored[3], scored[4], scored[5], folds),
        fit=Fit(converged=True, iterations=14, tie_parameter=0.31),
        collinear=(
            Collinearity("word_count", "sentences", 0.86 + float(random.uniform(0, 0.05))),
            Collinearity("word_count", "paragraphs", 0.71),
            Collinearity("list_items", "steps_spelled_out", 0.74),
        ),
        apportionment=apportionment_of(infos, told=strict >= 5 * len(infos)),
        dependence=dependence_of(infos, judge),
        ceiling=ceiling_of(right, half) if judge.startswith("human") and folds else CEILING_NOT_KNOWN,
        annotators=ANNOTATORS if judge.startswith("human") else NO_ANNOTATORS,
    )


def apportionment_of(infos: tuple[Factor, ...], *, told: bool) -> Apportionment:
    """Shares that fall from factor to factor, the last not clear of 0; none where nothing can be told."""
    total = sum(range(1, len(infos) + 1))
    parts = [(len(infos) - place) / total if told else nan for place in range(len(infos))]
    shares = [
        FactorShare(info.name, Estimate(part, max(0.0, part - 0.02), part + 0.03), 0.003)
        for info, part in zip(infos, parts, strict=True)
    ]
    groups = []
    for group in dict.fromkeys(info.group for info in infos):
        members = [place for place, info in enumerate(infos) if info.group == group]
        part = sum(parts[place] for place in members)
        names = tuple(infos[place].name for place in members)
        groups.append(GroupShare(group, names, Estimate(part, max(0.0, part - 0.04), part + 0.05)))
    reason = "" if told else "120 comparisons, fewer than 5 to each of 34 factors"
    explained = Estimate(0.18, 0.15, 0.21) if told else Estimate(nan)
    return Apportionment(explained, 0.01, tuple(shares), tuple(groups), 8, reason)


def dependence_of(infos: tuple[Factor, ...], judge: str) -> Dependence:
    """Word count and sentences cannot be told apart where both are there."""
    names = [info.name for info in infos]
    together = IndistinguishableFactors(
        factors=("word_count", "sentences"),
        against=(),
        weight=Estimate(0.55, 0.4, 0.7),
        probability=Estimate(0.63, 0.6, 0.67),
        share=Estimate(0.11, 0.08, 0.15),
        sentence=f"word count and sentences cannot be told apart here: together, chosen in 63 % [60, 67] by {judge}",
    )
    return Dependence(
        inflation=tuple((name, 1.0 + 8.0 / (place + 1)) for place, name in enumerate(names)),
        condition_indices=(7.2, 3.1, 2.0),
        prior_shares=(0.9, 0.5, 0.1),
        indistinguishable=(together,) if {"word_count", "sentences"} <= set(names) else (),
    )


def ceiling_of(accuracy: float, half: float) -> Ceiling:
    """A ceiling of people who agree with one another on 78 % of comparisons."""
    ceiling = Estimate(0.84, 0.82, 0.86)
    return Ceiling(
        "annotators", 420, 1_260, Estimate(0.78, 0.76, 0.8), Estimate(0.8, 0.77, 0.82), Estimate(nan), Estimate(nan),
        ceiling, Estimate(0.78, 0.76, 0.8), Estimate(0.87, 0.86, 0.89),
        way_to_ceiling(Estimate(accuracy, accuracy - half, accuracy + half), ceiling), "",
    )  # fmt: skip


ANNOTATORS = Annotators(
    3,
    Estimate(0.78, 0.76, 0.8),
    (
        AnnotatorStanding("ann", 900, 880, Estimate(0.8, 0.77, 0.83), Estimate(0.01, -0.02, 0.04), 0.7, ""),
        AnnotatorStanding(
            HOSTILE, 900, 880, Estimate(0.5, 0.47, 0.53), Estimate(-0.3, -0.34, -0.26), 0.001, "always A"
        ),
    ),
)


def judge_names(number: int) -> list[str]:
    known = ["human", "gpt-4-turbo", "claude-3.5-sonnet", "reward-model-8b", "label", "llama-3-70b", "prometheus-2"]
    return (known + [f"judge-{index}" for index in range(100)])[:number]


def checks_of(judges: list[str], slices: list[str]) -> tuple[CheckOutcome, ...]:
    found = []
    for judge in judges:
        found += [
            CheckOutcome("PF101", "position bias", "warn", judge, "all",
                         f"{judge} changed its mind on 11 % of comparisons when the order was swapped.",
                         "Judge in both orders and average, or read the share that flips before acting."),
            CheckOutcome("PF102", "one-sided labels", "pass", judge, "all", "A is preferred in 52 % [50, 54].", ""),
            CheckOutcome("PF104", "correlated factors", "warn", judge, "all",
                         "3 pairs of factors mostly go together (largest 0.89).",
                         "Read the joint numbers, or leave one factor of each pair out."),
            CheckOutcome("PF107", "gold leakage", "not applicable", judge, "all", "There is no reference answer.", ""),
        ]  # fmt: skip
        for index, name in enumerate(slices):
            outcome = "underpowered" if index % 3 else "pass"
            found.append(
                CheckOutcome("PF103", "low support", outcome, judge, name, "24 strict preferences.",  # type: ignore[arg-type]
                             "Join small slices, or collect more.")
            )  # fmt: skip
    found.append(CheckOutcome("PF201", "duplicated comparisons", "fail", "", "", "312 comparisons occur twice.",
                              "Drop them: prefactor clean --duplicates."))  # fmt: skip
    found.append(CheckOutcome("PF202", "annotator agreement", "not measured", "", "", "No annotator column.", ""))
    return tuple(found)


def telling_of(judges: list[str]) -> tuple[TellingComparison, ...]:
    text = (
        "The tide is caused mainly by the Moon.\n\n"
        "1. The Moon pulls on the near side of the Earth more than on its centre.\n"
        "2. It pulls on the far side less.\n3. So there are two bulges, and the Earth turns under them.\n\n"
        "The Sun does the same at about half the strength, which is why spring and neap tides differ. "
    )
    return tuple(
        TellingComparison(
            judge=judge,
            why="The profile is surest here, and the judge agrees.",
            comparison=f"tides-{index:04d}",
            prompt="Why are there two tides a day?",
            response_a=text * 2 if index else f"{text}{HOSTILE}",
            response_b="It's because of the Moon. I'm sorry, but as an AI I can't go into more detail!",
            model_a="gpt-4-1106-preview",
            model_b=None if index else HOSTILE,
            preference=(1.0, 0.5, 0.2)[index % 3],
            predicted=0.91,
            contributions=(
                ("word_count", 0.92), ("list_items", 0.61), ("apologies", 0.34), ("distinct_words", -0.28),
                ("emoji", 0.0),
            ),
            attributions=(
                Attribution(("word_count", "sentences"), Estimate(0.92, 0.7, 1.1)),
                Attribution(("list_items",), Estimate(0.61, 0.5, 0.72)),
                Attribution(("apologies",), Estimate(0.34, 0.2, 0.5)),
                Attribution(("distinct_words",), Estimate(-0.28, -0.5, 0.1)),
            ),
        )
        for index, judge in enumerate(judges[:3])
    )  # fmt: skip


def settings_of(judges: list[str], slices: int) -> Settings:
    return Settings(
        interval=0.9, prior="Laplace", prior_scale=0.1, bootstraps=2_000, folds=10, seed=0, smallest_effect=0.1,
        false_discovery_rate=0.05, judges=tuple(judges), by=("scenario",) if slices else (), factors=("lexical",),
        excerpt=1_500, version="0.1.0",
    )  # fmt: skip


def explanation_of(size: Size) -> Explanation:
    """A realistic explanation of the given size."""
    random = np.random.default_rng(7)
    infos, judges = factor_infos(size.factors), judge_names(size.judges)
    values = [f"scenario={name} {index}" for index, name in enumerate(["summarisation", "code", "role play"] * 30)]
    slices = values[: size.slices]
    profiles = []
    for judge in judges:
        profiles.append(profile_of(judge, "all", infos, size.comparisons, random))
        for index, name in enumerate(slices):
            profiles.append(profile_of(judge, name, infos, 24 if index % 4 else 160, random))
    agreements = [
        Agreement(first, second, 2_000, 1_640, Estimate(rate, rate - 0.02, rate + 0.02))
        for place, first in enumerate(judges)
        for second in judges[place + 1 :]
        for rate in [float(random.uniform(0.45, 0.9))]
    ]
    return Explanation(
        profiles=tuple(profiles),
        factors=infos,
        agreements=tuple(agreements),
        checks=checks_of(judges, slices),
        telling=telling_of(judges),
        sources=(SourceCount("arena-2024.jsonl", "chatbot arena", 4_321, 12, 3),),
        comparisons=size.comparisons,
        responses=size.comparisons * 2 - 77,
        prompts=size.comparisons // 3,
        truth=(),
        settings=settings_of(judges, size.slices),
        against_annotators=tuple(
            AgainstAnnotators(
                judge,
                "human",
                400,
                1_200,
                Estimate(0.71, 0.69, 0.73),
                Estimate(0.78, 0.76, 0.8),
                Estimate(-0.07, -0.1, -0.04),
                Estimate(0.84, 0.82, 0.86),
                Estimate(0.62, 0.55, 0.69),
            )
            for judge in judges[1:3]
        ),
        pooled=pooled_of(infos, judges, slices),
    )


def pooled_of(infos: tuple[Factor, ...], judges: list[str], slices: list[str]) -> tuple[Pooling, ...]:
    """Slices of every judge, and judges, where there are enough of them."""
    names = [info.name for info in infos]
    found = [pooling_of(names, slices, judge=judge, column="scenario") for judge in judges if len(slices) >= 3]
    return (*found, pooling_of(names, judges)) if len(judges) >= 3 else tuple(found)


def hostile_explanation() -> Explanation:
    """An explanation in which every name and text a user or model can choose is hostile."""
    base = explanation_of(Size(judges=2, slices=2, factors=6, comparisons=400))
    infos = tuple(
        replace(one, label=HOSTILE, more=HOSTILE, definition=HOSTILE, unit=HOSTILE, group=HOSTILE)
        for one in base.factors
    )
    profiles = tuple(
        replace(
            one,
            judge=f"{one.judge}{HOSTILE}",
            slice=one.slice if one.slice == "all" else f"{HOSTILE}={HOSTILE}{one.slice}",
            effects=tuple(replace(effect, sentence=HOSTILE) for effect in one.effects),
            apportionment=replace(
                one.apportionment,
                groups=tuple(replace(group, group=HOSTILE) for group in one.apportionment.groups),
                reason=one.apportionment.reason and HOSTILE,
            ),
            dependence=replace(
                one.dependence,
                indistinguishable=tuple(replace(group, sentence=HOSTILE) for group in one.dependence.indistinguishable),
            ),
        )
        for one in base.profiles
    )
    text = HOSTILE * 5 + "\u202e\n" + "x" * 5_000 + "\ud800"
    telling = tuple(
        replace(one, judge=HOSTILE, why=HOSTILE, comparison=HOSTILE, prompt=text, response_a=text, response_b="\u202e")
        for one in base.telling
    )
    return replace(
        base,
        factors=infos,
        profiles=profiles,
        telling=telling,
        agreements=tuple(replace(one, first=HOSTILE, second=HOSTILE + "2") for one in base.agreements),
        checks=tuple(replace(one, judge=HOSTILE, message=HOSTILE, advice=HOSTILE) for one in base.checks),
        sources=(SourceCount(HOSTILE + "\udce9", HOSTILE, 1, 0, 0),),
        settings=replace(base.settings, by=(HOSTILE,), judges=(HOSTILE,), factors=(HOSTILE,)),
        against_annotators=tuple(
            replace(one, judge=f"{HOSTILE}{place}", annotators_of=HOSTILE)
            for place, one in enumerate(base.against_annotators)
        ),
        pooled=tuple(
            replace(one, judge=HOSTILE, factors=tuple(replace(factor, sentence=HOSTILE) for factor in one.factors))
            for one in (
                pooling_of(
                    [info.name for info in infos], [f"{HOSTILE}={HOSTILE}{place}" for place in range(3)], column=HOSTILE
                ),
                pooling_of([info.name for info in infos], [f"{HOSTILE}{place}" for place in range(3)]),
            )
        ),
    )


def empty_explanation() -> Explanation:
    """An explanation of a judge of whom nothing is known: no usable verdict, no number."""
    infos = factor_infos(3)
    none = Estimate(nan)
    effects = tuple(effect_of(info, 0.0, 0) for info in infos)
    profile = Profile(
        "silent judge", "llm", "all", Account(40, 0, 0, 30, 10), 0, 0, 0, none, effects,
        Prediction(none, none, none, none, none, none, 0), Fit(converged=False, iterations=0, tie_parameter=0.0), (),
    )  # fmt: skip
    return Explanation(
        (profile,), infos, (), (), (), (), 40, 80, 40, (), settings_of(["silent judge"], 0)
    )  # fmt: skip


def simulated_explanation() -> Explanation:
    """An explanation of a simulated judge, whose true weights are known."""
    base = explanation_of(Size(judges=1, factors=10))
    weights = [0.0 if math.isnan(effect.weight.mean) else effect.weight.mean for effect in base.profiles[0].effects]
    truth = tuple(
        (effect.factor, round(weight + 0.03 * (place % 3 - 1), 2))
        for place, (effect, weight) in enumerate(zip(base.profiles[0].effects, weights, strict=True))
    )
    return replace(base, truth=truth)
