"""Similarities are those of plain transformers, one text at a time; long texts lose nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.tiny import loaded
from prefactor.factors import TextBatch, load_measurers
from prefactor.factors.embedding import embedding_measurer

MakeReader = Callable[..., Path]
RESPONSES = ("Tea is hot.", "No", "[SEP] </s> made of leaves " * 4, "")
BATCH = TextBatch(RESPONSES, ["Is tea hot?", "", "Why?", "x"], ["Tea is a drink.", None, "Hot tea.", "y"], ["a"] * 4)


def states(folder: Path) -> Callable[[list[int]], Any]:
    transformers, torch = loaded("transformers"), loaded("torch")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    model = model.get_encoder() if model.config.is_encoder_decoder else model

    def sums(ids: list[int]) -> Any:
        with torch.inference_mode():
            return model(input_ids=torch.tensor([ids])).last_hidden_state[0].double().sum(0).numpy()

    return sums


def cosine(one: Any, two: Any) -> float:
    return float(one @ two / np.sqrt((one @ one) * (two @ two)))


@pytest.mark.parametrize("kind", ["bert", "roberta", "t5"])
def test_scores_are_those_of_one_by_one(reader: MakeReader, kind: str) -> None:
    folder = reader(kind)
    (measurer,) = load_measurers([f"embedding@{folder}"])
    assert [factor.name for factor in measurer.factors] == [
        *("prompt_similarity", "source_similarity", "reference_similarity")
    ]
    scores = measurer.measure(BATCH)
    tokenizer = loaded("transformers").AutoTokenizer.from_pretrained(folder)
    sums = states(folder)

    def vector(text: str) -> Any:
        return sums(tokenizer(text, split_special_tokens=True)["input_ids"])

    for row in range(3):
        others = (BATCH.prompts[row], BATCH.sources[row], "a")
        for column, other in enumerate(others):
            if other:
                expected = cosine(vector(BATCH.responses[row]), vector(other))
                assert scores[row, column] == pytest.approx(expected, abs=1e-5)
            else:
                assert np.isnan(scores[row, column])
    assert np.isnan(scores[3]).all()
    assert len(np.unique(scores[:3, 2])) == 3


def test_a_long_text_is_read_in_windows(reader: MakeReader) -> None:
    folder = reader("bert", longest=32)
    measurer = embedding_measurer(str(folder), ["source_similarity"])
    long = "Tea is a hot drink and it is made of leaves. " * 8
    score = measurer.measure(TextBatch(["Tea is hot."], ["?"], [long]))
    tokenizer = loaded("transformers").AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(long, add_special_tokens=False, verbose=False)["input_ids"]
    begin, end = tokenizer("")["input_ids"]
    assert len(ids) > 3 * 30
    sums = states(folder)
    total = sum(sums([begin, *ids[start : start + 30], end]) for start in range(0, len(ids), 30))
    expected = cosine(total, sums(tokenizer("Tea is hot.")["input_ids"]))
    assert score[0, 0] == pytest.approx(expected, abs=1e-5)
    assert measurer.model.cut == 0


def test_a_text_is_as_close_to_itself_as_can_be(reader: MakeReader) -> None:
    measurer = embedding_measurer(str(reader("bert")))
    scores = measurer.measure(TextBatch(["Tea."], ["Tea."], ["Tea."], ["Tea."]))
    np.testing.assert_allclose(scores, 1, atol=1e-12)
    assert scores.max() <= 1


def test_each_text_is_read_once(reader: MakeReader) -> None:
    measurer = embedding_measurer(str(reader("bert")))
    measurer.measure(TextBatch(["Tea."], ["Why?"], ["Why?"], ["Tea."]))
    once = measurer.model.computed
    measurer.measure(TextBatch(["Tea."] * 9, ["Why?"] * 9, ["Why?"] * 9, ["Tea."] * 9))
    assert measurer.model.computed == 2 * once


def test_without_any_references(reader: MakeReader) -> None:
    scores = embedding_measurer(str(reader("bert"))).measure(TextBatch(["a"], ["b"], [None]))
    assert np.isnan(scores).tolist() == [[False, True, True]]
