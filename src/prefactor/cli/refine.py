"""``prefactor refine``: answers written anew, and what that did."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any, Final

import click
import orjson

from prefactor._typing import OnBadRow
from prefactor.analysis.refinement import (
    Misaligned,
    Refinement,
    Target,
    WayResult,
    advice_of,
    assess_refining,
    fit_target,
    refined_texts,
)
from prefactor.asking.calls import plan_calls
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.elicited import print_spent
from prefactor.cli.gathering import gathers
from prefactor.cli.json_file import write_results
from prefactor.cli.judging import JudgingOptions, judging_options
from prefactor.cli.options import factor_specs, factors_option, paths_argument, reading_from, reading_options
from prefactor.cli.terminal import heading, line, print_table
from prefactor.errors import InputFileError, SettingError
from prefactor.factors import load_measurers
from prefactor.interventions.base import Task, distinct_tasks
from prefactor.interventions.prompts import plain_request
from prefactor.interventions.refining import WAYS, Refined, RefineOptions, RefineWay, refine_answers
from prefactor.judges.base import Opinion, Texts
from prefactor.judges.collecting import collect
from prefactor.judges.judging import make_bench, pose
from prefactor.judges.preference_log import write_log
from prefactor.llm.records import Sampling
from prefactor.stats.estimate import Estimate
from prefactor.study import Reading, measure, read, read_tasks

__all__ = ["refine_command"]

Verdicts = Mapping[RefineWay, Mapping[int, Sequence[Opinion]]]

_MOST_FACTORS: Final = 12


@dataclass(frozen=True, slots=True)
class _Held:
    """Who judges first against new answers, and has had no part in writing them."""

    judge: str
    model: str

    @property
    def name(self) -> str:
        """Name of its verdicts."""
        return f"{self.model} {Path(self.judge).stem}" if self.judge else ""


@dataclass(frozen=True, slots=True)
class _Refining:
    """What the options say of refining."""

    ways: tuple[RefineWay, ...]
    evaluator: str
    gap_file: Path | None
    target_logs: tuple[str, ...]
    target: str
    held_out: str
    held_out_model: str
    max_tokens: int

    def options(self, models: Sequence[str]) -> RefineOptions:
        """Return how a model is asked."""
        if len(models) != 1:
            raise SettingError("--model", expected="one model that writes", got=models or "none")
        advice = advice_of(_misaligned(self.gap_file)) if self.gap_file else ""
        sampling = Sampling(temperature=0.0, max_tokens=self.max_tokens)
        return RefineOptions(models[0], _ways(self.ways, advice), self.evaluator, advice, sampling)

    def held(self, model: str) -> _Held:
        """Return the held-out judge."""
        return _Held(self.held_out, self.held_out_model or model)


_OPTIONS = (
    click.option(
        "--way",
        "ways",
        type=click.Choice(WAYS),
        multiple=True,
        help="After feedback, told the misaligned factors, or told nothing (the control). May be repeated. "
        "[default: all that can be done]",
    ),
    click.option("--evaluator", default="", metavar="MODEL", help="Who gives feedback. [default: the model itself]"),
    click.option(
        "--gap",
        "gap_file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="gap.json of 'prefactor align --gap': the factors that make its gap are told by name.",
    ),
    click.option("--target-log", "target_logs", multiple=True, metavar="LOG", help="Log of a judge to agree with."),
    click.option("--target", default="", metavar="JUDGE", help="That judge. [default: the one judge of the log]"),
    click.option("--held-out", default="", metavar="FILE|NAME", help="A judge that compares first with new answers."),
    click.option("--held-out-model", default="", metavar="NAME", help="Its model. [default: --model]"),
    click.option("--max-tokens", type=click.IntRange(min=1), default=1500, show_default=True, help="Of a reply."),
)


@click.command("refine")
@paths_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@gathers("refining", _Refining, options=_OPTIONS)
@click.option("--dry-run", is_flag=True, help="Say what the first answers would take, and ask nothing.")
@factors_option
@judging_options
@reading_options
def refine_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    out: Path | None,
    refining: _Refining,
    dry_run: bool,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Have a model answer and write its answers anew, and say what that did, prompt by prompt.

    PATHS are prompts as for 'prefactor elicit'. Writes refine.json, and refined.jsonl: a log of first answers (A)
    beside new ones (B) with the verdicts of the held-out judge. Ends with status 1 where calls failed.
    """
    if out is None and not dry_run:
        raise SettingError("--out", expected="a folder", got="none", hint="or --dry-run")
    refine = refining.options(options.models)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    tasks = distinct_tasks(read_tasks(paths, reading), limit=options.limit)
    _print_plan(tasks, refine, options)
    if dry_run or out is None:
        line("nothing was asked")
        return 0
    specs = factor_specs(factors)
    goal = _target(refining, specs) if refining.target_logs else None
    refined = _refine(tasks, refine, options)
    held = refining.held(refine.model)
    left = replace(options, ask=refined.spent.left_of(options.ask) or options.ask)
    verdicts, failed = _judged(refined, held, left, out)
    found = assess_refining(refined, load_measurers(specs), target=goal, verdicts=verdicts, held_out=held.name)
    asked = {
        "model": refine.model,
        "evaluator": refine.evaluator or refine.model,
        "ways": refine.ways,
        "factors": specs,
    }
    file = write_results(out, "refine", results=found, settings=asked)
    _print(found)
    print_spent(refined.spent, priced=options.ask.price is not None)
    line(f"numbers: {file}; answers: {out / 'refined.jsonl'}", "bold")
    return 1 if refined.spent.failures or failed else 0


