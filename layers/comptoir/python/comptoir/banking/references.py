"""References that come back in the statement: unique for ever, because they are made from the transfer's own id."""

from __future__ import annotations

import re
from collections.abc import Container

from comptoir.banking.charset import cut, reference
from comptoir.kernel.identity import check97
from comptoir.treasury.items import transfer_references

NOT_PROVIDED = "NOTPROVIDED"
"""What ISO 20022 writes where there is no end-to-end identifier; the one that may repeat."""
_LIMIT = 35
_TAIL = 10
_CREDITOR = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")


def creditor_reference(text: str | None) -> str | None:
    """The ISO 11649 reference (`RF18 5390 0754 7034`) that `text` is, compact, check digits verified; else None."""
    compact = re.sub(r"\s", "", text or "").upper()
    return compact if _CREDITOR.fullmatch(compact) and check97(compact) else None


def end_to_end(number: str | None, transfer: str, taken: Container[str] = ()) -> str:
    """The end-to-end identifier of a transfer that pays the supplier's document `number`.

    It is that number in the letters of banks, so that supplier and statement show it. Where it is
    `taken` by another transfer, too long or not there, what ends it is the transfer's own id, which
    no other has.
    """
    written = plain_reference(number)
    if written and len(written) <= _LIMIT and written != NOT_PROVIDED and written not in taken:
        return written
    if not written:
        return transfer
    return f"{reference(cut(written, _LIMIT - _TAIL - 1))}-{transfer[-_TAIL:]}"


def known_reference(reference: str) -> str:
    """An end-to-end reference as it is held for ever: as statements are compared."""
    return next(iter(transfer_references(reference)), reference)


def plain_reference(number: str | None) -> str:
    """A document's number in the letters of banks, as long as it is."""
    return reference(number or "", limit=200)


def message_id(order: str) -> str:
    """`MsgId` of an order: its id, 26 characters."""
    return order


def payment_id(order: str, label: str | None) -> str:
    """`PmtInfId` of an order: its id, and of its label (*libellé*) what room there is, for the own statement."""
    room = reference(label or "", _LIMIT - len(order) - 1)
    return f"{order}-{room}" if room else order
