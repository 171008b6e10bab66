"""Files that are whole or not there: written beside the target and renamed, with checksums."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from layout.core.errors import OutputError


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal text; of a folder, that of those of its files."""
    if path.is_dir():
        names = sorted(one for one in path.iterdir() if one.is_file())
        return hashlib.sha256("".join(map(sha256, names)).encode()).hexdigest()
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary name beside ``target`` that takes its place when the block ends well.

    Yields
    ------
    Path
        Where to write; it keeps the suffix of ``target``, as drivers choose by it.

    Raises
    ------
    OutputError
        The operating system refused (disk full, no permission); ``target`` is as it was.
    """
    target = Path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
    except OSError as error:
        raise OutputError("error.output_failed", path=target, reason=error.strerror) from error
    partial = folder / target.name
    try:
        yield partial
        if target.is_dir() and partial.is_dir():
            old = folder / "old"
            target.replace(old)
        partial.replace(target)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        reason = error.strerror or str(error)
        raise OutputError("error.output_failed", path=target, reason=reason) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
