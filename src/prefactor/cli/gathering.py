"""Options of a command that belong together, given to it as one argument. Knows no command."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar

__all__ = ["gathered_options", "gathers"]

Gathered = TypeVar("Gathered")
Result = TypeVar("Result")
Command = Callable[..., Result]


def gathered_options(
    command: Command[Result],
    *,
    names: Sequence[str],
    options: Sequence[Callable[[Command[Any]], Command[Any]]],
    build: Callable[..., Gathered],
    keyword: str = "",
) -> Command[Result]:
    """Add options that the command takes as one argument.

    Parameters
    ----------
    command
        The command.
    names
        The parameters of ``build``.
    options
        One for each, as ``click.option`` returns them, in the order in which help shows them.
    build
        Makes the argument.
    keyword
        Its name; without one it comes after those that were gathered before.
    """

    @wraps(command)
    def gathered(*before: Any, **given: Any) -> Result:
        built = build(**{name: given.pop(name) for name in names})
        return command(*before, **{keyword: built}, **given) if keyword else command(*before, built, **given)

    taken: Command[Result] = gathered
    for option in reversed(options):
        taken = option(taken)
    return taken


def gathers(
    name: str, into: type[Any], *, options: Sequence[Callable[[Command[Any]], Command[Any]]]
) -> Callable[[Command[Any]], Command[Any]]:
    """Return a decorator that adds options; the command takes what they say as one argument.

    Parameters
    ----------
    name
        Of the argument.
    into
        A dataclass with a field for every option, of its parameter's name.
    options
        As for :func:`gathered_options`.
    """
    names = [field.name for field in fields(into)]
    return lambda command: gathered_options(command, names=names, options=options, build=into, keyword=name)
