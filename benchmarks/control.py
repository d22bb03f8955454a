"""Length-controlled win rates: prefactor beside the alpaca_eval package on the same 38 logs, for speed and figures.

python benchmarks/control.py [--rounds 3]

Run it with the real logs in ../shared/data or $PREFACTOR_DATA, and the Python of an environment that has alpaca_eval;
where it is not installed, prefactor runs alone. Its ``get_length_controlled_winrate`` downloads a table of prompt
difficulties and of annotations of two length-gamed baselines, which does not ship with the package. Where it cannot, a
made-up table of the same shape stands in for it. Its time is then still that of its own code on as many rows; its
figures are taken from the published leaderboard, which is what it prints with the real table. Its variant
``length_controlled_minimal`` uses nothing of the table, so that its figures are its own either way.

Processor seconds of one thread, medians of rounds in which the contenders take turns.
"""

import csv
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from contenders import load, on_one_thread, real_data

from prefactor.analysis.control import ControlSettings, control_preferences
from prefactor.study import measure, read

BASELINE = "gpt4_1106_preview"
FAMILY = ("alpaca-7b", "alpaca-7b_concise", "alpaca-7b_verbose")
MADE_UP = "a made-up table"

WinRates = dict[str, float]


@dataclass(frozen=True)
class Run:
    """Controlled win rates, in %, and processor seconds: all in all, and of the fit alone."""

    rates: WinRates
    whole: float
    fit: float


def with_prefactor(logs: Path, factor: str) -> Run:
    """Read, measure and hold one factor equal."""
    begun = process_time()
    dataset = read(str(logs))
    scores = measure(dataset, f"lexical:{factor}", workers=1)
    measured = process_time()
    (control,) = control_preferences(dataset, scores, settings=ControlSettings((factor,)))
    ended = process_time()
    rates = {each.model: 100 * each.controlled_win_rate.value for each in control.standings}
    return Run(rates, ended - begun, ended - measured)


def with_alpaca_eval(package: Any, logs: Path, glm: str) -> Run:
    """Load every log, and call its function for each model."""
    begun = process_time()
    rates, fit = package.win_rates(logs, baseline=BASELINE, glm=glm)
    return Run(rates, process_time() - begun, fit)


def alpaca_eval(logs: Path, folder: Path) -> dict[str, Callable[[], Run]]:
    """Return runs of alpaca_eval, having found out whether it can download its table."""
    package, versions = load("alpaca_eval_glm", "alpaca_eval", "scikit-learn")
    if package is None:
        return {}
    failed = package.use_stand_in_unless_online(folder)
    if failed:
        print(f"its table cannot be downloaded ({failed}): {MADE_UP} stands in\n")
    table = MADE_UP if failed else "its own table"
    return {
        f"alpaca_eval, length_controlled_v1, {table} ({versions})": partial(
            with_alpaca_eval, package, logs, "length_controlled_v1"
        ),
        "alpaca_eval, length_controlled_minimal": partial(with_alpaca_eval, package, logs, "length_controlled_minimal"),
    }


def published(path: Path) -> tuple[WinRates, WinRates]:
    """Return the raw and the length-controlled win rates of the leaderboard."""
    with path.open() as file:
        rows = [row for row in csv.DictReader(file) if row[""]]
    raw = {row[""]: float(row["win_rate"]) for row in rows}
    return raw, {row[""]: float(row["length_controlled_winrate"]) for row in rows}


def figures(rates: WinRates, known: WinRates) -> str:
    """Return how far win rates are from the published ones, and how far apart the three Alpacas are."""
    models = sorted(set(rates) & set(known) - {BASELINE})
    ours, theirs = (np.array([table[model] for model in models]) for table in (rates, known))
    ranks = [values.argsort().argsort() for values in (ours, theirs)]
    off = np.abs(ours - theirs)
    family = np.array([rates[model] for model in FAMILY])
    spread = np.ptp(family) / family.mean()
    alike = float(np.corrcoef(ranks)[0, 1])
    return f"{off.mean():.2f} | {off.max():.1f} | {alike:.3f} | {spread:.2f}"


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    on_one_thread()
    data = real_data() / "alpaca_eval"
    logs = data / "weighted_alpaca_eval_gpt4_turbo"
    raw, known = published(data / "leaderboard.csv")
    with tempfile.TemporaryDirectory() as folder:
        runs: dict[str, Callable[[], Run]] = {
            "prefactor, --hold words": partial(with_prefactor, logs, "words"),
            "prefactor, --hold characters": partial(with_prefactor, logs, "characters"),
            **alpaca_eval(logs, Path(folder)),
        }
        done = [{name: run() for name, run in runs.items()} for _ in range(rounds)]
    print("| | processor s | of it fitting | mean difference, points | largest | Spearman | range / mean of Alpacas |")
    print("|---|---|---|---|---|---|---|")
    for name in runs:
        whole, fit = (median(getattr(each[name], part) for each in done) for part in ("whole", "fit"))
        shown = "not comparable | | | " if MADE_UP in name else figures(done[0][name].rates, known)
        print(f"| {name} | {whole:.2f} | {fit:.2f} | {shown} |")
    print(f"| raw win rates | | | {figures(raw, known)} |\n| the leaderboard | | | {figures(known, known)} |")
    models = set(done[0]["prefactor, --hold words"].rates) & set(known) - {BASELINE}
    print(f"\nDifferences are to the leaderboard's length-controlled win rates, over {len(models)} models.")


if __name__ == "__main__":
    main()
