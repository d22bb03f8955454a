"""prefactor explains preferences: which factors of an answer move a judge, and how sure that is.

>>> import prefactor as pf
>>> dataset = pf.read("logs/*.json")  # doctest: +SKIP
>>> files = pf.write_report(pf.explain(dataset, by="scenario"), "out")  # doctest: +SKIP

Nothing is imported until a name is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefactor.analysis.alignment import Alignment, AlignmentSettings
    from prefactor.analysis.attribution import attribution_table
    from prefactor.analysis.control import Control, ControlSettings
    from prefactor.analysis.measurement import Scores
    from prefactor.analysis.planning import Plan, StudyDesign
    from prefactor.analysis.planting import Trials
    from prefactor.analysis.rating import Rater
    from prefactor.analysis.results import Explanation, Profile
    from prefactor.analysis.scores_file import read_scores, write_scores
    from prefactor.analysis.validation import Validation
    from prefactor.checks import Gate, GateResult
    from prefactor.data.dataset import Dataset
    from prefactor.errors import PrefactorError
    from prefactor.factors import Factor
    from prefactor.questions import align, alignment_table, check, control, plan, published, standings_table, validate
    from prefactor.report import render_html, render_json, render_markdown, render_results, write_report
    from prefactor.study import Fitting, Reading, explain, factor_table, measure, preference_table, profile_table, read

__all__ = [
    "Alignment", "AlignmentSettings", "Control", "ControlSettings", "Dataset", "Explanation", "Factor", "Fitting",
    "Gate", "GateResult", "Plan", "PrefactorError", "Profile", "Rater", "Reading", "Scores", "StudyDesign",
    "Trials", "Validation", "align", "alignment_table", "attribution_table", "check", "control", "explain",
    "factor_table", "measure", "plan", "preference_table", "profile_table", "published", "read", "read_scores",
    "render_html", "render_json", "render_markdown", "render_results", "standings_table", "validate", "write_report",
    "write_scores",
]  # fmt: skip

_HOMES = {
    "analysis.alignment": "Alignment AlignmentSettings", "analysis.attribution": "attribution_table",
    "analysis.control": "Control ControlSettings", "analysis.measurement": "Scores",
    "analysis.planning": "Plan StudyDesign", "analysis.planting": "Trials",
    "analysis.rating": "Rater", "analysis.results": "Explanation Profile",
    "analysis.scores_file": "read_scores write_scores", "analysis.validation": "Validation",
    "checks": "Gate GateResult", "data.dataset": "Dataset", "errors": "PrefactorError", "factors": "Factor",
    "questions": "align alignment_table check control plan published standings_table validate",
    "report": "render_html render_json render_markdown render_results write_report",
    "study": "Fitting Reading explain factor_table measure preference_table profile_table read",
}  # fmt: skip


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names.split():
            return globals().setdefault(name, getattr(import_module(f"prefactor.{module}"), name))
    message = f"module 'prefactor' has no attribute {name!r}"
    raise AttributeError(message)
