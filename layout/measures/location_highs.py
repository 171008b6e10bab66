"""Integer programmes of the location models, solved by HiGHS."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layout.measures.location_kernels import Floats, Ints

Bools = npt.NDArray[np.bool_]

_LEAST_S: Final = 0.05
_SILENCE: Final = threading.Lock()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on standard output: HiGHS names itself there before it can be told to be silent."""
    with _SILENCE:
        sys.stdout.flush()
        kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            os.close(nowhere)


@dataclass(frozen=True)
class Program:
    """Minimise ``cost @ x`` with rows between bounds and x from ``low`` to ``high``.

    Attributes
    ----------
    cost, low, high
        One a column.
    integer
        Which columns are whole.
    row_low, row_high
        Bounds of the rows.
    start, index, value
        The rows, compressed.
    """

    cost: Floats
    low: Floats
    high: Floats
    integer: Bools
    row_low: Floats
    row_high: Floats
    start: Ints
    index: Ints
    value: Floats


@dataclass(frozen=True)
class Solved:
    """What HiGHS found.

    Attributes
    ----------
    values
        The best columns; None where none were found.
    bound
        No solution costs less; infinite where there is none at all.
    optimal
        The values are the best.
    infeasible
        There is no solution.
    """

    values: Floats | None
    bound: float
    optimal: bool
    infeasible: bool


def solve(program: Program, *, deadline: float, start: Floats | None = None) -> Solved:
    """Solve, until ``deadline`` (of ``time.perf_counter``).

    Parameters
    ----------
    program
        See :class:`Program`.
    deadline
        When to stop with the best so far.
    start
        Columns of a solution that is known.
    """
    import highspy

    with _quiet():
        model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 1),
        ("mip_rel_gap", 1e-7),
        ("mip_abs_gap", 1e-7),
        ("time_limit", max(deadline - time.perf_counter(), _LEAST_S)),
    ):
        model.setOptionValue(name, value)
    model.passModel(_as_lp(highspy, program))
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        model.setSolution(known)
    model.run()
    return _read(highspy, model, program)


def _as_lp(highspy: Any, program: Program) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.cost.size, program.row_low.size
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.low, program.high
    lp.row_lower_, lp.row_upper_ = program.row_low, program.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.start.astype(np.int32)
    lp.a_matrix_.index_ = program.index.astype(np.int32)
    lp.a_matrix_.value_ = program.value
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole if flag else real for flag in program.integer.tolist()]
    return lp


def _read(highspy: Any, model: Any, program: Program) -> Solved:
    status = model.getModelStatus()
    info = model.getInfo()
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    optimal = status == highspy.HighsModelStatus.kOptimal
    values = np.array(model.getSolution().col_value, dtype=np.float64) if found else None
    if infeasible:
        return Solved(None, np.inf, False, True)
    if program.integer.any():
        bound = float(info.mip_dual_bound)
    else:
        bound = float(info.objective_function_value) if optimal else -np.inf
    return Solved(values, bound, optimal, False)


def rows_of(*parts: tuple[Ints, Ints, Floats]) -> tuple[Ints, Ints, Floats]:
    """Blocks of compressed rows, one under another."""
    starts = [np.zeros(1, dtype=np.int64)]
    at = 0
    for start, _, _ in parts:
        starts.append(start[1:] + at)
        at += int(start[-1])
    return (
        np.concatenate(starts),
        np.concatenate([index for _, index, _ in parts]),
        np.concatenate([value for _, _, value in parts]),
    )
