"""Prompts of interventions as data: a versioned TOML file holds the words, the levels and the sampling.

Reads and checks such files, those that ship with the package and a user's own; asks nobody anything.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from prefactor.errors import InputFileError, UnknownNameError, shown
from prefactor.llm.records import Sampling

__all__ = ["SHIPPED", "PromptFile", "PromptKind", "read_prompt_file"]

PromptKind = Literal["levels-one", "levels-each", "feedback", "revise-told", "revise-plain"]
"""What a file asks for: answers at all levels in one reply, or at one level; what to change in an answer; an answer
written anew after advice, or without any."""

SHIPPED: Final = ("levels-one", "levels-each", "feedback", "revise-told", "revise-plain")

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "levels-one": ("prompt", "scale"),
    "levels-each": ("prompt", "scale", "level"),
    "feedback": ("prompt", "answer"),
    "revise-told": ("prompt", "answer", "advice"),
    "revise-plain": ("prompt", "answer"),
}
_FREE: Final = ("fence", "instructions", "source", "first", "last")
_TABLES: Final[Mapping[str, Mapping[str, type | tuple[type, ...]]]] = {
    "": {
        "name": str, "version": int, "kind": str, "about": str, "levels": list, "prompt": dict, "optional": dict,
        "sampling": dict, "structured": bool,
    },
    "prompt": {"system": str, "user": str, "fence": str},
    "optional": {"instructions": str, "source": str},
    "sampling": {"temperature": (int, float), "max_tokens": int, "top_p": (int, float), "stop": list},
}  # fmt: skip
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt as its file describes it.

    Parameters
    ----------
    name, version, about
        Its name, the version of its file, and what it does in a sentence.
    kind
        What it asks for.
    levels
        What each level of quality means, the lowest first.
    system, user
        Templates of the two messages of the chat.
    fence
        Template of the notice that says what the mark means.
    optional
        Templates of parts that are shown where a task has them: instructions, source.
    sampling
        How replies are drawn.
    structured
        Whether a JSON Schema goes with the call, where all levels are asked for in one.
    digest
        Hash of the file.
    """

    name: str
    version: int
    kind: PromptKind
    about: str = ""
    levels: tuple[str, ...] = ()
    system: str = ""
    user: str = ""
    fence: str = ""
    optional: Mapping[str, str] = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)
    structured: bool = True
    digest: str = ""

    @property
    def made_by(self) -> str:
        """Name, version and hash, for logs."""
        return f"{self.name} {self.version} ({self.digest})"


def read_prompt_file(spec: str) -> PromptFile:
    """Return the prompt that ``spec`` names.

    Parameters
    ----------
    spec
        Name of a shipped one, or the path of a ``.toml`` file.

    Raises
    ------
    UnknownNameError
        There is no such prompt.
    InputFileError
        The file is not there or is none; the message names the key at fault.

    Examples
    --------
    >>> len(read_prompt_file("levels-one").levels)
    5
    """
    if not spec.endswith(".toml"):
        if spec not in SHIPPED:
            raise UnknownNameError("prompt (nor a .toml file)", spec, SHIPPED)
        file = files("prefactor.interventions").joinpath("files", f"{spec}.toml")
        return _parsed(file.read_bytes(), f"{spec}.toml")
    try:
        content = Path(spec).read_bytes()
    except OSError as error:
        raise InputFileError(spec, expected="a prompt", got=str(error.strerror)) from error
    return _parsed(content, spec)


def _parsed(content: bytes, file: str) -> PromptFile:
    try:
        found = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(file, expected="TOML", got=str(error)) from error
    _check_table(found, "", file)
    for table in ("prompt", "optional", "sampling"):
        _check_table(found.get(table, {}), table, file)
    for key, good in (("name", bool(found.get("name"))), ("version", found.get("version", 0) >= 1)):
        if not good:
            raise InputFileError(file, expected=f"{key}: one", got=shown(found.get(key)))
    if found.get("kind") not in _NEEDED:
        raise InputFileError(file, expected=f"kind: one of {', '.join(_NEEDED)}", got=shown(found.get("kind")))
    sampling = dict(found.get("sampling", {}))
    prompt = PromptFile(
        **{key: found[key] for key in ("name", "version", "kind", "about", "structured") if key in found},
        **{key: value.strip("\n") for key, value in found.get("prompt", {}).items()},
        levels=_levels(found.get("levels", []), file) if "scale" in _NEEDED[found["kind"]] else (),
        optional=dict(found.get("optional", {})),
        sampling=Sampling(**{**sampling, "stop": tuple(sampling.get("stop", ()))}),
        digest=blake2b(content, digest_size=8).hexdigest(),
    )
    _check_places(prompt, file)
    return prompt


def _levels(found: Sequence[object], file: str) -> tuple[str, ...]:
    levels = tuple(each for each in found if isinstance(each, str) and each)
    if len(levels) < 2 or len(levels) != len(found):
        raise InputFileError(file, expected="levels: at least two texts, the lowest level first", got=shown(found))
    return levels


def _check_table(table: Any, name: str, file: str) -> None:
    if not isinstance(table, Mapping):
        raise InputFileError(file, expected=f"{name}: a table", got=shown(table))
    known = _TABLES[name]
    for key, value in table.items():
        place = f"{name}.{key}" if name else key
        if key not in known:
            raise InputFileError(file, expected=f"keys among {', '.join(known)}", got=place)
        kinds = known[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            names = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
            raise InputFileError(file, expected=f"{place}: {names}", got=shown(value))


def _check_places(prompt: PromptFile, file: str) -> None:
    """Hold a prompt to places that something stands for, and to a fence."""
    used = _PLACE.findall(prompt.system + prompt.user)
    needed = _NEEDED[prompt.kind]
    lacking = [place for place in (*needed, "fence") if place not in used]
    if lacking:
        raise InputFileError(file, expected=f"{{{lacking[0]}}} in the prompt", got="no such place")
    odd = [place for place in used if place not in needed and place not in _FREE]
    if odd:
        places = ", ".join(f"{{{place}}}" for place in (*needed, *_FREE))
        raise InputFileError(file, expected=f"places among {places}", got=f"{{{odd[0]}}}")
    if "{mark}" not in prompt.fence:
        raise InputFileError(file, expected="prompt.fence with {mark} in it", got=shown(prompt.fence))
    for name, template in prompt.optional.items():
        if "{text}" not in template or name not in used:
            raise InputFileError(file, expected=f"optional.{name} with {{text}}, and {{{name}}} in the prompt", got="")
