"""Training a model on preferences: direct preference optimisation through TRL, with LoRA through PEFT or in full.

Knows rows of a training set and a folder with a model; knows no judge and no factor.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import nan
from pathlib import Path
from typing import Any, Final

from prefactor._optional import load_optional
from prefactor._validate import check_positive
from prefactor.asking.calls import AskOptions, ask_all
from prefactor.errors import FitError, InputFileError, MissingExtraError, SettingError
from prefactor.interventions.base import Task
from prefactor.interventions.prompts import plain_request, with_seed
from prefactor.llm.base import Provider
from prefactor.llm.records import Request, Sampling
from prefactor.runtime.running import Watch

__all__ = [
    "DpoSettings",
    "TrainedModel",
    "WrittenAnswers",
    "check_base",
    "train_by_dpo",
    "versions_used",
    "write_answers",
]

_LIBRARIES: Final = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


@dataclass(frozen=True, slots=True)
class DpoSettings:
    """How a model is trained; batch, learning rate and epochs are those of arXiv 2402.11296 by default.

    Parameters
    ----------
    batch
        Pairs behind every step, over all devices.
    device_batch
        Of these, how many a device holds at once.
    learning_rate, epochs
        Peak rate of a linear decay, and passes over the pairs.
    beta
        How dear it is to move away from the model trained from (arXiv 2305.18290).
    longest
        Most tokens of prompt and answer; what is longer is cut at its end.
    full
        Train all weights, instead of LoRA (arXiv 2106.09685) on all linear layers.
    rank, alpha
        Rank of LoRA, and its scale.
    save_steps
        Steps between checkpoints.
    seed
        Of the order of pairs and of the new weights.
    """

    batch: int = 64
    device_batch: int = 4
    learning_rate: float = 1e-5
    epochs: float = 3.0
    beta: float = 0.1
    longest: int = 1024
    full: bool = False
    rank: int = 16
    alpha: int = 32
    save_steps: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch", "device_batch", "longest", "rank", "alpha", "save_steps"):
            check_positive(name, getattr(self, name))
        for name in ("learning_rate", "epochs", "beta"):
            if not 0 < getattr(self, name) < float("inf"):
                raise SettingError(name, expected="a number above 0", got=getattr(self, name))
        if self.batch % self.device_batch:
            raise SettingError("device_batch", expected=f"a divisor of the batch, {self.batch}", got=self.device_batch)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model that was trained.

    Parameters
    ----------
    folder
        Where it is, whole (LoRA is merged in).
    steps, resumed_from
        Steps in all, and the step that it went on from; 0 for none.
    first_loss, last_loss
        Mean loss of the first and of the last tenth of the steps.
    last_accuracy
        Share of pairs whose chosen answer gained more than the rejected one, in the last tenth.
    too_long
        Pairs that were not learnt from, since their prompt alone has the most tokens.
    cut
        Pairs of which an answer was cut at its end.
    main
        Whether this process is the first of those that trained; only that one goes on.
    """

    folder: Path
    steps: int
    resumed_from: int
    first_loss: float
    last_loss: float
    last_accuracy: float
    too_long: int
    cut: int
    main: bool = True


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """What a model answered.

    Parameters
    ----------
    texts
        One for every task and sample, the samples of a task together; None where the call failed.
    cut_off
        How many end where the most tokens were reached; they count as they are.
    """

    texts: tuple[str | None, ...]
    cut_off: int


def versions_used() -> Mapping[str, str]:
    """Return the versions of the libraries that train.

    Raises
    ------
    MissingExtraError
        The extra ``train`` is not installed.
    """
    try:
        return {name: version(name) for name in _LIBRARIES}
    except PackageNotFoundError as error:
        raise MissingExtraError("training", "train") from error


def check_base(base: Path) -> Path:
    """Return a folder where it holds a model.

    Raises
    ------
    InputFileError
        It holds none.
    """
    if not (base / "config.json").is_file():
        raise InputFileError(str(base), expected="a folder with a model, config.json in it", got="none")
    return base


