"""Stages in threads give what one step after the other gives, and end when something fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from layout.pipeline.stages import in_stages


def numbers(count: int, fails_at: int | None = None) -> Iterator[int]:
    for number in range(count):
        if number == fails_at:
            raise ValueError("source")
        yield number


def failing(item: int) -> int:
    if item == 3:
        raise KeyError("step")
    return item


def test_items_keep_their_order_and_steps_their_state() -> None:
    seen: list[int] = []

    def remember(item: int) -> tuple[int, int]:
        seen.append(item)
        return item, len(seen)

    found = list(in_stages(numbers(50), lambda item: item * 2, remember))
    assert found == [(number * 2, number + 1) for number in range(50)]


def test_no_step_hands_on_the_source() -> None:
    assert list(in_stages(numbers(3))) == [0, 1, 2]
    assert list(in_stages(numbers(0), failing)) == []


@pytest.mark.parametrize("many", [10, 1000])
def test_an_error_comes_after_the_items_before_it(many: int) -> None:
    taken: list[int] = []
    with pytest.raises(KeyError, match="step"):
        taken.extend(in_stages(numbers(many), failing, lambda item: item + 100))
    assert taken == [100, 101, 102]
    taken = []
    with pytest.raises(ValueError, match="source"):
        taken.extend(in_stages(numbers(many, fails_at=2), lambda item: item))
    assert taken == [0, 1]


def test_a_caller_that_stops_leaves_no_thread() -> None:
    before = threading.active_count()
    stream = in_stages(numbers(10**9), lambda item: item)
    assert next(stream) == 0
    assert threading.active_count() == before + 2
    stream.close()
    assert threading.active_count() == before


def test_few_items_wait_between_stages() -> None:
    read = []

    def source() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    stream = in_stages(source(), lambda item: item)
    next(stream)
    threading.Event().wait(0.3)
    assert len(read) <= 6
    stream.close()
