"""One step ahead: an iterator that makes its next item in a thread while the last one is used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_WAIT_S = 0.1


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The items in their order, the next one being made in the meantime.

    At most two items exist beside the one in use. What the iterable raises is raised here, at its
    place. The thread ends when the items do, or soon after this iterator is closed.
    """
    made: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(maxsize=1)
    closed = threading.Event()

    def put(item: tuple[bool, T | BaseException | None]) -> None:
        while not closed.is_set():
            try:
                made.put(item, timeout=_WAIT_S)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put((True, item))
                if closed.is_set():
                    return
            put((False, None))
        except BaseException as error:  # handed on to who asked for the items
            put((False, error))

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            good, item = made.get()
            if not good:
                if item is not None:
                    raise item  # type: ignore[misc]
                return
            yield item  # type: ignore[misc]
    finally:
        closed.set()
        thread.join()
