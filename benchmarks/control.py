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

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import csv
import json
import sys
import tempfile
import warnings
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from prefactor.analysis.control import ControlSettings, control_preferences
from prefactor.study import measure, read

HERE = Path(__file__).resolve().parent
BASELINE = "gpt4_1106_preview"
FAMILY = ("alpaca-7b", "alpaca-7b_concise", "alpaca-7b_verbose")
PROMPTS, GAMED, SEED = 805, 2, 0

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


def with_alpaca_eval(logs: Path, glm: str) -> Run:
    """Load every log, and call its function for each model."""
    import pandas
    from alpaca_eval.metrics.glm_winrate import get_length_controlled_winrate

    begun, fit, rates = process_time(), 0.0, {}
    for path in sorted(logs.glob("*.json")):
        rows = pandas.DataFrame(json.loads(path.read_bytes()))
        if path.stem == BASELINE:
            continue
        started = process_time()
        found = get_length_controlled_winrate(
            rows, glm_name=glm, save_weights_dir=None, is_warn_extreme_changes=False
        )
        fit += process_time() - started
        rates[path.stem] = float(found["length_controlled_winrate"])
    return Run(rates, process_time() - begun, fit)


def stand_in(folder: Path) -> Path:
    """Write a made-up table with the columns and the size of the one that is downloaded."""
    random = np.random.default_rng(SEED)
    path = folder / "df_gamed.csv"
    difficulty = random.normal(0, 1.5, PROMPTS)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            ["preference", "index", "std_delta_len", "instruction_difficulty", "not_gamed_baseline", "model"]
        )
        for shift, name in ((1.0, "concise"), (-1.0, "verbose"))[:GAMED]:
            for prompt in range(PROMPTS):
                length = shift + random.normal(0, 0.7)
                preference = 1 / (1 + np.exp(length + random.normal(0, 1)))
                table.writerow([preference, prompt, length, difficulty[prompt], False, name])
    return path


def alpaca_eval_glms(logs: Path, folder: Path) -> dict[str, Callable[[], Run]]:
    """Return runs of alpaca_eval, having found out whether it can download its table."""
    # The coverage.py and control.py beside this file are not packages that others look for.
    sys.path[:] = [place for place in sys.path if Path(place).resolve() != HERE]
    if find_spec("alpaca_eval") is None:
        print("not installed, left out: alpaca_eval\n")
        return {}
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    warnings.simplefilter("ignore")
    from alpaca_eval.metrics import glm_winrate

    module: Any = glm_winrate
    packages = ", ".join(f"{package} {version(package)}" for package in ("alpaca_eval", "scikit-learn"))
    try:
        module.hf_hub_download(repo_id="tatsu-lab/alpaca_eval", filename="df_gamed.csv", repo_type="dataset")
        table = "its own table"
    except Exception as error:  # noqa: BLE001 -- whatever the download raises
        print(f"df_gamed.csv of tatsu-lab/alpaca_eval cannot be had ({type(error).__name__}): a made-up table stands in\n")
        path = stand_in(folder)
        module.hf_hub_download = lambda **_: str(path)
        table = "a made-up table"
    return {
        f"alpaca_eval, length_controlled_v1, {table} ({packages})": partial(
            with_alpaca_eval, logs, "length_controlled_v1"
        ),
        "alpaca_eval, length_controlled_minimal": partial(with_alpaca_eval, logs, "length_controlled_minimal"),
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
    data = Path(os.environ.get("PREFACTOR_DATA") or HERE.parent.parent / "shared" / "data") / "alpaca_eval"
    logs = data / "weighted_alpaca_eval_gpt4_turbo"
    raw, known = published(data / "leaderboard.csv")
    with tempfile.TemporaryDirectory() as folder:
        runs: dict[str, Callable[[], Run]] = {
            "prefactor, --hold words": partial(with_prefactor, logs, "words"),
            "prefactor, --hold characters": partial(with_prefactor, logs, "characters"),
            **alpaca_eval_glms(logs, Path(folder)),
        }
        done = [{name: run() for name, run in runs.items()} for _ in range(rounds)]
    print("| 37 models | processor s | of it fitting | mean difference to the leaderboard | largest | Spearman ", end="")
    print("| range / mean of three Alpacas |\n|---|---|---|---|---|---|---|")
    for name in runs:
        whole, fit = (median(getattr(each[name], part) for each in done) for part in ("whole", "fit"))
        shown = "not comparable | | | " if "made-up" in name else figures(done[0][name].rates, known)
        print(f"| {name} | {whole:.2f} | {fit:.2f} | {shown} |")
    print(f"| the leaderboard | | | {figures(known, known)} |\n| raw win rates | | | {figures(raw, known)} |")


if __name__ == "__main__":
    main()
