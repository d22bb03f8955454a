"""Entailment is that of plain transformers, sentence by sentence and window by window; classes are never guessed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.tiny import loaded
from prefactor.errors import SettingError
from prefactor.factors import TextBatch, load_measurers
from prefactor.factors.entailment import entailment_measurer

MakeReader = Callable[..., Path]


def one_by_one(folder: Path, premise: str, sentence: str, label: int = 2) -> float:
    torch, transformers = loaded("torch"), loaded("transformers")
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    read = tokenizer(premise, sentence, return_tensors="pt", split_special_tokens=True)
    with torch.inference_mode():
        return float(model(**read).logits[0].double().softmax(-1)[label])


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_scores_are_those_of_one_by_one(reader: MakeReader, kind: str) -> None:
    folder = reader(kind, head="classes")
    (measurer,) = load_measurers([f"entailment@{folder}"])
    assert [factor.name for factor in measurer.factors] == ["entailment", "least_entailed"]
    sources = ["Tea is a drink.", "Hot tea [SEP] is made.", None, " "]
    answers = ["Tea is hot. It is made of leaves. Why?", "No </s> [SEP]", "Tea.", "Tea."]
    scores = measurer.measure(TextBatch(answers, ["?"] * 4, sources))
    sentences = [["Tea is hot.", "It is made of leaves.", "Why?"], ["No </s> [SEP]"]]
    for row, own in enumerate(sentences):
        each = [one_by_one(folder, str(sources[row]), sentence) for sentence in own]
        assert scores[row] == pytest.approx([np.mean(each), min(each)], abs=1e-5)
    assert scores[0, 1] < scores[0, 0]
    assert np.isnan(scores[2:]).all()


def test_the_label_is_that_of_the_config(reader: MakeReader) -> None:
    batch = TextBatch(["Tea."], ["?"], ["Tea is hot."])
    folders = [
        reader("bert", head="classes", labels=labels)
        for labels in (("contradiction", "neutral", "entailment"), (" Entailment", "other", "neutral"))
    ]
    for place, folder in zip((2, 0), folders, strict=True):
        score = entailment_measurer(str(folder)).measure(batch)
        assert score[0, 0] == pytest.approx(one_by_one(folder, "Tea is hot.", "Tea.", place), abs=1e-5)


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("not_entailment", "x"), ("entails", "no")])
def test_other_labels_are_refused(reader: MakeReader, labels: tuple[str, ...]) -> None:
    with pytest.raises(SettingError, match=rf'one label "entailment".*{labels[0]}.*id2label'):
        load_measurers([f"entailment@{reader('bert', head='classes', labels=labels)}"])


def test_a_head_that_was_never_trained_is_refused(reader: MakeReader, tmp_path: Path) -> None:
    """transformers would put random weights in its place."""
    shutil.copytree(reader("bert"), tmp_path / "encoder")
    with pytest.raises(SettingError, match=r"no trained weights for this use: classifier\.bias"):
        load_measurers([f"entailment@{tmp_path / 'encoder'}"])


def test_a_long_source_is_read_in_windows(reader: MakeReader) -> None:
    folder = reader("bert", head="classes", longest=64)
    measurer = entailment_measurer(str(folder))
    assert measurer.model.longest == 64
    source, sentence = " ".join(f"tea{number} is hot" for number in range(40)), "It is hot."
    score = measurer.measure(TextBatch([sentence], ["?"], [source]))[0, 0]
    tokenizer = loaded("transformers").AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(source, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    offsets = encoded["offset_mapping"]
    room = 64 - 3 - len(tokenizer(sentence, add_special_tokens=False)["input_ids"])
    starts = range(0, len(offsets), room - 16)
    parts = [offsets[start : start + room] for start in starts if start == 0 or start + 16 < len(offsets)]
    found = [one_by_one(folder, source[part[0][0] : part[-1][1]], sentence) for part in parts]
    assert len(found) > 4
    assert score == pytest.approx(max(found), abs=1e-5)
    assert measurer.model.cut == 0


def test_a_sentence_that_leaves_no_room_is_cut_and_told_of(reader: MakeReader) -> None:
    measurer = entailment_measurer(str(reader("bert", head="classes", longest=64)))
    sentence = "tea and " * 60
    with pytest.warns(UserWarning, match="entailment .*: 1 texts lost their end"):
        scores = measurer.measure(TextBatch([sentence, "Tea."], ["?"] * 2, ["Tea is hot. " * 30] * 2))
    assert np.isfinite(scores).all()
    assert measurer.model.cut == 1


def test_the_batch_is_irrelevant(reader: MakeReader, monkeypatch: pytest.MonkeyPatch) -> None:
    measurer = entailment_measurer(str(reader("roberta", head="classes")))
    batch = TextBatch([f"Tea {'is hot ' * number}. No." for number in range(9)], ["?"] * 9, ["Tea is a drink."] * 9)
    together = measurer.measure(batch)
    monkeypatch.setattr("prefactor.llm.whole_texts._TOKENS_A_BATCH", {"cpu": 30})
    np.testing.assert_allclose(measurer.measure(batch), together, rtol=0, atol=1e-5)
    assert np.isnan(measurer.measure(TextBatch(["", "\n"], ["?"] * 2, ["a"] * 2))).all()
