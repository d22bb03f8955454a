"""prefactor explains preferences: which factors of an answer move a judge, and how sure that is.

>>> import prefactor as pf
>>> dataset = pf.read("logs/*.json")  # doctest: +SKIP
>>> files = pf.write_report(pf.explain(dataset, by="scenario"), "out")  # doctest: +SKIP

Nothing is imported until a name is first used; for type checkers the names stand in ``__init__.pyi``.
"""

from importlib import import_module

__all__ = [
    "Alignment", "AlignmentSettings", "AskOptions", "Asking", "Budget", "CallOptions", "Control",
    "ControlSettings", "Dataset", "Explanation", "Factor", "Fitting", "Gate", "GateResult", "Judged", "Plan",
    "PrefactorError", "Price", "Profile", "ProviderOptions", "RateOptions", "Rater", "Reading", "Scores",
    "StudyDesign", "Trials", "Validation", "VersionPrediction", "VersionSettings", "add_verdicts", "align",
    "alignment_table", "attribution_table", "check", "control", "correct", "explain", "factor_table", "judge",
    "make_provider", "measure", "plan", "predict_version", "preference_table", "profile_table", "published",
    "read", "read_scores", "render_html", "render_json", "render_markdown", "render_results", "standings_table",
    "validate", "write_report", "write_scores",
]  # fmt: skip

_HOMES = {
    "analysis.alignment": "Alignment AlignmentSettings", "analysis.attribution": "attribution_table",
    "analysis.control": "Control ControlSettings", "analysis.measurement": "Scores",
    "analysis.planning": "Plan StudyDesign", "analysis.planting": "Trials", "analysis.rating": "Rater",
    "analysis.results": "Explanation Profile", "analysis.scores_file": "read_scores write_scores",
    "analysis.validation": "Validation", "analysis.versions": "VersionPrediction VersionSettings predict_version",
    "asking.calls": "AskOptions Price", "checks": "Gate GateResult", "data.dataset": "Dataset",
    "errors": "PrefactorError", "factors": "Factor", "factors.asked.base": "RateOptions", "judges.base": "Asking",
    "judges.collecting": "Judged add_verdicts", "llm.providers": "ProviderOptions make_provider",
    "questions": "align alignment_table check control judge plan published standings_table validate",
    "report": "render_html render_json render_markdown render_results write_report", "runtime.budget": "Budget",
    "runtime.calls": "CallOptions",
    "study": "Fitting Reading correct explain factor_table measure preference_table profile_table read",
}  # fmt: skip


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names.split():
            return globals().setdefault(name, getattr(import_module(f"prefactor.{module}"), name))
    message = f"module 'prefactor' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
