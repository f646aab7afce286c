"""Runs a JSONPath state machine against Python callables, with a clock that does not wait.

Faithful for what our definitions use, and `NotImplementedError` for anything else, so that a test never passes by luck:
Task (`lambda:invoke`, `sqs:sendMessage.waitForTaskToken`), Choice, Pass, Wait, Succeed, Fail, Map over an array, inline
or distributed, whose items are runs of their own, one after the other; Retry with its own count for each retrier,
back-off, MaxDelaySeconds and full jitter; Catch; InputPath, Parameters, ResultSelector, ResultPath, OutputPath; the
context object; States.Format, States.StringToJson and States.JsonMerge.

    machine = Machine.load(path, {"StepsFunctionArn": "steps"}, {"steps": handler}, {})
    run = machine.start({"company": "c1"}, name="issue-d1-1")
    assert run.status == "SUCCEEDED" and run.states == ["Check", "Checked"]
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.infra.asl_paths import AslError, assign, evaluate, lookup

Invoke = Callable[[Any], Any]
"""A function: payload in, result out; an exception is the error that Lambda would report."""
Send = Callable[[dict[str, str]], None]
"""A queue: takes QueueUrl, MessageGroupId and MessageBody (JSON text); the token is answered in `Machine.tokens`."""

__all__ = ["AslError", "Machine", "Run", "TaskTimedOut", "Tokens"]
_MAP_FIELDS = {
    *("Type", "Comment", "InputPath", "ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency", "Label"),
    *("ToleratedFailurePercentage", "ResultSelector", "ResultPath", "OutputPath", "Retry", "Catch", "Next", "End"),
}
_NEVER_CAUGHT = ("States.Runtime", "States.DataLimitExceeded")


class TaskTimedOut(Exception):
    """The token was answered already, or its task waits no more."""


@dataclass
class Tokens:
    """Answers to waiting tasks, with the signatures of the Step Functions client of boto3."""

    waiting: set[str] = field(default_factory=set)
    answers: dict[str, tuple[bool, str, str]] = field(default_factory=dict)

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:
        """Give the result of the task, a JSON text."""
        return self._answer(taskToken, (True, json.dumps(json.loads(output)), ""))

    def send_task_failure(self, *, taskToken: str, error: str = "", cause: str = "") -> dict[str, Any]:
        """Fail the task."""
        return self._answer(taskToken, (False, error, cause))

    def _answer(self, token: str, answer: tuple[bool, str, str]) -> dict[str, Any]:
        if token not in self.waiting:
            raise TaskTimedOut(token)
        self.waiting.discard(token)
        self.answers[token] = answer
        return {}


@dataclass
class Run:
    """One execution: `states` in the order entered, `attempts` of each task, `seconds` on the fake clock.

    `children` are the runs of the items of its Maps, in the order of the items.
    """

    name: str
    input: Any
    status: str = "RUNNING"
    output: Any = None
    error: str = ""
    cause: str = ""
    states: list[str] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    seconds: float = 0.0
    children: list[Run] = field(default_factory=list)


@dataclass
class Machine:
    """A definition whose resources are callables: `functions` by FunctionName, `queues` by QueueUrl."""

    definition: dict[str, Any]
    functions: Mapping[str, Invoke] = field(default_factory=dict)
    queues: Mapping[str, Send] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    @classmethod
    def load(
        cls, path: Path, substitutions: Mapping[str, str], functions: Mapping[str, Invoke], queues: Mapping[str, Send]
    ) -> Machine:
        """Read a definition and put the substitutions in place; one that is missing is a `KeyError`."""
        text = re.sub(r"\$\{(\w+)\}", lambda match: substitutions[match[1]], path.read_text("utf-8"))
        return cls(json.loads(text), functions, queues)

    def start(self, input: Any, name: str = "run") -> Run:
        """Run to the end."""
        return self._run(Run(name, copy.deepcopy(input)), self.definition, {})

    def _run(self, run: Run, definition: Mapping[str, Any], item: Mapping[str, Any]) -> Run:
        """Run a definition, or the processor of a Map's `item`, to the end."""
        state, data = definition["StartAt"], copy.deepcopy(run.input)
        try:
            while state:
                run.states.append(state)
                context = {
                    "Execution": {"Id": f"arn:aws:states:execution:{run.name}", "Input": run.input, "Name": run.name},
                    "State": {"Name": state},
                    **item,
                }
                state, data = self._enter(run, definition["States"][state], data, context)
            run.status, run.output = "SUCCEEDED", data
        except AslError as error:
            run.status, run.error, run.cause = "FAILED", error.error, error.cause
        return run

    def _enter(self, run: Run, state: dict[str, Any], data: Any, context: dict[str, Any]) -> tuple[str | None, Any]:
        match state["Type"]:
            case "Task" | "Map":
                return self._task(run, state, data, context)
            case "Choice":
                return self._choose(state, self._shape(state, data, context)), data
            case "Pass":
                shaped = self._shape(state, data, context)
                result = state.get("Result", shaped)
                return state.get("Next"), self._leave(state, data, result)
            case "Wait":
                run.seconds += state["Seconds"]
                return state.get("Next"), data
            case "Succeed":
                return None, self._leave(state, data, self._shape(state, data, context))
            case "Fail":
                raise AslError(state.get("Error", ""), state.get("Cause", ""))
            case other:
                raise NotImplementedError(other)

    def _task(self, run: Run, state: dict[str, Any], data: Any, context: dict[str, Any]) -> tuple[str | None, Any]:
        retried = [0] * len(state.get("Retry", []))
        name = context["State"]["Name"]
        while True:
            run.attempts[name] = run.attempts.get(name, 0) + 1
            context["Task"] = {"Token": f"{run.name}/{name}/{run.attempts[name]}"}
            try:
                if state["Type"] == "Map":
                    result = self._map(run, state, lookup(state.get("InputPath", "$"), data, context), context)
                else:
                    result = self._perform(run, state, self._shape(state, data, context), context)
                if "ResultSelector" in state:
                    result = evaluate(state["ResultSelector"], result, context)
                return state.get("Next"), self._leave(state, data, result)
            except AslError as error:
                delay = self._delay(state, error.error, retried)
                if delay is not None:
                    run.delays.append(delay)
                    run.seconds += delay
                    continue
                for catcher in state.get("Catch", []):
                    if _matches(catcher["ErrorEquals"], error.error):
                        caught = {"Error": error.error, "Cause": error.cause}
                        return catcher["Next"], assign(data, catcher.get("ResultPath", "$"), caught)
                raise

    def _perform(self, run: Run, state: dict[str, Any], parameters: Any, context: dict[str, Any]) -> Any:
        resource = state["Resource"].removeprefix("arn:aws:states:::")
        if resource == "lambda:invoke":
            return {
                "StatusCode": 200,
                "Payload": _call(self.functions[parameters["FunctionName"]], parameters["Payload"]),
            }
        if resource != "sqs:sendMessage.waitForTaskToken":
            raise NotImplementedError(resource)
        token = context["Task"]["Token"]
        self.tokens.waiting.add(token)
        message = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
        _call(self.queues[parameters["QueueUrl"]], message)
        if token not in self.tokens.answers:
            self.tokens.waiting.discard(token)
            run.seconds += state["TimeoutSeconds"]
            raise AslError("States.Timeout")
        succeeded, first, second = self.tokens.answers[token]
        if not succeeded:
            raise AslError(first, second)
        return json.loads(first)

    def _map(self, run: Run, state: dict[str, Any], data: Any, context: dict[str, Any]) -> list[Any]:
        """The outputs of the items that succeeded, in their order. More failures than are tolerated fail the Map."""
        if unknown := state.keys() - _MAP_FIELDS:
            raise NotImplementedError(", ".join(sorted(unknown)))
        items = lookup(state.get("ItemsPath", "$"), data, context)
        if not isinstance(items, list):
            raise AslError("States.Runtime", "a Map needs an array")
        children = []
        for number, item in enumerate(items):
            own = {"Map": {"Item": {"Index": number, "Value": item}}}
            given = evaluate(state["ItemSelector"], data, {**context, **own}) if "ItemSelector" in state else item
            children.append(self._run(Run(f"{run.name}/{number}", given), state["ItemProcessor"], own))
        run.children += children
        run.seconds += max((child.seconds for child in children), default=0.0)
        failed = [child for child in children if child.status == "FAILED"]
        if failed and state["ItemProcessor"].get("ProcessorConfig", {}).get("Mode") != "DISTRIBUTED":
            raise AslError(failed[0].error, failed[0].cause)
        if len(failed) * 100 > state.get("ToleratedFailurePercentage", 0) * len(children):
            raise AslError("States.ExceedToleratedFailureThreshold", failed[0].error)
        return [child.output for child in children if child.status == "SUCCEEDED"]

    def _delay(self, state: dict[str, Any], error: str, retried: list[int]) -> float | None:
        """Seconds to wait before the next attempt, `None` when the first retrier that matches is used up."""
        for number, retrier in enumerate(state.get("Retry", [])):
            if _matches(retrier["ErrorEquals"], error):
                if retried[number] >= retrier.get("MaxAttempts", 3):
                    return None
                delay = float(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** retried[number])
                retried[number] += 1
                delay = min(delay, retrier.get("MaxDelaySeconds", delay))
                return self.chance.uniform(0, delay) if retrier.get("JitterStrategy") == "FULL" else delay
        return None

    @staticmethod
    def _shape(state: dict[str, Any], data: Any, context: dict[str, Any]) -> Any:
        shaped = lookup(state.get("InputPath", "$"), data, context)
        return evaluate(state["Parameters"], shaped, context) if "Parameters" in state else shaped

    @staticmethod
    def _leave(state: dict[str, Any], data: Any, result: Any) -> Any:
        return lookup(state.get("OutputPath", "$"), assign(data, state.get("ResultPath", "$"), result), {})

    @staticmethod
    def _choose(state: dict[str, Any], data: Any) -> str:
        for choice in state["Choices"]:
            [operator] = choice.keys() - {"Variable", "Next", "Comment"}
            if operator != "StringEquals":
                raise NotImplementedError(operator)
            value = lookup(choice["Variable"], data, {}, absent="States.Runtime")
            if isinstance(value, str) and value == choice[operator]:
                return str(choice["Next"])
        if "Default" not in state:
            raise AslError("States.NoChoiceMatched")
        return str(state["Default"])


def _matches(names: list[str], error: str) -> bool:
    if error in names:
        return True
    if error in _NEVER_CAUGHT:
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")


def _call(function: Callable[[Any], Any], payload: Any) -> Any:
    """Cross the JSON border both ways, and name an exception as Lambda does: by its class."""
    try:
        return json.loads(json.dumps(function(json.loads(json.dumps(payload)))))
    except AslError:
        raise
    except Exception as error:
        cause = {"errorMessage": str(error), "errorType": type(error).__name__}
        raise AslError(type(error).__name__, json.dumps(cause)) from error
