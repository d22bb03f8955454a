"""Options of a command that belong together, given to it as one dataclass. Knows no command."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from typing import Any, TypeVar

__all__ = ["gathers"]

Result = TypeVar("Result")
Command = Callable[..., Result]


def gathers(
    name: str, into: type[Any], *, options: Sequence[Callable[..., Any]]
) -> Callable[[Command[Any]], Command[Any]]:
    """Return a decorator that adds options; the command takes what they say as one argument.

    Parameters
    ----------
    name
        Of the argument.
    into
        A dataclass with a field for every option, of its parameter's name.
    options
        As ``click.option`` returns them, in the order in which help shows them.
    """
    names = [field.name for field in fields(into)]

    def decorator(command: Command[Any]) -> Command[Any]:
        @wraps(command)
        def gathered(*rest: Any, **given: Any) -> Any:
            own = {each: given.pop(each) for each in names}
            return command(*rest, **{name: into(**own)}, **given)

        taken: Command[Any] = gathered
        for option in reversed(options):
            taken = option(taken)
        return taken

    return decorator
