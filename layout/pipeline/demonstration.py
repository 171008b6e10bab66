"""The demonstration study: the synthetic city, run the whole way, made where it is not there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from layout import __version__
from layout.core.errors import StudyError
from layout.readers.study import read_study

FIRMS = 20_000
SEED = 1


def is_current(folder: Path) -> bool:
    """Whether ``folder`` holds a demonstration study of this version of the program."""
    try:
        manifest = read_study(folder).manifest
    except StudyError:
        return False
    return manifest.synthetic and manifest.version == __version__


def ensure_demonstration(folder: Path, echo: Callable[[str], None] | None = None) -> Path:
    """The demonstration study in ``folder``, built if it is not there or of another version.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    if is_current(folder):
        return folder
    from layout.demo.city import write_city
    from layout.pipeline.inputs import read_inputs
    from layout.pipeline.run import run

    if echo:
        echo(f"Building the synthetic demonstration city ({FIRMS:,} firms); about a minute.")
    with tempfile.TemporaryDirectory(prefix="layout-demo-") as scratch:
        write_city(Path(scratch), firms=FIRMS, seed=SEED)
        run(read_inputs(Path(scratch)), folder)
    return folder
