"""What the emulator does otherwise than AWS, put right: error types, artificial delays, crowds, the schedule's pace."""

from __future__ import annotations

import os
import threading
import time
from types import SimpleNamespace
from typing import Any

# Delays that MiniStack adds: before each execution, and after each Lambda call that logs nothing.
_EXECUTION_DELAY = 0.15
_LOG_WAITS = (0.003, 0.003, 0.25)
_SCHEDULER_SECONDS = 1
# Processes of one function that may start at the same time.
_COLD_STARTS = os.cpu_count() or 1
_POLL_SECONDS = 0.01

_ERROR_REPLY = '"status": "error", "error": str(e), "trace": traceback.format_exc()'
_RAISED_REPLY = '"status": "ok", "raised": type(e).__name__, "error": str(e), "trace": traceback.format_exc()'


def mend(emulator: SimpleNamespace) -> None:
    """Apply all of them; before any function or execution is started."""
    _mend_error_types(emulator)
    _mend_delays(emulator)
    _mend_crowds(emulator)
    emulator.scheduler._SCHEDULE_TICK_INTERVAL = _SCHEDULER_SECONDS


def _mend_error_types(emulator: SimpleNamespace) -> None:
    """`errorType` is the class of the exception, so that Retry and Catch of a workflow match, and a function that
    raised stays warm; both as on AWS."""
    runtime, functions = emulator.lambda_runtime, emulator.lambda_svc
    runtime._PYTHON_WORKER_SCRIPT = runtime._PYTHON_WORKER_SCRIPT.replace(_ERROR_REPLY, _RAISED_REPLY)
    call, execute, last = runtime.Worker.invoke, functions._execute_function_warm, threading.local()

    def invoke(worker: Any, *arguments: Any, **options: Any) -> Any:
        reply = call(worker, *arguments, **options)
        last.raised = reply.get("raised")
        return {**reply, "status": "error"} if last.raised else reply

    def execute_function(func: Any, event: Any, request_id: str) -> Any:
        last.raised = None
        result = execute(func, event, request_id)
        if last.raised and result.get("error"):
            result["body"]["errorType"] = last.raised
        return result

    runtime.Worker.invoke, functions._execute_function_warm = invoke, execute_function


def _mend_delays(emulator: SimpleNamespace) -> None:
    def sleep(seconds: float) -> None:
        if seconds != _EXECUTION_DELAY:
            time.sleep(seconds)

    emulator.stepfunctions.time = SimpleNamespace(**{**vars(time), "sleep": sleep})
    emulator.lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = _LOG_WAITS


def _mend_crowds(emulator: SimpleNamespace) -> None:
    """A burst of calls starts a process for each at once: 64 cold starts on two cores, none of which ends in time.

    Here a call waits while as many processes of its function start as there are cores, and takes one that comes free.
    Nothing waits for a call to end, so that functions that wait for others never block one another.
    """
    runtime, functions = emulator.lambda_runtime, emulator.lambda_svc
    acquire, gate = functions.acquire_worker, threading.Lock()

    def crowded(name: str, config: Any, qualifier: str) -> bool:
        with runtime._lock:
            workers = runtime._workers.get(runtime._worker_key(name, config, qualifier), ())
            starting = sum(worker.in_use and worker._start_time is None for worker in workers)
            return starting >= _COLD_STARTS and all(worker.in_use for worker in workers)

    def acquire_worker(name: str, config: Any, code: bytes, qualifier: str = "$LATEST", **options: Any) -> Any:
        while True:
            with gate:
                if not crowded(name, config, qualifier):
                    return acquire(name, config, code, qualifier=qualifier, **options)
            time.sleep(_POLL_SECONDS)

    functions.acquire_worker = acquire_worker
