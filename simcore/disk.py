"""Files that can fail: a full disk, a damaged file; said in one line that names the file."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from simcore.errors import RunError, SimcoreError, system_reason
from simcore.labels import say

WITHOUT_RESERVATION = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)
"""what a file system says that cannot set room aside"""
WITHOUT_SYNC = (errno.EINVAL, errno.EBADF, errno.EOPNOTSUPP)
"""what a file system says that keeps no folders on a disk"""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure of writing a result into a `RunError` of one line."""
    try:
        yield
    except OSError as error:
        raise RunError(
            say(
                "{path}: the result cannot be written: {reason}", path=path, reason=reason_of(error)
            )
        ) from error


@contextlib.contextmanager
def reading(*paths: Path) -> Iterator[None]:
    """Turn what damaged files make of reading them into a `RunError` that names them."""
    names = ", ".join(map(str, paths))
    try:
        yield
    except SimcoreError:
        raise
    except OSError as error:
        raise RunError(
            say("{names}: is damaged: {reason}", names=names, reason=reason_of(error))
        ) from error
    except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise RunError(say("{names}: is damaged: {reason}", names=names, reason=reason)) from error


def reason_of(error: OSError) -> str:
    """Return why the system refused, in a few words; HDF5 hides it in a long text.

    >>> reason_of(OSError("Can't write (file write failed: fd = 3, errno = 28, error message = …)"))
    'No space left on device'
    """
    hidden = re.search(r"errno = (\d+)", str(error))
    if hidden:
        return system_reason(OSError(int(hidden[1]), os.strerror(int(hidden[1]))))
    return system_reason(error)


def refuse_full(path: Path, size: int) -> None:
    """Raise `RunError` if the disk of a file has no room for so many more bytes."""
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free
    if free < size:
        raise RunError(say(
            "{path}: the result cannot be written: {size} MB are needed, {free} MB are free",
            path=path, size=_megabytes(size), free=_megabytes(free),
        ))  # fmt: skip


def reserve(part: Path, image: bytes | memoryview, size: int) -> None:
    """Write the beginning of a new file and `set_aside` room for the rest, [bytes] in all.

    What had the name before is let go: nobody who still has it open writes to the new file.
    """
    part.unlink(missing_ok=True)
    part.write_bytes(image)
    set_aside(part, max(size, len(image)))


def set_aside(part: Path, size: int) -> None:
    """Set room aside for a file of ``size`` [bytes].

    A full disk is met here, where it is an `OSError` and no more: HDF5 could neither write nor
    close a file that has no room. It cuts off what it does not use when it closes the file.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with part.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno not in WITHOUT_RESERVATION:
                raise


def put_in_place(part: Path, place: Path) -> None:
    """Give a finished file its name, once its content is on the disk; it may replace another.

    After a power cut the old file or the whole new one is there. Blocks need no such care: their
    checksums find what was lost, and it is computed again.
    """
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    os.replace(part, place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too, before the blocks that the file was made of may go
    except OSError as error:
        if error.errno not in WITHOUT_SYNC:
            raise
    finally:
        os.close(folder)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}"
