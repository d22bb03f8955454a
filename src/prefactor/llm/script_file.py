"""Scripts of a scripted model: a TOML file of rules, or a Python file with ``answer(request)``.

A Python file is run, in this process and with its rights. Knows requests and replies, no judge.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import module_from_spec, spec_from_file_location
from math import log
from pathlib import Path
from typing import Any

from prefactor.errors import CallError, InputFileError, SettingError, shown
from prefactor.llm.providers import ProviderOptions
from prefactor.llm.records import Reply, Request, TokenChoice
from prefactor.llm.scripted import ScriptedProvider

__all__ = ["Rule", "read_script", "scripted_provider"]

_KEYS = {"contains": (str, list), "reply": (str,), "finish": (str,), "fail": (str,), "chances": (dict,)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a script: where all of its texts are in the request, its answer is given.

    Parameters
    ----------
    contains
        Texts that the request must hold; none is every request.
    reply
        The answer.
    finish
        Why it ends, as in :class:`prefactor.llm.records.Reply`.
    fail
        Kind of a failure, instead of an answer; empty for none.
    chances
        Probabilities of first tokens, for requests that ask for alternatives.
    """

    contains: tuple[str, ...] = ()
    reply: str = ""
    finish: str = "stop"
    fail: str = ""
    chances: tuple[tuple[str, float], ...] = ()

    def matches(self, text: str) -> bool:
        """Whether ``text`` holds everything that the rule wants."""
        return all(part in text for part in self.contains)

    def answer(self) -> Reply:
        """Return the reply.

        Raises
        ------
        CallError
            The rule is a failure.
        """
        if self.fail:
            raise CallError(self.fail, "the script says so", retryable=False)
        ranked = sorted(((token, log(chance)) for token, chance in self.chances), key=lambda entry: -entry[1])
        tokens = (TokenChoice(*ranked[0], tuple(ranked)),) if ranked else ()
        return Reply(self.reply or (ranked[0][0] if ranked else ""), self.finish, tokens)


def scripted_provider(options: ProviderOptions) -> ScriptedProvider:
    """Return the scripted model of a file; its identity holds a hash of the file, so that a changed one is another.

    Raises
    ------
    SettingError
        No file is named.
    InputFileError
        The file is not there or is no script.
    """
    if not options.place:
        raise SettingError("--provider", expected="scripted:FILE", got="scripted")
    path = Path(options.place)
    answer = read_script(path)
    return ScriptedProvider(answer, name=f"{path.name}:{blake2b(path.read_bytes(), digest_size=8).hexdigest()}")


def read_script(path: Path) -> Callable[[Request], Reply | str]:
    """Read a script.

    Parameters
    ----------
    path
        A ``.toml`` file of ``[[rule]]`` tables, of which the first that matches answers, or a ``.py`` file with a
        function ``answer(request)`` that returns a text or a :class:`prefactor.llm.records.Reply`.

    Raises
    ------
    InputFileError
        The file is not there, or is not as described.
    """
    if not path.is_file():
        raise InputFileError(str(path), expected="a script (.toml or .py)", got="no such file")
    return _function_of(path) if path.suffix == ".py" else _by_rules(path)


def _function_of(path: Path) -> Callable[[Request], Reply | str]:
    spec = spec_from_file_location(f"prefactor_script_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputFileError(str(path), expected="a Python file", got="a file that Python cannot load")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise InputFileError(str(path), expected="Python", got=str(error), row=error.lineno) from error
    function: Callable[[Request], Reply | str] | None = getattr(module, "answer", None)
    if not callable(function):
        raise InputFileError(str(path), expected="a function answer(request)", got="none")
    return function


def _by_rules(path: Path) -> Callable[[Request], Reply]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(str(path), expected="TOML", got=str(error)) from error
    entries = content.get("rule")
    if not isinstance(entries, list) or not entries or len(content) > 1:
        raise InputFileError(str(path), expected="only [[rule]] tables, at least one", got=", ".join(content) or "none")
    rules = [_rule(entry, path) for entry in entries]

    def answer(request: Request) -> Reply:
        text = "\n".join((*(message.content for message in request.messages), request.prompt))
        for rule in rules:
            if rule.matches(text):
                return rule.answer()
        raise CallError("bad request", f"no rule of {path.name} matches", retryable=False)

    return answer


def _rule(entry: Mapping[str, Any], path: Path) -> Rule:
    for key, value in entry.items():
        if key not in _KEYS:
            raise InputFileError(str(path), expected=f"the keys {', '.join(_KEYS)} in a rule", got=shown(key))
        if not isinstance(value, _KEYS[key]):
            names = " or ".join(kind.__name__ for kind in _KEYS[key])
            raise InputFileError(str(path), expected=f"{key}: {names}", got=shown(value))
    contains = entry.get("contains", ())
    chances = entry.get("chances", {})
    fail = entry.get("fail", "")
    if fail and fail not in CallError.KINDS:
        raise InputFileError(str(path), expected=f"fail: one of {', '.join(CallError.KINDS)}", got=shown(fail))
    if not all(isinstance(chance, int | float) and 0 < chance <= 1 for chance in chances.values()):
        raise InputFileError(str(path), expected="chances: numbers above 0, at most 1", got=shown(chances))
    return Rule(
        contains=(contains,) if isinstance(contains, str) else tuple(map(str, contains)),
        reply=entry.get("reply", ""),
        finish=entry.get("finish", "stop"),
        fail=fail,
        chances=tuple((token, float(chance)) for token, chance in chances.items()),
    )
