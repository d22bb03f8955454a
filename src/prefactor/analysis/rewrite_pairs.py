"""Which answers are rewritten, and the comparisons that the rewrites make. Asks nobody and estimates nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np

from prefactor._typing import FloatArray
from prefactor._validate import check_known
from prefactor.analysis.measurement import Scores
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.factors import Factor, Measurer, TextBatch, factors_of, measure
from prefactor.interventions.rewrite import Job, Original, TwoRewrites
from prefactor.judges.base import Opinion, Texts
from prefactor.judges.judging import comparison_texts

__all__ = [
    "ChosenAnswer",
    "Contrast",
    "Contrasted",
    "VersionPair",
    "choose_answers",
    "contrasted",
    "jobs_of",
    "pairs_of",
    "preference_for_more",
    "score_texts",
    "signed",
    "texts_of_pairs",
]

Contrast = Literal["both rewritten", "original and rewrite"]
"""What is compared: the two rewrites, or, to show what rewriting once would have found, the original and the first."""


@dataclass(frozen=True, slots=True)
class ChosenAnswer:
    """An answer of the log that is to be rewritten.

    Parameters
    ----------
    original
        The answer with what it answers.
    response
        Its row number among the responses.
    cluster
        The cluster of its prompt.
    """

    original: Original
    response: int
    cluster: int


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions of one answer, one with more of a factor.

    Parameters
    ----------
    place
        Place of the job.
    factor
        The factor.
    original
        The answer that both come from.
    more, less
        The versions.
    contrast
        What the two are.
    """

    place: int
    factor: str
    original: Original
    more: str
    less: str
    contrast: Contrast = "both rewritten"

    @property
    def identity(self) -> str:
        """A hash of its texts, 20 hexadecimal digits."""
        return _digest("\0".join((self.contrast, self.factor, self.original.identity, self.more, self.less)))

    @property
    def identical(self) -> bool:
        """Whether the versions have one text: no judge can then prefer either."""
        return self.more == self.less

    @property
    def more_is_a(self) -> bool:
        """Which side the version with more is put on, by the hash."""
        return int(self.identity[-1], 16) % 2 == 0


@dataclass(frozen=True, slots=True)
class Contrasted:
    """Pairs with the judge's preference.

    Parameters
    ----------
    pairs
        Pairs of versions.
    preference
        For the version with more, shape (pairs,), NaN where there is none.
    """

    pairs: tuple[VersionPair, ...]
    preference: FloatArray


def choose_answers(dataset: Dataset, *, limit: int | None = None) -> tuple[ChosenAnswer, ...]:
    """Return one answer of every comparison, A or B by a hash, each distinct answer once.

    Parameters
    ----------
    dataset
        The comparisons.
    limit
        At most so many comparisons; a larger limit only adds to a smaller one.
    """
    prompts = dataset.comparisons["prompt"]
    found: dict[int, ChosenAnswer] = {}
    for texts in sorted(comparison_texts(dataset, limit=limit), key=lambda each: each.identity):
        side = "response_a" if int(_digest(texts.identity)[-1], 16) % 2 == 0 else "response_b"
        response = int(dataset.comparisons[side][texts.comparison])
        if response in found:
            continue
        answer = texts.response_a if side == "response_a" else texts.response_b
        context = {name: getattr(texts, name) for name in ("system", "source", "reference", "conversation")}
        identity = _digest(repr((texts.prompt, *context.values(), answer)))
        original = Original(identity, answer, texts.prompt, **context)
        found[response] = ChosenAnswer(original, response, int(dataset.prompt_clusters[int(prompts[texts.comparison])]))
    return tuple(found.values())


def jobs_of(
    chosen: Sequence[ChosenAnswer], scores: Scores, *, names: Sequence[str]
) -> tuple[tuple[Job, ...], tuple[tuple[str, int], ...]]:
    """Return what is to be rewritten, and how often a factor does not apply to an answer.

    An answer has more of a factor where its score is above the median of the chosen answers.

    Parameters
    ----------
    chosen
        The answers.
    scores
        Of the responses of the log.
    names
        The factors to change.

    Raises
    ------
    UnknownNameError
        A factor was not measured.
    """
    known = {factor.name: factor for factor in scores.factors}
    check_known("factor", names, known)
    rows = np.array([each.response for each in chosen], dtype=np.int64)
    jobs: list[Job] = []
    lacking = []
    for name in names:
        own = signed(scores.values(name)[rows], known[name])
        there = np.isfinite(own)
        middle = float(np.median(own[there])) if there.any() else 0.0
        jobs += [
            Job(each.original, name, known[name].definition, bool(score > middle))
            for each, score in zip(chosen, own.tolist(), strict=True)
            if np.isfinite(score)
        ]
        lacking.append((name, int(np.count_nonzero(~there))))
    return tuple(jobs), tuple(lacking)


