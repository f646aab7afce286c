"""The local AWS: `python -m infra.local.server --port 4566 --state .comptoir/run`.

Serves MiniStack on 127.0.0.1, made durable (see `durability`) and mended (see `mends`). Stops on SIGTERM, on SIGINT,
or, with `--attached`, when the process that started it is gone: what runs is given two seconds, everything is saved,
and the process ends even if a deployment is stuck.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from io import TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

from infra.local.durability import StateUnreadableError, Store
from infra.local.emulator import IncompatibleEmulatorError, load, prepare_environment
from infra.local.executions import Executions
from infra.local.gate import Gate
from infra.local.journal import JournalDamagedError
from infra.local.mends import mend
from infra.local.queues import Queues
from infra.local.retention import Retention
from infra.local.snapshots import write_durably
from infra.local.tables import Tables

logger = logging.getLogger("comptoir.server")

# What `cloud` tells apart when the server does not come up.
EXIT_INCOMPATIBLE, EXIT_STATE_IN_USE, EXIT_PORT_BUSY, EXIT_STATE_UNREADABLE = 3, 4, 5, 6
# Beside the state: who serves it (kept locked), and on which port.
LOCK, ADDRESS = "lock", "address"
_DRAIN_SECONDS = 2.0
_REAP_SECONDS = 3.0


def main(arguments: list[str] | None = None) -> None:
    """Entry point; ends the process with one of the codes above when it can't serve."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.server", description="Comptoir's local AWS")
    parser.add_argument("--port", type=int, default=4566, help="0 chooses a free one; the file `address` tells which")
    parser.add_argument("--state", type=Path, required=True, help="directory that holds everything")
    parser.add_argument("--attached", action="store_true", help="stop when standard input is closed")
    options = parser.parse_args(arguments)
    state: Path = options.state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    with _lock(state), _listen(options.port) as listener:
        try:
            emulator, store = _prepare(state, listener.getsockname()[1])
        except IncompatibleEmulatorError as error:
            _refuse(EXIT_INCOMPATIBLE, str(error))
        except (JournalDamagedError, StateUnreadableError) as error:
            _refuse(EXIT_STATE_UNREADABLE, f"The state can't be read: {error}")
        write_durably(state / ADDRESS, f"{os.getpid()} {listener.getsockname()[1]}\n".encode())
        asyncio.run(_serve(emulator, store, listener, attached=options.attached))


def _prepare(state: Path, port: int) -> tuple[SimpleNamespace, Store]:
    """The emulator, mended, with its state restored, recording from now on."""
    prepare_environment(state, port)
    shutil.rmtree(state / "tmp", ignore_errors=True)
    (state / "tmp").mkdir()
    emulator = load()
    # Saved and restored by us: MiniStack would do it only on a graceful stop, and go on without what it can't read.
    emulator.app.PERSIST_STATE = False
    poll = emulator.lambda_svc._ensure_poller
    emulator.lambda_svc._ensure_poller = lambda: None
    mend(emulator)
    tables = Tables(emulator)
    store = Store(emulator, state / "state", [tables, Queues(emulator), Executions(emulator), Retention(emulator)])
    store.extra_states["streams"] = (tables.stream_state, tables.restore_streams)
    operations = store.load()
    logger.info("State restored; %d operations since the last snapshot", operations)
    # A code file may go only when no snapshot can still ask for it: now, and not each time a state is read.
    emulator.lambda_svc.get_state()
    emulator.lambda_svc._prune_orphan_code_blobs = lambda referenced: None
    store.install()
    emulator.lambda_svc._ensure_poller = poll
    return emulator, store


async def _serve(emulator: SimpleNamespace, store: Store, listener: socket.socket, *, attached: bool) -> NoReturn:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    emulator.hypercorn_compat.install()
    gate, stopping = Gate(emulator, store), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if attached:
        threading.Thread(target=_watch_parent, args=(loop, stopping), daemon=True).start()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"

    async def never() -> None:
        await asyncio.Event().wait()

    trigger: Callable[..., Awaitable[None]] = never
    serving = asyncio.create_task(serve(gate, config, shutdown_trigger=trigger))  # type: ignore[arg-type]
    if emulator.lambda_svc._esms.has_any():
        emulator.lambda_svc._ensure_poller()
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
    await gate.drain(_DRAIN_SECONDS)
    if not store.checkpoint():
        logger.warning("Stopped while a stack was being deployed: the next start undoes what was done of it")
    await store.commit()
    reaper = threading.Thread(target=emulator.lambda_runtime.reset, daemon=True)
    reaper.start()
    reaper.join(_REAP_SECONDS)
    # Threads of a stuck custom resource or of a waiting workflow would keep the interpreter for ever.
    os._exit(0)


def _watch_parent(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(stopping.set)


def _lock(state: Path) -> TextIOWrapper:
    """One server per state; the kernel lifts the lock however the process ends."""
    lock = (state / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        _refuse(EXIT_STATE_IN_USE, f"{state} is in use by another instance (process {lock.read().strip()})")
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _listen(port: int) -> socket.socket:
    """The port, taken before anything is loaded: callers wait in its queue until the state is restored."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        _refuse(EXIT_PORT_BUSY, f"Port {port} can't be opened: {error.strerror}")
    listener.listen(512)
    return listener


def _refuse(code: int, message: str) -> NoReturn:
    print(message, file=sys.stderr, flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
