import pytest

from prefactor.errors import SettingError
from prefactor.judges.base import Asking, Texts
from prefactor.judges.judge_file import shipped_judge
from prefactor.judges.judging import Bench, Seat, pose
from prefactor.judges.warning import warned_judge, warning_text

BIASES = [("length", 1), ("emoji", -1)]
TEXTS = Texts(0, "00", "What is tea?", "A drink.", "A leaf.")


@pytest.mark.parametrize("name", ["pairwise", "pairwise-json", "logprob", "logprob-base", "grade", "rubric"])
def test_every_call_holds_the_warning_and_is_another_than_without(name: str) -> None:
    file = shipped_judge(name)
    calls = [
        pose([TEXTS], Bench((Seat("s", each, Asking("m")),))).requests for each in (file, warned_judge(file, BIASES))
    ]
    for plain, warned in zip(*calls, strict=True):
        said = warned.prompt + "".join(message.content for message in warned.messages)
        assert warning_text(BIASES) in said
        assert plain != warned
        assert plain.sampling == warned.sampling


def test_the_variant_has_its_own_name_and_digest() -> None:
    file = shipped_judge("pairwise")
    one, other = warned_judge(file, BIASES), warned_judge(file, BIASES[:1])
    assert one.name == "pairwise-warned"
    assert len({file.digest, one.digest, other.digest}) == 3


def test_a_label_makes_no_place_in_the_prompt() -> None:
    assert "{prompt}" not in warned_judge(shipped_judge("pairwise"), [("{prompt}", 1)]).system.rpartition("swayed")[2]


@pytest.mark.parametrize("name", ["jury", "reward"])
def test_who_reads_nothing_cannot_be_warned(name: str) -> None:
    with pytest.raises(SettingError, match="instructions"):
        warned_judge(shipped_judge(name), BIASES)


def test_nothing_to_warn_of() -> None:
    with pytest.raises(SettingError, match="at least one"):
        warning_text([])
