"""Work on the parts of a table in several processes or machines, by ``dask.distributed``.

The parts are independent and what they give is merged in their order, two by two, so that the
result is that of one process. A worker that ends in the middle costs time: its parts are done again
elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from layout.core.errors import EngineError, LayoutError

UNREACHABLE_S: Final = 20.0
"""Seconds after which a scheduler counts as unreachable, and workers as missing."""
_TRIES: Final = 5
_LOGGERS: Final = ("distributed", "distributed.nanny", "distributed.scheduler", "distributed.core")

Item = TypeVar("Item")
Made = TypeVar("Made")


class Machines:
    """Processes that are ready for work; made by :func:`machines`.

    Parameters
    ----------
    client
        A client of ``dask.distributed``.
    address
        Where its scheduler is.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address

    @property
    def workers(self) -> int:
        """Processes at work."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def share(self, value: Any) -> Any:
        """The promise of a value that every item needs; made again where a worker is lost."""
        pickle = _distributed().protocol.pickle
        return self._client.submit(pickle.loads, pickle.dumps(value), pure=False)

    def start(self, work: Callable[..., Made], items: Sequence[Any], *more: Any) -> list[Any]:
        """Start ``work(item, *more)`` for every item; hand the promises on or await them."""
        return [
            self._client.submit(work, item, *more, pure=False, retries=_TRIES) for item in items
        ]

    def merged(self, promises: Sequence[Any], merge: Callable[[Made, Made], Made]) -> Any:
        """The promise of all results merged in their order, neighbours first."""
        level = list(promises)
        while len(level) > 1:
            pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
            level = [
                self._client.submit(merge, *pair, pure=False) if len(pair) == 2 else pair[0]
                for pair in pairs
            ]
        return level[0]

    def watch(self, promises: Sequence[Any], told: Callable[[float], None] | None = None) -> None:
        """Wait until all are kept; ``told`` the share that is done.

        Raises
        ------
        LayoutError
            What a part raised, or that the scheduler is gone; the others are stopped then.
        """
        try:
            for done, promise in enumerate(_distributed().as_completed(promises), start=1):
                if promise.status != "finished":
                    raise self._failure(promise)
                if told is not None:
                    told(done / len(promises))
        except (OSError, TimeoutError) as error:
            if isinstance(error, LayoutError):
                raise
            raise self._lost(error) from error

    def gathered(
        self, promises: Sequence[Any], told: Callable[[float], None] | None = None
    ) -> list[Any]:
        """The results, in order; raises and tells as :meth:`watch` does."""
        self.watch(promises, told)
        results: list[Any] = self._client.gather(promises)
        return results

    def _failure(self, promise: Any) -> BaseException:
        if promise.status == "error":
            failed: BaseException = promise.exception()
            if isinstance(failed, LayoutError) or not _is_of_the_engine(failed):
                return failed
            return self._lost(failed)
        return self._lost(promise.status)

    def _lost(self, reason: object) -> EngineError:
        return EngineError("error.scheduler_lost", address=self._address, reason=str(reason))


@contextlib.contextmanager
def machines(
    address: str | None = None, *, workers: int | None = None, wait_s: float = UNREACHABLE_S
) -> Iterator[Machines]:
    """Workers of a running scheduler, or of one of this machine's own while the block lasts.

    Parameters
    ----------
    address
        Of the scheduler, as ``tcp://host:8786``; None starts processes on this machine.
    workers
        Processes on this machine, one a core where None; not used with an address.
    wait_s
        Seconds to wait for the scheduler and its first worker.

    Raises
    ------
    EngineError
        ``distributed`` is not installed, the scheduler cannot be reached in time, or it has no
        worker.
    """
    distributed = _distributed()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_quiet())
        if address is None:
            cluster = stack.enter_context(_own_cluster(distributed, workers))
            address, target = cluster.scheduler_address, cluster
        else:
            target = address
        try:
            client = stack.enter_context(distributed.Client(target, timeout=wait_s))
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineError(
                "error.scheduler_unreachable", address=address, seconds=f"{wait_s:g}"
            ) from error
        try:
            client.wait_for_workers(1, timeout=wait_s)
        except TimeoutError as error:
            raise EngineError("error.no_workers", address=address) from error
        yield Machines(client, str(address))


def _own_cluster(distributed: Any, workers: int | None) -> Any:
    """A scheduler and one process a core, all listening on this machine only."""
    import os

    return distributed.LocalCluster(
        n_workers=workers or os.cpu_count() or 1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        memory_limit=0,  # what waits lies on disk; a pause at a guessed limit helps nobody
        silence_logs=logging.ERROR,
    )


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise EngineError("error.no_dask") from error
    return distributed


def _is_of_the_engine(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in {"distributed", "dask"}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the engine's own lines about workers that come and go."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
