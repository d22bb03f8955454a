"""Rewriting answers so that one factor changes: there, and back again with a second rewrite.

The only place where these requests meet a provider. Every rewrite asked for is there, or is a named problem.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from prefactor.asking.calls import Asked, AskOptions, ask_all, failure_kind
from prefactor.asking.fence import enclosed, mark_for
from prefactor.asking.replies import CUT_OFF, NoAnswer, excerpt, final_text, why_no_answer, without_thoughts
from prefactor.data.records import Message as Said
from prefactor.errors import InputFileError, shown
from prefactor.llm.base import Provider
from prefactor.llm.records import Message, Request, Sampling
from prefactor.runtime.budget import Cost
from prefactor.runtime.running import Watch

__all__ = [
    "Change",
    "Direction",
    "Job",
    "Original",
    "Rewrite",
    "RewritePrompt",
    "Rewriting",
    "TwoRewrites",
    "read_rewrite",
    "read_rewrite_prompt",
    "rewrite_request",
    "rewrite_twice",
]

Direction = Literal["more", "less"]

_OPEN: Final = "<rewritten>"
_CLOSE: Final = "</rewritten>"
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_LABELS: Final = {"prompt": "request", "answer": "answer", "instructions": "instructions", "source": "document"}
_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("name", "version", "about", "sampling", "prompt", "optional", "any", "factor"),
    "prompt": ("system", "user", "fence"),
    "optional": ("instructions", "source"),
    "sampling": ("temperature", "max_tokens"),
    "any": ("more", "less"),
    "factor": ("name", "more", "less"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """The instruction for one factor, each way.

    Parameters
    ----------
    more, less
        What a model is asked for.
    """

    more: str
    less: str


@dataclass(frozen=True, slots=True)
class RewritePrompt:
    """A prompt for rewriting, as its file describes it.

    Parameters
    ----------
    name, version
        Its name and the version of its file.
    system, user, fence, optional
        Templates: of the two messages, of the notice that says what the mark means, of parts shown where there are any.
    changes
        Instructions by the name of the factor.
    otherwise
        The instruction for any other factor, with its ``{definition}`` in it.
    sampling
        How rewrites are drawn.
    digest
        Hash of the file, and of the user's own instructions.
    """

    name: str
    version: int
    system: str
    user: str
    fence: str
    optional: Mapping[str, str]
    changes: Mapping[str, Change]
    otherwise: Change
    sampling: Sampling = field(default_factory=Sampling)
    digest: str = ""

    @property
    def made_by(self) -> str:
        """Name, version and hash, for logs."""
        return f"{self.name} {self.version} ({self.digest})"


@dataclass(frozen=True, slots=True)
class Original:
    """An answer to be rewritten, with what it answers.

    Parameters
    ----------
    identity
        A hash of both.
    text
        The answer.
    prompt, system, source, reference, conversation
        As in :class:`prefactor.data.records.Row`; a rewriter never sees the reference.
    """

    identity: str
    text: str
    prompt: str
    system: str | None = None
    source: str | None = None
    reference: str | None = None
    conversation: tuple[Said, ...] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One answer and one factor to change in it.

    Parameters
    ----------
    original
        The answer.
    factor, definition
        Name of the factor, and what it is.
    has_more
        Whether the answer is one of those with more of it: it is rewritten to less first, then back to more.
    """

    original: Original
    factor: str
    definition: str
    has_more: bool

    @property
    def away(self) -> Direction:
        """The way of the first rewrite."""
        return "less" if self.has_more else "more"

    @property
    def back(self) -> Direction:
        """The way of the second."""
        return "more" if self.has_more else "less"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What came of one request.

    Parameters
    ----------
    text
        The rewritten answer; empty where there is a problem.
    problem, said
        Why there is none (``"missing"`` where the call failed), and what came instead.
    """

    text: str
    problem: NoAnswer | Literal["", "missing"] = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class TwoRewrites:
    """A job done: both versions are the rewriter's, so that its own style is in both.

    Parameters
    ----------
    job
        What was asked.
    away
        The first rewrite, away from the answer's level.
    back
        The first rewritten back to that level; None where there was no first one to rewrite.
    """

    job: Job
    away: Rewrite
    back: Rewrite | None

    @property
    def problem(self) -> str:
        """Why the two cannot be used; empty where they can."""
        return self.away.problem or (self.back.problem if self.back else "missing")

    @property
    def more(self) -> str:
        """The version with more of the factor."""
        return self._text(back=self.job.has_more)

    @property
    def less(self) -> str:
        """The version with less."""
        return self._text(back=not self.job.has_more)

    def _text(self, *, back: bool) -> str:
        return self.back.text if back and self.back else self.away.text


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What came of all jobs.

    Parameters
    ----------
    done
        One for every job, in their order.
    calls, cached
        Distinct calls, and those whose reply was there before.
    failures
        Kinds of failures with their number, the commonest first.
    spent
        What was paid now.
    """

    done: tuple[TwoRewrites, ...]
    calls: int
    cached: int
    failures: tuple[tuple[str, int], ...]
    spent: Cost


