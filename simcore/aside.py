"""A second process for a part of the work, begun beforehand: libraries are imported meanwhile.

Who opens it decides that there may be one. What can be shared asks for it, and does all itself
where there is none: in scripts, in worker processes, on one core.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from multiprocessing.connection import wait

from simcore.errors import RunError
from simcore.labels import language, say, use_language
from simcore.threads import cores

_OPEN: ContextVar[Executor | None] = ContextVar("second process", default=None)


def second_process() -> Executor | None:
    """Return the second process if one is open."""
    return _OPEN.get()


@contextmanager
def beside(*modules: str) -> Iterator[None]:
    """Open a second process that imports modules at once; it is ended with the block.

    There is none on one core, and where none can begin. Raises `RunError` if it dies.
    """
    others = multiprocessing.active_children()
    pool = _begun(modules) if cores() > 1 else None
    if pool is None:
        yield
        return
    token = _OPEN.set(pool)
    try:
        yield
    except BrokenProcessPool as error:
        raise RunError(
            say("a worker process died or did not start (killed, or out of memory)")
        ) from error
    finally:
        _OPEN.reset(token)
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child not in others:
                child.kill()


def _begun(modules: tuple[str, ...]) -> ProcessPoolExecutor | None:
    """Begin the process, None where the machine refuses; an interrupt is for the parent alone."""
    alone = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if alone else None
    try:
        context = multiprocessing.get_context(start_method())
        pool = ProcessPoolExecutor(1, context, _begin, (language(), modules))
        pool.submit(int)
    except (OSError, ImportError, NotImplementedError, EOFError, BrokenProcessPool):
        return None
    finally:
        if alone:
            signal.signal(signal.SIGINT, before)
    return pool


def start_method() -> str:
    """Return a way of starting processes that inherits no threads."""
    known = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in known else "spawn"


def end_with_parent() -> None:
    """End this process with the one that gives it work, however that one ended."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _begin(spoken: str, modules: tuple[str, ...]) -> None:
    """Set up the process: an interrupt is the parent's to handle; what is missing is told later."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    use_language(spoken)
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        for name in modules:
            importlib.import_module(name)
