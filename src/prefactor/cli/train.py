"""``prefactor train``: a model trained towards what a judge's profile prefers, or away from it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import click
import orjson

from prefactor._typing import OnBadRow
from prefactor.analysis.measurement import Scores
from prefactor.analysis.refinement import fit_target
from prefactor.analysis.steering_by_training import (
    Direction,
    Labelled,
    ModelShift,
    ProfileWeights,
    compare_answers_of,
    held_out_prompts,
    label_by_profile,
    weights_in,
)
from prefactor.asking.calls import AskOptions
from prefactor.cli.gathering import gathers
from prefactor.cli.json_file import write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.options import (
    factor_specs,
    factors_option,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.data.dataset import Dataset
from prefactor.errors import InputFileError, SettingError
from prefactor.factors import Measurer, load_measurers
from prefactor.interventions.base import Task, tasks_by_row
from prefactor.interventions.preference_training import (
    DpoSettings,
    TrainedModel,
    check_base,
    train_by_dpo,
    versions_used,
    write_answers,
)
from prefactor.interventions.training_files import training_rows, write_rows
from prefactor.llm.providers import ProviderOptions, make_provider
from prefactor.llm.records import Sampling
from prefactor.report.command_file import fields_of
from prefactor.report.writing import write_file
from prefactor.stats.estimate import Estimate
from prefactor.study import measure

__all__ = ["train_command"]

_CONFIG = "config.json"
_MOST_FACTORS = 12


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the options say of the labels, and of the answers that show what came of it."""

    profile: Path | None
    judge: str | None
    direction: Direction
    margin: float
    held_out: float
    prompts: int
    samples: int
    max_tokens: int
    temperature: float


_WANTED = (
    click.option(
        "--profile",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="A results.json whose joint weights label the comparisons. [default: fitted to the logs]",
    ),
    click.option("--judge", metavar="NAME", help="Whose profile. [default: the only judge]"),
    click.option("--towards", "direction", flag_value="towards", type=str, help="Towards what it prefers."),
    click.option("--away", "direction", flag_value="away", type=str, help="Away from it."),
    click.option(
        "--margin",
        type=click.FloatRange(min=0, max=0.5, max_open=True),
        default=0.15,
        show_default=True,
        help="Leave out comparisons whose P(preferred) by the profile is nearer to 0.5 than this.",
    ),
    click.option(
        "--held-out",
        type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
        default=0.1,
        show_default=True,
        help="Share of the prompts that are not learnt from, and answered before and after.",
    ),
    click.option("--prompts", type=click.IntRange(min=1), default=200, show_default=True, help="At most so many."),
    click.option("--samples", type=click.IntRange(min=1), default=1, show_default=True, help="Answers to each."),
    click.option("--max-tokens", type=click.IntRange(min=1), default=512, show_default=True, help="Of an answer."),
    click.option("--temperature", type=click.FloatRange(min=0), default=0.7, show_default=True, help="Of answers."),
)
_DPO = (
    click.option("--batch", type=click.IntRange(min=1), default=64, show_default=True, help="Pairs a step."),
    click.option(
        "--device-batch", type=click.IntRange(min=1), default=4, show_default=True, help="Of these at once on a device."
    ),
    click.option("--learning-rate", type=float, default=1e-5, show_default=True),
    click.option("--epochs", type=float, default=3.0, show_default=True),
    click.option("--beta", type=float, default=0.1, show_default=True, help="How dear moving away from the base is."),
    click.option("--longest", type=click.IntRange(min=1), default=1024, show_default=True, help="Tokens of a pair."),
    click.option("--full", is_flag=True, help="Train all weights, instead of LoRA."),
    click.option("--rank", type=click.IntRange(min=1), default=16, show_default=True, help="Of LoRA."),
    click.option("--alpha", type=click.IntRange(min=1), default=32, show_default=True, help="Of LoRA."),
    click.option(
        "--save-steps", type=click.IntRange(min=1), default=50, show_default=True, help="Steps between checkpoints."
    ),
    click.option("--seed", type=int, default=0, show_default=True),
)


@click.command("train")
@paths_argument
@click.option(
    "--base",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    metavar="DIR",
    help="Folder with the model to start from.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR")
