"""What holds whatever is read: batches that do not fit are halved, a model is loaded once, limits are the model's."""

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from models.tiny import loaded
from models.tiny_readers import make_reader
from prefactor.errors import CallError
from prefactor.llm import local_model, whole_texts
from prefactor.llm.whole_texts import WholeTexts

TEXTS = [f"Tea {'is hot ' * number}" for number in range(7)]


@pytest.fixture(scope="module")
def folders(skip_or_fail: Callable[[str], NoReturn], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        skip_or_fail("needs the extra local (torch and transformers)")
    return {
        kind: make_reader(tmp_path_factory.mktemp(kind), kind, longest=64) for kind in ("bert", "roberta", "bart", "t5")
    }


def encoder(folder: Path, longest: int = 1_024) -> WholeTexts:
    return WholeTexts(str(folder), "states", feature="a test", longest=longest)


class Small:
    """A model on a device whose memory takes so many rows at once."""

    def __init__(self, model: Any, rows: int) -> None:
        self.model, self.rows, self.seen = model, rows, list[int]()

    def __call__(self, **given: Any) -> Any:
        self.seen.append(len(given["input_ids"]))
        if self.seen[-1] > self.rows:
            raise loaded("torch").OutOfMemoryError
        return self.model(**given)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_batch_that_does_not_fit_is_halved(folders: dict[str, Path], rows: int) -> None:
    model = encoder(folders["bert"])
    whole = model.pooled(TEXTS)
    assert model._found is not None
    small = Small(model._found.model, rows)
    object.__setattr__(model._found, "model", small)
    np.testing.assert_allclose(model.pooled(TEXTS), whole, rtol=0, atol=1e-6)
    assert max(small.seen) == len(TEXTS)
    small.rows = 0
    with pytest.raises(CallError, match="one text is too long for the memory of cpu"):
        model.pooled(TEXTS)


def test_threads_load_one_model(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = local_model.load_pretrained

    def counting(path: str, kind: Any, **further: Any) -> Any:
        calls.append(path)
        return real(path, kind, **further)

    monkeypatch.setattr(whole_texts, "load_pretrained", counting)
    model = encoder(folders["bert"])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(model.pooled, [TEXTS] * 4))
    assert len(calls) == 1
    for each in found[1:]:
        np.testing.assert_array_equal(each, found[0])


@pytest.mark.parametrize(
    ("kind", "longest", "expected"),
    [("bert", 1_024, 64), ("roberta", 1_024, 64), ("bart", 1_024, 64), ("t5", 1_024, 1_024), ("bert", 32, 32)],
)
def test_limits(folders: dict[str, Path], kind: str, longest: int, expected: int) -> None:
    model = encoder(folders[kind], longest=longest)
    assert model.longest == expected
    assert np.isfinite(model.pooled(["tea " * 500])).all()


def test_words_that_begin_a_reply(folders: dict[str, Path]) -> None:
    model = WholeTexts(str(folders["t5"]), "first token", feature="a test")
    assert None not in {model.token("Yes"), model.token("No")}
    assert model.token("Yes") != model.token("No")
    assert model.token("") is None


def test_nothing_to_read(folders: dict[str, Path]) -> None:
    model = encoder(folders["bert"])
    assert len(model.pooled([])) == len(model.classes([])) == 0
    assert model.beginnings([]) == ([], 0)
    assert model.shortened([], tokens=3) == ([], 0)


def test_shortening_keeps_the_beginning(folders: dict[str, Path]) -> None:
    model = encoder(folders["bert"])
    text = "Tea is a hot drink. \U0001f375 It is made of leaves."
    (kept,), cut = model.shortened([text], tokens=5)
    assert text.startswith(kept)
    assert 0 < len(kept) < len(text)
    assert model.shortened([text, "a\ud800"], tokens=500) == ([text, "a\ufffd"], 0)
    assert cut == model.cut == 1
