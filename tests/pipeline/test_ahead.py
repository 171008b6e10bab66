"""Items made ahead keep their order and their errors."""

import threading
import time

import pytest

from layout.pipeline.ahead import ahead


def test_items_keep_their_order():
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []


def test_an_error_comes_at_its_place():
    def items():
        yield 1
        raise KeyError("x")

    got = ahead(items())
    assert next(got) == 1
    with pytest.raises(KeyError, match="x"):
        next(got)


def test_closing_ends_the_thread_and_the_items():
    ended = []

    def items():
        try:
            yield from range(1000)
        finally:
            ended.append(True)

    got = ahead(items())
    next(got)
    got.close()
    del got
    assert not [t for t in threading.enumerate() if t.name == "ahead"]


def test_not_more_than_two_items_ahead():
    made = []

    def items():
        for i in range(10):
            made.append(i)
            yield i

    got = ahead(items())
    next(got)
    time.sleep(0.3)
    assert len(made) <= 3
    got.close()
