"""What a report shows, as plain frozen data: texts, and places in percent. Knows no markup and computes nothing.

Texts may still hold what users and models wrote, so whatever renders them escapes them.
"""

from dataclasses import dataclass
from typing import Literal

from prefactor.report.corrected_views import CorrectedTable
from prefactor.report.joint_views import SharesView, Together
from prefactor.report.scales import Axis

__all__ = [
    "AgainstRow",
    "AgainstTable",
    "AgreementCell",
    "AgreementRow",
    "Answer",
    "Bar",
    "CheckFinding",
    "CheckGroup",
    "FactorGroup",
    "FactorRow",
    "FactorTable",
    "FactorWords",
    "Headline",
    "JudgeFindings",
    "JudgeRow",
    "Mark",
    "Methods",
    "OverlapRow",
    "PooledFactorRow",
    "PooledForest",
    "PooledGroupRow",
    "PoolingView",
    "PredictionGroup",
    "PredictionRow",
    "Predictions",
    "ReportView",
    "Setting",
    "SideBySide",
    "SideBySideRow",
    "SliceCell",
    "SliceColumn",
    "SliceHead",
    "SliceRow",
    "SliceTable",
    "SourceRow",
    "Telling",
    "Tone",
    "TruthRow",
    "TruthTable",
]

Tone = Literal["more", "less", "none", "unclear"]
"""How a mark is drawn; ``"none"`` is a difference too small to matter, ``"unclear"`` one that cannot be told."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One estimate in words and on an axis.

    Parameters
    ----------
    value, interval
        In words; ``interval`` is empty where there is none.
    at, low, high
        Places in percent of the axis; None where there is none.
    tone
        How it is drawn.
    """

    value: str
    interval: str
    at: float | None
    low: float | None
    high: float | None
    tone: Tone


@dataclass(frozen=True, slots=True)
class FactorWords:
    """A factor as the report names it."""

    name: str
    label: str
    definition: str
    unit: str
    group: str


@dataclass(frozen=True, slots=True)
class Headline:
    """A finding of one judge: the sentence, and what is left of it when the other factors are held equal."""

    tone: Tone
    sentence: str
    equal: str


