"""Exported training sets in TRL's own trainers: a few steps on a model of two layers."""

import importlib.util
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pytest

from models.tiny import loaded, make_model
from prefactor.interventions.base import Task
from prefactor.interventions.training_files import PURPOSES, Example, Purpose, training_rows, write_rows

EXAMPLES = [
    Example(Task(f"Why is it so, number {number}?", system="Be brief."), f"It is so, {number}.", "No.", 0.8)
    for number in range(8)
]
TRAINERS = {"sft": "SFT", "dpo": "DPO", "kto": "KTO", "reward": "Reward"}


@pytest.fixture(scope="module")
def folders(
    skip_or_fail: Callable[[str], NoReturn], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[bool, Path]]:
    """Yield a model that writes and one that scores, where TRL is there."""
    missing = [name for name in ("torch", "transformers", "trl", "datasets") if importlib.util.find_spec(name) is None]
    if missing:
        skip_or_fail(f"needs {', '.join(missing)}: pip install --group dev")
    texts = [text for each in EXAMPLES for text in (each.task.prompt, each.chosen, each.rejected)]
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):  # read when they are imported; they count uses otherwise
            patch.setenv(name, "1")
        yield {score: make_model(folder / str(score), score=score, texts=texts) for score in (False, True)}


@pytest.mark.parametrize("conversational", [True, False], ids=["messages", "plain"])
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.filterwarnings("ignore")  # of TRL and what it imports; none is ours
def test_a_set_trains(folders: dict[bool, Path], purpose: Purpose, tmp_path: Path, *, conversational: bool) -> None:
    rows = training_rows(EXAMPLES, purpose, conversational=conversational)
    lines, table = write_rows(tmp_path, purpose, rows=rows)
    assert [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()] == rows
    assert pl.read_parquet(table).to_dicts() == rows
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        losses = train(folders[purpose == "reward"], purpose, lines, tmp_path)
    assert len(losses) == 3
    assert all(loss == loss for loss in losses)  # noqa: PLR0124 -- not NaN


def train(model: Path, purpose: Purpose, data: Path, folder: Path) -> list[float]:
    trl, datasets, transformers = loaded("trl"), loaded("datasets"), loaded("transformers")
    transformers.logging.set_verbosity_error()
    name = TRAINERS[purpose]
    settings: dict[str, Any] = {
        "output_dir": str(folder / "out"), "max_steps": 3, "per_device_train_batch_size": 2, "logging_steps": 1,
        "report_to": "none", "save_strategy": "no", "use_cpu": True, "bf16": False, "disable_tqdm": True,
        "gradient_checkpointing": False, "max_length": 128,
    }  # fmt: skip
    rows = datasets.load_dataset("json", data_files=str(data), split="train", cache_dir=str(folder / "cache"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(model))
    trainer = getattr(trl, f"{name}Trainer")(
        model=str(model),
        args=getattr(trl, f"{name}Config")(**settings),
        train_dataset=rows,
        processing_class=tokenizer,
    )
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
