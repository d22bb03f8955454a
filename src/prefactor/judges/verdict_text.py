"""Verdicts in words: every known way of writing A, B or a tie, and nothing else.

Four places are looked at, the first that holds anything decides: double brackets, a line such as "Verdict: A", lines
that are a verdict, sentences such as "Answer A is better". Two verdicts in one place are a contradiction.
"""

import re
from typing import Final

from prefactor.asking.replies import CUT_OFF, final_text
from prefactor.data.preference import A_WINS, B_WINS, TIE, preference_from_word
from prefactor.judges.base import Found
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.replies import nothing_in, settled
from prefactor.llm.records import Reply

__all__ = ["PARSER", "read_verdict", "verdict_of_word"]

_NAMED: Final = r"(?:answer|response|assistant|output|option|model|candidate|reply|completion)"
_SIDE: Final = rf"(?i:\bthe )?(?:(?i:{_NAMED}) [(\[\"'`*]*(?P<named>[ABab])\b|[(\[\"'`*]*\b(?P<side>[AB])\b)[)\]\"'`*]*"
_EXACT: Final = re.compile(rf"(?:the )?(?:{_NAMED})[ _]?\(?(?P<side>[ab])\)?")
_TIES: Final = frozenset(
    {
        *("a tie", "it's a tie", "it is a tie", "no preference", "equivalent", "about equal", "equally good"),
        *("both are equal", "both are equally good", "both answers are equally good"),
        *("neither is better", "neither answer is better"),
    }
)
_AMBIGUOUS: Final = frozenset({"left", "right", "first", "second", "same", "both"})
"""Verdicts where one is asked for, and plain words elsewhere."""