def read_rewrite_prompt(own: str | None = None) -> RewritePrompt:
    """Return the prompt that ships with the package, with a user's own instructions before its own.

    Parameters
    ----------
    own
        Path of a TOML file of ``[[factor]]`` tables with ``name``, ``more`` and ``less``; None for none.

    Raises
    ------
    InputFileError
        The file is not there, or the message names the key at fault.

    Examples
    --------
    >>> read_rewrite_prompt().changes["emoji"].less
    'take out every emoji. Change no wording.'
    """
    shipped = files("prefactor.interventions").joinpath("rewriting.toml").read_bytes()
    found = _checked(shipped, "rewriting.toml")
    content, added = shipped, []
    if own is not None:
        try:
            content = Path(own).read_bytes()
        except OSError as error:
            raise InputFileError(own, expected="instructions", got=str(error.strerror)) from error
        added = _checked(content, own).get("factor", [])
    entries = [*found["factor"], *added]
    return RewritePrompt(
        found["name"],
        found["version"],
        **{name: text.strip("\n") for name, text in found["prompt"].items()},
        optional=found["optional"],
        changes={entry["name"]: Change(entry["more"], entry["less"]) for entry in entries},
        otherwise=Change(**found["any"]),
        sampling=Sampling(**found["sampling"]),
        digest=blake2b(shipped + (content if added else b""), digest_size=8).hexdigest(),
    )


def _checked(content: bytes, file: str) -> dict[str, Any]:
    try:
        found = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(file, expected="TOML", got=str(error)) from error
    entries = found.get("factor", [])
    tables = [("", found), *((name, found[name]) for name in _TABLES if name in found and name != "factor")]
    tables += [("factor", entry) for entry in (entries if isinstance(entries, list) else [entries])]
    for name, table in tables:
        if not isinstance(table, Mapping):
            raise InputFileError(file, expected=f"{name}: a table", got=shown(table))
        odd = [key for key in table if key not in _TABLES[name]]
        if odd:
            raise InputFileError(file, expected=f"{name or 'keys'}: {', '.join(_TABLES[name])}", got=odd[0])
        lacking = [key for key in _TABLES["factor"] if not isinstance(table.get(key), str)] if name == "factor" else []
        if lacking:
            raise InputFileError(file, expected=f"{lacking[0]}: a text in every [[factor]]", got=shown(table))
    return found


def rewrite_request(
    file: RewritePrompt, job: Job, *, text: str, direction: Direction, model: str, fence: bool = True
) -> Request:
    """Return the call that asks for one rewrite.

    Parameters
    ----------
    file
        The prompt.
    job
        Whose answer, and which factor.
    text
        What is rewritten: the answer, or its first rewrite.
    direction
        Which way.
    model
        Who rewrites.
    fence
        Whether texts are fenced off from instructions.
    """
    original = job.original
    asked = "\n\n".join(f"[{one.role}]\n{one.content}" for one in original.conversation or ()) or original.prompt
    further = {"instructions": original.system, "source": original.source}
    shown_texts = {"prompt": asked, "answer": text, **{name: each for name, each in further.items() if each}}
    mark = mark_for(list(shown_texts.values())) if fence else ""
    places = {name: enclosed(each, label=_LABELS[name], mark=mark) for name, each in shown_texts.items()}
    for name, template in file.optional.items():
        places[name] = template.replace("{text}", places[name]) if name in places else ""
    places["fence"] = file.fence.replace("{mark}", mark) if fence else ""
    change = getattr(file.changes.get(job.factor, file.otherwise), direction)
    places["change"] = change.replace("{definition}", job.definition)
    system, user = (_PLACE.sub(lambda match: places.get(match[1], match[0]), each) for each in (file.system, file.user))
    return Request(model, (Message("system", system), Message("user", user)), sampling=file.sampling)