def train_by_dpo(rows: Sequence[Mapping[str, Any]], base: Path, *, out: Path, settings: DpoSettings) -> TrainedModel:
    """Train a model to prefer what is chosen to what is rejected (arXiv 2305.18290).

    Goes on from the last checkpoint in ``out`` where there is one. Runs on a processor, on a GPU where there is one,
    and on several through ``accelerate launch``.

    Parameters
    ----------
    rows
        With ``prompt``, ``chosen`` and ``rejected``, as :func:`prefactor.interventions.training_files.training_rows`
        returns them.
    base
        Folder with the model to start from, and its tokenizer.
    out
        Folder for ``checkpoints``, for the ``adapter`` of LoRA, and for the ``model``.
    settings
        How.

    Raises
    ------
    MissingExtraError
        The extra ``train`` is not installed.
    FitError
        There is no row.
    SettingError
        The model has no chat template.
    """
    if not rows:
        raise FitError("a model to preferences", "there is no pair to learn from")
    feature, extra = "training", "train"
    torch, transformers, trl, datasets = (
        load_optional(name, feature=feature, extra=extra) for name in ("torch", "transformers", "trl", "datasets")
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(base)
    if not tokenizer.chat_template:
        raise SettingError("--base", expected="a model with a chat template", got=str(base))
    trainer = trl.DPOTrainer(
        model=transformers.AutoModelForCausalLM.from_pretrained(base),
        args=_arguments(trl, torch, out / "checkpoints", settings),
        train_dataset=datasets.Dataset.from_list([dict(row) for row in rows]),
        processing_class=tokenizer,
        peft_config=None if settings.full else _lora(settings),
    )
    trainer.remove_callback(transformers.PrinterCallback)  # a line of raw numbers for every step
    last = _last_checkpoint(out / "checkpoints")
    trainer.train(resume_from_checkpoint=str(last[1]) if last else None)
    main = bool(trainer.is_world_process_zero())
    if main:
        model = trainer.accelerator.unwrap_model(trainer.model)
        if not settings.full:
            model.save_pretrained(out / "adapter")
            model = model.merge_and_unload()
        model.save_pretrained(out / "model")
        tokenizer.save_pretrained(out / "model")
    trainer.accelerator.wait_for_everyone()
    learnt = trainer.train_dataset
    return TrainedModel(
        folder=out / "model",
        steps=int(trainer.state.global_step),
        resumed_from=last[0] if last else 0,
        too_long=len(rows) - len(learnt),
        cut=sum(_tokens(each) > settings.longest for each in learnt),
        main=main,
        **_course(trainer.state.log_history),
    )


def _arguments(trl: Any, torch: Any, folder: Path, settings: DpoSettings) -> Any:
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    cuda = bool(torch.cuda.is_available())
    return trl.DPOConfig(
        output_dir=str(folder),
        per_device_train_batch_size=settings.device_batch,
        gradient_accumulation_steps=max(1, settings.batch // (settings.device_batch * processes)),
        learning_rate=settings.learning_rate,
        num_train_epochs=settings.epochs,
        beta=settings.beta,
        max_length=settings.longest,
        bf16=cuda and bool(torch.cuda.is_bf16_supported()),
        gradient_checkpointing=cuda,
        use_cpu=not cuda,
        save_strategy="steps",
        save_steps=settings.save_steps,
        save_total_limit=2,
        logging_steps=1,
        seed=settings.seed,
        data_seed=settings.seed,
        report_to="none",
        disable_tqdm=not sys.stderr.isatty(),
    )


def _lora(settings: DpoSettings) -> Any:
    peft = load_optional("peft", feature="training with LoRA", extra="train")
    return peft.LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )


def _last_checkpoint(folder: Path) -> tuple[int, Path] | None:
    """Return the last whole checkpoint with its step; one without its state was not finished."""
    found = [
        (int(path.name.partition("-")[2]), path)
        for path in folder.glob("checkpoint-*")
        if path.name.partition("-")[2].isdigit() and (path / "trainer_state.json").is_file()
    ]
    return max(found, default=None)


def _tokens(row: Mapping[str, Sequence[int]]) -> int:
    return len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"]))


def _course(log: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the loss of the first and last tenth of the steps, and the accuracy of the last."""
    history = [each for each in log if "loss" in each]
    tenth = max(1, len(history) // 10)

    def mean(part: Sequence[Mapping[str, float]], name: str) -> float:
        known = [float(each[name]) for each in part if name in each]
        return sum(known) / len(known) if known else nan

    return {
        "first_loss": mean(history[:tenth], "loss"),
        "last_loss": mean(history[-tenth:], "loss"),
        "last_accuracy": mean(history[-tenth:], "rewards/accuracies"),
    }


def write_answers(
    tasks: Sequence[Task],
    provider: Provider,
    *,
    model: str,
    sampling: Sampling,
    samples: int = 1,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> WrittenAnswers:
    """Have a model answer every task as it would anybody, with a seed for every sample.

    Parameters
    ----------
    tasks
        What is answered.
    provider
        Who is asked; it stays open.
    model
        Its name, or folder.
    sampling
        How answers are drawn.
    samples
        How many for each task.
    ask
        Cache, concurrency, limits, budget.
    watch
        Told how far the calls are.
    """
    requests: list[Request] = []
    for task in tasks:
        asked = plain_request(task, model=model)
        plain = Request(asked.model, asked.messages, sampling=sampling)
        requests += [with_seed(plain, number) for number in range(1, samples + 1)]
    replies = [each.reply for each in ask_all(provider, requests, options=ask, watch=watch)]
    return WrittenAnswers(
        tuple(None if reply is None else reply.text for reply in replies),
        sum(reply is not None and reply.finish == "length" for reply in replies),
    )