def signed(values: FloatArray, factor: Factor) -> FloatArray:
    """Return scores such that higher is more of what the factor's feature counts."""
    if factor.feature == "fewer":
        return -values
    return np.sign(values) if factor.feature == "any" else values


def pairs_of(done: Sequence[TwoRewrites], *, contrast: Contrast) -> tuple[VersionPair, ...]:
    """Return the pairs of all jobs whose rewrites can be used for this contrast.

    Parameters
    ----------
    done
        The jobs, in their order.
    contrast
        What to compare.
    """
    found = []
    for place, each in enumerate(done):
        job = each.job
        if contrast == "both rewritten" and not each.problem:
            found.append(VersionPair(place, job.factor, job.original, each.more, each.less))
        if contrast == "original and rewrite" and not each.away.problem:
            sides = (job.original.text, each.away.text)
            more, less = sides if job.has_more else sides[::-1]
            found.append(VersionPair(place, job.factor, job.original, more, less, contrast))
    return tuple(found)


def texts_of_pairs(pairs: Sequence[VersionPair]) -> tuple[Texts, ...]:
    """Return the pairs as comparisons for a judge; identical versions make none.

    Parameters
    ----------
    pairs
        Which of the two is A is settled by a hash, so that sides say nothing.
    """
    found: list[Texts] = []
    for pair in pairs:
        if pair.identical:
            continue
        sides, names = (pair.more, pair.less), ("with more", "with less")
        if not pair.more_is_a:
            sides, names = sides[::-1], names[::-1]
        found.append(
            Texts(
                comparison=len(found),
                identity=pair.identity,
                prompt=pair.original.prompt,
                response_a=sides[0],
                response_b=sides[1],
                system=pair.original.system,
                source=pair.original.source,
                reference=pair.original.reference,
                conversation=pair.original.conversation,
                model_a=names[0],
                model_b=names[1],
                columns={"factor": pair.factor, "contrast": pair.contrast, "original": pair.original.identity},
            )
        )
    return tuple(found)


def contrasted(
    pairs: Sequence[VersionPair], verdicts: Sequence[Sequence[Opinion]], *, judge: str
) -> tuple[Contrasted, ...]:
    """Return the pairs with the judge's preferences, one record for each contrast there is, rewrites first.

    Parameters
    ----------
    pairs, verdicts, judge
        As for :func:`preference_for_more`; there are pairs of two rewrites, or none at all.
    """
    preference = preference_for_more(pairs, verdicts, judge=judge)
    found = []
    for contrast in dict.fromkeys(["both rewritten", *(pair.contrast for pair in pairs)]):
        own = np.array([pair.contrast == contrast for pair in pairs], dtype=np.bool_)
        found.append(Contrasted(tuple(pair for pair in pairs if pair.contrast == contrast), preference[own]))
    return tuple(found)


def preference_for_more(
    pairs: Sequence[VersionPair], verdicts: Sequence[Sequence[Opinion]], *, judge: str
) -> FloatArray:
    """Return the judge's preference for the version with more of every pair, shape (pairs,).

    The mean over its readable verdicts; NaN where there is none, a half where the versions are identical.

    Parameters
    ----------
    pairs
        All pairs.
    verdicts
        On the texts of :func:`texts_of_pairs`, in that order.
    judge
        Name of the judge; of a jury its joint verdict.
    """
    left = iter(verdicts)
    found: list[float] = []
    for pair in pairs:
        if pair.identical:
            found.append(TIE)
            continue
        given = [one.preference for one in next(left) if one.judge == judge and one.preference is not None]
        mean = float(np.mean(given)) if given else float("nan")
        found.append(mean if pair.more_is_a else 1 - mean)
    return np.array(found, dtype=np.float64)


def score_texts(measurers: Sequence[Measurer], originals: Sequence[Original], *, texts: Sequence[str]) -> FloatArray:
    """Return the scores of versions, shape (texts, factors), NaN where there is none.

    Parameters
    ----------
    measurers
        What to measure them with.
    originals
        What each text is a version of.
    texts
        The versions.
    """
    if not texts:
        return np.empty((0, len(factors_of(measurers))))
    prompts, sources, references = zip(*((each.prompt, each.source, each.reference) for each in originals), strict=True)
    return measure(measurers, TextBatch(list(texts), prompts, sources, references))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
