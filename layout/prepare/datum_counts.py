"""What a datum survey counts; counts of parts of a file are merged in the order of the parts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class SurveyCounts:
    """Positions and addresses counted by which datums they are right under.

    Parameters
    ----------
    patterns
        Number of combinations of datums.
    """

    def __init__(self, patterns: int) -> None:
        self.rows_read = 0
        self.points = 0
        self.patterns: Ints = np.zeros(patterns, dtype=np.int64)
        self.names: dict[str | None, int] = {}
        self.rows: Ints = np.zeros(0, dtype=np.int64)
        self.agreement: Ints = np.zeros((0, patterns), dtype=np.int64)

    def add_points(self, pattern: Ints) -> None:
        """Count positions by their combination."""
        self.points += len(pattern)
        self.patterns += np.bincount(pattern, minlength=len(self.patterns))

    def row_of(self, name: str | None) -> int:
        """The row of a delivery, made where it is new."""
        if name not in self.names:
            self.names[name] = len(self.names)
            self.rows = np.append(self.rows, 0)
            new = np.zeros((1, len(self.patterns)), dtype=np.int64)
            self.agreement = np.concatenate([self.agreement, new])
        return self.names[name]

    def add_deliveries(self, delivery: Ints, telling: Ints, pattern: Ints) -> None:
        """Count positions, and rows whose address tells a datum, by their row of :meth:`row_of`."""
        shape = self.agreement.shape
        self.rows += np.bincount(delivery, minlength=shape[0])
        both = delivery[telling] * shape[1] + pattern
        self.agreement += np.bincount(both, minlength=shape[0] * shape[1]).reshape(shape)

    def merge(self, other: SurveyCounts) -> None:
        """Add the counts of the part that follows."""
        self.rows_read += other.rows_read
        self.points += other.points
        self.patterns += other.patterns
        for name, row in other.names.items():
            mine = self.row_of(name)
            self.rows[mine] += other.rows[row]
            self.agreement[mine] += other.agreement[row]
