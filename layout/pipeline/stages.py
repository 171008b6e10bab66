"""Stages of work on a stream, each in a thread of its own, in order.

Every stage takes the items in the order of the source and is the only one to touch its own state
(codes seen, texts numbered, cubes, files), so the result is that of doing one step after the other,
to the byte. Compiled kernels and Arrow release the interpreter lock, which is where the time goes.
Between two stages only a few items wait, so that memory does not grow with the stream.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

_WAITING: Final = 1
_POLL_S: Final = 0.1


class _End:
    """The end of the stream, with the error that ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def in_stages(source: Iterable[Any], *steps: Callable[[Any], Any]) -> Iterator[Any]:
    """Items of ``source`` after all ``steps``, in their order.

    The source is read in one thread and each step runs in another; what follows is the caller's.
    Where a step fails, or the caller stops, all threads end before this generator does.

    Parameters
    ----------
    source
        Where items come from; it is read in one thread only.
    steps
        Functions of one item, called one item after the other.

    Raises
    ------
    BaseException
        What the source or a step raised, after the items before it.
    """
    stop = threading.Event()
    pipes: list[queue.Queue[Any]] = [queue.Queue(_WAITING) for _ in range(len(steps) + 1)]
    threads = [threading.Thread(target=_read, args=(source, pipes[0], stop), daemon=True)]
    for step, (before, behind) in zip(steps, pairwise(pipes), strict=True):
        work = (step, before, behind, stop)
        threads.append(threading.Thread(target=_work, args=work, daemon=True))
    for thread in threads:
        thread.start()
    try:
        while not isinstance(item := _taken(pipes[-1], stop), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _read(source: Iterable[Any], behind: queue.Queue[Any], stop: threading.Event) -> None:
    end = _End()
    try:
        for item in source:
            if not _put(behind, item, stop):
                return
    except BaseException as error:
        end = _End(error)
    _put(behind, end, stop)


def _work(
    step: Callable[[Any], Any],
    before: queue.Queue[Any],
    behind: queue.Queue[Any],
    stop: threading.Event,
) -> None:
    while not isinstance(item := _taken(before, stop), _End):
        try:
            done = step(item)
        except BaseException as error:
            item = _End(error)
            break
        if not _put(behind, done, stop):
            return
    _put(behind, item, stop)


def _put(pipe: queue.Queue[Any], item: Any, stop: threading.Event) -> bool:
    """Hand an item on as soon as there is room; False where nobody wants it any more."""
    while not stop.is_set():
        try:
            pipe.put(item, timeout=_POLL_S)
        except queue.Full:
            continue
        return True
    return False


def _taken(pipe: queue.Queue[Any], stop: threading.Event) -> Any:
    """The next item; the end where all is stopped."""
    while not stop.is_set():
        try:
            return pipe.get(timeout=_POLL_S)
        except queue.Empty:
            continue
    return _End()
