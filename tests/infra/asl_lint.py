"""What neither the emulator nor AWS refuses in a state machine, but must not be."""

from __future__ import annotations

from typing import Any

_ENDS = {"Succeed", "Fail"}


def problems(definition: dict[str, Any]) -> list[str]:
    """Everything wrong with a definition, one sentence each."""
    wrong = _states_problems(definition)
    if "TimeoutSeconds" not in definition:
        wrong.append("the machine has no TimeoutSeconds")
    return sorted(wrong)


def _states_problems(definition: dict[str, Any]) -> list[str]:
    """What is wrong with the states of a machine or of a Map's processor, and with those inside."""
    states: dict[str, Any] = definition["States"]
    wrong = [f"{name} leads to {goal}, which is not a state" for name, goal in _edges(definition) if goal not in states]
    wrong += [f"{name} is never reached" for name in states.keys() - _reached(definition)]
    for name, state in states.items():
        wrong += [f"{name} {sentence}" for sentence in _state_problems(state)]
        if state["Type"] == "Map":
            wrong += _states_problems(state["ItemProcessor"])
    return wrong


def _state_problems(state: dict[str, Any]) -> list[str]:
    wrong = []
    kind = state["Type"]
    if kind == "Choice":
        if "Default" not in state:
            wrong.append("has no Default")
        wrong += ["has a choice without Next" for choice in state["Choices"] if "Next" not in choice]
    elif kind not in _ENDS and ("Next" in state) == state.get("End", False):
        wrong.append("needs either Next or End")
    if kind == "Map":
        wrong += _map_problems(state)
    if kind == "Task":
        wrong += [f"has no {field}" for field in ("Retry", "Catch", "TimeoutSeconds") if field not in state]
        wrong += [sentence for retrier in state.get("Retry", []) for sentence in _retry_problems(retrier)]
        if not any("States.ALL" in catcher["ErrorEquals"] for catcher in state.get("Catch", [])):
            wrong.append("catches not every error")
        if not {"States.TaskFailed", "States.Timeout"} <= {e for r in state.get("Retry", []) for e in r["ErrorEquals"]}:
            wrong.append("does not retry failures and timeouts")
    return wrong


def _map_problems(state: dict[str, Any]) -> list[str]:
    wrong = [] if "Catch" in state else ["has no Catch"]
    if not isinstance(state.get("MaxConcurrency"), int) or state["MaxConcurrency"] < 1:
        wrong.append("has no MaxConcurrency")
    distributed = state["ItemProcessor"].get("ProcessorConfig", {})
    if distributed.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in distributed:
        wrong.append("has no ExecutionType")
    return wrong


def _retry_problems(retrier: dict[str, Any]) -> list[str]:
    wrong = [
        f"retries without {field}"
        for field in ("IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds", "JitterStrategy")
        if field not in retrier
    ]
    if retrier.get("BackoffRate", 2) <= 1:
        wrong.append("retries without backing off")
    if retrier.get("JitterStrategy", "FULL") != "FULL":
        wrong.append("retries without jitter")
    return wrong


def _edges(definition: dict[str, Any]) -> list[tuple[str, str]]:
    edges = [("StartAt", definition["StartAt"])]
    for name, state in definition["States"].items():
        goals = [state.get("Next"), state.get("Default")]
        goals += [branch.get("Next") for branch in (*state.get("Choices", []), *state.get("Catch", []))]
        edges += [(name, goal) for goal in goals if goal]
    return edges


def _reached(definition: dict[str, Any]) -> set[str]:
    edges = _edges(definition)
    reached = {definition["StartAt"]}
    while more := {goal for name, goal in edges if name in reached} - reached:
        reached |= more
    return reached
