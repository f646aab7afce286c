"""The interpreter of state machines does what the states language says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra.asl import AslError, Machine, TaskTimedOut
from tests.infra.asl_lint import problems


def _task(**fields: Any) -> dict[str, Any]:
    call = {"FunctionName": "f", "Payload.$": "$"}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": call, **fields}


def _machine(function: Any = lambda event: event, **states: Any) -> Machine:
    return Machine({"StartAt": next(iter(states)), "States": states}, {"f": function})


def _failing(*errors: Exception) -> Any:
    left = list(errors)

    def function(event: Any) -> Any:
        if left:
            raise left.pop(0)
        return "done"

    return function


def test_data_flow_through_parameters_selector_result_and_output_path() -> None:
    task = _task(
        InputPath="$.inner",
        Parameters={"FunctionName": "f", "Payload": {"a.$": "$.x", "b": [{"c.$": "$$.Execution.Name"}], "d": "$.x"}},
        ResultSelector={"got.$": "$.Payload"},
        ResultPath="$.deep.result",
        OutputPath="$.deep",
        End=True,
    )
    run = _machine(T=task).start({"inner": {"x": 1}}, name="n1")
    assert run.output == {"result": {"got": {"a": 1, "b": [{"c": "n1"}], "d": "$.x"}}}


def test_a_null_result_path_keeps_the_input() -> None:
    assert _machine(T=_task(ResultPath=None, End=True)).start({"x": 1}).output == {"x": 1}


def test_intrinsic_functions() -> None:
    parameters = {
        "text.$": r"States.Format('\{{}\} of {}, it\'s {}', $.x, 'two', $.y)",
        "parsed.$": """States.StringToJson('[1, "a"]')""",
        "merged.$": r"""States.JsonMerge($.y, States.StringToJson(States.Format('\{"z":{}\}', $.x)), false)""",
    }
    run = _machine(P={"Type": "Pass", "Parameters": parameters, "End": True}).start({"x": 1, "y": {"w": "v"}})
    assert run.output == {
        "text": """{1} of two, it's {"w": "v"}""",
        "parsed": [1, "a"],
        "merged": {"w": "v", "z": 1},
    }


def test_a_missing_path_is_an_error_that_can_be_caught() -> None:
    task = _task(
        Parameters={"FunctionName": "f", "Payload.$": "$.absent"},
        Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "End"}],
        End=True,
    )
    run = _machine(T=task, End={"Type": "Succeed"}).start({"x": 1})
    assert run.output["x"] == 1
    assert run.output["e"]["Error"] == "States.ParameterPathFailure"


def test_retriers_count_separately_and_wait_longer_each_time_up_to_a_limit() -> None:
    retry = [
        {"ErrorEquals": ["First"], "IntervalSeconds": 4, "BackoffRate": 3, "MaxAttempts": 3, "MaxDelaySeconds": 20},
        {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1},
    ]
    function = _failing(AslError("First"), AslError("First"), AslError("Second"), AslError("First"))
    run = _machine(function, T=_task(Retry=retry, OutputPath="$.Payload", End=True)).start({})
    assert (run.output, run.delays, run.attempts["T"]) == ("done", [4.0, 12.0, 1.0, 20.0], 5)
    assert run.seconds == 37


def test_full_jitter_waits_at_most_the_delay() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 8, "MaxAttempts": 9, "JitterStrategy": "FULL"}]
    run = _machine(_failing(*[AslError("E")] * 4), T=_task(Retry=retry, End=True)).start({})
    assert all(0 <= delay <= 8 * 2**number for number, delay in enumerate(run.delays))
    assert run.delays != [8.0, 16.0, 32.0, 64.0]


@pytest.mark.parametrize(
    ("names", "error", "caught"),
    [
        (["States.TaskFailed"], "Anything", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", True),
        (["Other"], "Anything", False),
    ],
)
def test_which_errors_a_name_matches(names: list[str], error: str, caught: bool) -> None:
    catch = [{"ErrorEquals": names, "Next": "End"}]
    run = _machine(_failing(AslError(error)), T=_task(Catch=catch, End=True), End={"Type": "Succeed"}).start({})
    assert (run.status == "SUCCEEDED") == caught


def test_an_exception_is_named_by_its_class_as_lambda_does() -> None:
    run = _machine(_failing(KeyError("k")), T=_task(End=True)).start({})
    assert (run.status, run.error) == ("FAILED", "KeyError")
    assert json.loads(run.cause) == {"errorMessage": "'k'", "errorType": "KeyError"}


def test_what_is_not_json_does_not_cross_to_a_function_or_back() -> None:
    assert _machine(lambda event: {1, 2}, T=_task(End=True)).start({}).error == "TypeError"


def test_a_function_can_not_change_the_data_of_the_execution() -> None:
    def function(event: Any) -> None:
        event["x"] = 2

    assert _machine(function, T=_task(ResultPath=None, End=True)).start({"x": 1}).output == {"x": 1}


def test_choice_wait_and_fail() -> None:
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "StringEquals": "a", "Next": "W"}],
            "Default": "F",
        },
        "W": {"Type": "Wait", "Seconds": 60, "Next": "S"},
        "S": {"Type": "Succeed"},
        "F": {"Type": "Fail", "Error": "E", "Cause": "c"},
    }
    waited = _machine(**states).start({"x": "a"})
    assert (waited.status, waited.seconds) == ("SUCCEEDED", 60)
    failed = _machine(**states).start({"x": "b"})
    assert (failed.status, failed.error, failed.cause) == ("FAILED", "E", "c")
    assert _machine(**states).start({}).error == "States.Runtime"