def read_rewrite(asked: Asked) -> Rewrite:
    r"""Find the rewritten answer in a reply; anything that is not one is said to be none.

    It stands between the tags; the first opening and the last closing one count, so that an answer that holds tags of
    its own is whole. A reply that ends by itself may lack the closing tag. Without tags nothing tells the answer from
    words around it.

    Parameters
    ----------
    asked
        What became of the call.

    Examples
    --------
    >>> from prefactor.llm.records import Reply
    >>> read_rewrite(Asked(Reply("Sure!\n<rewritten>\nTea is a drink.\n</rewritten>"))).text
    'Tea is a drink.'
    >>> read_rewrite(Asked(Reply("I'm sorry, but I cannot help with that."))).problem
    'refusal'
    """
    if asked.reply is None:
        return Rewrite("", "missing", asked.failure)
    said = without_thoughts(asked.reply.text)
    start = said.find(_OPEN)
    end = said.rfind(_CLOSE)
    if start >= 0 and end < start and asked.reply.finish != CUT_OFF:
        end = len(said)
    text = said[start + len(_OPEN) : end].strip() if 0 <= start < end else ""
    if text:
        return Rewrite(text)
    whole = final_text(asked.reply)
    return Rewrite("", why_no_answer(asked.reply, whole), excerpt(whole))


def rewrite_twice(
    jobs: Sequence[Job],
    provider: Provider,
    *,
    file: RewritePrompt,
    model: str,
    fence: bool = True,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> Rewriting:
    """Have every answer rewritten away from its level, and the rewrite back to it.

    Parameters
    ----------
    jobs
        What is asked for.
    provider
        Who is asked; it stays open.
    file, model, fence
        As for :func:`rewrite_request`.
    ask
        Cache, concurrency, limits, budget (of both rounds together).
    watch
        Told how far the calls of a round are.
    """
    ask = ask or AskOptions()

    def rewritten(
        texts: Sequence[tuple[Job, str, Direction]], options: AskOptions
    ) -> tuple[list[Rewrite], dict[Request, Asked]]:
        requests = [
            rewrite_request(file, job, text=text, direction=way, model=model, fence=fence) for job, text, way in texts
        ]
        answers = ask_all(provider, requests, options=options, watch=watch)
        return [read_rewrite(each) for each in answers], dict(zip(requests, answers, strict=True))

    away, found = rewritten([(job, job.original.text, job.away) for job in jobs], ask)
    again = [(job, one.text, job.back) for job, one in zip(jobs, away, strict=True) if not one.problem]
    left = ask.calls.budget.without(_cost(found))
    second, later = rewritten(again, replace(ask, calls=replace(ask.calls, budget=left)))
    found |= later
    back = iter(second)
    failures = Counter(failure_kind(each.failure) for each in found.values() if each.reply is None)
    return Rewriting(
        tuple(TwoRewrites(job, one, None if one.problem else next(back)) for job, one in zip(jobs, away, strict=True)),
        calls=len(found),
        cached=sum(each.cached for each in found.values()),
        failures=tuple(failures.most_common()),
        spent=_cost(found),
    )


def _cost(found: Mapping[Request, Asked]) -> Cost:
    """Return what distinct calls cost now."""
    paid = [each for each in found.values() if not each.cached]
    tokens = sum(each.usage.input_tokens + each.usage.output_tokens for each in paid)
    return Cost(sum(each.attempts for each in paid), tokens, sum(each.price for each in paid))
