"""``prefactor steer``: ask a model for what a judge prefers, and see whether the judge follows."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import wraps
from math import isfinite
from pathlib import Path
from typing import Any

import click
import orjson

from prefactor._typing import FloatArray
from prefactor.analysis.steered_verdicts import (
    Opponents,
    controlled_rates,
    grades_of,
    grading_questions,
    judge_names,
    judged_alone,
    judged_pairs,
    pair_questions,
    pair_up,
)
from prefactor.analysis.steering import (
    ArmShift,
    factor_shifts,
    followed,
    grade_shifts,
    measure_arms,
    rate_shifts,
)
from prefactor.analysis.tastes import Taste, taste_for, tastes_in, tastes_of
from prefactor.asking.calls import Asked, plan_calls
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.judging import JudgingOptions, judging_options, print_judged
from prefactor.cli.logs import read_logs
from prefactor.cli.options import factor_specs, factors_option, reading_from, reading_options
from prefactor.cli.steering_tables import print_grading, print_moves, print_shifts, print_written
from prefactor.cli.terminal import heading, line, progress_bar
from prefactor.data.prompt_set import OpenPrompt
from prefactor.errors import InputFileError, SettingError
from prefactor.factors import LEXICAL, load_measurers
from prefactor.interventions.instructions import Wish, system_message
from prefactor.interventions.steering import ARMS, Arm, Written, first_requests, within, write_answers
from prefactor.judges.collecting import Judged, collect
from prefactor.judges.judging import Bench, make_bench
from prefactor.judges.preference_log import write_log
from prefactor.llm.providers import ProviderOptions, make_provider
from prefactor.llm.records import Sampling
from prefactor.readers.prompt_sets import read_prompts
from prefactor.report.command_file import fields_of
from prefactor.stats.estimate import Estimate
from prefactor.study import Reading, explain, measure

__all__ = ["steer_command"]


@dataclass(frozen=True, slots=True)
class _Steering:
    """Everything that was asked for and read."""

    prompts: tuple[OpenPrompt, ...]
    tastes: tuple[Taste, ...]
    model: str
    sampling: Sampling
    bench: Bench
    opponents: Opponents | None

    @property
    def wishes(self) -> list[tuple[Wish, ...]]:
        return [taste.wishes for taste in self.tastes]

    @property
    def turns(self) -> int:
        return max(len(prompt.turns) for prompt in self.prompts)


@dataclass(frozen=True, slots=True)
class _Learning:
    """Whose taste is learnt, from what, and with which factors."""

    logs: tuple[str, ...]
    profile: Path | None
    judge: str | None
    most: int
    by: tuple[str, ...]
    factors: tuple[str, ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Judging:
    """Who judges the answers, against what, and what is held equal."""

    judge_with: str
    judge_model: tuple[str, ...]
    judge_provider: str | None
    judge_url: str
    against: str | None
    hold: str


def _gathered(command: Callable[..., int]) -> Callable[..., int]:
    """Put options that belong together into one argument each."""

    @wraps(command)
    def run(options: JudgingOptions, **given: Any) -> int:
        reading = reading_from(**{name: given.pop(name) for name in ("format_name", "mapping", "on_bad_row")})
        learning = {name: given.pop(name) for name in ("logs", "profile", "judge", "most", "by", "factors")}
        judging = {each.name: given.pop(each.name) for each in fields(_Judging)}
        sampling = Sampling(temperature=given.pop("temperature"), max_tokens=given.pop("most_tokens"))
        return command(
            options, learning=_Learning(**learning, reading=reading), judging=_Judging(**judging), sampling=sampling,
            **given,
        )  # fmt: skip

    return run


@click.command("steer")
@click.argument("prompts", nargs=-1, required=True)
@json_option("steer", required=True)
@click.option(
    "--judge-log", "logs", multiple=True, metavar="LOG", help="Learn the judge's taste from logs. Repeatable."
)
@click.option("--profile", type=click.Path(path_type=Path, dir_okay=False), help="Or take it from a results.json.")
@click.option("--judge", metavar="NAME", help="Whose taste. [default: the only judge]")
@click.option("--towards", "most", type=click.IntRange(min=1), default=3, show_default=True, help="Factors asked for.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Take the taste on each prompt's own value of this column.")
@click.option(
    "--judge-with", default="pairwise", show_default=True, metavar="FILE|NAME", help="Who judges the answers."
)
@click.option("--judge-model", multiple=True, metavar="NAME", help="Model of that judge. [default: --model]")
@click.option("--judge-provider", metavar="NAME[:PLACE]", help="How that is reached. [default: --provider]")
@click.option("--judge-url", default="", metavar="URL", help="Address of its server. [default: --base-url]")
@click.option("--against", type=click.Path(), metavar="FILE", help="Judge against the answers in this file, not plain.")
@click.option("--hold", default="words", show_default=True, metavar="FACTOR,...", help="Held equal in win rates.")
@click.option("--most-tokens", type=click.IntRange(min=1), default=1024, show_default=True, help="Of an answer's turn.")
@click.option("--temperature", type=click.FloatRange(min=0), default=0.0, show_default=True)
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it takes, and ask nothing.")
@judging_options
@factors_option
@reading_options
@_gathered
def steer_command(
    options: JudgingOptions,
    *,
    prompts: tuple[str, ...],
    out: Path,
    learning: _Learning,
    judging: _Judging,
    sampling: Sampling,
    dry_run: bool,
) -> int:
    """Ask a model, by system messages, for what a judge prefers; judge the answers, and report the shift.

    PROMPTS are files of prompts: MT-Bench's question.jsonl, AlpacaEval's instructions, JSON lines with 'prompt', or
    a .txt file with one prompt a line. Every prompt is answered plainly, towards the judge's taste, and away from it.
    """
    if len(options.models) != 1:
        raise SettingError("--model", expected="one model that writes", got=", ".join(options.models) or "none")
    tastes = _learnt(learning)
    asked = read_prompts(prompts)[: options.limit]
    named = {name for taste in tastes for name, equals, _ in [taste.slice.partition("=")] if equals}
    models = judging.judge_model or options.models
    plan = _Steering(
        prompts=asked,
        tastes=tuple(taste_for(prompt, tastes, by=learning.by or sorted(named)) for prompt in asked),
        model=options.models[0],
        sampling=sampling,
        bench=make_bench(judging.judge_with, models, asking=options.asking, name=options.name),
        opponents=None if judging.against is None else _opponents(judging.against, asked),
    )
    _print_plan(plan, options)
    if dry_run:
        line("nothing was asked")
        return 0
    reach = ProviderOptions(
        base_url=judging.judge_url or options.reach.base_url, key_variable=options.reach.key_variable
    )
    seat = make_provider(judging.judge_provider or options.provider, options=reach)
    return _carry_out(plan, options, seat, out=out, factors=learning.factors, hold=_names(judging.hold))


def _learnt(learning: _Learning) -> tuple[Taste, ...]:
    """Return the judge's tastes, from a file or from its logs."""
    if bool(learning.logs) == (learning.profile is not None):
        got = "both" if learning.logs else "neither"
        raise SettingError("--judge-log", expected="logs of the judge, or --profile", got=got)
    if learning.profile is not None:
        document = _document(learning.profile)
        return tastes_in(document, str(learning.profile), judge=learning.judge, most=learning.most)
    with progress_bar() as progress:
        dataset = read_logs(learning.logs, learning.reading, progress=progress)
        scores = measure(dataset, factor_specs(learning.factors), progress=progress)
        judges = (learning.judge,) if learning.judge else ()
        found = explain(dataset, scores, judges=judges, by=learning.by, progress=progress)
    return tastes_of(found, judge=learning.judge, most=learning.most)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _document(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputFileError(str(path), expected="a results.json", got=str(error)) from error
    if not isinstance(found, dict):
        raise InputFileError(str(path), expected="a results.json", got=type(found).__name__)
    return found


def _opponents(path: str, prompts: Sequence[OpenPrompt]) -> Opponents:
    """Match given answers to prompts by their text."""
    given = {one.turns[0]: one for one in read_prompts([path]) if one.answer is not None}
    found = tuple(given[prompt.turns[0]].answer if prompt.turns[0] in given else None for prompt in prompts)
    if not any(answer is not None for answer in found):
        raise InputFileError(path, expected="answers to the prompts, as 'output'", got="none of them")
    several = [prompt for prompt in prompts if len(prompt.turns) > 1]
    if several:
        raise SettingError("--against", expected="prompts of one turn", got=f"{len(several)} with more")
    models = sorted({one.model for one in given.values() if one.model})
    return Opponents(models[0] if len(models) == 1 else "given answers", found)


def _print_plan(plan: _Steering, options: JudgingOptions) -> None:
    for taste in dict.fromkeys(plan.tastes):
        count = sum(each == taste for each in plan.tastes)
        heading(
            f"asked for on {count:,} prompts, towards {taste.judge} on {taste.slice} ({taste.strict:,} preferences)"
        )
        line(system_message(taste.wishes))
    line()
    requests = first_requests(plan.prompts, plan.wishes, model=plan.model, sampling=plan.sampling)
    found = plan_calls(options.make_provider(), requests, options=options.ask)
    later = len(ARMS) * sum(len(prompt.turns) - 1 for prompt in plan.prompts)
    line(f"{len(plan.prompts):,} prompts in {len(ARMS)} arms: {found.distinct:,} first turns, {later:,} later ones")
    judged = len(ARMS) if judged_alone(plan.bench) or plan.opponents else len(ARMS) - 1
    turns = sum(len(prompt.turns) for prompt in plan.prompts) if judged_alone(plan.bench) else len(plan.prompts)
    line(f"then {judged * turns:,} {'answers' if judged_alone(plan.bench) else 'comparisons'} to judge")
    line(f"first turns: {found.cached:,} answered before, about {found.input_tokens:,} tokens in, "
         f"at most {found.most_output_tokens:,} out")  # fmt: skip


def _carry_out(
    plan: _Steering,
    options: JudgingOptions,
    seat: Any,
    *,
    out: Path,
    factors: tuple[str, ...],
    hold: tuple[str, ...],
) -> int:
    folder = out.parent if out.suffix == ".json" else out
    if options.ask.cache is not None:
        options.ask.cache.parent.mkdir(parents=True, exist_ok=True)
    provider = options.make_provider()
    try:
        with calls_bar(priced=options.ask.price is not None) as watch:
            written, calls = write_answers(
                plan.prompts,
                plan.wishes,
                model=plan.model,
                sampling=plan.sampling,
                provider=provider,
                options=options.ask,
                watch=watch,
            )
    finally:
        asyncio.run(provider.close())
    _write_lines(folder / "answers.jsonl", [_answer(plan, one) for one in written])
    print_written(written)
    measured = measure_arms(plan.prompts, written, measurers=load_measurers(factor_specs(factors)))
    judged, shifts, better = _judge(plan, written, calls, options, seat, folder=folder, hold=hold)
    moved = factor_shifts(measured)
    follows = {name: followed(measured, arms) for name, arms in better.items()}
    print_moves(moved, follows)
    print_shifts(shifts, hold)
    results = {"factors": moved, "judges": shifts, "followed": follows, "asked": _asked_for(plan)}
    settings = {"model": plan.model, "sampling": plan.sampling, "hold": hold, "judge": judge_names(plan.bench)}
    file = write_results(out, "steer", results=results, settings=settings)
    line()
    line(f"also in {file}; answers in {folder / 'answers.jsonl'}", "bold")
    return 1 if judged.failures or any(one.problem for one in written) else 0


def _judge(
    plan: _Steering,
    written: Sequence[Written],
    calls: Sequence[Asked],
    options: JudgingOptions,
    seat: Any,
    *,
    folder: Path,
    hold: tuple[str, ...],
) -> tuple[Judged, list[ArmShift], dict[str, dict[Arm, FloatArray]]]:
    """Judge all answers; return what came of it, the shifts, and who was better than plain by judge and arm."""
    ask, count = within(options.ask, calls), len(plan.prompts)
    priced = options.ask.price is not None
    if judged_alone(plan.bench):
        with calls_bar(priced=priced) as watch:
            judged = collect(grading_questions(plan.prompts, written, bench=plan.bench), seat, options=ask, watch=watch)
        print_grading(judged)
        grades = grades_of(judged, prompts=count, turns=plan.turns)
        _write_lines(folder / "grades.jsonl", [_graded(plan, each, said) for each, said in
                                               zip(judged.questions.texts, judged.verdicts, strict=True)])  # fmt: skip
        shifts = [shift for name, found in grades.items() for shift in grade_shifts(found, judge=name)]
        return judged, shifts, {name: _better(found) for name, found in grades.items()}
    pairs = pair_up(plan.prompts, written, model=plan.model, opponents=plan.opponents)
    with calls_bar(priced=priced) as watch:
        judged = collect(pair_questions(pairs, plan.bench), seat, options=ask, watch=watch)
    print_judged(judged, priced=priced)
    write_log(folder / "judged.jsonl", judged.questions.texts, verdicts=judged.verdicts)
    rates = judged_pairs(pairs, judged, prompts=count)
    shifts = [one for name, arms in rates.items() for one in rate_shifts(arms, judge=name, against=pairs.opponent)]
    held = controlled_rates(pairs, judged, hold=hold, measurers=load_measurers([f"{LEXICAL}:{','.join(hold)}"]))
    shifts = [_with_control(shift, held[shift.judge]) for shift in shifts]
    return judged, shifts, {name: _steered(arms) for name, arms in rates.items()}


def _with_control(shift: ArmShift, held: Mapping[str, Estimate] | str) -> ArmShift:
    if isinstance(held, str):
        return replace(shift, reason=held)
    found = held.get(shift.arm, shift.controlled)
    lost = "" if isfinite(found.value) or shift.arm == "plain" else f"{shift.arm} won or lost every comparison"
    return replace(shift, controlled=found, reason=lost)


def _better(grades: Any) -> dict[Arm, Any]:
    """Return whether the steered answer's mean grade is above the plain one's, by arm."""
    means = grades.mean(axis=2)
    return {arm: _compared(means[ARMS.index(arm)] - means[0]) for arm in ARMS[1:]}


def _steered(arms: Mapping[Arm, FloatArray]) -> dict[Arm, FloatArray]:
    """Return whether the steered answer did better than the plain one, by arm."""
    plain = arms.get("plain")
    return {
        arm: values if plain is None else _compared(values - plain) for arm, values in arms.items() if arm != "plain"
    }


def _compared(difference: Any) -> Any:
    return 0.5 + 0.5 * ((difference > 0) * 1.0 - (difference < 0)) + 0 * difference


def _answer(plan: _Steering, one: Written) -> dict[str, Any]:
    prompt = plan.prompts[one.prompt]
    return {
        "prompt_id": prompt.identity,
        "arm": one.arm,
        "model": plan.model,
        "system": system_message(one.wishes),
        "turns": list(prompt.turns),
        "answers": list(one.answers),
        "problem": one.problem,
        "cut_off": one.cut_off,
    }


def _graded(plan: _Steering, texts: Any, said: Any) -> dict[str, Any]:
    prompt = plan.prompts[int(str(texts.columns["place"]))]
    grades = [{"judge": one.judge, "grade": one.score_a, "problem": one.problem, "said": one.said} for one in said]
    return {"prompt_id": prompt.identity, "arm": texts.columns["arm"], "turn": texts.columns["turn"], "grades": grades}


def _asked_for(plan: _Steering) -> list[dict[str, Any]]:
    return [
        {**fields_of(taste), "prompts": sum(each == taste for each in plan.tastes)}
        for taste in dict.fromkeys(plan.tastes)
    ]


def _write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
    temporary.replace(path)
