"""Values by path as the nested JSON value that they describe, alone or laid over one that exists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

Path = tuple[str | int, ...]
"""A pydantic location: `("contacts", 0, "email")`."""


def nested(values: Mapping[Path, Any]) -> Any:
    """The object that paths describe; numbered steps make lists."""
    root: dict[str | int, Any] = {}
    for path, value in values.items():
        node = root
        for step in path[:-1]:
            node = node.setdefault(step, {})
        node[path[-1]] = value
    return _listed(root)


def laid_over(before: Mapping[str, Any], given: Mapping[Path, Any]) -> Any:
    """An existing JSON value with the values of these paths; the list that a path enters keeps its other elements."""
    root: dict[str, Any] = json.loads(json.dumps(before))
    for path, value in given.items():
        node: Any = root
        for step, following in pairwise(path):
            if isinstance(node, list):
                while len(node) <= int(step):
                    node.append({})
            elif node.get(step) is None:
                node[step] = [] if isinstance(following, int) else {}
            node = node[step]
        if isinstance(node, list):
            last = int(path[-1])
            node[last:] = [value, *node[last + 1 :]]
        else:
            node[path[-1]] = value
    return root


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(isinstance(step, int) for step in node):
        return [_listed(node[step]) for step in sorted(node)]
    return {step: _listed(value) for step, value in node.items()}
