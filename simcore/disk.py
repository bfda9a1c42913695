"""Files that can fail: a full disk, a damaged file; said in one line that names the file."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path

from simcore.errors import RunError, SimcoreError, system_reason
from simcore.labels import say

WITHOUT_RESERVATION = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)
"""what a file system says that cannot set room aside"""
WITHOUT_SYNC = (errno.EINVAL, errno.EBADF, errno.EOPNOTSUPP)
"""what a file system says that keeps no folders on a disk"""
MADE_BY_DAMAGE = (LookupError, ValueError, TypeError, AttributeError, RuntimeError)
"""what reading a damaged file ends in, beside an `OSError`"""
READERS = frozenset({"h5py", "h5netcdf", "json"})
"""the libraries that read results and what is noted in them"""
OWN = __name__.partition(".")[0]


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
    """Turn what damaged files make of reading them into a `RunError` that names them.

    For a block that reads and does no more: whatever goes wrong in it is taken for the file's
    fault. A block that also works with what it reads stands in `working_on`.
    """
    try:
        yield
    except SimcoreError:
        raise
    except (OSError, *MADE_BY_DAMAGE) as error:
        raise _damaged(paths, error) from error


@contextlib.contextmanager
def working_on(*paths: Path) -> Iterator[None]:
    """Turn what the libraries that read files raise into a `RunError` that names the files.

    For a block that works with values that are read when they are asked for. An error that arises
    in the work itself is no fault of a file: it passes as it is.
    """
    try:
        yield
    except SimcoreError:
        raise
    except (OSError, *MADE_BY_DAMAGE) as error:
        if not _raised_by_reading(error):
            raise
        raise _damaged(paths, error) from error


def _damaged(paths: tuple[Path, ...], error: Exception) -> RunError:
    names = ", ".join(map(str, paths))
    if isinstance(error, OSError):
        reason = reason_of(error)
    else:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
    return RunError(say("{names}: is damaged: {reason}", names=names, reason=reason))


def _raised_by_reading(error: BaseException) -> bool:
    """Return whether an error arose in a library that reads files, called by simcore or not.

    What counts are the calls below the last one of simcore: a library may call simcore back.
    """
    calls = [
        str(frame.f_globals.get("__name__", "")).partition(".")[0]
        for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    below = calls[::-1].index(OWN) if OWN in calls else len(calls)
    return not READERS.isdisjoint(calls[len(calls) - below :])


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
