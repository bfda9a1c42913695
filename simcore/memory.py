"""Memory of blocks: what one block frees, the next one takes, without asking the system."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of mallopt's parameters in glibc's malloc.h
KEPT = 1 << 29  # bytes free at the top of the heap that are not given back
LARGEST = 1 << 25  # bytes from which an array is a mapping of its own; glibc takes no more


def keep_freed() -> bool:
    """Let the C library keep freed arrays for the next ones; returns whether it does so.

    By default glibc gives arrays of a block's size back to the system at once, and the next one
    costs a page fault for every 4096 bytes, more than computing what is written there. Another C
    library is left as it is.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST) and mallopt(TRIM_THRESHOLD, KEPT))
