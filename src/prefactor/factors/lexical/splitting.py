"""Texts as lists of sentences, the same that the factor ``sentences`` counts. Knows no model."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from prefactor.factors.base import TextBatch
from prefactor.factors.lexical.characters import CharacterTable
from prefactor.factors.lexical.chunk import Chunk, plan_chunks
from prefactor.factors.lexical.lexicons import LexiconIndex

__all__ = ["SentenceSplitter"]

_CLOSERS: Final = "\"'\u2019\u201d\u00bb)]}\u300d\u300f*_"
"""What may stand between the mark that ends a sentence and the space after it; it belongs to the sentence."""


class SentenceSplitter:
    """Splits texts into sentences; its tables are built on first use.

    Examples
    --------
    >>> SentenceSplitter().split(["Dr. Who came. (Why?) Nobody knew", "42"])
    [['Dr. Who came.', '(Why?)', 'Nobody knew'], ['42']]
    """

    @cached_property
    def _characters(self) -> CharacterTable:
        return CharacterTable()

    @cached_property
    def _lexicons(self) -> LexiconIndex:
        return LexiconIndex(self._characters)

    def __reduce__(self) -> tuple[type["SentenceSplitter"], tuple[()]]:
        return SentenceSplitter, ()

    def split(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the sentences of each text; a text without any letter is one, a blank one has none."""
        found: list[list[str]] = [[] for _ in texts]
        none: list[None] = [None] * len(texts)
        for plan in plan_chunks(TextBatch(texts, [""] * len(texts), none), with_prompts=False):
            chunk = Chunk(plan, self._characters, self._lexicons)
            for document, sentence in _sentences(chunk):
                found[plan.rows[document]].append(sentence)
        return [own or ([text.strip()] if text.strip() else []) for own, text in zip(found, texts, strict=True)]


def _sentences(chunk: Chunk) -> Iterator[tuple[int, str]]:
    """Yield the stretches that hold a word with a letter, each with the place of its document."""
    text, words = chunk.text, chunk.words
    limits = np.sort(np.concatenate([text.newlines, chunk.sentences.ends]))
    cuts = np.searchsorted(words.starts[words.lettered], limits)
    documents = text.document_of(limits).tolist()
    joined, begin = text.joined, 0
    for number, limit in enumerate(limits.tolist()):
        end = limit + 1
        while joined[limit] != "\n" and end < len(joined) and joined[end] in _CLOSERS:
            end += 1
        if number and cuts[number] > cuts[number - 1]:
            yield documents[number], joined[begin:end].strip()
        begin = max(begin, end)
