"""``prefactor competence``: whether judges know what they grade."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.competence import CompetenceSettings, assess
from prefactor.analysis.competence.pairs import PairSettings, assess_pairs
from prefactor.analysis.competence.results import LEAST_TO_TRUST, MARGIN
from prefactor.asking.calls import Asked, AskOptions, ask_all, plan_calls
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.competence_tables import print_competence, print_pairs
from prefactor.cli.json_file import write_results
from prefactor.cli.judging import JudgingOptions, judging_options
from prefactor.cli.logs import read_logs
from prefactor.cli.options import factor_specs, factors_option, paths_argument, reading_from, reading_options
from prefactor.cli.terminal import line, progress_bar
from prefactor.data.question_set import QuestionSet, chosen_questions
from prefactor.errors import SettingError, UnknownFormatError
from prefactor.graders.answer_log import write_answers
from prefactor.graders.asked import Asking, Sheet, answers_from, pose_gradings, pose_questions, verdicts_from
from prefactor.graders.base import AUTOMATIC, GRADERS
from prefactor.graders.prompt_file import FORMS
from prefactor.llm.base import Provider
from prefactor.readers.formats import READERS
from prefactor.readers.questions import QUESTION_READERS, QUESTION_ROLES, find_questions, read_questions
from prefactor.report.command_file import fields_of
from prefactor.report.competence_page import render_competence, render_pairs
from prefactor.report.writing import write_page
from prefactor.study import Reading

__all__ = ["competence_command"]

PAGE = "competence.html"
ANSWERS = "answers.jsonl"


@click.command("competence")
@paths_argument
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the page, the results as JSON and, where models are asked, what they said.",
)
@click.option(
    "--grader",
    "graders",
    multiple=True,
    metavar="NAME",
    help=f"Grades against the key: {', '.join(GRADERS)}, 'f1:0.7', or 'model:NAME' for a model that sees it. The first "
    f"says what is right where no person did; others are compared with people. [default: {AUTOMATIC}]",
)
@click.option(
    "--evaluator",
    "evaluators",
    multiple=True,
    metavar="NAME",
    help="A grader of that kind to be put to the test like a judge. May be repeated.",
)
@click.option(
    "--form",
    "forms",
    multiple=True,
    type=click.Choice(FORMS),
    help="How models are asked to grade; the first counts, others are controls. [default: words]",
)
@click.option("--with-reference", is_flag=True, help="Let models grade with the key before them too, as a control.")
@click.option("--allow-unknown", is_flag=True, help="Let models say that they do not know.")
@click.option("--grade-only", is_flag=True, help="Let models grade recorded answers, and answer nothing themselves.")
@click.option(
    "--is",
    "same",
    multiple=True,
    metavar="EVALUATOR=ANSWERER",
    help="These are one model, which their names do not say. May be repeated.",
)
@click.option("--slice", "slices", multiple=True, metavar="COLUMN", help="Look at every value of a column by itself.")
@click.option("--label", default="", metavar="JUDGE", help="Pairs: whose verdicts are the truth. [default: labels]")
@click.option("--knows", default="", metavar="COLUMN", help="Pairs: the column that says whether the judge can answer.")
@click.option(
    "--trust-at",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=LEAST_TO_TRUST,
    show_default=True,
    help="Balanced accuracy (of pairs: accuracy) from which a judge is trusted.",
)
@click.option("--dry-run", is_flag=True, help="Say what asking would take, and ask nothing.")
@judging_options
@factors_option
@reading_options
def competence_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    out: Path | None,
    graders: tuple[str, ...],
    evaluators: tuple[str, ...],
    forms: tuple[str, ...],
    with_reference: bool,
    allow_unknown: bool,
    grade_only: bool,
    same: tuple[str, ...],
    slices: tuple[str, ...],
    label: str,
    knows: str,
    trust_at: float,
    dry_run: bool,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Say whether judges know what they grade: answering beside grading, and what their verdicts follow.

    PATHS are question sets with a key (TriviaQA, Natural Questions, EVOUNA, SQuAD, multiple choice, any table) with or
    without recorded answers and verdicts; --model names models that answer and grade. Or they are logs of pairs with
    objective labels (JudgeBench), whose judges are compared with the labels. Ends with status 1 where calls failed.
    """
    _check(options, out, dry_run=dry_run)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    sources = () if _of_pairs(reading) else find_questions(paths, format=reading.format, mapping=reading.mapping)
    if not sources:
        if options.models:
            hint = "prefactor judge asks models about pairs; give its log here"
            raise SettingError("--model", expected="questions with a key", got="no file that holds any", hint=hint)
        pair_settings = PairSettings(label=label, knows=knows, slices=slices, least=trust_at)
        return _pairs(paths, reading, pair_settings, out=out)
    found = chosen_questions(read_questions(sources, on_bad_row=on_bad_row), options.limit)
    failed = 0
    if options.models:
        keyed = with_reference or any(name.startswith("model:") for name in graders)
        asking = Asking(
            options.models,
            forms or ("words",),
            (False, True) if keyed else (False,),
            allow_unknown,
            options.asking.fence,
            options.asking.repeat,
        )
        asked = _Asker(options, options.make_provider(), dry_run=dry_run)
        found = _ask(found, asking, asked, answering=not grade_only)
        failed = asked.failed
    if dry_run or out is None:
        line("nothing was asked")
        return 0
    settings = CompetenceSettings(
        graders=graders or (AUTOMATIC,),
        evaluators=evaluators,
        same=_same(same),
        slices=slices,
        factors=factor_specs(factors),
        least=trust_at,
        margin=MARGIN,
    )
    if options.models:
        write_answers(out / ANSWERS, found)
    _assess(found, settings, out)
    return 1 if failed else 0


