"""What every judge that ships must do, held for all of them: add a file and its name, and it is tested here."""

import json
from importlib.resources import files

import pytest

from prefactor.asking.calls import Asked
from prefactor.judges.base import Asking, Texts
from prefactor.judges.judge_file import PARSERS_OF, SHIPPED, shipped_judge
from prefactor.judges.judging import KINDS, make_bench, pose, verdicts_of
from prefactor.judges.parsers import PARSERS
from prefactor.llm.records import Reply, Request, TokenChoice

TEXTS = Texts(0, "ab12", "Why is tea hot?", "Boiled water.", "It is not.", "Be brief.", "A page.", "Known.")
SWAPPED = Texts(0, "ab12", "Why is tea hot?", "It is not.", "Boiled water.", "Be brief.", "A page.", "Known.")
ASKING = Asking("m")


def likes_boiled(request: Request) -> Reply:
    """Reply in a way that every parser reads, for the answer that speaks of boiled water."""
    text = request.prompt or request.messages[-1].content
    if request.wants == "score":
        return Reply("9.0" if "Boiled" in text else "2.0")
    first = "answer A begins" in text and text.index("Boiled") < text.index("It is not.")
    letter = "A" if first else "B"
    if "answer A begins" not in text:
        return Reply("[[9]]" if "Boiled" in text else "[[2]]")
    tokens = (TokenChoice(letter, -0.1, ((letter, -0.1), ("B" if first else "A", -2.4))),)
    keys = ("verdict", *(each.name for each in shipped_judge("rubric").criteria))
    if "JSON" in text:
        return Reply(json.dumps(dict.fromkeys(keys, letter)))
    return Reply(f"[[{letter}]]", tokens=tokens)


def preferences(name: str, texts: Texts) -> list[float | None]:
    bench = make_bench(name, ["m"], asking=ASKING)
    questions = pose([texts], bench)
    answers = [Asked(likes_boiled(request)) for request in questions.requests]
    return [opinion.preference for opinion in verdicts_of(questions, answers)[0]]


def test_every_file_is_listed() -> None:
    there = {file.name.removesuffix(".toml") for file in files("prefactor.judges").joinpath("files").iterdir()}
    assert there == set(SHIPPED)
    assert set(KINDS) | {"jury"} == set(PARSERS_OF)
    assert set(PARSERS) == {parser for parsers in PARSERS_OF.values() for parser in parsers}


@pytest.mark.parametrize("name", SHIPPED)
def test_it_says_what_it_is(name: str) -> None:
    judge = shipped_judge(name)
    assert judge.name == name
    assert judge.version >= 1
    assert judge.about.endswith((".", ")."))


@pytest.mark.parametrize("name", [name for name in SHIPPED if shipped_judge(name).kind not in ("jury", "reward")])
def test_it_fences_what_it_shows_and_shows_everything_there_is(name: str) -> None:
    judge = shipped_judge(name)
    questions = KINDS[judge.kind].questions(TEXTS, judge, ASKING)
    text = [request.prompt or request.messages[-1].content for request in (each.request for each in questions)]
    for part in ("Why is tea hot?", "Be brief.", "A page.", "Known."):
        assert all(part in each for each in text)
    assert any("Boiled water." in each for each in text)
    assert all(each.count(", mark ") >= 6 for each in text)
    assert not any("{" in each.replace('{"reason"', "") for each in text)


@pytest.mark.parametrize("name", SHIPPED)
def test_it_prefers_what_the_replies_prefer_and_turns_with_a_and_b(name: str) -> None:
    found, swapped = preferences(name, TEXTS), preferences(name, SWAPPED)
    assert all(preference is not None and preference > 0.5 for preference in found)
    assert swapped == pytest.approx([1 - (preference or 0) for preference in found])


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("reply", [Reply(""), Reply("perhaps"), Reply("I cannot say."), Reply("A is", "length"), None])
def test_a_reply_that_says_nothing_is_never_a_tie(name: str, reply: Reply | None) -> None:
    bench = make_bench(name, ["m"], asking=ASKING)
    questions = pose([TEXTS], bench)
    answers = [Asked(reply, "" if reply else "timeout: it took too long") for _ in questions.requests]
    for opinion in verdicts_of(questions, answers)[0]:
        assert opinion.preference is None
        assert opinion.problem
        assert opinion.said
