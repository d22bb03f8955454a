"""A trained evaluator: a sequence-to-sequence model answers yes or no to a question about the answer.

After UniEval (Zhong et al. 2022, arXiv 2210.07197), whose models read texts in the one form that they were trained on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.errors import SettingError
from prefactor.factors.base import Factor, TextBatch
from prefactor.factors.lexical.splitting import SentenceSplitter
from prefactor.factors.trained import is_blank, pick_factors, ready, tell_of_cuts
from prefactor.llm.whole_texts import WholeTexts

__all__ = ["EvaluatorMeasurer", "evaluator_measurer"]

_SEPARATOR: Final = " </s> "
_USUAL: Final = ("fluency", "coherence", "consistency", "relevance")


@dataclass(frozen=True, slots=True)
class _Form:
    """What a model of this kind reads: a question, then texts with their labels.

    ``answer`` is the label of the answer, ``further`` those of other texts by what they are. Where the answer is read
    sentence by sentence, ``combine`` makes one score of theirs.
    """

    question: str
    answer: str
    further: tuple[tuple[str, str], ...] = ()
    combine: Callable[[Sequence[float]], float] | None = None


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


_FORMS: Final = {
    "fluency": _Form("Is this a fluent paragraph?", "paragraph", combine=_mean),
    "coherence": _Form("Is this a coherent summary to the document?", "summary", (("document", "source"),)),
    "consistency": _Form(
        "Is this claim consistent with the document?", "claim", (("document", "source"),), combine=_mean
    ),
    "relevance": _Form("Is this summary relevant to the reference?", "summary", (("reference", "reference"),)),
    "naturalness": _Form("Is this a natural response in the dialogue?", "response"),
    "dialogue_coherence": _Form(
        "Is this a coherent response given the dialogue history?", "response", (("dialogue history", "prompt"),)
    ),
    "engagingness": _Form(
        "Is this an engaging and informative response according to the dialogue history and fact?",
        "response",
        (("dialogue history", "prompt"), ("fact", "source")),
        combine=sum,
    ),
    "groundedness": _Form("Is this response consistent with knowledge in the fact?", "response", (("fact", "source"),)),
    "understandability": _Form("Is this an understandable response in the dialogue?", "response"),
}
"""The forms that the models for summaries and for dialogues were trained on."""


@dataclass(frozen=True)
class EvaluatorMeasurer:
    """Measures with a trained evaluator; make one with :func:`evaluator_measurer`.

    The score is P(yes) / (P(yes) + P(no)) of the first token of the reply.

    Parameters
    ----------
    name
        Name of the set, with the model.
    factors
        The factors, in the order of the columns.
    model
        What reads the texts.
    yes, no
        The tokens whose probabilities are compared.
    """

    name: str
    factors: tuple[Factor, ...]
    model: WholeTexts
    yes: int
    no: int
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter, repr=False, compare=False)

    def measure(self, batch: TextBatch) -> FloatArray:
        """Return scores of shape (responses, factors), from 0 to 1 (``engagingness``: to the number of sentences).

        NaN where the answer is empty or a text that the question is about is not there.

        Warns
        -----
        UserWarning
            Texts are longer than the model reads and lose their end, that of the document first.
        """
        scores = np.full((len(batch), len(self.factors)), np.nan)
        asked: dict[str, int] = {}
        wanted = [
            (row, column, [asked.setdefault(text, len(asked)) for text in texts])
            for row, column, texts in self._texts(batch)
        ]
        rows, cut = self.model.beginnings(list(asked), special=True)
        tell_of_cuts(self.name, cut, longest=self.model.longest)
        logits = self.model.first_tokens(rows, [self.yes, self.no])
        yes = np.exp(-np.logaddexp(0, logits[:, -1] - logits[:, 0]))
        for row, column, places in wanted:
            combine = _FORMS[self.factors[column].name].combine
            found = [float(yes[place]) for place in places]
            scores[row, column] = combine(found) if combine else found[0]
        return scores

    def _texts(self, batch: TextBatch) -> Iterator[tuple[int, int, list[str]]]:
        """Yield row, column, and what the model reads, for every score that there is."""
        others = {"source": batch.sources, "prompt": batch.prompts, "reference": batch.references}
        sentences = self.splitter.split(batch.responses)
        for row, response in enumerate(batch.responses):
            for column, factor in enumerate(self.factors):
                form = _FORMS[factor.name]
                lists = [(label, others[kind]) for label, kind in form.further]
                further = [(label, texts[row] if texts is not None else None) for label, texts in lists]
                if is_blank(response) or any(is_blank(text) for _, text in further):
                    continue
                parts = sentences[row] if form.combine else [response]
                tail = [(label, text or "") for label, text in further]
                yield row, column, [self._filled(form.question, [(form.answer, part), *tail]) for part in parts]

    def _filled(self, question: str, texts: Sequence[tuple[str, str]]) -> str:
        parts = [f"question: {question}", *(f"{label}: {self._plain(text)}" for label, text in texts)]
        return _SEPARATOR.join(parts)

    def _plain(self, text: str) -> str:
        """Return a text in which nothing is read as a separator."""
        for token in self.model.special:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return text


def evaluator_measurer(model: str, names: Sequence[str] | None = None, *, longest: int = 1_024) -> EvaluatorMeasurer:
    """Return a measurer with a trained evaluator, such as the models of UniEval.

    Parameters
    ----------
    model
        Folder of a sequence-to-sequence model, or a name that transformers finds.
    names
        The factors, in the order wanted; by default those of a model for summaries.
    longest
        Most tokens that are read.

    Raises
    ------
    MissingExtraError
        The extra ``local`` is not installed.
    SettingError
        The model cannot be loaded, or knows no "Yes" and "No"; a name is given twice.
    UnknownNameError
        There is no such factor.
    """
    factors = pick_factors("evaluator", names, usual=_USUAL)
    whole = ready(WholeTexts(model, "first token", feature="a trained evaluator", longest=longest))
    yes, no = whole.token("Yes"), whole.token("No")
    if yes is None or no is None or yes == no:
        raise SettingError("factors", expected="a model that can begin a reply with Yes and with No", got=model)
    return EvaluatorMeasurer(f"evaluator {model}", factors, whole, yes, no)
