"""A progress bar on the error stream while a file is read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def reading_progress(quiet: bool) -> Iterator[Callable[[float | None], None] | None]:
    """A function that is told the share done; a share smaller than the last begins a new pass.

    Yields
    ------
    Callable or None
        None where ``quiet``, or where nobody looks at the error stream.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = ("{task.description}", BarColumn(), "{task.percentage:>3.0f} %")
    with Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("pass 1", total=1.0)
        passes, last = 1, 0.0

        def tell(share: float | None) -> None:
            nonlocal task, passes, last
            if share is None:
                return
            if share < last:
                passes += 1
                task = bar.add_task(f"pass {passes}", total=1.0)
            last = share
            bar.update(task, completed=share)

        yield tell
