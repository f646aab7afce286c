"""JSONPath references, payload templates and intrinsic functions of the states language, as far as we use them."""

from __future__ import annotations

import copy
import json
import re
from typing import Any


class AslError(Exception):
    """An error under its own name, such as `Lambda.TooManyRequestsException` or `States.Timeout`."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


_TOKEN = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|(-?\d+)|(true|false|null)|(\$[$.\w]*)|(States\.\w+)\(|([(),]))""")


def lookup(path: str, data: Any, context: Any, absent: str = "States.ParameterPathFailure") -> Any:
    """Value at a reference path (`$`, `$.a.b`, `$$.a`); an absent one is the error `absent`."""
    value = context if path.startswith("$$") else data
    if not re.fullmatch(r"\$\$?(\.\w+)*", path):
        raise NotImplementedError(path)
    for name in path.lstrip("$").split(".")[1:]:
        if not isinstance(value, dict) or name not in value:
            raise AslError(absent, f"{path} is not in {json.dumps(data)}")
        value = value[name]
    return copy.deepcopy(value)


def assign(data: Any, path: str | None, value: Any) -> Any:
    """`data` with `value` at a ResultPath; `$` replaces it, null keeps it."""
    if path is None:
        return data
    if path == "$":
        return value
    result = copy.deepcopy(data)
    *parents, last = path.removeprefix("$.").split(".")
    node = result
    for name in parents:
        node = node.setdefault(name, {})
    node[last] = value
    return result


def evaluate(template: Any, data: Any, context: Any) -> Any:
    """A payload template with its `.$` fields computed."""
    if isinstance(template, list):
        return [evaluate(item, data, context) for item in template]
    if not isinstance(template, dict):
        return template
    result = {}
    for key, value in template.items():
        if key.endswith(".$"):
            result[key.removesuffix(".$")] = _expression(value, data, context)
        else:
            result[key] = evaluate(value, data, context)
    return result


def _expression(text: str, data: Any, context: Any) -> Any:
    if text.startswith("$"):
        return lookup(text, data, context)
    value, rest = _parse(text, data, context)
    if rest.strip():
        raise NotImplementedError(text)
    return value


def _parse(text: str, data: Any, context: Any) -> tuple[Any, str]:
    """One argument at the beginning of `text`, and what follows it."""
    match = _TOKEN.match(text)
    if match is None:
        raise NotImplementedError(text)
    rest = text[match.end() :]
    quoted, number, constant, path, function, _ = match.groups()
    if quoted is not None:
        return quoted, rest
    if number or constant:
        return json.loads(number or constant), rest
    if path:
        return lookup(path, data, context), rest
    if not function:
        raise NotImplementedError(text)
    arguments = []
    while not rest.lstrip().startswith(")"):
        argument, rest = _parse(rest.lstrip().removeprefix(","), data, context)
        arguments.append(argument)
    return _call(function, arguments), rest.lstrip()[1:]


def _call(function: str, arguments: list[Any]) -> Any:
    match function:
        case "States.Format":
            template, *values = arguments
            filled = iter(value if isinstance(value, str) else json.dumps(value) for value in values)
            return re.sub(r"\\(.)|\{\}", lambda found: found[1] or next(filled), template)
        case "States.StringToJson":
            return json.loads(arguments[0])
        case "States.JsonMerge":
            first, second, deep = arguments
            if deep:
                raise NotImplementedError("States.JsonMerge merges only the first level")
            return first | second
        case _:
            raise NotImplementedError(function)
