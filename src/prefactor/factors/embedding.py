"""How close an answer is in meaning to prompt, source and reference: cosines of the mean states of an encoder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prefactor._typing import FloatArray
from prefactor.factors.base import Factor, TextBatch
from prefactor.factors.trained import is_blank, pick_factors, ready
from prefactor.llm.whole_texts import WholeTexts

__all__ = ["EmbeddingMeasurer", "embedding_measurer"]


@dataclass(frozen=True)
class EmbeddingMeasurer:
    """Measures similarity with an encoder; make one with :func:`embedding_measurer`.

    A text is the mean of the states of all its tokens, brought to length 1 (Reimers and Gurevych 2019,
    arXiv 1908.10084); one that is longer than the model reads is read in windows, and loses nothing.

    Parameters
    ----------
    name
        Name of the set, with the model.
    factors
        The factors, in the order of the columns; their ``part`` is what the answer is compared with.
    model
        What reads the texts.
    """

    name: str
    factors: tuple[Factor, ...]
    model: WholeTexts

    def measure(self, batch: TextBatch) -> FloatArray:
        """Return cosines of shape (responses, factors), from -1 to 1; NaN where one of the two texts is not there."""
        others = {"prompt": batch.prompts, "source": batch.sources, "reference": batch.references}
        pairs: list[tuple[int, int, str, str]] = []
        for column, factor in enumerate(self.factors):
            texts = others[factor.part] or [None] * len(batch)
            pairs += [
                (row, column, answer, text)
                for row, (answer, text) in enumerate(zip(batch.responses, texts, strict=True))
                if text is not None and not is_blank(text) and not is_blank(answer)
            ]
        places = {text: place for place, text in enumerate(dict.fromkeys(text for pair in pairs for text in pair[2:]))}
        vectors = self.model.pooled(list(places))
        scores = np.full((len(batch), len(self.factors)), np.nan)
        for row, column, answer, text in pairs:
            scores[row, column] = vectors[places[answer]] @ vectors[places[text]]
        return np.asarray(np.clip(scores, -1, 1))


def embedding_measurer(model: str, names: Sequence[str] | None = None, *, longest: int = 1_024) -> EmbeddingMeasurer:
    """Return a measurer of similarity with an encoder.

    Parameters
    ----------
    model
        Folder of an encoder, or a name that transformers finds.
    names
        The factors, in the order wanted; all of them by default.
    longest
        Most tokens that are read at once.

    Raises
    ------
    MissingExtraError
        The extra ``local`` is not installed.
    SettingError
        The model cannot be loaded; a name is given twice.
    UnknownNameError
        There is no such factor.
    """
    factors = pick_factors("embedding", names)
    return EmbeddingMeasurer(
        f"embedding {model}",
        factors,
        ready(WholeTexts(model, "states", feature="embedding similarity", longest=longest)),
    )
