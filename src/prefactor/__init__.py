"""prefactor explains preferences: which factors of an answer move a judge, and how sure that is.

>>> import prefactor as pf
>>> dataset = pf.read("logs/*.json")  # doctest: +SKIP
>>> explanation = pf.explain(dataset, by="scenario")  # doctest: +SKIP
>>> files = pf.write_report(explanation, "out")  # doctest: +SKIP

Nothing is imported until a name is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefactor.analysis.attribution import attribution_table
    from prefactor.analysis.measurement import Scores
    from prefactor.analysis.results import Explanation, Profile
    from prefactor.data.dataset import Dataset
    from prefactor.errors import PrefactorError
    from prefactor.factors import Factor
    from prefactor.report import render_html, render_json, render_markdown, write_report
    from prefactor.study import Fitting, Reading, explain, factor_table, measure, preference_table, profile_table, read

__all__ = [
    "Dataset", "Explanation", "Factor", "Fitting", "PrefactorError", "Profile", "Reading", "Scores",
    "attribution_table", "explain", "factor_table", "measure", "preference_table", "profile_table", "read",
    "render_html", "render_json", "render_markdown", "write_report",
]  # fmt: skip

_HOMES = {
    "analysis.attribution": "attribution_table",
    "analysis.measurement": "Scores",
    "analysis.results": "Explanation Profile",
    "data.dataset": "Dataset",
    "errors": "PrefactorError",
    "factors": "Factor",
    "report": "render_html render_json render_markdown write_report",
    "study": "Fitting Reading explain factor_table measure preference_table profile_table read",
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names.split():
            return globals().setdefault(name, getattr(import_module(f"prefactor.{module}"), name))
    message = f"module 'prefactor' has no attribute {name!r}"
    raise AttributeError(message)
