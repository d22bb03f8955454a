"""What a reader needs to trust and repeat a report: settings, definitions, files, fits, the truth where known."""

import math
from collections.abc import Sequence

from prefactor.analysis.results import Effect, Explanation, Profile, Settings
from prefactor.data.dataset import SourceCount
from prefactor.report.forest import number_mark, tone_of, weight_estimate
from prefactor.report.naming import Names, name_line, whole_profiles
from prefactor.report.scales import Axis, axis_around
from prefactor.report.views import Methods, Setting, SourceRow, TruthRow, TruthTable
from prefactor.report.wording import NOTHING, counted, decimal, listed, percent

__all__ = ["summarise_methods", "summarise_truth"]


def summarise_methods(explanation: Explanation, names: Names) -> Methods:
    """Return settings, definitions of the factors, files that were read, and how the fits went."""
    return Methods(
        settings=_settings(explanation.settings),
        factors=tuple(names.words(factor.name) for factor in explanation.factors),
        sources=tuple(map(_source, explanation.sources)),
        fits=tuple(_fit(profile) for profile in whole_profiles(explanation)),
    )


def summarise_truth(explanation: Explanation, names: Names) -> TruthTable | None:
    """Return true weights beside the recovered ones of the first judge; None where no truth is known."""
    profiles = whole_profiles(explanation)
    if not explanation.truth or not profiles:
        return None
    profile, true = profiles[0], dict(explanation.truth)
    effects = [effect for effect in profile.effects if effect.factor in true]
    effects.sort(key=lambda effect: -abs(true[effect.factor]))
    estimates = [weight_estimate(effect.weight) for effect in effects]
    ends = [end for one in estimates for end in (one.low, one.high)]
    axis = axis_around([*ends, *true.values()], centre=0.0, widest=20.0, narrowest=0.2)
    rows = tuple(_truth_row(effect, true[effect.factor], names, axis) for effect in effects)
    covered = sum(row.covered == "yes" for row in rows)
    judged = sum(row.covered != NOTHING for row in rows)
    summary = (
        f"{covered} of {counted(judged, 'interval')} hold the true weight; "
        f"about {percent(explanation.settings.interval)} should."
    )
    return TruthTable(name_line(profile.judge), summary, axis, rows)


def _truth_row(effect: Effect, true: float, names: Names, axis: Axis) -> TruthRow:
    estimate = weight_estimate(effect.weight)
    covered = NOTHING
    if math.isfinite(estimate.low) and math.isfinite(estimate.high):
        covered = "yes" if estimate.low <= true <= estimate.high else "no"
    mark = number_mark(estimate, axis, tone=tone_of(estimate, 0.0))
    return TruthRow(names.label(effect.factor), decimal(true), axis.place(true), mark, covered)


def _settings(settings: Settings) -> tuple[Setting, ...]:
    return (
        Setting("intervals", percent(settings.interval)),
        Setting("prior on a weight", f"{name_line(settings.prior)}, scale {settings.prior_scale:g}"),
        Setting("folds", f"{settings.folds}"),
        Setting("seed", f"{settings.seed}"),
        Setting("smallest |tau14| that matters", f"{settings.smallest_effect:g}"),
        Setting("false discovery rate", percent(settings.false_discovery_rate)),
        Setting("judges asked for", _names(settings.judges) or "all"),
        Setting("sliced by", _names(settings.by) or "nothing"),
        *(Setting(name_line(column), name_line(how)) for column, how in settings.made_columns),
        Setting("factors measured by", _names(settings.factors) or NOTHING),
        Setting("texts cut to", counted(settings.excerpt, "character")),
        Setting("prefactor", name_line(settings.version)),
    )


def _names(names: Sequence[str]) -> str:
    return listed([name_line(name) for name in names])


def _source(source: SourceCount) -> SourceRow:
    return SourceRow(
        name_line(source.file),
        name_line(source.format),
        f"{source.rows:,}",
        f"{source.bad_rows:,}",
        f"{source.repaired:,}",
    )


def _fit(profile: Profile) -> Setting:
    fit = profile.fit
    went = "converged" if fit.converged else "did not converge: read the joint numbers with care"
    passes = counted(fit.iterations, "pass", plural="passes")
    clusters = counted(profile.prompts, "prompt")
    certificate = ""
    if not math.isnan(fit.effective_share):
        certificate = f", {percent(fit.effective_share)} of draws from it effective"
    if fit.draws:
        certificate += f", so taken from {fit.draws:,} weighted draws"
    tie = f"tie parameter {fit.tie_parameter:.3g}"
    return Setting(name_line(profile.judge), f"{went} ({passes}{certificate}), {tie}, {clusters}")
