"""What a factor is and what measures it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from prefactor._typing import FloatArray

__all__ = ["Factor", "FeatureRule", "Measurer", "TextBatch"]

FeatureRule = Literal["more", "fewer", "any", "length"]
"""How the scores of two responses make a feature (:func:`prefactor.factors.features.feature_of`): which has more, which
has fewer, which has any where the other has none, or which is longer by the published rule."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A named, defined, measurable property of a response given its prompt.

    Parameters
    ----------
    name
        Identifier in files and on the command line ("list_items").
    label
        Words for a chart ("list items").
    more
        The answer that has more of it, in words that follow "the" ("longer answer", "answer with more list items").
    definition
        What exactly is measured.
    unit
        Unit of the score ("words", "per 100 words", "share", "yes or no").
    group
        The group it is shown in ("length", "formatting", ...).
    tasks
        Tasks it suits ("any", "summarization", "document-based QA", ...).
    way
        How it is measured: ``"text"`` from the text alone, otherwise a way of asking a model
        (:data:`prefactor.factors.asked.WAYS`).
    part
        Which outcome of that way it is, where the way has several ("severe" of the errors); empty where it is named as
        the factor is.
    anchors
        What each level of its scale means, from 0 up; empty where it is no rating.
    needs
        What the prompt must have for the factor to apply: ``"source"``, ``"reference"`` or a kind of query
        (:data:`prefactor.factors.asked.QUERY_KINDS`); empty where it always applies.
    feature
        How the scores of two responses make a feature.
    """

    name: str
    label: str
    more: str
    definition: str
    unit: str
    group: str
    tasks: tuple[str, ...] = ("any",)
    way: str = "text"
    part: str = ""
    anchors: tuple[str, ...] = ()
    needs: str = ""
    feature: FeatureRule = "more"


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Distinct responses with what they answer; the sequences are equally long.

    Parameters
    ----------
    responses
        The responses.
    prompts
        Their prompts.
    sources
        Their source documents, None where there is none.
    references
        Answers known to be good, None where there is none; None as a whole where there are none at all.
    """

    responses: Sequence[str]
    prompts: Sequence[str]
    sources: Sequence[str | None]
    references: Sequence[str | None] | None = None

    def __len__(self) -> int:
        return len(self.responses)


class Measurer(Protocol):
    """Measures some factors of a batch at once. Picklable, so that processes can share the work.

    Attributes
    ----------
    name
        Name of the set ("lexical", or the user's file).
    factors
        The factors in the order of the columns of :meth:`measure`.
    """

    @property
    def name(self) -> str:
        """Name of the set."""
        ...

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors, in the order of the columns of :meth:`measure`."""
        ...

    def measure(self, batch: TextBatch) -> FloatArray:
        """Return scores of shape (responses, factors); NaN where a factor does not apply to a response."""
        ...
