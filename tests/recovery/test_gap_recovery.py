"""A scripted model that writes by one taste and judges by another: both come back through elicit, judge and align."""

import hashlib
import re

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.alignment import AlignmentSettings, GapTable, Roles, align_gap
from prefactor.analysis.generated import compare_answers
from prefactor.analysis.measurement import measure_responses
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.factors import load_measurers
from prefactor.interventions.base import Task, distinct_tasks
from prefactor.interventions.eliciting import ElicitOptions, elicit_levels
from prefactor.interventions.prompt_file import read_prompt_file
from prefactor.judges.base import Asking
from prefactor.judges.collecting import add_verdicts, collect
from prefactor.judges.judging import comparison_texts, make_bench, pose
from prefactor.llm.records import Request
from prefactor.llm.scripted import ScriptedProvider

FACTORS = ("words", "exclamations", "questions", "list_items", "numbers", "quotations")
JUDGES = np.array([0.8, 0.2, -0.6, 0.4, 0.3, -0.2])
"""Weight of every factor when people and the model judge."""
WRITES = np.array([0.8, 1.6, -0.6, 0.4, 0.3, -0.2])
"""And when the model writes: it pushes exclamation marks."""


def text_of(levels: FloatArray) -> str:
    """A text whose factors have the levels, 0 to 3 each."""
    words, marks, asks, items, numbers, quotes = (int(each) for each in levels)
    lines = ["tea and rain " * (4 + 3 * words)]
    lines += ["why?"] * asks + ["so!"] * marks + ['he said "yes" then'] * quotes + ["year 1984"] * numbers
    return "\n".join([" ".join(lines), *["- leaf"] * items])


def random_of(text: str) -> np.random.Generator:
    return np.random.default_rng(int(hashlib.sha256(text.encode()).hexdigest()[:12], 16))


def levels_in(text: str) -> FloatArray:
    counts = (text.count("tea") / 3, text.count("!"), text.count("?"), text.count("- leaf"), text.count("1984"),
              text.count('"') / 2)  # fmt: skip
    return np.array(counts)


def scripted(request: Request) -> str:
    said = request.messages[-1].content
    level = re.search(r"answer of level (\d)", said)
    if level:
        prompt = said.partition("Question ")[2].partition("?")[0]
        draws = random_of(f"written {prompt}")
        answers = draws.integers(0, 4, (5, len(FACTORS))).astype(float)
        liked = answers @ WRITES + draws.gumbel(0, 1, 5)
        return text_of(answers[np.argsort(liked)[int(level[1]) - 1]])
    first, second = re.findall(r"answer [AB] begins, mark \w+ -----\n(.*?)\n----- answer", said, re.DOTALL)
    apart = float((np.sign(levels_in(first) - levels_in(second)) * JUDGES).sum())
    # Not by the order: the same pair, turned round, is judged alike.
    draw = random_of("".join(sorted((first, second)))).logistic() * (1 if first < second else -1)
    return "[[A]]" if apart + draw > 0 else "[[B]]"


def people() -> Dataset:
    random, collector = np.random.default_rng(8), Collector()
    for number in range(600):
        sides = random.integers(0, 4, (2, len(FACTORS))).astype(float)
        apart = float((np.sign(sides[0] - sides[1]) * JUDGES).sum())
        verdict = Verdict("people", float(apart + random.logistic() > 0), kind="human")
        collector.add(Row(number, f"Asked {number}?", text_of(sides[0]), text_of(sides[1]), [verdict]))
    return collector.finish()


def all_three() -> Dataset:
    """People's log, judged by the model, with what it writes beside it."""
    dataset = people()
    bench = make_bench("pairwise", ["M"], asking=Asking(""))
    judged = add_verdicts(dataset, collect(pose(comparison_texts(dataset), bench), ScriptedProvider(scripted)))
    tasks = distinct_tasks([Task(f"Question {number}?") for number in range(150)])
    options = ElicitOptions("M", read_prompt_file("levels-each"))
    elicited = elicit_levels(tasks, ScriptedProvider(scripted), options=options)
    generated = compare_answers(tasks, elicited.answers, model="M", judge="M when generating", made_by="test")
    collector = Collector()
    texts = {each.comparison: each for each in comparison_texts(judged)}
    said: dict[int, list[Verdict]] = {}
    for row in judged.preferences.iter_rows(named=True):
        verdict = Verdict(row["judge"], row["preference"], row["kind"], row["order"])
        said.setdefault(row["comparison"], []).append(verdict)
    for number, each in texts.items():
        collector.add(Row(number, each.prompt, each.response_a, each.response_b, said[number]))
    for each, (one,) in zip(generated.texts, generated.verdicts, strict=True):
        verdict = Verdict(one.judge, one.preference, "llm", one.order)
        collector.add(Row(0, each.prompt, each.response_a, each.response_b, [verdict]))
    return collector.finish()


def found() -> GapTable:
    dataset = all_three()
    scores = measure_responses(dataset, load_measurers([f"lexical:{','.join(FACTORS)}"]))
    roles = Roles("people", "M pairwise", "M when generating")
    return align_gap(dataset, scores, roles=roles, settings=AlignmentSettings(bootstraps=500)).tables[0]


def test_both_tastes_are_recovered_and_the_pushed_factor_makes_the_gap() -> None:
    table = found()
    profiles = {each.factor: each for each in table.factors}
    assert set(profiles) == set(FACTORS)
    judging = [profiles[name].evaluates.tau14.value for name in FACTORS]
    writing = [profiles[name].generates.tau14.value for name in FACTORS]  # type: ignore[union-attr]
    assert np.corrcoef(judging, JUDGES)[0, 1] > 0.95
    assert np.corrcoef(writing, WRITES)[0, 1] > 0.95
    assert table.gap.gap.low > 0
    assert table.named[0].factor == "exclamations"
    assert table.named[0].contribution.value > 0.5 * table.gap.gap.value
    assert table.gap.first.value > 0.9 > table.gap.second.value
