from collections.abc import Sequence

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.manipulability import NOT_MOVED, manipulability_sentence, measure_manipulability
from prefactor.analysis.units import JudgeUnits
from prefactor.factors import factors_of, load_measurers
from prefactor.factors.base import Factor
from prefactor.stats.special import sigmoid

NAMES = ("words", "characters", "bold", "emoji", "novel_words")


def factors() -> Sequence[Factor]:
    return factors_of(load_measurers((f"lexical:{','.join(NAMES)}",)))


def units_of(preference: FloatArray) -> JudgeUnits:
    count = len(preference)
    none = np.zeros(count, dtype=np.bool_)
    nothing = np.zeros(count, dtype=np.int64)
    return JudgeUnits(
        judge="j",
        kind="llm",
        comparison=np.arange(count),
        prompt=np.arange(count),
        preference=preference,
        missing=none,
        weight=np.ones(count),
        both_orders=none,
        inconsistent=none,
        first_preferred=nothing,
        ordered=nothing,
    )


def simulated(count: int) -> tuple[JudgeUnits, FloatArray]:
    """A judge that likes length, whose two measures always go together, and dislikes emoji; novel words count most."""
    random = np.random.default_rng(0)
    shown = random.choice([-1.0, 0.0, 1.0], size=(count, 5))
    shown[:, 1] = shown[:, 0]
    odds = shown @ np.array([0.4, 0.4, 0.0, -0.6, 2.0])
    return units_of((random.random(count) < sigmoid(odds)).astype(np.float64)), shown


def test_length_moves_as_one_and_content_is_left_alone() -> None:
    units, shown = simulated(3_000)
    found = measure_manipulability(units, shown, factors=factors(), tie_parameter=0.0, most=2)
    assert [(move.name, move.direction) for move in found.moves] == [("length", 1), ("emoji", -1)]
    assert found.moves[0].factors == ("words", "characters")
    assert found.towards.low < sigmoid(1.4) < found.towards.high
    assert found.away.value == 1 - found.towards.value
    assert "more length, less emoji" in manipulability_sentence(found)


def test_it_says_why_there_is_none() -> None:
    units, shown = simulated(50)
    nothing = measure_manipulability(units, np.zeros_like(shown), factors=factors(), tie_parameter=0.0)
    assert "never differ" in nothing.reason
    content = measure_manipulability(units, shown[:, 4:], factors=factors()[4:], tie_parameter=0.0)
    assert "no content-free factor" in content.reason
    single = measure_manipulability(units_of(np.ones(1)), shown[:1], factors=factors(), tie_parameter=0.0)
    assert "two prompts" in single.reason
    assert "cannot be told" in manipulability_sentence(single)
    assert not manipulability_sentence(NOT_MOVED)
