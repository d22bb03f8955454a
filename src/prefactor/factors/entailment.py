"""How far a source entails what an answer says, sentence by sentence, by a model of natural-language inference.

The idea is that of SummaC (Laban et al. 2022, arXiv 2111.09525), with windows of the source in place of its sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from prefactor._typing import FloatArray
from prefactor.errors import SettingError
from prefactor.factors.base import Factor, TextBatch
from prefactor.factors.lexical.splitting import SentenceSplitter
from prefactor.factors.trained import is_blank, pick_factors, ready, tell_of_cuts
from prefactor.llm.whole_texts import WholeTexts

__all__ = ["EntailmentMeasurer", "entailment_measurer"]

_LABEL = "entailment"


@dataclass(frozen=True)
class EntailmentMeasurer:
    """Measures entailment; make one with :func:`entailment_measurer`.

    The score of a sentence is P(entailment) with the source as premise. A source that is longer than the model reads is
    read in windows that overlap, and the window that entails the sentence most counts.

    Parameters
    ----------
    name
        Name of the set, with the model.
    factors
        The factors, in the order of the columns.
    model
        What reads the texts.
    label
        Place of the class "entailment".
    """

    name: str
    factors: tuple[Factor, ...]
    model: WholeTexts
    label: int
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter, repr=False, compare=False)

    def measure(self, batch: TextBatch) -> FloatArray:
        """Return probabilities of shape (responses, factors); NaN where the answer is empty or there is no source.

        Warns
        -----
        UserWarning
            Sentences take more than half of what the model reads, and lose their end.
        """
        sentences = self.splitter.split(batch.responses)
        pairs: dict[tuple[str, str], int] = {}
        places: list[list[int]] = []
        for own, source in zip(sentences, batch.sources, strict=True):
            told = [(source, each) for each in own] if source is not None and not is_blank(source) else []
            places.append([pairs.setdefault(pair, len(pairs)) for pair in told])
        entailed = self._entailed(list(pairs))
        scores = np.full((len(batch), len(self.factors)), np.nan)
        for row, found in enumerate(places):
            for column, factor in enumerate(self.factors):
                if found:
                    scores[row, column] = np.mean(entailed[found]) if factor.part == "mean" else min(entailed[found])
        return scores

    def _entailed(self, pairs: Sequence[tuple[str, str]]) -> FloatArray:
        """Return P(entailment) of pairs of premise and sentence."""
        longest = self.model.longest
        sentences, cut = self.model.shortened([sentence for _, sentence in pairs], tokens=longest // 2)
        tell_of_cuts(self.name, cut, longest=longest)
        windows = self.model.windows([source for source, _ in pairs], sentences, overlap=longest // 4)
        found = np.zeros(len(pairs))
        if pairs:
            logits = self.model.classes(windows.rows)
            powers = np.exp(logits - logits.max(axis=1, keepdims=True))
            np.maximum.at(found, windows.owners, powers[:, self.label] / powers.sum(axis=1))
        return found


def entailment_measurer(model: str, names: Sequence[str] | None = None, *, longest: int = 1_024) -> EntailmentMeasurer:
    """Return a measurer of entailment.

    Parameters
    ----------
    model
        Folder of a sequence classifier one of whose labels is "entailment", or a name that transformers finds.
    names
        The factors, in the order wanted; all of them by default.
    longest
        Most tokens that are read at once.

    Raises
    ------
    MissingExtraError
        The extra ``local`` is not installed.
    SettingError
        The model cannot be loaded, or has no such label; a name is given twice.
    UnknownNameError
        There is no such factor.
    """
    factors = pick_factors("entailment", names)
    whole = ready(WholeTexts(model, "classes", feature="entailment", longest=longest))
    labels = [label.strip().casefold() for label in whole.labels]
    if labels.count(_LABEL) != 1:
        expected = f'a classifier of natural-language inference, with one label "{_LABEL}"'
        hint = "write the names of its classes into id2label of its config.json"
        raise SettingError("factors", expected=expected, got=list(whole.labels), hint=hint)
    return EntailmentMeasurer(f"entailment {model}", factors, whole, labels.index(_LABEL))
