"""Win rates of alpaca-7b told to be verbose or concise, predicted from the other AlpacaEval 2 logs, and as recorded."""

from pathlib import Path

import pytest

from prefactor.analysis.measurement import Scores
from prefactor.analysis.versions import CHANGEABLE, predict_version
from prefactor.data.dataset import Dataset
from prefactor.study import measure, read

pytestmark = pytest.mark.real_data

LOGS = "alpaca_eval/weighted_alpaca_eval_gpt4_turbo"
SPEC = f"lexical:{','.join(CHANGEABLE)}"


@pytest.fixture(scope="module")
def learnt(real_data: Path) -> tuple[Dataset, Scores]:
    files = [str(path) for path in sorted((real_data / LOGS).glob("*.json")) if not path.stem.startswith("alpaca-7b")]
    dataset = read(files)
    return dataset, measure(dataset, SPEC)


@pytest.mark.parametrize(
    ("base", "variant", "rises"),
    [
        ("alpaca-7b", "alpaca-7b_verbose", True),
        ("alpaca-7b", "alpaca-7b_concise", False),
        ("alpaca-7b_concise", "alpaca-7b_verbose", True),
        ("alpaca-7b_verbose", "alpaca-7b_concise", False),
    ],
)
def test_the_recorded_change_is_foretold(
    learnt: tuple[Dataset, Scores], real_data: Path, *, base: str, variant: str, rises: bool
) -> None:
    logs = []
    for name in (base, variant):
        dataset = read(str(real_data / LOGS / f"{name}.json"))
        logs.append((dataset, measure(dataset, SPEC)))
    found = predict_version(learnt, base=logs[0], variant=logs[1])
    assert found.recorded is not None
    assert found.recorded_change is not None
    assert found.inside
    assert (found.change.value > 0) == (found.recorded_change.value > 0) == rises
    # The interval is worth something: less than 2.5 points wide, where win rates are 2 to 3 %.
    assert found.predicted.high - found.predicted.low < 0.025
