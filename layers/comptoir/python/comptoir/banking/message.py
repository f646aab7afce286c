"""The elements of a message, before they are XML."""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """An element: its text, or its children in their order; `currency` is that of an amount."""

    tag: str
    content: str | tuple[Node, ...]
    currency: str | None = None


def node(tag: str, *content: Node | str | None) -> Node | None:
    """An element of what there is; None when there is nothing, because an empty element is refused."""
    parts = tuple(part for part in content if part)
    if not parts:
        return None
    first = parts[0]
    return Node(tag, first) if isinstance(first, str) else Node(tag, parts)  # type: ignore[arg-type]
