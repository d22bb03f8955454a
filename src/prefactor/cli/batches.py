"""Batches of calls from the command line: submit, leave, come back, collect into the cache."""

from pathlib import Path

from prefactor.asking.batching import collect_batch, submit_batch
from prefactor.cli.judging import JudgingOptions, print_plan
from prefactor.cli.terminal import line
from prefactor.errors import SettingError
from prefactor.judges.judging import Questions
from prefactor.llm.openai_batch import OpenAIBatches

__all__ = ["SUBMIT", "run_batch"]

SUBMIT = "submit"
"""What stands in place of a batch's name to submit one."""


def run_batch(name: str, questions: Questions, *, options: JudgingOptions) -> int:
    """Submit what is not in the cache, or collect a batch into it.

    Parameters
    ----------
    name
        ``"submit"``, or the server's name of a batch.
    questions
        What is asked.
    options
        Who is asked and how.

    Returns
    -------
    int
        Exit status: 1 where the batch has ended without some of its answers.

    Raises
    ------
    SettingError
        The provider has no batches.
    """
    if options.provider != "openai":
        raise SettingError("--batch", expected="the provider openai", got=options.provider)
    batches = OpenAIBatches(options.reach.base_url, key_variable=options.reach.key_variable)
    provider = options.make_provider()
    print_plan(questions, provider, options=options.ask)
    _make_folder(options.ask.cache)
    if name == SUBMIT:
        state = submit_batch(batches, questions.requests, provider=provider, options=options.ask)
        if state is None:
            line("every call was answered before: leave --batch out to write the log", "bold")
        else:
            line(f"submitted: {state.name}; come back with --batch {state.name}", "bold")
        return 0
    found = collect_batch(batches, name, provider=provider, requests=questions.requests, options=options.ask)
    done = f"{found.state.completed:,} of {found.state.total:,} answered"
    if not found.state.ended:
        line(f"{name}: {found.state.status}, {done}; come back later")
        return 0
    said = f"; {found.state.said}" if found.state.said else ""
    line(f"{name}: {found.state.status}, {done}, {found.kept:,} kept{said}")
    for kind, number in found.failures:
        line(f"failed: {number:,} {kind}", "bold red")
    line("leave --batch out to write the log; what the batch did not answer is then asked directly", "bold")
    return 1 if found.failures or found.state.said else 0


def _make_folder(cache: Path | None) -> None:
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
