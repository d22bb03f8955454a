"""Judging a dataset: from a judge's file and a provider to verdicts on every comparison.

Every comparison ends in a verdict or in a named reason why there is none. Knows no file format of logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from prefactor._validate import check_positive
from prefactor.asking.calls import Asked
from prefactor.data.dataset import COMPARISON_COLUMNS, Dataset
from prefactor.data.limiting import first_comparisons
from prefactor.data.records import Message
from prefactor.errors import SettingError
from prefactor.judges.base import Asking, Kind, Opinion, Question, Texts
from prefactor.judges.judge_file import JudgeFile, read_judge
from prefactor.judges.jury import joint_opinions
from prefactor.llm.records import Request
from prefactor.registry import Registry

__all__ = ["KINDS", "UNFENCED", "Bench", "Questions", "Seat", "comparison_texts", "make_bench", "pose", "verdicts_of"]

KINDS: Final[Registry[Kind]] = Registry(
    "kind of judge",
    {
        "pairwise": "prefactor.judges.pairwise:KIND",
        "grade": "prefactor.judges.grading:KIND",
        "reward": "prefactor.judges.rewarding:KIND",
    },
)

UNFENCED: Final = ", no fence"
"""End of the name of a judge that saw texts without a fence."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One who is asked: a judge's file with a model.

    Parameters
    ----------
    name
        What its verdicts are listed under.
    file
        The judge.
    asking
        Model, orders, fence and repeats.
    """

    name: str
    file: JudgeFile
    asking: Asking


@dataclass(frozen=True, slots=True)
class Bench:
    """All who are asked about a comparison.

    Parameters
    ----------
    seats
        Each of them.
    jury
        What makes one verdict of theirs; None where each stands for itself.
    name
        Name of the jury; empty where there is none.
    """

    seats: tuple[Seat, ...]
    jury: JudgeFile | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Questions:
    """Every call that judging takes.

    Parameters
    ----------
    texts
        The comparisons.
    bench
        Who is asked.
    asked
        For every comparison and seat, its questions.
    """

    texts: tuple[Texts, ...]
    bench: Bench
    asked: tuple[tuple[tuple[Question, ...], ...], ...]

    @property
    def requests(self) -> tuple[Request, ...]:
        """The calls in order; equal ones come as often as they are needed."""
        return tuple(each.request for seats in self.asked for questions in seats for each in questions)


def make_bench(spec: str, models: Sequence[str], *, asking: Asking, name: str = "") -> Bench:
    """Return all who are asked where a user names a judge and models.

    Parameters
    ----------
    spec
        Name of a shipped judge, or the path of a file.
    models
        Names of models; with several of them, each is a judge of its own, or a member of the jury.
    asking
        Orders, fence and repeats; its model is not looked at.
    name
        Name for the verdicts, instead of model and judge.

    Raises
    ------
    SettingError
        No model is named, a name is given for several judges, two judges would have the same name, or orders are asked
        for of a judge that sees none.
    """
    check_positive("repeat", asking.repeat)
    file = read_judge(spec)
    if asking.orders is not None and file.kind in ("grade", "reward"):
        raise SettingError("orders", expected="a judge that sees two answers", got=f"{file.name}, which sees one")
    if file.kind != "jury":
        seats = [_seat(file, model, asking) for model in models]
        if name and len(seats) == 1:
            seats = [replace(seats[0], name=name + ("" if asking.fence else UNFENCED))]
        elif name:
            raise SettingError("name", expected="one judge to be named", got=f"{len(seats)} models")
        return Bench(_distinct(seats))
    beside = Path(spec).parent if spec.endswith(".toml") else None
    seats = []
    for member in file.members:
        own = read_judge(member.judge, beside=beside)
        if own.kind == "jury":
            raise SettingError(f"member of {file.name}", expected="a judge that is no jury", got=member.judge)
        seats += [_seat(own, model, asking) for model in ([member.model] if member.model else models)]
    jury = name or " ".join((*(models if len(models) == 1 else ()), file.name))
    return Bench(_distinct(seats), file, jury + ("" if asking.fence else UNFENCED))


def _seat(file: JudgeFile, model: str, asking: Asking) -> Seat:
    return Seat(f"{model} {file.name}{'' if asking.fence else UNFENCED}", file, replace(asking, model=model))


def _distinct(seats: Sequence[Seat]) -> tuple[Seat, ...]:
    if not seats:
        raise SettingError("model", expected="the name of a model", got="none")
    names = [seat.name for seat in seats]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SettingError("model", expected="every judge once", got=twice)
    return tuple(seats)


def comparison_texts(dataset: Dataset, *, limit: int | None = None) -> tuple[Texts, ...]:
    """Return the comparisons of a dataset with their texts, in its order.

    Parameters
    ----------
    dataset
        Where they are.
    limit
        At most so many, see :func:`prefactor.data.limiting.first_comparisons`.
    """
    table = first_comparisons(dataset.comparisons, limit)
    prompts = dataset.prompts.filter(pl.col("index").is_in(table["prompt"].unique().to_list())).collect()
    asked = {row["index"]: row for row in prompts.iter_rows(named=True)}
    wanted = pl.concat([table["response_a"], table["response_b"]]).unique().to_list()
    responses = dataset.responses.filter(pl.col("index").is_in(wanted)).select("index", "text").collect()
    said = dict(responses.iter_rows())
    further = [name for name in dataset.comparisons.columns if name not in COMPARISON_COLUMNS]
    return tuple(
        Texts(
            comparison=row["row"],
            identity=row["comparison_id"],
            prompt=asked[row["prompt"]]["prompt"],
            response_a=said[row["response_a"]],
            response_b=said[row["response_b"]],
            **{key: asked[row["prompt"]][key] for key in ("system", "source", "reference")},
            conversation=_messages(asked[row["prompt"]]["conversation"]),
            model_a=row["model_a"],
            model_b=row["model_b"],
            columns={name: row[name] for name in further},
        )
        for row in table.iter_rows(named=True)
    )


def _messages(conversation: list[dict[str, str]] | None) -> tuple[Message, ...] | None:
    return None if conversation is None else tuple(Message(each["role"], each["content"]) for each in conversation)


def pose(texts: Sequence[Texts], bench: Bench) -> Questions:
    """Return every call that judging the comparisons takes."""
    asked = tuple(
        tuple(KINDS[seat.file.kind].questions(each, seat.file, seat.asking) for seat in bench.seats) for each in texts
    )
    return Questions(tuple(texts), bench, asked)


def verdicts_of(questions: Questions, answers: Sequence[Asked]) -> tuple[tuple[Opinion, ...], ...]:
    """Return all verdicts on every comparison, a jury's before those of its members.

    Parameters
    ----------
    questions
        What was asked.
    answers
        What became of every call, in the order of ``questions.requests``.
    """
    place = 0
    found = []
    for seats in questions.asked:
        members: list[tuple[Opinion, ...]] = []
        for seat, asked in zip(questions.bench.seats, seats, strict=True):
            part = answers[place : place + len(asked)]
            place += len(asked)
            members.append(KINDS[seat.file.kind].opinions(seat.file, asked, part))
        found.append(_listed(questions.bench, members))
    return tuple(found)


def _listed(bench: Bench, members: Sequence[tuple[Opinion, ...]]) -> tuple[Opinion, ...]:
    """Give every verdict the name it is listed under: members of a jury are the annotators of one judge."""
    own = [
        replace(one, judge=seat.name, made_by=_version(seat.file))
        for seat, opinions in zip(bench.seats, members, strict=True)
        for one in opinions
    ]
    if bench.jury is None:
        return tuple(own)
    made_by = _version(bench.jury)
    joint = [replace(one, judge=bench.name, made_by=made_by) for one in joint_opinions(bench.jury, members)]
    return (*joint, *(replace(one, judge=f"{bench.name} members", annotator=one.judge) for one in own))


def _version(file: JudgeFile) -> str:
    return f"{file.name} {file.version} ({file.digest})"
