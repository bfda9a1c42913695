"""Files that can fail: a full disk, a damaged file; said in one line that names the file."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from simcore.errors import RunError, SimcoreError

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
        raise RunError(f"{path}: the result cannot be written: {reason_of(error)}") from error


@contextlib.contextmanager
def reading(*paths: Path) -> Iterator[None]:
    """Turn what damaged files make of reading them into a `RunError` that names them."""
    names = ", ".join(map(str, paths))
    try:
        yield
    except SimcoreError:
        raise
    except OSError as error:
        raise RunError(f"{names}: is damaged: {reason_of(error)}") from error
    except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise RunError(f"{names}: is damaged: {reason}") from error


def reason_of(error: OSError) -> str:
    """Return why the system refused, in a few words; HDF5 hides it in a long text.

    >>> reason_of(OSError("Can't write (file write failed: fd = 3, errno = 28, error message = …)"))
    'No space left on device'
    """
    hidden = re.search(r"errno = (\d+)", str(error))
    if hidden:
        return os.strerror(int(hidden[1]))
    return (error.strerror or str(error) or type(error).__name__).splitlines()[0]


def refuse_full(path: Path, size: int) -> None:
    """Raise `RunError` if the disk of a file has no room for so many more bytes."""
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free
    if free < size:
        raise RunError(
            f"{path}: the result cannot be written: {_megabytes(size)} MB are needed, "
            f"{_megabytes(free)} MB are free"
        )


def reserve(part: Path, image: bytes | memoryview, size: int) -> None:
    """Write the beginning of a file and set room aside for the rest, [bytes] in all.

    A full disk is met here, where it is an `OSError` and no more: HDF5 could neither write nor
    close a file that has no room. It cuts off what it does not use.
    """
    part.write_bytes(image)
    if not hasattr(os, "posix_fallocate"):
        return
    with part.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, max(size, len(image)))
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