@gathers("wanted", _Wanted, options=_WANTED)
@gathers("dpo", DpoSettings, options=_DPO)
@click.option("--dry-run", is_flag=True, help="Label the comparisons and say what training would take.")
@factors_option
@reading_options
@workers_option
def train_command(
    *,
    paths: tuple[str, ...],
    base: Path,
    out: Path,
    wanted: _Wanted,
    dpo: DpoSettings,
    dry_run: bool,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    workers: int | None,
) -> int:
    """Train a model towards what a judge's profile prefers, or away from it.

    The comparisons of PATHS are labelled by the profile, near-ties are left out, and the model learns to write what is
    chosen (DPO, by LoRA). On prompts that are held out it answers before and after: how far its factors moved, and how
    often the profile prefers the answer after. The same command goes on from the last checkpoint.
    """
    if wanted.direction is None:
        raise SettingError("--towards or --away", expected="one of the two", got="neither")
    check_base(base)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    specs = factor_specs(factors)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, specs, workers=workers, progress=progress)
    profile = _profile(dataset, scores, wanted)
    labelled, tasks = _lessons(dataset, scores, profile, wanted=wanted, seed=dpo.seed)
    _print_plan(labelled, tasks, profile, wanted=wanted, dpo=dpo)
    if dry_run:
        line("nothing was trained")
        return 0
    rows = training_rows(labelled.examples, "dpo")
    config = _config(labelled, profile, base, wanted=wanted, dpo=dpo, factors=scores.measured_by)
    _keep_config(out, config)
    write_rows(out, "dpo", rows=rows)
    trained = train_by_dpo(rows, base, out=out, settings=dpo)
    if not trained.main:
        return 0
    _print_trained(trained)
    shift = _shift(tasks, base, trained, profile=profile, measurers=load_measurers(specs), wanted=wanted)
    results = {"trained": fields_of(trained, without=["main", "folder"]), **fields_of(shift)}
    file = write_results(out, "train", results=results, settings=config, sources=dataset.sources)
    _print_shift(shift, profile)
    line()
    line(f"the model: {trained.folder}; all figures: {file}; all settings: {out / _CONFIG}", "bold")
    return 0


def _lessons(
    dataset: Dataset, scores: Scores, profile: ProfileWeights, *, wanted: _Wanted, seed: int
) -> tuple[Labelled, list[Task]]:
    """Return what is learnt from, and the prompts that are held out."""
    held_out = held_out_prompts(dataset, share=wanted.held_out, seed=seed)
    labelled = label_by_profile(
        dataset, scores, profile=profile, direction=wanted.direction, held_out=held_out, margin=wanted.margin
    )
    numbers = set(dataset.comparisons["prompt"].filter(held_out).to_list())
    tasks = sorted(
        (task for number, task in tasks_by_row(dataset).items() if number in numbers), key=lambda task: task.identity
    )
    if not tasks:
        raise SettingError("--held-out", expected="a share that holds a prompt out", got=wanted.held_out)
    return labelled, tasks[: wanted.prompts]


def _profile(dataset: Dataset, scores: Scores, wanted: _Wanted) -> ProfileWeights:
    if wanted.profile is not None:
        try:
            document = orjson.loads(wanted.profile.read_bytes())
            return weights_in(document, judge=wanted.judge, factors=scores.factors)
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            got = f"{type(error).__name__}: {error}"
            raise InputFileError(str(wanted.profile), expected="a results.json of explain", got=got) from error
    judge = wanted.judge
    if judge is None:
        if len(dataset.judges) != 1:
            raise SettingError("--judge", expected="one judge", got=list(dataset.judges))
        judge = dataset.judges[0]
    found = fit_target(dataset, scores, judge=judge)
    return ProfileWeights(judge, dict(zip(found.factors, found.weights.tolist(), strict=True)))


def _config(
    labelled: Labelled,
    profile: ProfileWeights,
    base: Path,
    *,
    wanted: _Wanted,
    dpo: DpoSettings,
    factors: tuple[str, ...],
) -> Mapping[str, Any]:
    """Return everything that the trained model depends on, and how its answers are drawn."""
    asked = {name: value for name, value in fields_of(wanted).items() if name not in ("profile", "judge")}
    return {
        "base": {"folder": str(base), "digest": _digest(base)},
        "profile": {"judge": profile.judge, "digest": profile.digest, "weights": dict(profile.weights)},
        "data": {"digest": labelled.digest, "pairs": len(labelled.examples), "near_ties": labelled.near_ties},
        "factors": list(factors),
        **asked,
        "dpo": fields_of(dpo),
        "versions": dict(versions_used()),
    }


