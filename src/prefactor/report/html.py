"""Renders a report as one HTML file that runs no script and asks for nothing: the page works from a disk, for ever.

Every text goes through ``safe_text`` and is then escaped; neither can be forgotten, because the environment does both.
"""

from collections.abc import Mapping
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from prefactor.analysis.results import Explanation
from prefactor.report.safe_text import make_readable
from prefactor.report.summarise import summarise
from prefactor.report.views import ReportView
from prefactor.report.wording import decimal, percent

__all__ = ["make_environment", "render_html", "render_page"]

_SECTIONS: Final = (
    ("findings", "Findings", "findings"),
    ("judges", "Judges", "judges"),
    ("factors", "Factors", "factors"),
    ("corrected", "Errors of measurement", "corrected"),
    ("explained", "Shares", "shares"),
    ("slices", "Slices", "slices"),
    ("pooled", "Pooled", "pooled"),
    ("correlated", "Correlated factors", "overlaps"),
    ("prediction", "Prediction", "predictions"),
    ("agreement", "Agreement", "agreements"),
    ("checks", "Checks", "checks"),
    ("read", "Comparisons", "telling"),
    ("truth", "True weights", "truth"),
    ("methods", "Methods", "methods"),
)


def render_html(explanation: Explanation) -> str:
    """Return the report as one self-contained HTML page.

    Parameters
    ----------
    explanation
        What was found.

    Returns
    -------
    str
        A page without scripts, links to other hosts or anything taken from a text as markup; encode it as UTF-8.
    """
    view = summarise(explanation)
    return render_page("page.html.j2", {"view": view, "sections": _sections(view)})


def render_page(template: str, values: Mapping[str, object]) -> str:
    """Return a page made of a template; every text in it is made readable and escaped.

    Parameters
    ----------
    template
        Name of its file.
    values
        What it shows.
    """
    return make_environment().get_template(template).render(values)


def _sections(view: ReportView) -> list[tuple[str, str]]:
    present = {"correlated": bool(view.overlaps or view.absorbed or view.together.sentences)}
    return [
        (anchor, name) for anchor, name, attribute in _SECTIONS if present.get(anchor, bool(getattr(view, attribute)))
    ]


def make_environment(package: str = "") -> Environment:
    """Return the environment that makes every text readable and escapes it.

    Parameters
    ----------
    package
        A package whose templates come before those of the report; none by default.
    """
    loaders = [PackageLoader(name) for name in (package, "prefactor.report") if name]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_readable,
    )
    environment.globals.update(percent=percent, short=_short)
    return environment


def _readable(value: object) -> object:
    """Pass every printed text through ``make_readable``; markup made by the templates themselves is no plain str."""
    return make_readable(value) if type(value) is str else value


def _short(value: float) -> str:
    """Write the number at a tick without needless zeros."""
    text = decimal(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text
