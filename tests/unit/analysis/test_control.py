"""Factors held equal in logs: who is the baseline, what is left out, and the command from log to JSON."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import orjson
import pytest
from click.testing import CliRunner

from prefactor.analysis.control import ANCHOR, Control, ControlSettings, control_preferences
from prefactor.cli.control import control_command
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import FitError, SettingError, UnknownNameError
from prefactor.study import measure

LEVELS = {"weak": -1.0, "fair": 0.0, "good": 1.0}
WORDS = "word " * 60


def row(number: int, prompt: str, names: tuple[str, str], words: tuple[int, int], preference: float | None) -> Row:
    verdict = Verdict("judge", preference, problem="" if preference is not None else "missing")
    answers = [f"{name} {prompt} " + WORDS[: 5 * count] for name, count in zip(names, words, strict=True)]
    return Row(number, prompt, answers[0], answers[1], [verdict], model_a=names[0] or None, model_b=names[1] or None)


def baseline_rows(prompts: int = 40, *, seed: int = 0) -> list[Row]:
    """Every model against ``base``, on either side, the judge liking words."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for prompt in range(prompts):
        for model, level in LEVELS.items():
            words = int(random.integers(5, 50)), 25
            log_odds = level + 2 * np.tanh((words[0] - words[1]) / 13)
            won = float(random.random() < 1 / (1 + np.exp(-log_odds)))
            turn = bool(random.random() < 0.5)
            names, counts = ((model, "base"), words) if not turn else (("base", model), words[::-1])
            rows.append(row(len(rows), f"prompt {prompt}", names, (counts[0], counts[1]), 1 - won if turn else won))
    return rows


def arena_rows(prompts: int = 80, *, seed: int = 1) -> list[Row]:
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for prompt in range(prompts):
        for first, second in combinations(LEVELS, 2):
            words = int(random.integers(5, 50)), int(random.integers(5, 50))
            log_odds = LEVELS[first] - LEVELS[second] + 2 * np.tanh((words[0] - words[1]) / 18)
            won = float(random.random() < 1 / (1 + np.exp(-log_odds)))
            rows.append(row(len(rows), f"prompt {prompt}", (first, second), words, won))
    return rows


def dataset_of(rows: list[Row]) -> Dataset:
    collector = Collector()
    for each in rows:
        collector.add(each)
    return collector.finish()


def controlled(rows: list[Row], *, baseline: str | None = None, hold: tuple[str, ...] = ("words",)) -> Control:
    dataset = dataset_of(rows)
    scores = measure(dataset, f"lexical:{','.join(hold)}")
    (found,) = control_preferences(dataset, scores, settings=ControlSettings(hold, baseline=baseline))
    return found


def test_the_model_in_every_comparison_is_the_baseline_on_either_side() -> None:
    rows = baseline_rows()
    found = controlled(rows)
    assert (found.kind, found.baseline) == ("win rates", "base")
    assert found.standings[0].model == "good"
    standings = {each.model: each for each in found.standings}
    assert standings["base"].controlled_win_rate.value == 0.5
    for model in LEVELS:
        own = [each for each in rows if model in (each.model_a, each.model_b)]
        won = [
            preference if each.model_a == model else 1 - preference
            for each in own
            if (preference := each.verdicts[0].preference) is not None
        ]
        assert standings[model].win_rate.value == pytest.approx(np.mean(won))
        assert standings[model].comparisons == 40
        estimate = standings[model].controlled_win_rate
        assert estimate.low < estimate.value < estimate.high
        assert np.isnan(standings[model].rating.value)
    (held,) = found.held
    assert held.factor == "words"
    assert held.slope.value > 1
    assert held.spread == pytest.approx(13, rel=0.2)


def test_the_order_of_rows_does_not_change_a_bit() -> None:
    rows = baseline_rows()
    shuffled = [rows[place] for place in np.random.default_rng(2).permutation(len(rows))]
    assert rates(controlled(shuffled)) == rates(controlled(rows))


def rates(control: Control) -> list[object]:
    return [(each.model, each.win_rate, each.controlled_win_rate) for each in control.standings]