def _digest(folder: Path) -> str:
    """Return a hash of the files that make a model."""
    found = blake2b(digest_size=16)
    for path in sorted(folder.iterdir()):
        if path.suffix in (".json", ".safetensors", ".bin", ".jinja", ".model") and path.is_file():
            with path.open("rb") as file:
                found.update(path.name.encode())
                while part := file.read(2**20):
                    found.update(part)
    return found.hexdigest()


def _keep_config(out: Path, config: Mapping[str, Any]) -> None:
    """Write the config file, or hold a run that goes on to the one that is there."""
    file = out / _CONFIG
    content = orjson.dumps(config, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if file.exists():
        before, now = orjson.loads(file.read_bytes()), orjson.loads(content)
        apart = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        if apart:
            hint = "another --out, or the same settings to go on"
            raise SettingError(
                "--out", expected="a folder of the same run", got=f"another {', '.join(apart)}", hint=hint
            )
        return
    out.mkdir(parents=True, exist_ok=True)
    write_file(file, content)


def _shift(
    tasks: list[Task],
    base: Path,
    trained: TrainedModel,
    *,
    profile: ProfileWeights,
    measurers: tuple[Measurer, ...],
    wanted: _Wanted,
) -> ModelShift:
    provider = make_provider("transformers", options=ProviderOptions())
    sampling = Sampling(temperature=wanted.temperature, max_tokens=wanted.max_tokens)
    try:
        written = [
            write_answers(
                tasks, provider, model=str(folder), sampling=sampling, samples=wanted.samples, ask=AskOptions()
            )
            for folder in (base, trained.folder)
        ]
    finally:
        asyncio.run(provider.close())
    cut = [
        f"{each.cut_off:,} of {len(each.texts):,} answers {when}"
        for each, when in zip(written, ("before", "after"), strict=True)
    ]
    line(f"cut off at {wanted.max_tokens:,} tokens, and measured as they are: {', '.join(cut)}")
    repeated = [task for task in tasks for _ in range(wanted.samples)]
    return compare_answers_of(repeated, written[0].texts, after=written[1].texts, measurers=measurers, profile=profile)


def _print_plan(
    labelled: Labelled, tasks: list[Task], profile: ProfileWeights, *, wanted: _Wanted, dpo: DpoSettings
) -> None:
    way = "towards" if wanted.direction == "towards" else "away from"
    heading(f"{way} what {profile.judge} prefers")
    line(
        f"{labelled.comparisons:,} comparisons: {len(labelled.examples):,} pairs to learn from; left out "
        f"{labelled.held_out:,} on prompts held out, {labelled.near_ties:,} within {wanted.margin:g} of a tie"
    )
    steps = dpo.epochs * len(labelled.examples) / dpo.batch
    how = "all weights" if dpo.full else f"LoRA of rank {dpo.rank}"
    line(f"about {steps:,.0f} steps of {dpo.batch} pairs, {how}; {len(tasks):,} prompts answered before and after")


def _print_trained(trained: TrainedModel) -> None:
    went_on = f", from step {trained.resumed_from:,} on" if trained.resumed_from else ""
    line(f"trained: {trained.steps:,} steps{went_on}; loss {trained.first_loss:.3f} to {trained.last_loss:.3f}")
    if trained.too_long or trained.cut:
        line(
            f"{trained.too_long:,} pairs with a prompt too long to learn from, {trained.cut:,} cut at their end",
            "yellow",
        )


def _print_shift(shift: ModelShift, profile: ProfileWeights) -> None:
    heading("answers after training, against those before")
    line(f"{shift.pairs:,} pairs of answers to {shift.prompts:,} prompts")
    if shift.left_out:
        line(f"left out, since an answer is missing: {shift.left_out:,}", "yellow")
    line(f"win rate by the profile of {profile.judge}: {_percent(shift.win_rate)} (a half is no difference)", "bold")
    line(f"answers that the profile prefers: {_percent(shift.preferred)}")
    rows = [
        (each.label, f"{each.weight:+.2f}", _shown(each.before), _shown(each.after), _shown(each.change, sign="+"))
        for each in shift.shifts[:_MOST_FACTORS]
    ]
    print_table(["factor", "weight ", "before", "after", "change"], rows)
    if len(shift.shifts) > _MOST_FACTORS:
        line(f"and {len(shift.shifts) - _MOST_FACTORS} more that weigh less, in the file")


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} % [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def _shown(estimate: Estimate, *, sign: str = "") -> str:
    return f"{estimate.value:{sign}.2f} [{estimate.low:{sign}.2f}, {estimate.high:{sign}.2f}]"
