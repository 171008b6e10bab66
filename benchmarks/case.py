"""What a benchmark is: the same work done by the program and by a peer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes
    ----------
    name
        What is done, on how much.
    prepare
        Makes the input; not measured.
    ours, peer
        Take the input, give a result. Compilation is kept out: each is called once before it is
        measured. A peer that is None is a figure without a comparison.
    peer_name
        What the peer is.
    same
        Whether the two results are equal; may be None only without a peer.
    at_most_s
        CPU seconds that ours may take, where something was promised.
    at_least_ratio
        How many times fewer CPU seconds than the peer ours must take, where promised.
    at_most_times
        How many times the CPU seconds of the peer (a floor) ours may take, where promised.
    at_most_mb
        Peak memory of the process of ours, MB, where promised.
    at_most_peer_mb
        How many times the peak memory of the peer ours may need, where promised.
    repeats
        How often each side is measured, after one time that is not counted.
    wall
        Seconds on the clock instead of CPU: for what threads do side by side. Says something only
        on an idle machine.
    """

    name: str
    prepare: Callable[[], Any]
    ours: Callable[[Any], Any]
    peer: Callable[[Any], Any] | None = None
    peer_name: str = ""
    same: Callable[[Any, Any], bool] | None = None
    at_most_s: float | None = None
    at_least_ratio: float | None = None
    at_most_times: float | None = None
    at_most_mb: float | None = None
    at_most_peer_mb: float | None = None
    repeats: int = 3
    wall: bool = False

    @property
    def clock(self) -> Callable[[], float]:
        """What both sides are measured with."""
        return time.perf_counter if self.wall else cpu_seconds


def cpu_seconds() -> float:
    """CPU time of this process and its ended children so far."""
    own = time.process_time()  # finer than os.times, which counts hundredths of a second
    return own + sum(os.times()[2:4])