def _check(options: JudgingOptions, out: Path | None, *, dry_run: bool) -> None:
    if out is None and not dry_run:
        raise SettingError("--out", expected="a folder to write into", got="none", hint="or --dry-run")
    if options.asking.orders is not None:
        raise SettingError(
            "--orders", expected="nothing, since one answer is seen at a time", got=options.asking.orders
        )
    if options.name:
        raise SettingError("--name", expected="nothing, since models go by their own names", got=options.name)


def _of_pairs(reading: Reading) -> bool:
    """Tell whether the user said that the files hold pairs."""
    roles: Mapping[str, str] = reading.mapping or {}
    if reading.format is not None and reading.format in READERS and reading.format not in QUESTION_READERS:
        return True
    return any(role not in QUESTION_ROLES for role in roles)


def _same(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [part.partition("=") for part in given]
    for part, (evaluator, _, answerer) in zip(given, pairs, strict=True):
        if not evaluator or not answerer:
            raise SettingError("--is", expected="EVALUATOR=ANSWERER", got=part)
    return tuple((evaluator, answerer) for evaluator, _, answerer in pairs)


@dataclass(slots=True)
class _Asker:
    """Asks sheets of calls, or says what they would take."""

    options: JudgingOptions
    provider: Provider
    dry_run: bool
    failed: int = 0

    def ask(self, sheet: Sheet, what: str) -> tuple[Asked, ...]:
        """Return what became of every call; of a dry run, nothing."""
        ask: AskOptions = self.options.ask
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
        lost = [one.failure for one in found if one.reply is None]
        self.failed += len(lost)
        if lost:
            line(f"failed: {len(lost):,} of {len(found):,} calls, such as: {lost[0]}", "bold red")
        return found


def _ask(found: QuestionSet, asking: Asking, asker: _Asker, *, answering: bool) -> QuestionSet:
    """Let models answer, and then grade every answer."""
    if answering:
        sheet = pose_questions(found, asking)
        asked = asker.ask(sheet, "to answer")
        known = {(answer.question, answer.answerer) for answer in found.answers}
        new = (
            [each for each in answers_from(sheet, asked) if (each.question, each.answerer) not in known]
            if asked
            else []
        )
        found = replace(found, answers=(*found.answers, *new))
        if asker.dry_run:
            count = len(sheet.requests) * len(asking.models) * (len(asking.forms) + asking.repeat - 1)
            line(f"to grade those answers: at most {count * len(asking.keyed):,} calls more")
    sheet = pose_gradings(found, asking)
    if not sheet.requests:
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


def _pairs(paths: tuple[str, ...], reading: Reading, settings: PairSettings, *, out: Path | None) -> int:
    try:
        with progress_bar() as progress:
            dataset = read_logs(paths, reading, progress=progress)
    except UnknownFormatError as error:
        hint = "a question set names its columns so: --map question=COLUMN,answer=COLUMN"
        raise SettingError("PATHS", expected="questions with a key, or pairs", got=str(error), hint=hint) from error
    result = assess_pairs(dataset, settings)
    if out is None:
        line("nothing to ask: pairs are only read")
        return 0
    content = {**fields_of(result, without=["settings", "sources"]), "kind": "pairs"}
    file = write_results(out, "competence", results=content, settings=settings, sources=result.sources)
    page = write_page(out / PAGE, render_pairs(result))
    print_pairs(result)
    line()
    line(f"written: {page} and {file}", "bold")
    return 0
