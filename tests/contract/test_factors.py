"""What every measurer must do, whoever wrote it: the sets that ship, files of a user's own, and trained models."""

import importlib.util
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from models.tiny_readers import make_reader
from prefactor.factors import MEASURERS, Measurer, TextBatch, load_measurers, measure
from prefactor.factors.loading import MODEL_MEASURERS

pytestmark = pytest.mark.filterwarnings("ignore:.*lost their end")

RESPONSES = (
    "Perhaps **two** words.",
    "",
    "- one\n- two\n\nI can\u2019t help with that!",
    "\u6771\u4eac\u306f\u3002",
    "\x00\u202e\ud800",
    " \n\t ",
    "word " * 300,
)
BATCH = TextBatch(
    RESPONSES,
    ["Why?", "Why?", "", "\u306a\u305c\uff1f", "Why?", "x", "word"],
    [None, "a b", "two", None, "\ud800", "", "c" * 3_000],
    ["Two.", None, "one", "\u6771", "\x00", "x", "word"],
)

WORD_LISTS = '[[factor]]\nname = "modal"\ndefinition = "Modal verbs."\nwords = ["can", "could"]\n'
FUNCTIONS = 'def letters(response, prompt):\n    """Letters."""\n    return len(response) or None\n'


MODELS = {"evaluator": ("t5", ""), "embedding": ("bert", ""), "entailment": ("bert", "classes")}
EXACT = 0.0
ROUNDING = 1e-5
"""What padding may move the score of a model by."""


@pytest.fixture(params=[*MEASURERS, *MODEL_MEASURERS, "own.toml", "own.py"])
def measurer(request: pytest.FixtureRequest, tmp_path: Path, skip_or_fail: Callable[[str], NoReturn]) -> Measurer:
    for name, text in (("own.toml", WORD_LISTS), ("own.py", FUNCTIONS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    spec = str(request.param)
    if spec in MODEL_MEASURERS:
        if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
            skip_or_fail("needs the extra local (torch and transformers)")
        kind, head = MODELS[spec]
        (trained,) = load_measurers([f"{spec}@{make_reader(tmp_path / spec, kind, head=head)}"])
        return trained
    (loaded,) = load_measurers([str(tmp_path / spec) if "." in spec else spec])
    return loaded


def tolerance(measurer: Measurer) -> float:
    return ROUNDING if measurer.name.partition(" ")[0] in MODEL_MEASURERS else EXACT


def test_factors_are_described(measurer: Measurer) -> None:
    names = [factor.name for factor in measurer.factors]
    assert names
    assert len(set(names)) == len(names)
    for factor in measurer.factors:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", factor.name)
        assert all((factor.label, factor.definition, factor.unit, factor.group, factor.tasks))
        assert not factor.definition.endswith("..")
        assert re.search(r"\b(answer|longer|shorter|more)\b", factor.more), factor.more
        assert not factor.more.startswith(("the ", "a ", "an "))


def test_shape_and_type(measurer: Measurer) -> None:
    scores = measurer.measure(BATCH)
    assert scores.shape == (len(BATCH), len(measurer.factors))
    assert scores.dtype == np.float64
    assert not np.isinf(scores).any()


def test_an_empty_batch(measurer: Measurer) -> None:
    assert measurer.measure(TextBatch([], [], [])).shape == (0, len(measurer.factors))


def test_each_response_counts_by_itself(measurer: Measurer) -> None:
    together = measurer.measure(BATCH)
    for row in range(len(BATCH)):
        assert BATCH.references is not None
        others = (BATCH.prompts[row], BATCH.sources[row], BATCH.references[row])
        alone = measurer.measure(TextBatch([BATCH.responses[row]], [others[0]], [others[1]], [others[2]]))
        np.testing.assert_allclose(alone[0], together[row], rtol=0, atol=tolerance(measurer))


def test_a_copy_in_another_process_is_the_same(measurer: Measurer) -> None:
    before = measurer.measure(BATCH)
    copied = pickle.loads(pickle.dumps(measurer))
    assert (copied.name, copied.factors) == (measurer.name, measurer.factors)
    np.testing.assert_array_equal(copied.measure(BATCH), before)


def test_measuring_twice_gives_the_same(measurer: Measurer) -> None:
    np.testing.assert_array_equal(measure([measurer], BATCH), measurer.measure(BATCH))
