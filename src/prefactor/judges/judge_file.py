"""Judges as data: a versioned TOML file holds the prompt, the parser, the order policy and the sampling.

Reads and checks such files, those that ship with the package and a user's own; asks nobody anything.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from prefactor.asking.templates import check_table, places_in
from prefactor.errors import InputFileError, UnknownNameError, shown
from prefactor.judges.reward import RULES, Rule
from prefactor.llm.records import Sampling

__all__ = ["SHIPPED", "Criterion", "JudgeFile", "Member", "OrderPolicy", "read_judge", "shipped_judge"]

OrderPolicy = Literal["both", "ab", "random"]
"""Presentation orders to ask in: both, A first, or one of the two by a hash of the comparison."""

SHIPPED: Final = ("pairwise", "pairwise-json", "logprob", "logprob-base", "grade", "rubric", "jury", "reward")
"""Names of the judges that ship with the package."""

PARSERS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "pairwise": ("verdict", "verdict-json", "criteria", "token"),
    "grade": ("grade",),
    "jury": (),
    "reward": (),
}
"""Kinds of judges, each with the parsers that read its replies."""

_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "pairwise": ("prompt", "first", "second"),
    "grade": ("prompt", "answer"),
}
_OPTIONAL: Final = ("instructions", "source", "reference")
_FREE: Final = ("fence", "criteria", *_OPTIONAL)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TABLES: Final[Mapping[str, Mapping[str, type | tuple[type, ...]]]] = {
    "": {
        "name": str, "version": int, "kind": str, "about": str, "parser": str, "orders": str, "structured": bool,
        "vote": str, "rule": str, "prompt": dict, "optional": dict, "sampling": dict, "scale": dict, "criterion": list,
        "member": list,
    },
    "prompt": {"system": str, "user": str, "text": str, "fence": str},
    "optional": dict.fromkeys(_OPTIONAL, str),
    "sampling": {"temperature": (int, float), "max_tokens": int, "top_p": (int, float), "stop": list},
    "scale": {"low": (int, float), "high": (int, float)},
    "criterion": {"name": str, "question": str, "weight": (int, float)},
    "member": {"judge": str, "model": str},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a rubric.

    Parameters
    ----------
    name
        Short name, the key in the reply.
    question
        What is to be judged.
    weight
        What it counts for, above 0.
    """

    name: str
    question: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a jury.

    Parameters
    ----------
    judge
        The judge it is, as a name or the path of a file.
    model
        Its model; empty for every model that is asked for.
    """

    judge: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class JudgeFile:
    """A judge as its file describes it.

    Parameters
    ----------
    name, version, about
        Its name, the version of its file, and what it does in a sentence.
    kind
        ``"pairwise"``, ``"grade"``, ``"jury"`` or ``"reward"`` (a reward model).
    parser
        What reads its replies; empty for a jury and a reward model.
    orders
        Presentation orders it asks in.
    system, user, text
        Templates of the two messages of a chat, or of a text to be continued.
    fence
        Template of the notice that says what the mark means; left out where texts are not fenced.
    optional
        Templates of parts that are shown where the comparison has them: instructions, source, reference.
    sampling
        How replies are drawn.
    structured
        Whether a JSON Schema goes with the call, where the parser has one.
    criteria
        Criteria of a rubric.
    scale
        Lowest and highest grade.
    members, vote
        Members of a jury, and whether their ``"majority"`` or their ``"mean"`` counts.
    rule
        How two scores of a reward model make a preference.
    digest
        Hash of the file.
    """

    name: str
    version: int
    kind: Literal["pairwise", "grade", "jury", "reward"]
    about: str = ""
    parser: str = ""
    orders: OrderPolicy = "both"
    system: str = ""
    user: str = ""
    text: str = ""
    fence: str = ""
    optional: Mapping[str, str] = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)
    structured: bool = True
    criteria: tuple[Criterion, ...] = ()
    scale: tuple[float, float] = (1.0, 10.0)
    members: tuple[Member, ...] = ()
    vote: Literal["majority", "mean"] = "majority"
    rule: Rule = "Bradley-Terry"
    digest: str = ""


def shipped_judge(name: str) -> JudgeFile:
    """Return a judge that ships with the package.

    Examples
    --------
    >>> shipped_judge("grade").scale
    (1.0, 10.0)
    """
    file = files("prefactor.judges").joinpath("files", f"{name}.toml")
    return _parsed(file.read_bytes(), f"{name}.toml")


def read_judge(spec: str, *, beside: Path | None = None) -> JudgeFile:
    """Return the judge that ``spec`` names.

    Parameters
    ----------
    spec
        Name of a shipped judge, or the path of a ``.toml`` file.
    beside
        Folder that a relative path is looked up in; the working folder by default.

    Raises
    ------
    UnknownNameError
        There is no such judge.
    InputFileError
        The file is not there or is no judge; the message names the key at fault.
    """
    if not spec.endswith(".toml"):
        if spec not in SHIPPED:
            raise UnknownNameError("judge (nor a .toml file)", spec, SHIPPED)
        return shipped_judge(spec)
    path = Path(spec) if beside is None else beside / spec
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(spec, expected="a judge", got=str(error.strerror)) from error
    return _parsed(content, str(path))


def _parsed(content: bytes, file: str) -> JudgeFile:
    try:
        found = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(file, expected="TOML", got=str(error)) from error
    check_table(found, _TABLES[""], name="", file=file)
    for table in ("prompt", "optional", "sampling", "scale"):
        check_table(found.get(table, {}), _TABLES[table], name=table, file=file)
    for table in ("criterion", "member"):
        for entry in found.get(table, []):
            check_table(entry, _TABLES[table], name=table, file=file)
    _check_words(found, file)
    judge = _built(found, digest=blake2b(content, digest_size=8).hexdigest())
    _check_prompt(judge, file)
    return judge


def _built(found: Mapping[str, Any], *, digest: str) -> JudgeFile:
    prompt, sampling, scale = found.get("prompt", {}), dict(found.get("sampling", {})), found.get("scale", {})
    stop = tuple(sampling.pop("stop", ()))
    plain = ("name", "version", "kind", "about", "parser", "orders", "structured", "vote", "rule")
    return JudgeFile(
        **{key: found[key] for key in plain if key in found},
        **{key: value.strip("\n") for key, value in prompt.items()},
        optional=dict(found.get("optional", {})),
        sampling=Sampling(**sampling, stop=stop),
        criteria=tuple(Criterion(**entry) for entry in found.get("criterion", ())),
        scale=(float(scale.get("low", 1)), float(scale.get("high", 10))),
        members=tuple(Member(**entry) for entry in found.get("member", ())),
        digest=digest,
    )


def _check_words(found: Mapping[str, Any], file: str) -> None:
    def check(key: str, expected: str, *, good: bool) -> None:
        if not good:
            raise InputFileError(file, expected=f"{key}: {expected}", got=shown(found.get(key)))

    check("name", "letters, digits, '.', '_' and '-'", good=bool(_NAME.fullmatch(found.get("name", ""))))
    check("version", "a whole number of at least 1", good=found.get("version", 0) >= 1)
    kind = found.get("kind")
    check("kind", f"one of {', '.join(PARSERS_OF)}", good=kind in PARSERS_OF)
    parsers = PARSERS_OF[str(kind)]
    check("parser", f"one of {', '.join(parsers)}", good=found.get("parser") in parsers or not parsers)
    check("orders", "both, ab or random", good=found.get("orders", "both") in ("both", "ab", "random"))
    check("vote", "majority or mean", good=found.get("vote", "majority") in ("majority", "mean"))
    check("rule", f"one of {', '.join(RULES)}", good=found.get("rule", RULES[0]) in RULES)
    check("member", "at least one [[member]] table", good=kind != "jury" or len(found.get("member", [])) >= 1)
    members = found.get("member", [])
    check("member", "a judge in every [[member]]", good=all(entry.get("judge") for entry in members))
    criteria = found.get("criterion", [])
    names = [entry.get("name") for entry in criteria]
    check("criterion", "at least one [[criterion]]", good=found.get("parser") != "criteria" or bool(names))
    check("criterion", "every name once", good=len(set(names)) == len(names) and all(names))
    check("criterion", "weights above 0", good=all(entry.get("weight", 1) > 0 for entry in criteria))
    check("criterion", "a question in each", good=all(entry.get("question") for entry in criteria))
    scale = found.get("scale", {})
    check("scale", "low below high", good=scale.get("low", 1) < scale.get("high", 10))
    sampling = found.get("sampling", {})
    check("sampling", "max_tokens of at least 1", good=sampling.get("max_tokens", 1) >= 1)
    check("sampling", "a temperature of at least 0", good=sampling.get("temperature", 0) >= 0)


def _check_prompt(judge: JudgeFile, file: str) -> None:
    """Hold a judge to a prompt that shows what is to be judged, and to places that something stands for."""
    if judge.kind in ("jury", "reward"):
        if judge.system or judge.user or judge.text:
            raise InputFileError(file, expected=f"no prompt, since kind is {judge.kind}", got="one")
        return
    if bool(judge.user) == bool(judge.text):
        raise InputFileError(file, expected="prompt.user or prompt.text", got="both" if judge.user else "neither")
    needed = _PLACES[judge.kind]
    used = places_in(judge.system + judge.user + judge.text)
    lacking = [place for place in needed if place not in used]
    if lacking:
        raise InputFileError(file, expected=f"{{{lacking[0]}}} in the prompt", got="no such place")
    odd = [place for place in used if place not in needed and place not in _FREE]
    if odd:
        places = ", ".join(f"{{{place}}}" for place in (*needed, *_FREE))
        raise InputFileError(file, expected=f"places among {places}", got=f"{{{odd[0]}}}")
    if ("fence" in used) != bool(judge.fence) or (judge.fence and "{mark}" not in judge.fence):
        raise InputFileError(
            file,
            expected="prompt.fence with {mark} in it, and {fence} in the prompt",
            got="one without the other",
            hint="without them, an answer that speaks to the judge may be obeyed",
        )
    for name, template in judge.optional.items():
        if "{text}" not in template or name not in used:
            raise InputFileError(file, expected=f"optional.{name} with {{text}}, and {{{name}}} in the prompt", got="")