def test_an_arena_gets_ratings() -> None:
    found = controlled(arena_rows())
    assert (found.kind, found.baseline, found.prompt_sd) == ("ratings", None, 0.0)
    assert [each.model for each in found.standings] == ["good", "fair", "weak"]
    assert np.mean([each.controlled_rating.value for each in found.standings]) == pytest.approx(ANCHOR)
    for each in found.standings:
        truth = ANCHOR + 400 / np.log(10) * LEVELS[each.model]
        assert each.controlled_rating.value == pytest.approx(truth, abs=110)
        assert np.isnan(each.controlled_win_rate.value)
        assert each.rating.low < each.rating.value < each.rating.high
    anchored = controlled(arena_rows(), baseline="fair")
    assert anchored.kind == "ratings"
    rating = {each.model: each.controlled_rating for each in anchored.standings}["fair"]
    assert (rating.value, rating.low, rating.high) == (ANCHOR, ANCHOR, ANCHOR)


def test_what_is_left_out_is_counted() -> None:
    rows = baseline_rows()
    rows.append(row(900, "prompt x", ("good", "good"), (9, 8), 1.0))
    rows.append(row(901, "prompt x", ("", "base"), (9, 8), 1.0))
    rows.append(row(902, "prompt y", ("good", "base"), (9, 8), None))
    found = controlled(rows)
    assert (found.same_model, found.unnamed, found.unmeasured) == (1, 1, 0)
    assert (found.account.read, found.account.used, found.account.missing) == (123, 122, 1)
    assert sum(each.comparisons for each in found.standings if each.model != "base") == 120


def test_a_model_that_lost_everything_says_so() -> None:
    rows = baseline_rows()
    rows += [row(500 + number, f"prompt {number}", ("worst", "base"), (9, 8), 0.0) for number in range(20)]
    worst = {each.model: each for each in controlled(rows).standings}["worst"]
    assert worst.win_rate.value == 0
    assert worst.win_rate.high > 0
    assert np.isnan(worst.controlled_win_rate.value)
    assert worst.reason == "lost every comparison: no finite log-odds"


def test_two_models_need_a_baseline() -> None:
    rows = [each for each in baseline_rows(60) if "fair" in (each.model_a, each.model_b)]
    with pytest.raises(SettingError, match="--baseline"):
        controlled(rows)
    assert controlled(rows, baseline="fair").baseline == "fair"


def test_logs_that_cannot_answer_are_refused() -> None:
    nameless = [row(number, f"p {number}", ("", ""), (5, 6), 1.0) for number in range(5)]
    with pytest.raises(FitError, match="names two different models"):
        controlled(nameless)
    with pytest.raises(FitError, match="never differ in 'headings'"):
        controlled(baseline_rows(), hold=("words", "headings"))
    with pytest.raises(UnknownNameError, match="good"):
        controlled(baseline_rows(), baseline="goood")
    with pytest.raises(SettingError, match="hold"):
        ControlSettings(("words", "words"))


def test_islands_of_models_are_refused() -> None:
    rows = arena_rows()
    for number in range(40):
        rows.append(row(700 + number, f"island {number}", ("one", "two"), (9, 5 + number), float(number % 2)))
    with pytest.raises(FitError, match="never compared"):
        controlled(rows)


@pytest.mark.parametrize("arena", [False, True])
def test_the_command_writes_what_it_prints(tmp_path: Path, *, arena: bool) -> None:
    records = [
        {
            "prompt": each.prompt,
            "response_a": each.response_a,
            "response_b": each.response_b,
            "model_a": each.model_a,
            "model_b": each.model_b,
            "winner": {1.0: "A", 0.0: "B"}[each.verdicts[0].preference or 0.0],
        }
        for each in (arena_rows() if arena else baseline_rows())
    ]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(map(orjson.dumps, records)))
    result = CliRunner().invoke(control_command, [str(log), "--hold", "words", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert ("ratings" if arena else "win rates") in result.output
    document = json.loads((tmp_path / "out" / "control.json").read_text(encoding="utf-8"))
    (found,) = document["results"]
    best = found["standings"][0]
    assert best["model"] == "good"
    value = best["controlled_rating" if arena else "controlled_win_rate"]["value"]
    assert (f"{value:.0f}" if arena else f"{100 * value:.1f}") in result.output
    assert best["controlled_win_rate" if arena else "controlled_rating"]["value"] is None
