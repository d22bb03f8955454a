"""Versions in logs: who is the version and who its opponent, what is left out, and the command from log to JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from prefactor.analysis.measurement import Scores
from prefactor.analysis.versions import VersionSettings, predict_version
from prefactor.cli.predict import predict_command
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import FitError, SettingError, UnknownNameError
from prefactor.study import measure

LEVELS = {"weak": -1.5, "fair": -0.5, "good": 0.5, "best": 1.0, "fine": 0.2, "poor": -1.0}
WORDS = VersionSettings(("words",))
PROMPTS = 60
Log = tuple[Dataset, Scores]


def rows_of(
    model: str, *, level: float, words: int, seed: int, judged: bool = True, opponent: str = "base"
) -> list[Row]:
    """One model on every prompt against an opponent of 25 words, on either side, the judge liking words."""
    random, rows = np.random.default_rng(seed), list[Row]()
    for prompt in range(PROMPTS):
        own = int(random.integers(5, 20)) + words
        won = float(random.random() < 1 / (1 + np.exp(-level - 2 * np.tanh((own - 25) / 13))))
        turn = bool(random.random() < 0.5)
        sides = [(model, own), (opponent, 25)]
        (first, first_words), (second, second_words) = reversed(sides) if turn else sides
        preference = (1 - won if turn else won) if judged else None
        verdict = Verdict("judge", preference, problem="" if judged else "missing")
        answers = [f"{name} " + "word " * (count - 1) for name, count in ((first, first_words), (second, second_words))]
        asked = f"prompt {prompt}"
        rows.append(Row(prompt, asked, answers[0], answers[1], [verdict], model_a=first, model_b=second))
    return rows


def log_of(*parts: list[Row]) -> Log:
    collector = Collector()
    for rows in parts:
        for each in rows:
            collector.add(each)
    collector.close_source("made.json", "made", bad_rows=0)
    dataset = collector.finish()
    return dataset, measure(dataset, "lexical:words,list_items")


OTHERS = [
    rows_of(name, level=level, words=10 + 2 * place, seed=place) for place, (name, level) in enumerate(LEVELS.items())
]
BASE = rows_of("plain", level=-0.5, words=0, seed=50)
LONGER = rows_of("plain longer", level=-0.5, words=25, seed=51)


def test_a_longer_version_is_predicted_and_set_beside_what_was_recorded() -> None:
    found = predict_version(log_of(*OTHERS), base=log_of(BASE), variant=log_of(LONGER), settings=WORDS)
    assert (found.judge, found.base, found.variant) == ("judge", "plain", "plain longer")
    assert (found.models, found.learnt_from) == (6, 6 * PROMPTS)
    assert found.change.low > 0.1
    assert found.recorded is not None
    assert found.inside
    assert found.recorded_change is not None
    assert found.recorded_change.low < found.change.value < found.recorded_change.high
    (move,) = found.moves
    assert move.variant - move.base == pytest.approx(25, abs=3)
    assert move.contribution.value == pytest.approx(found.change.value)


def test_the_versions_are_left_out_of_what_is_learnt_and_their_verdicts_out_of_the_prediction() -> None:
    turned = rows_of("plain longer", level=5.0, words=25, seed=51)  # the same answers, judged otherwise
    without = predict_version(log_of(*OTHERS), base=log_of(BASE), variant=log_of(LONGER), settings=WORDS)
    within = predict_version(log_of(*OTHERS, BASE, turned), base=log_of(BASE), variant=log_of(turned), settings=WORDS)
    assert within.learnt_from == without.learnt_from
    assert within.predicted == without.predicted
    assert within.recorded != without.recorded


def test_a_variant_that_nobody_judged() -> None:
    unjudged = rows_of("plain longer", level=0.0, words=25, seed=51, judged=False)
    found = predict_version(log_of(*OTHERS), base=log_of(BASE), variant=log_of(unjudged), settings=WORDS)
    known = predict_version(log_of(*OTHERS), base=log_of(BASE), variant=log_of(LONGER), settings=WORDS)
    assert (found.recorded, found.inside, found.recorded_change) == (None, None, None)
    assert found.predicted == known.predicted


def test_models_that_met_one_another_need_no_baseline() -> None:
    names = list(LEVELS)
    met = [
        rows_of(name, level=LEVELS[name] - LEVELS[names[place - 1]], words=12, seed=place, opponent=names[place - 1])
        for place, name in enumerate(names)
    ]
    base, variant = (
        rows_of(name, level=-0.5, words=words, seed=60, opponent="good") for name, words in (("p", 0), ("q", 25))
    )
    found = predict_version(log_of(*met), base=log_of(base), variant=log_of(variant), settings=WORDS)
    assert (found.base, found.variant, found.models) == ("p", "q", 6)
    assert found.change.value > 0


@pytest.mark.parametrize(
    ("base", "settings", "error", "said"),
    [
        (BASE, VersionSettings(("wordy",)), UnknownNameError, "wordy"),
        (BASE, VersionSettings(("words",), judge="jury"), UnknownNameError, "jury"),
        (BASE, VersionSettings(("words",), baseline="good"), UnknownNameError, "good"),
        ([*BASE, *LONGER], WORDS, FitError, "plain, plain longer"),
        (rows_of("plain", level=0, words=0, seed=1, opponent="stranger"), WORDS, FitError, "stranger"),
    ],
)
def test_what_is_wrong_is_named(base: list[Row], settings: VersionSettings, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        predict_version(log_of(*OTHERS), base=log_of(base), variant=log_of(LONGER), settings=settings)


def test_logs_without_other_models_or_preferences() -> None:
    known, new = log_of(BASE), log_of(LONGER)
    with pytest.raises(SettingError, match="--baseline"):
        predict_version(known, base=known, variant=new, settings=WORDS)
    against_base = VersionSettings(("words",), baseline="base")
    with pytest.raises(FitError, match="no other model"):
        predict_version(known, base=known, variant=new, settings=against_base)
    unjudged = log_of(*(rows_of(name, level=0, words=3, seed=1, judged=False) for name in ("weak", "fair")))
    with pytest.raises(FitError, match="no preference"):
        predict_version(unjudged, base=known, variant=new, settings=WORDS)
    with pytest.raises(SettingError, match="each once"):
        VersionSettings(("words", "words"))


def test_the_command_from_logs_to_json(tmp_path: Path) -> None:
    for name, parts in (("others", OTHERS), ("base", [BASE]), ("longer", [LONGER])):
        lines = [
            json.dumps(
                {
                    "prompt": row.prompt, "response_a": row.response_a, "response_b": row.response_b,
                    "model_a": row.model_a, "model_b": row.model_b, "judge": "<b>judge</b>",
                    "preference": "A" if row.verdicts[0].preference else "B",
                }
            )
            for rows in parts
            for row in rows
        ]  # fmt: skip
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    arguments = [str(tmp_path / "others.jsonl"), "--from", str(tmp_path / "base.jsonl"), "--change", "words"]
    arguments += ["--to", str(tmp_path / "longer.jsonl"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(predict_command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "inside the predicted interval" in result.output
    document = json.loads((tmp_path / "out" / "prediction.json").read_text())
    results = document["results"]
    assert results["predicted"]["low"] < results["recorded"]["value"] < results["predicted"]["high"]
    assert results["change"]["value"] == pytest.approx(results["predicted"]["value"] - results["base_rate"]["value"])
    assert [source["rows"] for source in document["sources"]] == [6 * PROMPTS, PROMPTS, PROMPTS]
