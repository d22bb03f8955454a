"""Sentences are those that the factor counts, and nothing of a text is read twice or between the wrong marks."""

import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.factors import TextBatch, load_measurers
from prefactor.factors.lexical.splitting import SentenceSplitter

SPLITTER = SentenceSplitter()
(COUNTS,) = load_measurers(["lexical:sentences"])
PIECES = st.sampled_from(
    ["Tea", "hot", ".", "!", "?", " ", " ", "\n", "\r\n", '"', ")", "*", "3", "Dr.", "e.g.", "\u3002", "\u6771"]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ('He said "no." Then (yes.) came', ['He said "no."', "Then (yes.)", "came"]),
        ("- one\n- two", ["- one", "- two"]),
        ("Dr. No is 3.5 m tall. Yes", ["Dr. No is 3.5 m tall.", "Yes"]),
        ("\u6771\u4eac\u306f\u3002\u3044\u3044\u3002", ["\u6771\u4eac\u306f\u3002", "\u3044\u3044\u3002"]),
        ("42", ["42"]),
        (" \n", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert SPLITTER.split([text]) == [expected]


@given(st.lists(st.lists(PIECES, max_size=30).map("".join), max_size=4))
def test_they_are_as_many_as_are_counted(texts: list[str]) -> None:
    counts = COUNTS.measure(TextBatch(texts, [""] * len(texts), [None] * len(texts)))[:, 0]
    for text, sentences, count in zip(texts, SPLITTER.split(texts), counts, strict=True):
        assert len(sentences) == (count or bool(text.strip()))
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        places = [0]
        for sentence in sentences if count else ():
            assert sentence == sentence.strip() != ""
            places.append(plain.index(sentence, places[-1]) + len(sentence))
        assert all(before < after for before, after in pairwise(places))


def test_a_copy_is_light() -> None:
    SPLITTER.split(["One."])
    copied = pickle.loads(pickle.dumps(SPLITTER))
    assert copied.split(["One. Two."]) == [["One.", "Two."]]
    assert len(pickle.dumps(SPLITTER)) < 200