def _ways(asked: Sequence[RefineWay], advice: str) -> tuple[RefineWay, ...]:
    if "factors" in asked and not advice:
        raise SettingError("--way factors", expected="the factors to tell", got="none", hint="--gap gap/gap.json")
    return tuple(asked) or tuple(way for way in WAYS if way != "factors" or advice)


def _misaligned(file: Path) -> list[Misaligned]:
    """Read the factors that make a gap from the file that 'prefactor align --gap' wrote."""
    try:
        results: Any = orjson.loads(file.read_bytes())["results"]
        words = {each["name"]: each["more"] for each in results["factors"]}
        named = [each for each in results["tables"][0]["factors"] if each["named"] and each["generates"]]
        return [
            Misaligned(
                str(each["label"]),
                str(words[each["factor"]]),
                float(each["human"]["tau14"]["value"]),
                float(each["generates"]["tau14"]["value"]),
            )
            for each in named
        ]
    except OSError as error:
        raise InputFileError(str(file), expected="a gap", got=str(error.strerror)) from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputFileError(str(file), expected="gap.json of 'prefactor align --gap'", got=repr(error)) from error


def _target(refining: _Refining, specs: Sequence[str]) -> Target:
    dataset, judge = read(list(refining.target_logs), Reading()), refining.target
    if not judge and len(dataset.judges) != 1:
        raise SettingError("--target", expected="one of the judges", got=", ".join(dataset.judges) or "none")
    return fit_target(dataset, measure(dataset, specs), judge=judge or dataset.judges[0])


def _print_plan(tasks: Sequence[Task], refine: RefineOptions, options: JudgingOptions) -> None:
    plain = [plain_request(task, model=refine.model) for task in tasks]
    plan = plan_calls(options.make_provider(), plain, options=options.ask)
    calls = len(tasks) * (1 + sum(2 if way == "feedback" else 1 for way in refine.ways))
    line(f"{len(tasks):,} prompts, ways: {', '.join(refine.ways)}; at most {calls:,} calls that write or advise")
    line(f"first answers: about {plan.input_tokens:,} tokens in (4 bytes each)")
    if refine.advice:
        line("told of factors:")
        line(refine.advice)


def _refine(tasks: Sequence[Task], refine: RefineOptions, options: JudgingOptions) -> Refined:
    if options.ask.cache is not None:
        options.ask.cache.parent.mkdir(parents=True, exist_ok=True)
    provider = options.make_provider()
    try:
        with calls_bar(priced=options.ask.price is not None) as watch:
            return refine_answers(tasks, provider, options=refine, ask=options.ask, watch=watch)
    finally:
        asyncio.run(provider.close())


def _judged(refined: Refined, held: _Held, options: JudgingOptions, out: Path) -> tuple[Verdicts | None, int]:
    """Ask the held-out judge, where there is one, and write the log; return its verdicts and how many calls failed."""
    numbered: list[tuple[RefineWay, int, Texts]] = [
        (way, number, texts) for way in refined.anew for number, texts in refined_texts(refined, way)
    ]
    texts = [each for _, _, each in numbered]
    opinions: Sequence[Sequence[Opinion]] = [()] * len(texts)
    failed = 0
    if held.judge:
        bench = make_bench(held.judge, [held.model], asking=options.asking, name=held.name)
        with calls_bar(priced=options.ask.price is not None) as watch:
            judged = collect(pose(texts, bench), options.make_provider(), options=options.ask, watch=watch)
        opinions, failed = judged.verdicts, sum(number for _, number in judged.failures)
    write_log(out / "refined.jsonl", texts, verdicts=opinions)
    found: dict[RefineWay, dict[int, Sequence[Opinion]]] = {way: {} for way in refined.anew}
    for (way, number, _), said in zip(numbered, opinions, strict=True):
        found[way][number] = said
    return (found if held.judge else None), failed


def _print(found: Refinement) -> None:
    heading("new answers against first ones, prompt by prompt")
    rows = [
        (
            each.way,
            f"{each.answers:,}",
            f"{each.missing:,}",
            f"{each.unchanged:,}",
            *map(_shown, (each.target, each.target_against_control, each.held_out, each.held_out_against_control)),
        )
        for each in found.ways
    ]
    columns = ["way", "answers ", "missing ", "unchanged ", "P by target", "less control", "P by judge", "less control"]
    print_table(columns, rows)
    line(f"  target: {found.target or 'none'}; held-out judge: {found.held_out or 'none'}; control: plain")
    for each in found.ways:
        _print_factors(each)


def _print_factors(way: WayResult) -> None:
    heading(f"factors, {way.way}")
    known = [each for each in way.factors if not isnan(each.shift.value)]
    shown = sorted(known, key=lambda each: (-abs(each.shift.value), each.factor))[:_MOST_FACTORS]
    rows = [
        (
            each.label,
            _shown(each.shift),
            _shown(each.change),
            _shown(each.against_control),
            "-" if isnan(each.q_value) else f"{each.q_value:.3f}",
        )
        for each in shown
    ]
    print_table(["factor", "more less fewer", "change", "less control", "q "], rows)


def _shown(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "-"
    return str(estimate) if not isnan(estimate.low) else f"{estimate.value:.2f} (no interval)"
