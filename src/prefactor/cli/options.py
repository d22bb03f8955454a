"""Options that more than one command takes, written once."""

from collections.abc import Callable
from typing import TypeVar

import click

from prefactor._typing import OnBadRow
from prefactor.config import PRIOR_SCALE
from prefactor.errors import SettingError
from prefactor.factors import LEXICAL
from prefactor.factors.taxonomy import TAXONOMIES
from prefactor.study import Reading

__all__ = [
    "factor_specs",
    "factors_option",
    "judge_is_option",
    "judges_that_are_models",
    "paths_argument",
    "prior_options",
    "reading_from",
    "reading_options",
    "workers_option",
]

Command = TypeVar("Command", bound=Callable[..., object])

paths_argument = click.argument("paths", nargs=-1, required=True)
factors_option = click.option(
    "--factors",
    "factors",
    multiple=True,
    metavar="FILE|NAME",
    help="A .toml or .py file of your own factors, measured beside the lexical ones; 'lexical:words,list_items' picks "
    "some of those. May be repeated.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Threads to measure with. [default: all usable processors]"
)

judge_is_option = click.option(
    "--judge-is",
    "judge_is",
    multiple=True,
    metavar="JUDGE=MODEL",
    help="This judge is that model of the log, which its name does not say: PF108 looks for self-preference. May be "
    "repeated.",
)


def judges_that_are_models(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Take ``JUDGE=MODEL`` apart.

    Raises
    ------
    SettingError
        There is no equals sign, or nothing on one of its sides.

    Examples
    --------
    >>> judges_that_are_models(("gpt4 judge=gpt-4",))
    (('gpt4 judge', 'gpt-4'),)
    """
    pairs = [part.partition("=") for part in given]
    for part, (judge, _, model) in zip(given, pairs, strict=True):
        if not judge or not model:
            raise SettingError("--judge-is", expected="JUDGE=MODEL", got=part)
    return tuple((judge, model) for judge, _, model in pairs)


def prior_options(command: Command) -> Command:
    """Add the options that say what is believed of a weight before the log is read."""
    scale = click.option(
        "--prior-scale", type=float, default=PRIOR_SCALE, show_default=True, help="Its scale, in log-odds."
    )
    name = click.option(
        "--prior",
        type=click.Choice(["Laplace", "normal", "horseshoe"], case_sensitive=False),
        default="Laplace",
        show_default=True,
        help="Prior on the joint and single weights; a horseshoe expects most to be 0 and a few to be large.",
    )
    return name(scale(command))


def factor_specs(given: tuple[str, ...]) -> tuple[str, ...]:
    """Put the lexical factors before a user's own, unless some of them or a taxonomy are named.

    A factor fitted without length beside it would take the credit for length.

    Examples
    --------
    >>> factor_specs(("mine.toml",)), factor_specs(("lexical:words", "mine.toml")), factor_specs(("dissection",))
    (('lexical', 'mine.toml'), ('lexical:words', 'mine.toml'), ('dissection',))
    """
    picked = any(spec.partition(":")[0] in (LEXICAL, *TAXONOMIES) for spec in given)
    return given if picked else (LEXICAL, *given)


def reading_options(command: Command) -> Command:
    """Add the options that say how logs are read."""
    for option in (
        click.option(
            "--on-bad-row",
            type=click.Choice(["error", "skip"]),
            default="error",
            show_default=True,
            help="Stop at rows that cannot be used, or count them and go on.",
        ),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="ROLE=COLUMN,...",
            help="Name the columns of a log of no known format: prompt=question,response_a=first,... May be repeated.",
        ),
        click.option("--format", "format_name", metavar="NAME", help="Name the format instead of looking at the file."),
    ):
        command = option(command)
    return command


def reading_from(*, format_name: str | None, mapping: tuple[str, ...], on_bad_row: OnBadRow) -> Reading:
    """Put the options of :func:`reading_options` together.

    Raises
    ------
    SettingError
        A mapping is not of the form ``ROLE=COLUMN``.
    """
    roles: dict[str, str] = {}
    role = ""
    for part in (part for given in mapping for part in given.split(",")):
        name, equals, column = part.partition("=")
        if equals:
            role = name.strip()
            roles[role] = column.strip()
        elif role:
            roles[role] += f",{part.strip()}"
        else:
            raise SettingError("--map", expected="ROLE=COLUMN, such as prompt=question", got=part)
    return Reading(format=format_name, mapping=roles or None, on_bad_row=on_bad_row)