_BRACKETS: Final = re.compile(r"\[\[([^\[\]]{1,40})\]\]")
_WORDS_BEFORE: Final = r"(?:(?:my|the|final|overall|so|thus|therefore|hence),? )*"
_NOUNS: Final = (
    rf"(?:verdict|winner|decision|choice|preference|judge?ment|conclusion|(?:final|preferred|better|best)(?: {_NAMED})?"
    rf"|final verdict|winning {_NAMED})"
)
_LABELLED: Final = re.compile(
    rf"^[\W_]*{_WORDS_BEFORE}{_NOUNS}[*_`\"']*\s*(?::|=|\bis\b)[:=\s]*(?P<rest>\S.*)$", re.IGNORECASE | re.MULTILINE
)
_LEADING: Final = re.compile(r"^(?P<word>[^.,;:(\n]{1,30}?)(?:[.,;:(]| [-\u2013\u2014] |$)")
_ADVERBS: Final = (
    r"(?:\s+(?:clearly|slightly|marginally|much|far|significantly|overall|considerably|somewhat|the|a bit))*"
)
_BETTER: Final = r"(?:better|best|superior|stronger|preferable|preferred|winner)"
_ASPECT: Final = r"(?!\s+(?:in|at|on|with|regarding)\s+(?!every|all\b|general|most|the whole|balance))"
_SENTENCES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_SIDE}\s+(?:is|was|seems|looks){_ADVERBS}\s+{_BETTER}\b{_ASPECT}",
        rf"{_SIDE}\s+wins\b{_ASPECT}",
        rf"\b(?i:i|we)(?: would| will|\s+\w+ly)*\s+(?:prefer|choose|pick|select|favou?r|go with)\s+{_SIDE}{_ASPECT}",
    )
)
_END: Final = r"(?= overall\b|\s*(?:[.,;!]|$))"
_TIED: Final = re.compile(
    r"\b(?:it'?s|it is|this is|call (?:it|this)|declare|result is)(?: (?!not\b|never\b|hardly\b)\w+)?"
    rf" (?:a )?(?:tie|draw)\b{_END}"
    rf"|\bboth (?:\w+ )?are (?:about |roughly )?equal(?:ly good)?\b{_END}"
    rf"|\bneither (?:\w+ ){{0,3}}(?:wins|is (?:the )?{_BETTER})\b{_END}",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(r"\b(?:if|whether|unless)\b", re.IGNORECASE)
_DENIED: Final = re.compile(r"\b(?:not|never|hardly)\b|n't\b", re.IGNORECASE)
_CLAUSE: Final = re.compile(r"[,:]|\b(?:so|thus|therefore|hence|but|and|while)\b", re.IGNORECASE)
_BREAK: Final = re.compile(r"(?<=[.!?;])\s+|\n+")


def verdict_of_word(word: str) -> float | None:
    """Return the preference that a word or short phrase stands for, or None.

    Examples
    --------
    >>> verdict_of_word("**Answer B**"), verdict_of_word("(a)"), verdict_of_word("tie."), verdict_of_word("perhaps")
    (0.0, 1.0, 0.5, None)
    """
    bare = " ".join(word.strip(" \t\n\r*_`\"'()[].!:").casefold().split())
    named = _EXACT.fullmatch(bare)
    if named is not None:
        bare = named["side"]
    return TIE if bare in _TIES else preference_from_word(bare)


def read_verdict(text: str, *, cut_off: bool = False) -> list[float]:
    """Return the verdicts in a text, all from the most explicit place that holds any.

    Parameters
    ----------
    text
        What a judge said.
    cut_off
        Whether it was cut off: then only double brackets count, or a text that is a verdict and nothing else.

    Examples
    --------
    >>> read_verdict("A is longer, but B is right. [[B]]"), read_verdict("Verdict: Answer A"), read_verdict("Who knows")
    ([0.0], [1.0], [])
    """
    whole = _unmistakable(text)
    if whole is not None:
        return [whole]
    bracketed = [TIE if found.strip() == "C" else verdict_of_word(found) for found in _BRACKETS.findall(text)]
    known = [value for value in bracketed if value is not None]
    if known or cut_off:
        return known
    return _labelled(text) or _alone(text) or _sentences(text)


def _labelled(text: str) -> list[float]:
    return [value for match in _LABELLED.finditer(text) for value in (_leading(match["rest"]),) if value is not None]


def _leading(rest: str) -> float | None:
    """Return the verdict that the rest of a line is, or begins with."""
    value = verdict_of_word(rest)
    if value is not None:
        return value
    start = _LEADING.match(rest)
    if start is not None and (value := verdict_of_word(start["word"])) is not None:
        return value
    found = _sentences(rest)
    return found[0] if len(set(found)) == 1 else None


def _alone(text: str) -> list[float]:
    """Return the verdicts that are lines of their own; a line with a colon at its end is a heading."""
    lines = [line.strip() for line in text.splitlines()]
    values = [_unmistakable(line) for line in lines if not line.rstrip("*_").endswith(":")]
    return [value for value in values if value is not None]


def _unmistakable(line: str) -> float | None:
    """Return the verdict that a line is, where it is no plain word."""
    return None if line.strip(" *_.!").casefold() in _AMBIGUOUS else verdict_of_word(line)


def _sentences(text: str) -> list[float]:
    values: list[float] = []
    for sentence in _BREAK.split(text):
        if sentence.rstrip().endswith("?"):
            continue
        tied = _TIED.search(sentence)
        rest = sentence
        if tied is not None and _asserted(sentence[: tied.start()]):
            values.append(TIE)
            rest = f"{sentence[: tied.start()]} {sentence[tied.end() :]}"
        for pattern in _SENTENCES:
            said = [match for match in pattern.finditer(rest) if _asserted(rest[: match.start()])]
            values.extend(A_WINS if (match["named"] or match["side"]) in "Aa" else B_WINS for match in said)
    return values


def _asserted(before: str) -> bool:
    """Whether what follows is said to be so: no condition before it, no denial in its own clause."""
    return not _OPEN.search(before) and not _DENIED.search(_CLAUSE.split(before)[-1])


class _VerdictParser:
    """Reads verdicts in words."""

    top_logprobs = 0

    def schema(self, file: JudgeFile) -> str:  # noqa: ARG002  (the signature of Parser)
        """Return no schema: the reply is text."""
        return ""

    def read(self, reply: Reply, file: JudgeFile) -> Found:  # noqa: ARG002  (the signature of Parser)
        """Find the verdict."""
        text = final_text(reply)
        found = read_verdict(text, cut_off=reply.finish == CUT_OFF)
        return settled(found, text) if found else nothing_in(reply, text)


PARSER: Final = _VerdictParser()