@dataclass(frozen=True, slots=True)
class JudgeFindings:
    """The strongest findings of one judge, or the plain line that there are none; ``dressed``: its manipulability."""

    judge: str
    headlines: tuple[Headline, ...]
    nothing: str
    together: str
    dressed: str = ""


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """One judge in the table of judges: counts in words, accuracy, and its strongest factor."""

    judge: str
    kind: str
    read: str
    used: str
    tied: str
    unreadable: str
    missing: str
    flipped: str
    a_preferred: Mark
    accuracy: Mark
    majority: str
    length: str
    strongest: str
    strongest_tone: Tone
    way: str


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One factor of one judge: influence, P(preferred) alone and together, and what may be said of it."""

    factor: FactorWords
    influence: Mark
    alone: Mark
    together: Mark
    verdict: str
    absorbed: str
    strict: str
    split: str
    q_value: str
    applies: str = ""


@dataclass(frozen=True, slots=True)
class FactorGroup:
    """Rows of one group of factors, the strongest first."""

    name: str
    rows: tuple[FactorRow, ...]


@dataclass(frozen=True, slots=True)
class FactorTable:
    """The factors of one judge on all comparisons; ``band`` is the stretch of influence that does not matter."""

    judge: str
    influence: Axis
    probability: Axis
    band: tuple[float, float]
    groups: tuple[FactorGroup, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SideBySideRow:
    """The influence of one factor on each judge."""

    factor: FactorWords
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The influence of every factor on several judges, one shared axis; ``left_out`` judges did not fit."""

    judges: tuple[str, ...]
    axis: Axis
    band: tuple[float, float]
    groups: tuple[tuple[str, tuple[SideBySideRow, ...]], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class SliceHead:
    """A slicing column and how many of its values follow."""

    name: str
    span: int


@dataclass(frozen=True, slots=True)
class SliceColumn:
    """One slice: its value, its strict preferences, and whether they are few."""

    value: str
    strict: int
    small: bool


@dataclass(frozen=True, slots=True)
class SliceCell:
    """Influence on one slice: its shade (``"p1"`` to ``"p4"``, ``"n1"`` to ``"n4"``, ``"pu"``, ``"nu"``, ``"z"``)."""

    shade: str
    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One factor over all slices."""

    factor: FactorWords
    cells: tuple[SliceCell, ...]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """The influence of every factor on one judge, slice by slice; the first column is the whole."""

    judge: str
    heads: tuple[SliceHead, ...]
    columns: tuple[SliceColumn, ...]
    rows: tuple[SliceRow, ...]
    small: int


@dataclass(frozen=True, slots=True)
class PooledGroupRow:
    """One slice or judge: its chance alone and pooled, and how much of the pooled one is its own (in percent)."""

    name: str
    used: str
    alone: Mark
    pooled: Mark
    own: float
    own_share: str


@dataclass(frozen=True, slots=True)
class PooledForest:
    """One factor in every group; ``band`` is the interval of the average, as start and width in percent."""

    factor: FactorWords
    sentence: str
    axis: Axis
    band: tuple[float, float]
    average: Mark
    rows: tuple[PooledGroupRow, ...]


@dataclass(frozen=True, slots=True)
class PooledFactorRow:
    """One factor over all groups: its average, how far they differ, and what may be said."""

    factor: FactorWords
    average: Mark
    difference: Mark
    own: float
    own_share: str
    verdict: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class PoolingView:
    """Groups pooled: the lead in words, all factors, and the groups one by one for the strongest."""

    title: str
    lead: str
    caution: str
    kind: str
    axis: Axis
    points: Axis
    factors: tuple[PooledFactorRow, ...]
    forests: tuple[PooledForest, ...]


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """Two factors that mostly go together, and what that means for each judge."""

    first: str
    second: str
    correlation: str
    strength: float
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """One way of predicting: its name, accuracy and log loss."""

    name: str
    accuracy: Mark
    log_loss: Mark
    own: bool


@dataclass(frozen=True, slots=True)
class PredictionGroup:
    """Every way of predicting one judge, what sums it up, and the place of the ceiling on the axis of accuracy."""

    judge: str
    summary: str
    rows: tuple[PredictionRow, ...]
    ceiling: float | None


@dataclass(frozen=True, slots=True)
class Predictions:
    """How well judges can be predicted, on shared axes."""

    accuracy: Axis
    log_loss: Axis
    groups: tuple[PredictionGroup, ...]


@dataclass(frozen=True, slots=True)
class AgreementCell:
    """Agreement of two judges; an empty ``value`` where they share nothing or are the same."""

    shade: str
    value: str
    interval: str
    strict: str


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Agreement of one judge with each."""

    judge: str
    cells: tuple[AgreementCell, ...]


@dataclass(frozen=True, slots=True)
class AgainstRow:
    """How well one judge predicts single annotators of another, in words."""

    judge: str
    verdicts: str
    right: str
    another: str
    ceiling: str
    way: str
    better: str


@dataclass(frozen=True, slots=True)
class AgainstTable:
    """How well judges predict one annotator of ``people`` at a time."""

    people: str
    rows: tuple[AgainstRow, ...]


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """What one check found in one place."""

    where: str
    outcome: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """One check: its worst outcome, how often each outcome came, what was found and what to do."""

    code: str
    name: str
    worst: str
    tally: str
    findings: tuple[CheckFinding, ...]
    more: tuple[CheckFinding, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One response of a comparison to read."""

    side: str
    model: str
    text: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One factor's part of the log-odds: its width in percent of half the axis, and the side it speaks for.

    ``low`` and ``high`` are the ends of its interval in percent of the whole axis, None where there is none; ``clear``
    says whether it leaves out 0.
    """

    label: str
    side: Literal["A", "B"]
    width: float
    value: str
    low: float | None = None
    high: float | None = None
    interval: str = ""
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Telling:
    """One comparison to read."""

    judge: str
    why: str
    comparison: str
    prompt: str
    answers: tuple[Answer, Answer]
    verdict: str
    predicted: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class TruthRow:
    """A true weight beside the recovered one."""

    label: str
    true: str
    true_at: float | None
    recovered: Mark
    covered: str


@dataclass(frozen=True, slots=True)
class TruthTable:
    """True weights of a simulated judge beside the recovered ones."""

    judge: str
    summary: str
    axis: Axis
    rows: tuple[TruthRow, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One file that was read, in words."""

    file: str
    format: str
    rows: str
    bad_rows: str
    repaired: str


@dataclass(frozen=True, slots=True)
class Methods:
    """What a reader needs to trust and repeat the report."""

    settings: tuple[Setting, ...]
    factors: tuple[FactorWords, ...]
    sources: tuple[SourceRow, ...]
    fits: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything a report shows, in its order. Sections without content are empty or None."""

    title: str
    lead: str
    stats: tuple[Setting, ...]
    mass: str
    smallest: str
    discovery: str
    judges: tuple[JudgeRow, ...]
    findings: tuple[JudgeFindings, ...]
    side_by_side: SideBySide | None
    factors: tuple[FactorTable, ...]
    shares: SharesView | None
    together: Together
    slices: tuple[SliceTable, ...]
    pooled: tuple[PoolingView, ...]
    overlaps: tuple[OverlapRow, ...]
    absorbed: tuple[str, ...]
    predictions: Predictions | None
    agreements: tuple[AgreementRow, ...]
    against: tuple[AgainstTable, ...]
    checks: tuple[CheckGroup, ...]
    telling: tuple[Telling, ...]
    truth: TruthTable | None
    methods: Methods
    version: str
    corrected: tuple[CorrectedTable, ...] = ()
