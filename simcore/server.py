"""The server of the live page: on this machine alone, a session for every browser tab."""

from __future__ import annotations

import contextlib
import socket
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simcore.errors import InputError, RunError
from simcore.labels import LANGUAGES, language, say
from simcore.live import Live
from simcore.live_page import Page
from simcore.threads import one_thread

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")


def refuse_missing() -> None:
    """Raise `RunError` if what the page is made with is not installed."""
    try:
        import bokeh  # noqa: F401
        import panel  # noqa: F401
    except ImportError as error:
        raise RunError(say("simcore serve needs Panel: pip install 'simcore[app]'")) from error


def free_port(port: int) -> int:
    """Return a port that can be listened on, any one for 0; raises `InputError` if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            text = say("port {port} cannot be used: {reason}", port=port, reason=error.strerror)
            raise InputError(text) from error
        return int(probe.getsockname()[1])


def serve(
    live: Live, output: Path, *, port: int = 5006, show: bool = False,
    ready: Callable[[str], None] = lambda address: None,
) -> None:  # fmt: skip
    """Serve the page until the process is interrupted; ``ready`` is told its address.

    Listens on the loopback address alone and takes web sockets of its own pages alone. The linear
    algebra has one thread as long as it runs, as in any run.
    """
    with one_thread():
        server = listen(live, output, port)
        ready(f"http://{ADDRESS}:{server.port}/")
        live.prepare_centring()
        if show:
            server.io_loop.add_callback(server.show, "/")
        try:
            with contextlib.suppress(KeyboardInterrupt):
                server.io_loop.start()
        finally:
            server.stop()


def listen(live: Live, output: Path, port: int) -> Any:
    """Return a server that listens; its loop is to be started.

    Raises `InputError` if the port cannot be used.
    """
    refuse_missing()
    import panel as pn

    # Browsers name parts again that the server has sent: no news for who runs the command.
    warnings.filterwarnings("ignore", "reference already known")
    port, first = free_port(port), language()

    def page() -> Any:
        return Page(live, output, _asked(pn.state.session_args) or first).template()

    return pn.io.server.get_server(
        {"/": page}, port=port, address=ADDRESS, start=False, show=False, verbose=False,
        websocket_origin=[f"{name}:{port}" for name in NAMES], title="simcore",
    )  # fmt: skip


def _asked(arguments: dict[str, list[bytes]]) -> str | None:
    """Return the language that the address asks for, ``?lang=zh``, if it is one."""
    wanted = [value.decode(errors="replace") for value in arguments.get("lang", [])]
    return next((name for name in wanted if name in LANGUAGES), None)
