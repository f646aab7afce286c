"""Workflow executions are remembered, those that a stop interrupted by name."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.durability import Store

logger = logging.getLogger("comptoir.executions")


class Executions:
    """Journals an execution when it starts and when it ends; one that was running comes back FAILED, as a Standard
    execution of MiniStack does after a graceful stop. What it had to do is driven again by the product."""

    kind = "execution"

    def __init__(self, emulator: SimpleNamespace) -> None:
        self._workflows: Any = emulator.stepfunctions

    def install(self, store: Store) -> None:
        """Every start and every end is told to EventBridge through one function."""
        announce = self._workflows._emit_execution_status_event

        def announced(execution: Any) -> Any:
            if not execution.get("sync"):
                store.record(self.kind, execution["executionArn"], execution)
            return announce(execution)

        self._workflows._emit_execution_status_event = announced

    def apply(self, arn: str, execution: Any) -> None:
        """Put back one execution as it was last told."""
        region, account = arn.split(":")[3:5]
        self._workflows._executions.set_scoped(account, region, arn, execution)

    def restored(self) -> None:
        """Close what was running."""
        interrupted = []
        for execution in self._workflows._executions.all_values():
            if execution["status"] == "RUNNING":
                execution.update(
                    status="FAILED",
                    stopDate=execution["startDate"],
                    error="States.ServiceRestart",
                    cause="Execution was running when service restarted",
                )
                interrupted.append(execution["name"])
        if interrupted:
            logger.warning("Interrupted by the last stop: %s", ", ".join(interrupted))
