"""A small model is taught to answer from AlpacaEval, then trained towards and away from a taste for length and lists.

The profile is written down, not fitted, so that what is to come of it is known. Prints the factors and the profile's
win rate on prompts that are held out, before and after. Nothing of the data is kept but in the folder that is named.

Run: PYTHONPATH=src:tests python benchmarks/steer_by_training.py FOLDER [--steps 400] [--pairs 2000] [--epochs 1]
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path

from models.writer import Lesson, make_writer

MODELS = (
    *("alpaca-7b", "alpaca-7b_verbose", "text_davinci_003", "gpt-3.5-turbo-0301", "alpaca-farm-ppo-sim-gpt4-20k"),
    *("claude-2", "Mixtral-8x7B-Instruct-v0.1_concise", "minichat-3b", "phi-2-sft", "oasst-sft-pythia-12b"),
)
PROFILE = {"words": 1.0, "list_items": 1.0}
MOST_WORDS = 70


def read_answers(folder: Path) -> dict[str, list[str]]:
    """Return short answers by prompt."""
    found: dict[str, list[str]] = {}
    for model in MODELS:
        rows = json.loads((folder / "alpaca_eval" / "weighted_alpaca_eval_gpt4_turbo" / f"{model}.json").read_bytes())
        for row in rows:
            if len(row["output_2"].split()) <= MOST_WORDS and len(row["instruction"].split()) < 40:
                found.setdefault(row["instruction"], []).append(row["output_2"])
    return found


def write_log(path: Path, answers: dict[str, list[str]], *, most: int) -> None:
    pairs = [
        {"prompt": prompt, "answer_a": a, "answer_b": b}
        for prompt, texts in answers.items()
        for a, b in combinations(dict.fromkeys(texts), 2)
    ]
    random.Random(0).shuffle(pairs)
    path.write_text("\n".join(map(json.dumps, pairs[:most])), encoding="utf-8")


def write_profile(path: Path) -> None:
    factors = [{"name": name, "weight": {"mean": weight}} for name, weight in PROFILE.items()]
    path.write_text(json.dumps({"profiles": [{"judge": "length and lists", "slice": "all", "factors": factors}]}))


def train(folder: Path, direction: str, options: list[str]) -> None:
    command = [sys.executable, "-m", "prefactor", "train", str(folder / "log.jsonl"), f"--{direction}"]
    command += ["--profile", str(folder / "profile.json"), "--base", str(folder / "base"), *options]
    started = time.perf_counter()
    subprocess.run([*command, "--out", str(folder / direction)], check=True, env=os.environ | {"COLUMNS": "120"})
    print(f"{direction}: {time.perf_counter() - started:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=400, help="of teaching the model that is started from")
    parser.add_argument("--pairs", type=int, default=2_000)
    parser.add_argument("--learning-rate", default="1e-3")
    parser.add_argument("--epochs", default="1")
    settings = parser.parse_args()
    folder: Path = settings.folder
    folder.mkdir(parents=True, exist_ok=True)
    answers = read_answers(Path(os.environ["PREFACTOR_DATA"]))
    write_log(folder / "log.jsonl", answers, most=settings.pairs)
    write_profile(folder / "profile.json")
    if not (folder / "base" / "model.safetensors").exists():
        lessons: list[Lesson] = [(prompt, text) for prompt, texts in answers.items() for text in texts]
        sizes = {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 3}
        make_writer(folder / "base", lessons, steps=settings.steps, batch=24, longest=192, **sizes)
    options = ["--learning-rate", settings.learning_rate, "--epochs", settings.epochs, "--batch", "32"]
    options += ["--device-batch", "16", "--longest", "224", "--max-tokens", "160", "--temperature", "1"]
    options += ["--held-out", "0.3", "--samples", "2"]
    options += ["--factors", "lexical:words,list_items,sentence_length,bold,hedges"]
    for direction in ("towards", "away"):
        train(folder, direction, options)


if __name__ == "__main__":
    main()
