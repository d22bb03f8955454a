"""Judges as files: what a file lacks or has too much is named with its key."""

from pathlib import Path

import pytest

from prefactor.errors import InputFileError, UnknownNameError
from prefactor.judges.judge_file import read_judge

GOOD = """
name = "mine"
version = 2
kind = "pairwise"
parser = "verdict"
[sampling]
temperature = 0.5
stop = ["END"]
[prompt]
user = "{prompt} {first} {second}"
"""
RUBRIC = GOOD.replace('"verdict"', '"criteria"')
JURY = 'name = "j"\nversion = 1\nkind = "jury"\n[[member]]\njudge = "grade"\n'


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    judge = read_judge(written(tmp_path, GOOD))
    assert (judge.name, judge.version, judge.orders, judge.sampling.stop) == ("mine", 2, "both", ("END",))
    assert judge.digest != read_judge(written(tmp_path, GOOD + "\n# changed\n")).digest
    assert read_judge("mine.toml", beside=tmp_path).name == "mine"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (GOOD.replace("version = 2", "version = 0"), "version"),
        (GOOD.replace('name = "mine"', ""), "name"),
        (GOOD.replace('"mine"', '"two words"'), "name"),
        (GOOD.replace('"pairwise"', '"pair"'), "kind"),
        (GOOD.replace('"verdict"', '"grade"'), "parser"),
        (GOOD.replace("{second}", ""), "{second}"),
        (GOOD.replace("{second}", "{second} {third}"), "{third}"),
        (GOOD.replace("temperature", "temprature"), "sampling.temprature"),
        (GOOD.replace("0.5", '"warm"'), "sampling.temperature"),
        (GOOD.replace("0.5", "-1"), "temperature"),
        (GOOD.replace("version = 2", "version = true"), "version"),
        (GOOD.replace("user =", "text = 'x'\nuser ="), "prompt.user or prompt.text"),
        (GOOD.replace("{prompt}", "{prompt} {fence}"), "prompt.fence"),
        (GOOD + 'fence = "{mark}"', "prompt.fence"),
        (GOOD.replace("{prompt}", "{prompt} {fence}") + 'fence = "no"', "{mark}"),
        (GOOD + '[optional]\nsource = "{text}"', "optional.source"),
        (GOOD + '[optional]\nextra = "{text}"', "optional.extra"),
        (RUBRIC, "criterion"),
        (RUBRIC + '[[criterion]]\nname = "x"', "question"),
        (RUBRIC + '[[criterion]]\nname = "x"\nquestion = "y"\nweight = 0', "weights"),
        (RUBRIC + '[[criterion]]\nname = "x"\nquestion = "y"\n' * 2, "every name once"),
        (JURY.replace("judge =", "model ="), "judge"),
        (JURY.partition("[[")[0], "member"),
        (JURY.replace("[[member]]", "vote = 'all'\n[[member]]"), "vote"),
        ("name = ", "TOML"),
        (GOOD.replace("[prompt]", "[scale]\nlow = 5\nhigh = 5\n[prompt]"), "scale"),
        (GOOD.replace("version = 2", 'version = 2\nprompt = "x"').replace("[prompt]\nuser", "[sampling2]\nuser"), ""),
    ],
)
def test_a_fault_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(InputFileError) as caught:
        read_judge(written(tmp_path, text))
    assert named in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pairwise'"):
        read_judge("pairwse")
    with pytest.raises(InputFileError, match=r"nowhere\.toml"):
        read_judge("nowhere.toml")
