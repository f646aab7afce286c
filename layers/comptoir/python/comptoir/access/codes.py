"""Codes that a company gives to its parties and references: each held by one of them at a time.

The code is an item of its own, written in the transaction of its owner. A code that is given up
keeps its item without an owner, since nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from comptoir.kernel.errors import Breach, Conflict, Refused
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction

N = TypeVar("N")


class CodeOwner(Model):
    """Who holds a code; nobody once it was given up. While an import changes the owner, `held` names the import."""

    owner: Id | None
    held: Id | None = None


CODE = Kind("code", CodeOwner)


class CodeTaken(Refused):
    """Base of the named errors of a code that something else holds; `pointer` is its field."""

    status = 409
    pointer = "/code"
    code = "code_taken"
    fr = "Ce code est déjà pris."
    en = "This code is already taken."

    def __init__(self) -> None:
        cls = type(self)
        super().__init__([Breach(code=cls.code, fr=cls.fr, en=cls.en, pointer=cls.pointer)])


class BeingImported(Conflict):
    """An import that was checked against this thing is about to change it."""

    code = "being_imported"
    fr = "Un import en cours modifie cet élément ; réessayez dans un instant."
    en = "An import under way changes this element; try again in a moment."


def demand_free(tx: Transaction, key: Key) -> None:
    """Errors: `BeingImported` while an import holds the thing whose code lies under `key`."""
    holder = tx.get(CODE, key)
    if holder and holder.held:
        raise BeingImported()
    tx.check(key)


def claim(tx: Transaction, key: Key, owner: str, taken: CodeTaken) -> None:
    """Give the code under `key` to `owner`. Errors: `taken` when something else holds it."""
    holder = tx.get(CODE, key)
    if holder and holder.owner not in (None, owner):
        raise taken
    # Not `create`: if two claim at once, the second runs again and then sees who holds the code.
    tx.put(CODE, key, CodeOwner(owner=owner))


def release(tx: Transaction, key: Key, owner: str) -> None:
    """Give the code up, if `owner` holds it."""
    holder = tx.get(CODE, key)
    if holder and holder.owner == owner:
        tx.put(CODE, key, CodeOwner(owner=None))


def recode(tx: Transaction, before: Key, after: Key, owner: str, taken: CodeTaken) -> None:
    """Give one code up and take another, if it is another. Errors: as `claim`."""
    if before != after:
        release(tx, before, owner)
        claim(tx, after, owner, taken)


def owners(tx: Transaction, places: Mapping[N, Key]) -> dict[N, str]:
    """Who holds which of these codes, by the same names; free ones are left out."""
    return {name: holder.owner for name, holder in tx.several(CODE, places).items() if holder.owner}
