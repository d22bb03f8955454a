"""The options of ``prefactor competence``, gathered."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import click

from prefactor.analysis.competence import CompetenceSettings
from prefactor.analysis.competence.pairs import PairSettings
from prefactor.analysis.competence.results import LEAST_TO_TRUST
from prefactor.analysis.competence.truth import MODEL
from prefactor.cli.gathering import gathered_options
from prefactor.cli.judging import fence_option, repeat_option
from prefactor.cli.options import factor_specs
from prefactor.errors import SettingError
from prefactor.graders.asked import Asking
from prefactor.graders.base import AUTOMATIC, GRADERS
from prefactor.graders.prompt_file import FORMS

__all__ = ["CompetenceOptions", "competence_options"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class CompetenceOptions:
    """What the options say; named as on the command line.

    Parameters
    ----------
    out, dry_run
        Where results go, and whether nothing is asked.
    models, fence, repeat
        Models that answer and grade, whether texts are fenced off, and how often each is asked.
    graders, evaluators
        Graders against the key, and those put to the test.
    forms, with_reference, allow_unknown, grade_only
        How models are asked.
    same
        Evaluators that are answerers, as ``EVALUATOR=ANSWERER``.
    slices, label, knows
        Columns, the judge whose verdicts are the truth of pairs, and columns of what judges know.
    trust_at
        From which accuracy a judge is trusted.
    factors
        Factors of the user's own.
    """

    out: Path | None
    dry_run: bool
    models: tuple[str, ...]
    fence: str
    repeat: int
    graders: tuple[str, ...]
    evaluators: tuple[str, ...]
    forms: tuple[str, ...]
    with_reference: bool
    allow_unknown: bool
    grade_only: bool
    same: tuple[str, ...]
    slices: tuple[str, ...]
    label: str
    knows: tuple[str, ...]
    trust_at: float
    factors: tuple[str, ...]

    def check(self) -> None:
        """Refuse a run that would write nothing.

        Raises
        ------
        SettingError
            No folder is named.
        """
        if self.out is None and not self.dry_run:
            raise SettingError("--out", expected="a folder to write into", got="none", hint="or --dry-run")

    def asking(self) -> Asking:
        """Return how models are asked."""
        keyed = self.with_reference or any(name.startswith(MODEL) for name in self.graders)
        return Asking(
            self.models,
            self.forms or FORMS[:1],
            (False, True) if keyed else (False,),
            self.allow_unknown,
            self.fence == "on",
            self.repeat,
        )

    def settings(self) -> CompetenceSettings:
        """Return what is asked of answers.

        Raises
        ------
        SettingError
            A pair of evaluator and answerer is not written as one.
        """
        pairs = [part.partition("=") for part in self.same]
        for part, (evaluator, _, answerer) in zip(self.same, pairs, strict=True):
            if not evaluator or not answerer:
                raise SettingError("--is", expected="EVALUATOR=ANSWERER", got=part)
        return CompetenceSettings(
            graders=self.graders or (AUTOMATIC,),
            evaluators=self.evaluators,
            same=tuple((evaluator, answerer) for evaluator, _, answerer in pairs),
            slices=self.slices,
            factors=factor_specs(self.factors),
            least=self.trust_at,
        )

    def pair_settings(self) -> PairSettings:
        """Return what is asked of pairs."""
        pairs = [part.rpartition("=") for part in self.knows]
        knows = tuple((judge, column) for judge, _, column in pairs)
        return PairSettings(label=self.label, knows=knows, slices=self.slices, least=self.trust_at)


def competence_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options; the command takes them as its last positional argument."""
    names = CompetenceOptions.__slots__
    return gathered_options(command, names=names, options=_OPTIONS, build=CompetenceOptions)


_OPTIONS: Final = (
    click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Folder for the page, the results as JSON and, where models are asked, what they said.",
    ),
    click.option(
        "--model",
        "--models",
        "models",
        multiple=True,
        metavar="NAME",
        help="Model that answers the questions and grades all answers. May be repeated.",
    ),
    fence_option,
    repeat_option,
    click.option(
        "--grader",
        "graders",
        multiple=True,
        metavar="NAME",
        help=f"Grades against the key: {', '.join(GRADERS)}, 'f1:0.7', or 'model:NAME' for a model that sees it. The "
        f"first says what is right where no person did; all are compared with people. [default: {AUTOMATIC}]",
    ),
    click.option(
        "--evaluator",
        "evaluators",
        multiple=True,
        metavar="NAME",
        help="A grader of that kind to be put to the test like a judge. May be repeated.",
    ),
    click.option(
        "--form",
        "forms",
        multiple=True,
        type=click.Choice(FORMS),
        help=f"How models are asked to grade; others than the first are controls. [default: {FORMS[0]}]",
    ),
    click.option("--with-reference", is_flag=True, help="Let models grade with the key before them too, as a control."),
    click.option("--allow-unknown", is_flag=True, help="Let models say that they do not know."),
    click.option(
        "--grade-only", is_flag=True, help="Let models grade recorded answers, and answer nothing themselves."
    ),
    click.option(
        "--is",
        "same",
        multiple=True,
        metavar="EVALUATOR=ANSWERER",
        help="These are one model, which their names do not say. May be repeated.",
    ),
    click.option(
        "--slice", "slices", multiple=True, metavar="COLUMN", help="Look at every value of a column by itself."
    ),
    click.option("--label", default="", metavar="JUDGE", help="Pairs: whose verdicts are the truth. [default: labels]"),
    click.option(
        "--knows",
        multiple=True,
        metavar="[JUDGE=]COLUMN",
        help="Pairs: the column that says whether a judge can answer the prompt itself. May be repeated.",
    ),
    click.option(
        "--trust-at",
        type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
        default=LEAST_TO_TRUST,
        show_default=True,
        help="Balanced accuracy (of pairs: accuracy) from which a judge is trusted.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what asking would take, and ask nothing."),
)
