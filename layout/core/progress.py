"""How long work tells how far it is, and how it is stopped, without knowing who listens.

An analysis calls :func:`tell`; a page or a command listens with :func:`listening`. Where nobody
listens nothing happens. A listener stops the work by raising :class:`CancelledError`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from layout.core.errors import LayoutError

Listener = Callable[[str, float | None], None]
"""Told the key of the stage (words: ``stage.<key>``) and the share done, None where unknown."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


class CancelledError(LayoutError):
    """The user stopped the work; nothing was written."""

    def __init__(self) -> None:
        super().__init__("error.cancelled")


def tell(stage: str, share: float | None = None) -> None:
    """Tell whoever listens how far the work is.

    Parameters
    ----------
    stage
        Key of the stage.
    share
        Share of the whole work that is done, 0 to 1; None where unknown.

    Raises
    ------
    CancelledError
        The listener stops the work.
    """
    listener = _LISTENER.get()
    if listener is not None:
        listener(stage, share)


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let ``listener`` be told what the work inside the block tells (in this thread)."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