_WAITING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageGroupId": "g", "MessageBody": {"token.$": "$$.Task.Token"}},
    "TimeoutSeconds": 10,
    "End": True,
}


def _waiting(answer: Any, **fields: Any) -> Machine:
    def send(message: dict[str, str]) -> None:
        answer(machine, json.loads(message["MessageBody"])["token"])

    machine = Machine({"StartAt": "T", "States": {"T": {**_WAITING, **fields}}}, queues={"q": send})
    return machine


def test_a_waiting_task_ends_with_its_answer() -> None:
    run = _waiting(lambda m, token: m.tokens.send_task_success(taskToken=token, output='{"a": 1}')).start({})
    assert run.output == {"a": 1}
    run = _waiting(lambda m, token: m.tokens.send_task_failure(taskToken=token, error="E", cause="c")).start({})
    assert (run.error, run.cause) == ("E", "c")


def test_a_waiting_task_without_answer_times_out_and_is_deaf_afterwards() -> None:
    tokens: list[str] = []
    retry = [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    machine = _waiting(lambda m, token: tokens.append(token), Retry=retry)
    run = machine.start({})
    assert (run.error, run.seconds, len(set(tokens))) == ("States.Timeout", 21, 2)
    with pytest.raises(TaskTimedOut):
        machine.tokens.send_task_success(taskToken=tokens[0], output="{}")


def test_a_token_is_answered_once() -> None:
    def twice(machine: Machine, token: str) -> None:
        machine.tokens.send_task_success(taskToken=token, output="1")
        machine.tokens.send_task_success(taskToken=token, output="2")

    assert _waiting(twice).start({}).error == "TaskTimedOut"


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Parallel", "End": True},
        {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": True},
        {"Type": "Pass", "Parameters": {"x.$": "$.a[0]"}, "End": True},
        {"Type": "Pass", "Parameters": {"x.$": "States.UUID()"}, "End": True},
        {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "S"}], "Default": "S"},
    ],
)
def test_what_is_not_supported_says_so(state: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        _machine(S=state).start({"x": 1})


def _map(processor: dict[str, Any], mode: str = "DISTRIBUTED", **fields: Any) -> dict[str, Any]:
    config = {"Mode": mode, "ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {"Mode": mode}
    inner = {"ProcessorConfig": config, "StartAt": next(iter(processor)), "States": processor}
    return {"Type": "Map", "ItemsPath": "$.lanes", "ItemProcessor": inner, "MaxConcurrency": 4, "End": True, **fields}


def _odd(event: Any) -> Any:
    if event["lane"] % 2:
        raise KeyError("odd")
    return event


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
def test_a_map_runs_each_item_with_what_it_selects(mode: str) -> None:
    selector = {"lane.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "day.$": "$.day"}
    state = _map({"T": _task(OutputPath="$.Payload", End=True)}, mode, ItemSelector=selector, ResultPath="$.done")
    run = _machine(M=state).start({"lanes": [7, 9], "day": "d"})
    done = [{"lane": 7, "at": 0, "day": "d"}, {"lane": 9, "at": 1, "day": "d"}]
    assert (run.status, run.output) == ("SUCCEEDED", {"lanes": [7, 9], "day": "d", "done": done})
    assert [child.states for child in run.children] == [["T"], ["T"]]
    assert _machine(M=state).start({"lanes": [], "day": "d"}).output["done"] == []
    assert _machine(M=state).start({"lanes": {}, "day": "d"}).error == "States.Runtime"


@pytest.mark.parametrize(
    ("mode", "tolerated", "status", "error"),
    [
        ("DISTRIBUTED", 50, "SUCCEEDED", ""),
        ("DISTRIBUTED", 49, "FAILED", "States.ExceedToleratedFailureThreshold"),
        ("INLINE", 0, "FAILED", "KeyError"),
    ],
)
def test_items_that_fail_leave_the_others_alone_and_fail_a_map_that_does_not_tolerate_them(
    mode: str, tolerated: int, status: str, error: str
) -> None:
    state = _map({"T": _task(OutputPath="$.Payload", End=True)}, mode, ToleratedFailurePercentage=tolerated)
    run = _machine(_odd, M=state).start({"lanes": [{"lane": lane} for lane in range(4)]})
    assert (run.status, run.error) == (status, error)
    assert [child.status for child in run.children] == ["SUCCEEDED", "FAILED"] * 2
    if status == "SUCCEEDED":
        assert run.output == [{"lane": 0}, {"lane": 2}]


def test_a_map_that_fails_is_caught_and_its_unknown_fields_are_not_passed_over() -> None:
    caught = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "End"}]
    state = _map({"T": _task(End=True)}, Catch=caught)
    run = _machine(_odd, M=state, End={"Type": "Succeed"}).start({"lanes": [{"lane": 1}]})
    assert (run.status, run.output["e"]["Error"]) == ("SUCCEEDED", "States.ExceedToleratedFailureThreshold")
    with pytest.raises(NotImplementedError):
        _machine(M=_map({"T": _task(End=True)}, ItemReader={})).start({"lanes": []})


def test_linting_looks_into_a_map() -> None:
    """What is broken inside is told as it is outside; a Map says how many run at once, and catches."""
    state = _map({"T": _task(Next="Nowhere")})
    del state["MaxConcurrency"]
    told = problems({"StartAt": "M", "States": {"M": state}, "TimeoutSeconds": 9})
    assert {"M has no Catch", "M has no MaxConcurrency", "T has no Retry"} <= set(told)
    assert "T leads to Nowhere, which is not a state" in told
