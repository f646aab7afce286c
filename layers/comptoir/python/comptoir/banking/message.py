"""The elements of a message, before they are XML."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """An element: its text, or its children in their order; `currency` is that of an amount."""

    tag: str
    content: str | tuple[Node, ...]
    currency: str | None = None


def node(tag: str, *content: Node | str | None) -> Node | None:
    """An element of what there is; None when there is nothing, because an empty element is refused."""
    parts = [part for part in content if part]
    if not parts:
        return None
    if isinstance(parts[0], str):
        return Node(tag, parts[0])
    return Node(tag, tuple(part for part in parts if isinstance(part, Node)))
