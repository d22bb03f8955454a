"""Real slices as the arrays that a posterior is fitted to: what the committed long runs were made from.

Reads logs and measures them; knows no sampler and no fit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from prefactor._typing import BoolArray, FloatArray, SignArray
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import sign_features
from prefactor.analysis.units import judge_units
from prefactor.config import WHOLE
from prefactor.data.dataset import Dataset
from prefactor.study import measure, read

MODELS = (
    "FuseChat-Gemma-2-9B-Instruct",
    "Mixtral-8x7B-Instruct-v0.1_concise",
    "Qwen-14B-Chat",
    "alpaca-7b",
    "claude-2",
    "gemma-2b-it",
    "text_davinci_003",
    "vicuna-7b-v1.5",
)
"""AlpacaEval logs, each a slice of 805 comparisons with soft preferences and ties."""

SCENARIOS = ("chitchat", "code_generation", "math_reasoning", "planning", "text_summarization", "value_judgement")
"""Scenarios of Auto-J, 24 comparisons each."""

GROUPS = ("code_", "writing_", "")
"""Beginnings of scenarios that are one slice together; the last is all of them."""

JUDGES = (
    "label",
    "claude-3-haiku-20240307",
    "o1-mini-2024-09-12",
    "Skywork/Skywork-Reward-Gemma-2-27B",
    "internlm/internlm2-20b-reward",
)
"""Judges of JudgeBench."""


@dataclass(frozen=True, slots=True)
class RealSlice:
    """One judge on one slice.

    Parameters
    ----------
    name
        Source and slice.
    factors
        Names of the columns of ``features``.
    features
        Signs, shape (n, factors), of the rows whose responses differ in anything; not measured is 0.
    preference, weights
        Shape (n,).
    """

    name: str
    factors: tuple[str, ...]
    features: FloatArray
    preference: FloatArray
    weights: FloatArray

    def fingerprint(self) -> str:
        """Hash of the arrays, so that a changed reader or factor is told apart from a wrong fit."""
        values = np.column_stack([self.features, self.preference, self.weights]).astype("<f8")
        values = values[np.lexsort(values.T)]
        return sha256("\n".join(self.factors).encode() + values.tobytes()).hexdigest()[:16]


def real_slices(data: Path) -> Iterator[RealSlice]:
    """Yield every slice, from the folder with the real logs."""
    for model in MODELS:
        path = data / "alpaca_eval" / "weighted_alpaca_eval_gpt4_turbo" / f"{model}.json"
        log = _Log(read(str(path)))
        yield log.slice(f"alpaca_eval: {model}", log.dataset.judges[0])
    log = _Log(read(str(data / "auto_j")))
    scenario = log.dataset.comparisons["scenario"].to_numpy().astype(np.str_)
    for name in SCENARIOS:
        yield log.slice(f"auto_j: {name}", "human", scenario == name)
    for begin in GROUPS:
        chosen = np.char.startswith(scenario, begin)
        yield log.slice(f"auto_j: {begin}* together" if begin else f"auto_j: {WHOLE}", "human", chosen)
    log = _Log(read(str(data / "judgebench")))
    for judge in JUDGES:
        yield log.slice(f"judgebench: {judge}", judge)


class _Log:
    """A log with its sign features."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        scores = measure(dataset, workers=1)
        self.factors = tuple(factor.name for factor in scores.factors)
        self.signs: SignArray = sign_features(dataset, scores)

    def slice(self, name: str, judge: str, chosen: BoolArray | None = None) -> RealSlice:
        units = judge_units(self.dataset, judge)
        used = (units if chosen is None else units.on(chosen)).used()
        features = np.nan_to_num(as_floats(self.signs[used.comparison]))
        differing = features.any(axis=1)
        return RealSlice(name, self.factors, features[differing], used.preference[differing], used.weight[differing])
