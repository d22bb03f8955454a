"""The collector of garbage is spared during a run, and afterwards as it was."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from prefactor.runtime.calls import Call, Made
from prefactor.runtime.garbage import left_alone
from prefactor.runtime.running import run_calls


@pytest.fixture(autouse=True)
def _nothing_put_aside() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_a_run_leaves_the_collector_as_it_was() -> None:
    seen: list[int] = []

    async def make() -> Made:
        seen.append(gc.get_freeze_count())
        return Made(b"reply")

    asyncio.run(run_calls([Call(b"a", make)]))
    assert seen[0] > 0
    assert gc.get_freeze_count() == 0


def test_an_error_leaves_it_so_too() -> None:
    with pytest.raises(ZeroDivisionError), left_alone():
        raise ZeroDivisionError
    assert gc.get_freeze_count() == 0


def test_what_others_have_put_aside_stays_so() -> None:
    gc.freeze()
    with left_alone():
        pass
    assert gc.get_freeze_count() > 0
