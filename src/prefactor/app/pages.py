"""Makes pages: a view in its template, or, where it cannot be had, a visible box that says why. Knows no server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import Environment

from prefactor.app import browse_view, likeness_view, profile_view
from prefactor.app.asked import Asked, means
from prefactor.app.browse_view import view_browse
from prefactor.app.files_view import command_files, view_file
from prefactor.app.lens_view import view_lens
from prefactor.app.likeness_view import view_likeness, view_tree
from prefactor.app.opened import Opened
from prefactor.app.profile_view import MOST_JUDGES, view_profiles
from prefactor.app.tables import Table
from prefactor.config import WHOLE
from prefactor.errors import PrefactorError, UnknownNameError
from prefactor.report.check_groups import summarise_checks
from prefactor.report.findings import summarise_findings
from prefactor.report.html import make_environment
from prefactor.report.joint_views import Together
from prefactor.report.judge_tables import summarise_judges
from prefactor.report.naming import name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.views import CheckGroup, JudgeFindings, JudgeRow, Setting
from prefactor.report.wording import counted, listed, percent

__all__ = ["PAGES", "Page", "Summary", "Trust", "render_page", "table_of"]

_NOTHING_TOGETHER: Final = Together((), (), ())

PAGES: Final = {
    "/": "Findings",
    "/profiles": "Profiles",
    "/comparisons": "Comparisons",
    "/lens": "Lens",
    "/likeness": "Likeness",
    "/checks": "Checks",
    "/files": "Files",
    "/add": "Add a judge",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was made: its markup and the status of the reply."""

    html: str
    status: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the fragment of findings shows."""

    title: str
    lead: str
    stats: tuple[Setting, ...]
    findings: tuple[JudgeFindings, ...]
    judges: tuple[JudgeRow, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """What the fragment of checks shows; the other parts of it stand in the report."""

    checks: tuple[CheckGroup, ...]
    overlaps: tuple[object, ...] = ()
    absorbed: tuple[object, ...] = ()
    predictions: None = None
    agreements: tuple[object, ...] = ()
    against: tuple[object, ...] = ()
    together: Together = _NOTHING_TOGETHER


def render_page(opened: Opened, asked: Asked) -> Page:
    """Return the page that a link asks for; what a link asks wrongly is answered with the page of what went wrong.

    Parameters
    ----------
    opened
        The folder.
    asked
        The path and query.
    """
    known: Mapping[str, Any] = {"asked": asked, "opened": opened, "pages": _pages(opened), "here": asked.path}
    try:
        template, view = _VIEWS[asked.path](opened, asked)
        return Page(_environment().get_template(template).render(known, **view, problem=""), 200)
    except PrefactorError as error:
        why, status = make_readable_line(str(error), 400), 404 if isinstance(error, UnknownNameError) else 400
    except Exception as error:  # noqa: BLE001  (the edge of the app: a view that fails is a box that says why)
        why, status = make_readable_line(f"{type(error).__name__}: {error}", 400), 500
    return Page(_environment().get_template("failed.html.j2").render(known, problem=why), status)


def table_of(opened: Opened, asked: Asked) -> Table:
    """Return the numbers behind a page.

    Parameters
    ----------
    opened
        The folder.
    asked
        The path of the page and its query.
    """
    makers: Mapping[str, Callable[[], Table]] = {
        "/profiles": lambda: view_profiles(opened.results, asked).table,
        "/comparisons": lambda: view_browse(opened, asked, whole=True).table,
        "/lens": lambda: view_lens(opened, asked).table,
        "/likeness": lambda: view_likeness(opened.results, asked).table,
        "/checks": lambda: _checks_table(opened),
    }
    if asked.path not in makers:
        raise UnknownNameError("table", asked.path, makers)
    return makers[asked.path]()


@cache
def _environment() -> Environment:
    environment = make_environment("prefactor.app")
    environment.globals.update(percent=percent, name_line=name_line, view_tree=view_tree, means=means)
    return environment


def _pages(opened: Opened) -> list[tuple[str, str]]:
    files = command_files(opened.folder)
    return [(path, name) for path, name in PAGES.items() if path != "/files" or files]


def _findings(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    results = opened.results
    on = asked.choice("slice", results.slices, default=WHOLE)
    profiles = [profile for judge in results.judges if (profile := results.profile(judge, on=on))]
    judges = [name_line(profile.judge) for profile in profiles]
    files = [name_line(file) for file in results.files]
    stats = (
        ("judges", len(results.judges)),
        ("comparisons", results.comparisons),
        ("prompts", results.prompts),
        ("answers", results.responses),
        ("factors", len(results.factors)),
        ("slices", len(results.slices) - 1),
    )
    view = Summary(
        title=f"What moves {listed(judges) if 0 < len(judges) < 3 else counted(len(judges), 'judge')}",
        lead=f"From {listed(files) if len(files) <= 3 else counted(len(files), 'file')}"
        f"{'' if on == WHOLE else f'; on the slice {name_line(on)} only'}.",
        stats=tuple(Setting(name, f"{number:,}") for name, number in stats if number),
        findings=summarise_findings(profiles, results.names),
        judges=summarise_judges(profiles, results.names),
    )
    return "findings.html.j2", {"view": view, "slices": results.slices, "on": on}


def _profiles(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    view = view_profiles(opened.results, asked)
    return "profiles.html.j2", {
        "view": view,
        "judges": opened.results.judges,
        "slices": opened.results.slices,
        "measures": profile_view.MEASURES,
        "sorts": profile_view.SORTS,
        "most": MOST_JUDGES,
        "mass": percent(opened.results.settings.interval),
    }


def _comparisons(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    return "comparisons_found.html.j2", {
        "view": view_browse(opened, asked),
        "judges": list(opened.comparisons.preferences),
        "factors": [opened.results.names.words(one.name) for one in opened.results.factors],
        "ids": [one.name for one in opened.results.factors],
        "slicing": opened.comparisons.slicing,
        "choices": browse_view,
        "kept": opened.texts.kept,
    }


def _lens(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    view = view_lens(opened, asked)
    mass = percent(opened.results.settings.interval)
    return "lens.html.j2", {"view": view, "judges": opened.results.judges, "mass": mass}


def _likeness(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    view = view_likeness(opened.results, asked)
    return "likeness.html.j2", {"view": view, "what": likeness_view.WHAT, "orders": likeness_view.ORDERS}


def _checks(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    judge = asked.choice("judge", ["", *opened.results.judges], default="")
    chosen = [one for one in opened.results.checks if not judge or one.judge in {judge, ""}]
    return "checks.html.j2", {
        "view": Trust(summarise_checks(chosen)),
        "judges": opened.results.judges,
        "added": [name_line(name) for name in opened.added],
    }


def _files(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    files = command_files(opened.folder)
    if not files:
        raise UnknownNameError("file", "of another command", files)
    name = asked.choice("name", files, default=next(iter(files)))
    return "files.html.j2", {"view": view_file(opened.folder, name), "files": files}


def _add(opened: Opened, asked: Asked) -> tuple[str, Mapping[str, object]]:
    example = opened.comparisons.table["comparison_id"].head(2).to_list()
    return "add.html.j2", {
        "added": opened.added,
        "judges": opened.results.judges,
        "example": example,
        "done": asked.one("done"),
    }


def _checks_table(opened: Opened) -> Table:
    rows = [
        (one.code, one.name, one.judge, one.slice, one.outcome, one.message, one.advice)
        for one in opened.results.checks
    ]
    return Table(("code", "check", "judge", "slice", "outcome", "message", "advice"), tuple(rows))


_VIEWS: Final[Mapping[str, Callable[[Opened, Asked], tuple[str, Mapping[str, object]]]]] = {
    "/": _findings,
    "/profiles": _profiles,
    "/comparisons": _comparisons,
    "/lens": _lens,
    "/likeness": _likeness,
    "/checks": _checks,
    "/files": _files,
    "/add": _add,
}
