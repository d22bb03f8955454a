"""``prefactor demo``: the whole job on comparisons that ship with prefactor, with a simulated judge."""

from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import click

from prefactor.analysis.results import Explanation, Profile
from prefactor.analysis.simulation import simulate_judge
from prefactor.cli.findings import print_explanation
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.config import SEED, WHOLE
from prefactor.report import write_report
from prefactor.study import explain, measure, read

__all__ = ["demo_command"]

JUDGE: Final = "simulated judge"
TRUTH: Final = {
    "words": 0.8,
    "list_items": 0.5,
    "hedges": -0.6,
    "apology": -0.5,
    "questions": 0.4,
}
"""Weights of the simulated judge, in log-odds per unit of the sign feature; every other factor has none."""


VERDICTS: Final = 5
"""Verdicts of the simulated judge on each comparison."""


_CLOSE: Final = 0.9


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("prefactor-demo"),
    show_default=True,
    help="Folder for the report.",
)
def demo_command(*, out: Path) -> None:
    """Explain a simulated judge on comparisons that ship with prefactor.

    The judge's true weights are known and are shown beside the ones that are found. No key, no model, no network.
    """
    with progress_bar() as progress:
        with as_file(files("prefactor.cli") / "sample" / "comparisons.jsonl.gz") as sample:
            read_sample = read(str(sample), progress=progress)
        # The page is to name the sample, not where this installation keeps it.
        dataset = replace(read_sample, sources=(replace(read_sample.sources[0], file="the sample of prefactor"),))
        scores = measure(dataset, progress=progress)
        judged = simulate_judge(dataset, scores, weights=TRUTH, judge=JUDGE, seed=SEED, verdicts=VERDICTS)
        explanation = explain(judged, scores, by="topic", truth=TRUTH, progress=progress)
        report = write_report(explanation, out)
    line("This judge is simulated: its true weights are known, and its verdicts are drawn from them.", "bold")
    print_explanation(explanation)
    _print_truth(explanation)
    line()
    line(f"report: {report.html}", "bold")
    line("your own log: prefactor read LOG, then prefactor explain LOG --out report")


def _print_truth(explanation: Explanation) -> None:
    heading("true weights beside the recovered ones (log-odds, 90 % interval)")
    whole = next(profile for profile in explanation.profiles if profile.slice == WHOLE)
    rows = [
        (name, f"{true:+.2f}", _weight(whole, name), "; ".join(_companions(whole, name)))
        for name, true in explanation.truth
    ]
    print_table(["factor", "true ", "recovered ", "shared with a factor that goes together with it"], rows)


def _weight(profile: Profile, factor: str) -> str:
    weight = profile.effect(factor).weight
    return f"{weight.mean:+.2f} [{weight.low:+.2f}, {weight.high:+.2f}]"


def _companions(profile: Profile, factor: str) -> list[str]:
    """Factors so close to this one that the fit can only divide the weight between them."""
    others = {
        pair.second if pair.first == factor else pair.first
        for pair in profile.collinear
        if factor in (pair.first, pair.second) and pair.correlation > _CLOSE
    }
    return [f"{other} {_weight(profile, other)}" for other in sorted(others)]
