"""Turns an explanation into what a report shows; every renderer (HTML, Markdown, terminal, app) starts here."""

from prefactor.analysis.results import Explanation
from prefactor.report.ceiling_tables import summarise_against
from prefactor.report.check_groups import summarise_checks
from prefactor.report.comparisons import summarise_telling
from prefactor.report.corrected_tables import summarise_corrected
from prefactor.report.factor_tables import summarise_factors, summarise_side_by_side
from prefactor.report.findings import summarise_absorbed, summarise_findings, summarise_overlaps
from prefactor.report.judge_tables import summarise_agreements, summarise_judges, summarise_predictions
from prefactor.report.naming import name_line, names_of, whole_profiles
from prefactor.report.pooling_tables import summarise_poolings
from prefactor.report.settings_notes import summarise_methods, summarise_truth
from prefactor.report.shares import summarise_shares
from prefactor.report.slice_tables import summarise_slices
from prefactor.report.together import summarise_together
from prefactor.report.views import ReportView, Setting
from prefactor.report.wording import counted, listed, percent

__all__ = ["summarise"]


def summarise(explanation: Explanation) -> ReportView:
    """Return everything a report shows, as plain data in the order of the page.

    Parameters
    ----------
    explanation
        What was found.

    Returns
    -------
    ReportView
        Texts that can be read but are not escaped for any markup, and places in percent.
    """
    names, profiles = names_of(explanation), whole_profiles(explanation)
    settings = explanation.settings
    return ReportView(
        title=_title(explanation),
        lead=_lead(explanation),
        stats=_stats(explanation),
        mass=percent(settings.interval),
        smallest=f"{settings.smallest_effect:g}",
        discovery=percent(settings.false_discovery_rate),
        judges=summarise_judges(profiles, names),
        findings=summarise_findings(profiles, names),
        side_by_side=summarise_side_by_side(profiles, names, smallest=settings.smallest_effect),
        factors=summarise_factors(profiles, names, smallest=settings.smallest_effect),
        shares=summarise_shares(profiles, names),
        together=summarise_together(profiles, names),
        slices=summarise_slices(explanation, names),
        pooled=summarise_poolings(explanation, names),
        overlaps=summarise_overlaps(profiles, names),
        absorbed=summarise_absorbed(profiles, names),
        predictions=summarise_predictions(profiles),
        agreements=summarise_agreements(explanation.agreements),
        against=summarise_against(explanation.against_annotators),
        checks=summarise_checks(explanation.checks),
        telling=summarise_telling(explanation.telling, names),
        truth=summarise_truth(explanation, names),
        methods=summarise_methods(explanation, names),
        version=name_line(settings.version),
        corrected=summarise_corrected(profiles, names),
    )


def _title(explanation: Explanation) -> str:
    judges = [name_line(profile.judge) for profile in whole_profiles(explanation)]
    if len(judges) == 1:
        return f"What moves {judges[0]}"
    return f"What moves {listed(judges)}" if len(judges) == 2 else f"What moves {len(judges)} judges"


def _lead(explanation: Explanation) -> str:
    files = [name_line(source.file) for source in explanation.sources]
    shown = listed(files) if len(files) <= 3 else counted(len(files), "file")
    factors, comparisons = counted(len(explanation.factors), "factor"), counted(explanation.comparisons, "comparison")
    return (
        f"{factors} of the answers in {comparisons}{f' from {shown}' if shown else ''}, and how each moves the verdict."
    )


def _stats(explanation: Explanation) -> tuple[Setting, ...]:
    slices = len({profile.slice for profile in explanation.profiles}) - 1
    numbers = (
        ("judges", len(whole_profiles(explanation))),
        ("comparisons", explanation.comparisons),
        ("prompts", explanation.prompts),
        ("answers", explanation.responses),
        ("factors", len(explanation.factors)),
        ("slices", slices),
    )
    return tuple(
        Setting(name.removesuffix("s") if number == 1 else name, f"{number:,}")
        for name, number in numbers
        if number > 0 or name == "comparisons"
    )
