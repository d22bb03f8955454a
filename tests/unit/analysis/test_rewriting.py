"""Which answers are rewritten, and what the judge said of the version with more: whatever sides and rows come first."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from prefactor.analysis.measurement import Scores
from prefactor.analysis.rewrite_pairs import (
    VersionPair,
    choose_answers,
    contrasted,
    jobs_of,
    pairs_of,
    preference_for_more,
    signed,
    texts_of_pairs,
)
from prefactor.analysis.rewrite_recorded import recorded_effects
from prefactor.analysis.rewrite_results import RewriteSettings
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import SettingError
from prefactor.interventions.rewrite import Job, Original, Rewrite, TwoRewrites
from prefactor.judges.base import Opinion
from prefactor.study import measure


def log_of(rows: Sequence[tuple[str, str, str, float]], *, judge: str = "j") -> tuple[Dataset, Scores]:
    collector = Collector()
    for number, (prompt, a, b, preference) in enumerate(rows, start=1):
        collector.add(Row(number, prompt, a, b, [Verdict(judge, preference)]))
    collector.close_source("log.jsonl", "columns")
    dataset = collector.finish()
    return dataset, measure(dataset, "lexical:words,list_items")


ROWS = [
    (f"Question {number}?", "a " * (1 + number % 5), "b " * (2 + number % 3), float(number % 2)) for number in range(40)
]


def test_the_answers_chosen_do_not_hang_on_the_order_of_rows_and_a_larger_limit_only_adds() -> None:
    dataset, _ = log_of(ROWS)
    other, _ = log_of(ROWS[::-1])
    ten, twenty = ([each.original for each in choose_answers(dataset, limit=limit)] for limit in (10, 20))
    assert ten == [each.original for each in choose_answers(other, limit=10)]
    assert len(ten) == 10
    assert set(ten) < set(twenty)
    assert {each.text[0] for each in twenty} == {"a", "b"}


def test_answers_above_the_median_have_more_and_fewer_turns_it_round() -> None:
    dataset, scores = log_of(ROWS)
    chosen = choose_answers(dataset)
    jobs, lacking = jobs_of(chosen, scores, names=["words"])
    counts = [len(job.original.text.split()) for job in jobs]
    assert all(job.has_more == (count > np.median(counts)) for job, count in zip(jobs, counts, strict=True))
    assert lacking == (("words", 0),)
    turned = replace(scores, factors=tuple(replace(factor, feature="fewer") for factor in scores.factors))
    few, _ = jobs_of(chosen, turned, names=["words"])
    assert all(job.has_more == (count < np.median(counts)) for job, count in zip(few, counts, strict=True))
    assert signed(np.array([0.0, 3.0]), replace(scores.factors[0], feature="any")).tolist() == [0.0, 1.0]


def version(number: int, more: str = "more", less: str = "less") -> VersionPair:
    return VersionPair(number, "words", Original(str(number), "text", "Why?"), f"{more} {number}", f"{less} {number}")


def test_a_preference_for_more_is_read_on_whichever_side_it_stands() -> None:
    pairs = [version(number) for number in range(30)]
    texts = texts_of_pairs(pairs)
    assert {each.response_a.split()[0] for each in texts} == {"more", "less"}
    verdicts = [
        (
            Opinion("ab", 0, float(each.response_a.startswith("more")), judge="j"),
            Opinion("ba", 0, 0.5, judge="j"),
            Opinion("ab", 0, 0.0, judge="another"),
        )
        for each in texts
    ]
    assert preference_for_more(pairs, verdicts, judge="j").tolist() == [0.75] * 30


def test_identical_versions_are_a_tie_that_nobody_is_asked_about_and_no_verdict_is_none() -> None:
    same = VersionPair(1, "words", Original("1", "text", "Why?"), "same", "same")
    pairs = [version(0), same, version(2)]
    texts = texts_of_pairs(pairs)
    assert len(texts) == 2
    verdicts = [(Opinion("ab", 0, None, "unreadable", judge="j"),), (Opinion("ab", 0, 1.0, judge="j"),)]
    (found,) = contrasted(pairs, verdicts, judge="j")
    assert np.isnan(found.preference[0])
    assert found.preference[1] == 0.5
    assert found.preference[2] in (0.0, 1.0)


def test_a_contrast_uses_what_it_needs_and_nothing_that_failed() -> None:
    job = Job(Original("1", "original", "Why?"), "words", "", has_more=True)
    good, bad = Rewrite("away"), Rewrite("", "refusal")
    done = [TwoRewrites(job, good, Rewrite("back")), TwoRewrites(job, good, bad), TwoRewrites(job, bad, None)]
    (both,) = pairs_of(done, contrast="both rewritten")
    assert (both.place, both.more, both.less) == (0, "back", "away")
    naive = pairs_of(done, contrast="original and rewrite")
    assert [(pair.place, pair.more, pair.less) for pair in naive] == [(0, "original", "away"), (1, "original", "away")]


def test_the_log_says_the_share_that_prefers_the_answer_with_more() -> None:
    log = log_of([(f"{number}?", "one two", "one", float(number % 4 > 0)) for number in range(40)])
    settings = RewriteSettings(("words",))
    found = recorded_effects(*log, settings=settings)
    assert (found.judge, found.verdicts) == ("j", 40)
    assert found.single[0].value == pytest.approx(0.75)
    assert found.joint[0].value == pytest.approx(0.75, abs=0.03)
    assert np.isnan(found.joint[1].value)
    assert found.typical.tolist() == [1.0, 0.0]
    with pytest.raises(SettingError, match="each once"):
        RewriteSettings(("words", "words"))
