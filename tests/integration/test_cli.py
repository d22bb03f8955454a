"""The command line as a process: what a user types, what comes out, and how it fails."""

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

HOSTILE = '<script>alert("x")</script></pre></style>\x00\x1b[31m\u202etxet{{7*7}}'


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


def prefactor(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> Ran:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    ran = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, check=False, env=os.environ | {"COLUMNS": "160"}
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def log_lines(rows: int = 240, *, seed: int = 1) -> list[dict[str, object]]:
    """Make a log in which the longer answer wins four times in five, on prompts of three comparisons each."""
    source = random.Random(seed)
    lines: list[dict[str, object]] = []
    for number in range(rows):
        short = " ".join(source.choices(["tea", "is", "hot", "water", "leaf"], k=source.randint(3, 20)))
        long = short + " and so on" * source.randint(2, 9)
        longer_wins = source.random() < 0.8
        a_is_long = source.random() < 0.5
        lines.append(
            {
                "question": f"Question {number // 3}?",
                "answer_a": long if a_is_long else short,
                "answer_b": short if a_is_long else long,
                "winner": "model_a" if longer_wins == a_is_long else "model_b",
                "topic": "tea" if number % 2 else "coffee",
            }
        )
    return lines


def write_log(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def results_of(out: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((out / "results.json").read_bytes())
    return loaded


def effects_of(profile: dict[str, object]) -> dict[str, dict[str, object]]:
    factors = profile["factors"]
    assert isinstance(factors, list)
    return {factor["name"]: factor for factor in factors}


def profiles_of(out: Path) -> list[dict[str, object]]:
    profiles = results_of(out)["profiles"]
    assert isinstance(profiles, list)
    return profiles


def test_explain_finds_what_was_planted_and_writes_everything(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", log_lines())
    ran = prefactor("explain", log, "--out", tmp_path / "out", "--by", "topic", cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "prefers the longer answer" in ran.out
    assert str(tmp_path / "out" / "report.html") in ran.out
    profiles = profiles_of(tmp_path / "out")
    assert [profile["slice"] for profile in profiles] == ["all", "topic=coffee", "topic=tea"]
    tau = effects_of(profiles[0])["words"]["tau14"]
    assert isinstance(tau, dict)
    assert tau["low"] < 0.6 < tau["high"]
    assert 0.45 < tau["value"] < 0.75
    factors = pl.read_parquet(tmp_path / "out" / "factors.parquet")
    preferences = pl.read_parquet(tmp_path / "out" / "preferences.parquet")
    assert len(preferences) == 240
    assert set(preferences["response_a"]) <= set(factors["response_id"])
    assert factors["response_id"].is_unique().all()


def test_two_runs_give_the_same_numbers_whatever_the_order_of_rows(tmp_path: Path) -> None:
    lines = log_lines()
    first = write_log(tmp_path / "first.jsonl", lines)
    second = write_log(tmp_path / "second.jsonl", lines[::-1])
    for log in (first, second):
        assert prefactor("explain", log, "--out", tmp_path / log.stem, cwd=tmp_path).status == 0
    one, two = (effects_of(profiles_of(tmp_path / name)[0]) for name in ("first", "second"))
    for name, effect in one.items():
        assert effect["weight"] == two[name]["weight"], name
        assert effect["tau14"]["value"] == two[name]["tau14"]["value"]  # type: ignore[index]


def test_standard_input_is_a_log_too(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", log_lines())
    for command in (["explain", "-", "--out", "out"], ["read", "-"]):
        ran = prefactor(*command, cwd=tmp_path, stdin=log.read_bytes())
        assert ran.status == 0, ran.err
    assert (tmp_path / "out" / "report.html").exists()


def test_bad_rows_stop_with_their_places_and_nothing_is_written(tmp_path: Path) -> None:
    lines = log_lines()
    for row in range(10, 17):
        lines[row]["winner"] = "perhaps"
    log = write_log(tmp_path / "log.jsonl", lines)
    ran = prefactor("explain", log, "--out", tmp_path / "out", cwd=tmp_path)
    assert ran.status == 2
    assert "7 bad rows" in ran.err
    assert ran.err.count("perhaps") == 5
    assert f"{log}:11" in ran.err
    assert "--on-bad-row skip" in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "out").exists()


def test_bad_rows_are_skipped_on_demand_and_counted(tmp_path: Path) -> None:
    lines = log_lines()
    lines[3]["winner"] = "perhaps"
    lines[4]["answer_a"] = None
    log = write_log(tmp_path / "log.jsonl", lines)
    ran = prefactor("explain", log, "--out", "out", "--on-bad-row", "skip", cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "left out 2 rows" in ran.out
    assert profiles_of(tmp_path / "out")[0]["n_used"] == 238
    assert "perhaps" not in (tmp_path / "out" / "preferences.parquet").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "nowhere.jsonl", "--out", "out"], "nowhere.jsonl"),
        (["explain", "log.jsonl", "--out", "out", "--judge", "winer"], "did you mean"),
        (["explain", "log.jsonl", "--out", "out", "--by", "topics"], "did you mean 'topic'"),
        (["explain", "log.jsonl", "--out", "out", "--map", "prompt"], "ROLE=COLUMN"),
        (["explain", "log.jsonl", "--out", "out", "--factors", "lexcal"], "lexcal"),
        (["explain", "log.jsonl", "--out", "out", "--format", "arenas"], "did you mean 'arena'"),
        (["explain", "log.jsonl"], "--out"),
        (["read", "odd.jsonl"], "--map prompt="),
        (["explan"], "explan"),
    ],
)
def test_mistakes_end_with_status_2_and_a_clear_message(tmp_path: Path, arguments: list[str], message: str) -> None:
    write_log(tmp_path / "log.jsonl", log_lines(30))
    write_log(tmp_path / "odd.jsonl", [{"colour": "red"}])
    ran = prefactor(*arguments, cwd=tmp_path)
    assert ran.status == 2, ran.out
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_hostile_text_harms_neither_terminal_nor_page(tmp_path: Path) -> None:
    lines = log_lines(60)
    lines[0] |= {"answer_a": HOSTILE, "topic": HOSTILE}
    lines[1]["answer_b"] = "long " * 1_000_000
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "log.jsonl").write_text(text.replace("leaf", "\\ud800"), encoding="utf-8")
    for command in (["read", "log.jsonl"], ["explain", "log.jsonl", "--out", "out", "--by", "topic"]):
        ran = prefactor(*command, cwd=tmp_path)
        assert ran.status == 0, ran.err
        assert not {"\x00", "\x1b", "\u202e"} & set(ran.out)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not {"\x00", "\x1b", "\u202e"} & set(page)
    assert len(page) < 5_000_000
    assert sum(source["repaired"] for source in results_of(tmp_path / "out")["sources"]) > 0  # type: ignore[attr-defined]


def test_read_says_what_a_log_holds_and_what_to_type_next(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", log_lines())
    ran = prefactor("read", "log.jsonl", cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "240 comparisons, 80 prompts" in ran.out
    assert "prefactor explain log.jsonl --out report --by topic" in ran.out


def test_measure_writes_one_row_per_distinct_response(tmp_path: Path) -> None:
    lines = log_lines(30)
    write_log(tmp_path / "log.jsonl", lines + lines)
    ran = prefactor(
        "measure", "log.jsonl", "--out", "scores.parquet", "--factors", "lexical:words,sentences", cwd=tmp_path
    )
    assert ran.status == 0, ran.err
    table = pl.read_parquet(tmp_path / "scores.parquet")
    assert table.columns == ["response_id", "prompt_id", "words", "sentences"]
    answers = {(line["question"], line[side]) for line in lines for side in ("answer_a", "answer_b")}
    assert len(table) == len(answers)


def test_factors_lists_every_factor(tmp_path: Path) -> None:
    ran = prefactor("factors", "--long", cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "list_items" in ran.out
    assert int(ran.out.rsplit(" factors", 1)[0].split()[-1]) >= 30


def test_the_demo_recovers_what_it_planted(tmp_path: Path) -> None:
    ran = prefactor("demo", cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "simulated" in ran.out
    assert (tmp_path / "prefactor-demo" / "report.html").exists()
    profile = profiles_of(tmp_path / "prefactor-demo")[0]
    told = {name: effect["verdict"] for name, effect in effects_of(profile).items()}
    assert told["words"] == told["list_items"] == "prefers more"
    assert told["hedges"] == "prefers less"


def test_files_of_a_folder_that_are_no_logs_are_named(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write_log(tmp_path / "logs" / "log.jsonl", log_lines(60))
    write_log(tmp_path / "logs" / "odd.jsonl", [{"colour": "red"}])
    for command in (["read", "logs"], ["explain", "logs", "--out", "out"], ["measure", "logs", "--out", "s.parquet"]):
        ran = prefactor(*command, cwd=tmp_path)
        assert ran.status == 0, ran.err
        assert f"passed over {Path('logs') / 'odd.jsonl'}" in ran.out


def test_comparisons_without_preferences_can_be_measured_and_say_what_they_lack(tmp_path: Path) -> None:
    lines = log_lines(30)
    for given in lines:
        del given["winner"]
    write_log(tmp_path / "log.jsonl", lines)
    assert prefactor("measure", "log.jsonl", "--out", "s.parquet", cwd=tmp_path).status == 0
    ran = prefactor("read", "log.jsonl", cwd=tmp_path)
    assert "no   what a judge prefers: no preferences in the log" in ran.out
    ran = prefactor("explain", "log.jsonl", "--out", "out", cwd=tmp_path)
    assert ran.status == 2
    assert "--map preference=COLUMN" in ran.err


def test_a_word_list_and_a_function_of_ones_own_are_measured_beside_the_rest(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", log_lines(90))
    definition = '[[factor]]\nname = "tea_words"\ndefinition = "Words of tea."\nwords = ["tea", "leaf"]\n'
    (tmp_path / "own.toml").write_text(definition, encoding="utf-8")
    function = [
        "def is_hot(response: str, prompt: str) -> float:",
        '    """Whether it is hot."""',
        '    return float("hot" in response)',
    ]
    (tmp_path / "own.py").write_text("\n".join(function), encoding="utf-8")
    own = ["--factors", "own.toml", "--factors", "own.py"]
    ran = prefactor("explain", "log.jsonl", "--out", "out", *own, cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert {"words", "tea_words", "is_hot"} <= set(effects_of(profiles_of(tmp_path / "out")[0]))


def test_another_prior_can_be_asked_for_and_a_wrong_scale_is_refused(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", log_lines())
    ran = prefactor(
        "explain", log, "--out", "out", "--prior", "horseshoe", "--prior-scale", "0.2", "--factors", "lexical:words",
        cwd=tmp_path,
    )  # fmt: skip
    assert ran.status == 0, ran.err
    settings = results_of(tmp_path / "out")["settings"]
    assert isinstance(settings, dict)
    assert (settings["prior"], settings["prior_scale"]) == ("horseshoe", 0.2)
    failed = prefactor("explain", log, "--out", "out", "--prior-scale", "0", cwd=tmp_path)
    assert failed.status == 2
    assert "prior_scale" in failed.err
    assert "Traceback" not in failed.err
