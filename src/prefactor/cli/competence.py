"""``prefactor competence``: whether judges know what they grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.competence import CompetenceSettings, assess
from prefactor.analysis.competence.pairs import assess_pairs
from prefactor.asking.calls import Asked, AskOptions, ask_all, plan_calls
from prefactor.cli.asking import AskingOptions, asking_options
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.competence_options import CompetenceOptions, competence_options
from prefactor.cli.competence_tables import print_competence, print_pairs
from prefactor.cli.json_file import write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.options import factors_option, paths_argument, reading_from, reading_options
from prefactor.cli.terminal import line, progress_bar
from prefactor.data.question_set import QuestionSet, chosen_questions
from prefactor.errors import SettingError, UnknownFormatError
from prefactor.graders.answer_log import write_answers
from prefactor.graders.asked import Asking, Sheet, answers_from, pose_gradings, pose_questions, verdicts_from
from prefactor.llm.base import Provider
from prefactor.readers.formats import READERS
from prefactor.readers.questions import QUESTION_READERS, QUESTION_ROLES, find_questions, read_questions
from prefactor.report.command_file import fields_of
from prefactor.report.competence_page import render_competence, render_pairs
from prefactor.report.writing import write_page
from prefactor.runtime.budget import Cost
from prefactor.study import Reading

__all__ = ["competence_command"]

PAGE = "competence.html"
ANSWERS = "answers.jsonl"


@click.command("competence")
@paths_argument
@asking_options
@competence_options
@factors_option
@reading_options
def competence_command(
    asking: AskingOptions,
    options: CompetenceOptions,
    *,
    paths: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Say whether judges know what they grade: answering beside grading, and what their verdicts follow.

    PATHS are question sets with a key (TriviaQA, Natural Questions, EVOUNA, SQuAD, multiple choice, any table) with or
    without recorded answers and verdicts; --model names models that answer and grade. Or they are logs of pairs with
    objective labels (JudgeBench), whose judges are compared with the labels. Ends with status 1 where calls failed.
    """
    options.check()
    settings = options.settings()
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    sources = () if _of_pairs(reading) else find_questions(paths, format=reading.format, mapping=reading.mapping)
    if not sources:
        return _pairs(paths, reading, options)
    found = chosen_questions(read_questions(sources, on_bad_row=on_bad_row), asking.limit)
    asker = _Asker(asking, dry_run=options.dry_run)
    if options.models:
        found = _ask(found, options.asking(), asker, answering=not options.grade_only)
    if options.dry_run or options.out is None:
        line("nothing was asked")
        return 0
    if options.models:
        write_answers(options.out / ANSWERS, found)
    _assess(found, settings, options.out)
    return 1 if asker.failed else 0


def _of_pairs(reading: Reading) -> bool:
    """Tell whether the user said that the files hold pairs."""
    roles: Mapping[str, str] = reading.mapping or {}
    if reading.format is not None and reading.format in READERS and reading.format not in QUESTION_READERS:
        return True
    return any(role not in QUESTION_ROLES for role in roles)


@dataclass(slots=True)
class _Asker:
    """Asks sheets of calls within one budget, or says what they would take."""

    asking: AskingOptions
    dry_run: bool
    failed: int = 0
    spent: Cost = field(default_factory=Cost)
    stopped: bool = False
    provider: Provider | None = None

    def ask(self, sheet: Sheet, what: str) -> tuple[Asked, ...]:
        """Return what became of every call; of a dry run, nothing."""
        ask: AskOptions = self.asking.without(self.spent).ask
        self.provider = self.provider or self.asking.make_provider()
        plan = plan_calls(self.provider, sheet.requests, options=ask)
        before = f", {plan.cached:,} of them answered before" if plan.cached else ""
        cost = f"; {plan.most_price:,.2f} at most" if plan.most_price is not None and plan.calls else ""
        line(
            f"{what}: {plan.distinct:,} calls{before}; about {plan.input_tokens:,} tokens in, at most "
            f"{plan.most_output_tokens:,} out{cost}"
        )
        if self.dry_run:
            return ()
        if ask.cache is not None:
            ask.cache.parent.mkdir(parents=True, exist_ok=True)
        with calls_bar(priced=ask.price is not None) as watch:
            found = ask_all(self.provider, sheet.requests, options=ask, watch=watch)
        for one in dict(zip(sheet.requests, found, strict=True)).values():
            tokens = one.usage.input_tokens + one.usage.output_tokens
            self.spent += Cost(one.attempts, tokens, one.price)
        lost = [one.failure for one in found if one.reply is None]
        self.failed += len(lost)
        self.stopped = any(failure.startswith("not asked") for failure in lost)
        if lost:
            line(f"failed: {len(lost):,} of {len(found):,} calls, such as: {lost[0]}", "bold red")
        return found


def _ask(found: QuestionSet, asking: Asking, asker: _Asker, *, answering: bool) -> QuestionSet:
    """Let models answer, and then grade every answer."""
    if answering:
        sheet = pose_questions(found, asking)
        asked = asker.ask(sheet, "to answer")
        new = answers_from(sheet, asked) if asked else ()
        came = {(answer.question, answer.answerer) for answer in new}
        kept = (answer for answer in found.answers if (answer.question, answer.answerer) not in came)
        found = replace(found, answers=(*kept, *new))
        if asker.dry_run:
            count = len(sheet.requests) * len(asking.models) * (len(asking.forms) + asking.repeat - 1)
            line(f"to grade those answers: at most {count * len(asking.keyed):,} calls more")
    sheet = pose_gradings(found, asking)
    if not sheet.requests or asker.stopped:
        return found
    asked = asker.ask(sheet, "to grade" if not asker.dry_run else "to grade recorded answers")
    return replace(found, verdicts=(*found.verdicts, *verdicts_from(sheet, asked))) if asked else found


def _assess(found: QuestionSet, settings: CompetenceSettings, out: Path) -> None:
    with progress_bar() as progress:
        result = assess(found, settings, progress=progress)
    document = fields_of(result, without=["settings", "sources"])
    evaluators = [fields_of(each, without=["examples"]) for each in result.evaluators]
    content = {**document, "kind": "answers", "evaluators": evaluators}
    file = write_results(out, "competence", results=content, settings=settings, sources=result.sources)
    page = write_page(out / PAGE, render_competence(result))
    print_competence(result)
    line()
    line(f"written: {page} and {file}", "bold")


def _pairs(paths: tuple[str, ...], reading: Reading, options: CompetenceOptions) -> int:
    if options.models:
        hint = "prefactor judge asks models about pairs; give its log here"
        raise SettingError("--model", expected="questions with a key", got="no file that holds any", hint=hint)
    try:
        with progress_bar() as progress:
            dataset = read_logs(paths, reading, progress=progress)
    except UnknownFormatError as error:
        hint = "a question set names its columns so: --map question=COLUMN,answer=COLUMN"
        raise SettingError("PATHS", expected="questions with a key, or pairs", got=str(error), hint=hint) from error
    result = assess_pairs(dataset, options.pair_settings())
    if options.out is None:
        line("nothing to ask: pairs are only read")
        return 0
    content = {**fields_of(result, without=["settings", "sources"]), "kind": "pairs"}
    file = write_results(options.out, "competence", results=content, settings=result.settings, sources=result.sources)
    page = write_page(options.out / PAGE, render_pairs(result))
    print_pairs(result)
    line()
    line(f"written: {page} and {file}", "bold")
    return 0
