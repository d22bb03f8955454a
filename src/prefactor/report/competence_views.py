"""What a page about competence shows, as plain frozen data. Knows no markup and computes nothing.

Texts may still hold what users and models wrote, so whatever renders them escapes them.
"""

from dataclasses import dataclass

from prefactor.report.scales import Axis
from prefactor.report.views import Mark, Setting

__all__ = ["CompetencePage", "EvaluatorCard", "ExampleGroup", "ExampleText", "Flow", "FlowBand", "Grid", "GridCell"]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a table.

    Parameters
    ----------
    text, under
        What stands in it, and on a second line.
    shade
        Class of its shade; empty for none.
    mark
        What is drawn in it instead.
    """

    text: str
    under: str = ""
    shade: str = ""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """One table.

    Parameters
    ----------
    caption
        What it holds.
    note
        What a reader must know of it; empty for nothing.
    heads
        Names of the columns, the first of them that of the rows.
    rows
        Name of each row, and its cells.
    axis
        Of the marks; None where there are none.
    heat
        Whether cells are shaded.
    """

    caption: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GridCell, ...]], ...]
    axis: Axis | None = None
    heat: bool = False


@dataclass(frozen=True, slots=True)
class FlowBand:
    """One ribbon from left to right.

    Parameters
    ----------
    words, tone
        What it is, and how it is coloured.
    left, right
        Its top and bottom at either end, in percent of the height.
    """

    words: str
    tone: str
    left: tuple[float, float]
    right: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Flow:
    """Verdicts as they part.

    Parameters
    ----------
    caption
        What it shows.
    left, right
        Names of the upper and the lower node at either side.
    bands
        The ribbons between them.
    """

    caption: str
    left: tuple[str, str]
    right: tuple[str, str]
    bands: tuple[FlowBand, ...]


@dataclass(frozen=True, slots=True)
class EvaluatorCard:
    """One evaluator.

    Parameters
    ----------
    anchor, name
        Where it stands on the page, and its name.
    conclusion, tone, sentence
        Whether to trust it, how that is coloured, and why.
    facts
        What else there is to say.
    flows
        Its verdicts as they part.
    """

    anchor: str
    name: str
    conclusion: str
    tone: str
    sentence: str
    facts: tuple[str, ...]
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class ExampleText:
    """One verdict to read.

    Parameters
    ----------
    answerer, question, key, answer
        Whose answer, to what, what is right, and what was said.
    own
        What the evaluator answered itself; empty where that is not known.
    """

    answerer: str
    question: str
    key: str
    answer: str
    own: str


@dataclass(frozen=True, slots=True)
class ExampleGroup:
    """Verdicts of one kind.

    Parameters
    ----------
    title, tone
        Which, and how that is coloured.
    examples
        The verdicts.
    """

    title: str
    tone: str
    examples: tuple[ExampleText, ...]


@dataclass(frozen=True, slots=True)
class CompetencePage:
    """Everything on the page.

    Parameters
    ----------
    title, lead, version
        The opening, and the version of prefactor.
    stats
        Numbers below it.
    evaluators
        Every evaluator.
    tables
        Anchor, heading and tables of every further section.
    examples
        Verdicts to read.
    rule
        When a judge is trusted.
    settings
        What was asked for.
    files
        What was read.
    of_pairs
        Whether it is about judges of pairs.
    """

    title: str
    lead: str
    version: str
    stats: tuple[Setting, ...]
    evaluators: tuple[EvaluatorCard, ...]
    tables: tuple[tuple[str, str, tuple[Grid, ...]], ...]
    examples: tuple[ExampleGroup, ...]
    rule: str
    settings: tuple[Setting, ...]
    files: tuple[str, ...] = ()
    of_pairs: bool = False
