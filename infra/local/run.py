"""`make run` and `make demo`: the whole product on this machine.

`up` keeps its data in the state folder and stays until Ctrl-C; `demo` begins from nothing, plays the main job, stops.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.local.cloud import Cloud, Scenario, deploy, local_aws
from infra.local.progress import Lines
from infra.local.supervisor import DEFAULT_PORT, ROOT, LocalAws, LocalAwsError, exclusive
from infra.local.tools import synthesise, up_to_date

_PORT_VARIABLE = "COMPTOIR_PORT"


def main(arguments: list[str] | None = None) -> int:
    """Entry point; 0 when all went well, 1 with one clear message when not, 130 when interrupted before it was up."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.run", description="Comptoir on this machine")
    parser.add_argument("what", choices=("up", "demo"), help="stay up with lasting data, or play the job once and stop")
    parser.add_argument("--port", type=int, default=_default_port(), help=f"or {_PORT_VARIABLE}; 0 chooses a free one")
    parser.add_argument("--state", type=Path, default=ROOT / ".comptoir", help="folder of the data")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder of the documents")
    options = parser.parse_args(arguments)
    # A polite kill ends like Ctrl-C: the data are saved.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell that started it in the background had it ignore Ctrl-C, which must stop it all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _run(options.what, options.port, options.state.resolve(), options.out.resolve())
    except LocalAwsError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    return 0


def _run(what: str, port: int, root: Path, out: Path) -> None:
    progress = Lines()
    scenario: Scenario = importlib.import_module("infra.local.demo").play
    with progress.step("Stack unchanged" if up_to_date() else "Synthesise the stack"):
        assembly = synthesise()
    state = root / ("run" if what == "up" else "demo")
    if what == "demo" and state.exists():
        with exclusive(state):
            shutil.rmtree(state)
    out.mkdir(parents=True, exist_ok=True)
    with _started(progress, state, port) as aws:
        with progress.step("Deploy"):
            cloud = deploy(aws, assembly, progress)
        shown = scenario(cloud, out, progress)
        _show(cloud, out, shown)
        if what == "up":
            _stay(aws)


@contextmanager
def _started(progress: Lines, state: Path, port: int) -> Iterator[LocalAws]:
    """The local AWS, its start and its stop shown as steps."""
    with ExitStack() as stack:
        with progress.step("Start the local AWS"):
            aws = stack.enter_context(local_aws(state, port))
        try:
            yield aws
        finally:
            with progress.step("Save and stop"):
                stack.close()


def _show(cloud: Cloud, out: Path, shown: Mapping[str, str]) -> None:
    lines = {"API": cloud.api_url, "Local AWS": cloud.endpoint, "Documents": str(out), **shown}
    width = max(map(len, lines))
    print("\n" + "\n".join(f"  {label:<{width}}  {text}" for label, text in lines.items()) + "\n", flush=True)


def _stay(aws: LocalAws) -> None:
    try:
        print("Up. Ctrl-C stops it; the data stay.", flush=True)
        code = aws.wait()
    except KeyboardInterrupt:
        print(flush=True)
        return
    raise LocalAwsError(f"The local AWS ended by itself (code {code}); see {aws.log}")


def _default_port() -> int:
    text = os.environ.get(_PORT_VARIABLE, "")
    if text and not text.isdecimal():
        sys.exit(f"{_PORT_VARIABLE} must be a port number, not {text!r}")
    return int(text or DEFAULT_PORT)


if __name__ == "__main__":
    sys.exit(main())
