from importlib.resources import files
from pathlib import Path

import pytest

from prefactor.errors import InputFileError, UnknownNameError
from prefactor.interventions.prompt_file import SHIPPED, read_prompt_file


def shipped(name: str) -> str:
    return files("prefactor.interventions").joinpath("files", f"{name}.toml").read_text(encoding="utf-8")


def test_every_file_is_listed_and_can_be_read() -> None:
    folder = files("prefactor.interventions").joinpath("files")
    assert sorted(SHIPPED) == sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir())
    for name in SHIPPED:
        assert read_prompt_file(name).name == name


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{prompt}", "", "{prompt} in the prompt"),
        ("{level}", "{depth}", "{level} in the prompt"),
        ("{scale}", "{scale} {depth}", "places among"),
        ("{fence}", "", "{fence} in the prompt"),
        ("the mark {mark}", "a mark", "prompt.fence with {mark}"),
        ('kind = "levels-each"', 'kind = "levels"', "kind: one of"),
        ("temperature = 0.7", 'temperature = "hot"', "sampling.temperature"),
        ("max_tokens", "most_tokens", "keys among"),
        ("version = 1", "version = 0", "version"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, message: str) -> None:
    text = shipped("levels-each")
    assert before in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InputFileError) as caught:
        read_prompt_file(str(path))
    assert message in str(caught.value)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match="levels-each"):
        read_prompt_file("levels-eech")
