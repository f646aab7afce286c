"""The keys of the table: one name for each, and the company at the beginning of every partition (ACC-05)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter
from datetime import date
from types import FunctionType
from typing import Any

import pytest

from comptoir.store import keys
from comptoir.store.record import Key

_COMPANY = "01K0COMPANY"
_THING = f"{_COMPANY}#THING#1"


def _functions() -> list[tuple[str, FunctionType]]:
    modules = [
        importlib.import_module(f"{keys.__name__}.{found.name}") for found in pkgutil.iter_modules(keys.__path__)
    ]
    return [
        (name, value)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, FunctionType)
        and value.__module__ == module.__name__
        and value.__annotations__["return"] != "bool"
    ]


def _made(function: FunctionType) -> Any:
    given = {"int": 1, "date": date(2026, 11, 26), "Key": Key(_THING, "HEAD")}
    named = {"company": _COMPANY, "pk": _THING}
    parameters = inspect.signature(function).parameters.values()
    return function(*(named.get(each.name, given.get(each.annotation, "x")) for each in parameters))


def test_no_two_modules_share_a_name_and_each_is_one_of_the_package() -> None:
    functions = _functions()
    assert [name for name, times in Counter(name for name, _ in functions).items() if times > 1] == []
    assert [name for name, function in functions if getattr(keys, name, None) is not function] == []


_MAKE_PLACES = [function for _, function in _functions() if inspect.signature(function).return_annotation != "bool"]


@pytest.mark.parametrize("function", _MAKE_PLACES, ids=lambda function: function.__name__)
def test_partitions_begin_with_the_company_but_those_of_what_is_due(function: FunctionType) -> None:
    made = _made(function)
    partition = made if isinstance(made, str) else made[0]
    begins = "DUE#" if function.__name__ in ("due", "due_partition", "contract_due") else f"{_COMPANY}#"
    assert partition.startswith(begins)
