"""The two halves of rendering a purchase order, each safe to run twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comptoir.access.context import Services
from comptoir.docbase.items import file
from comptoir.docbase.model import FileKind
from comptoir.orders.items import PURCHASE_ORDER, PURCHASE_ORDER_LINES
from comptoir.orders.model import QuoteFile, QuoteStatus
from comptoir.orders.purchase_order import PurchaseOrderSnapshot
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.transaction import Transaction

Event = Mapping[str, Any]
_TITLES = {
    Language.FRENCH: "Bon de commande",
    Language.ENGLISH: "Purchase order",
    Language.SPANISH: "Orden de compra",
    Language.GERMAN: "Bestellung",
}


def _own(event: Event) -> tuple[str, str, str, int]:
    return event["company"], event["order"], event["supplier"], event["version"]


def purchase_order_to_render(services: Services, event: Event) -> PurchaseOrderSnapshot:
    """The frozen content of a version of a purchase order, lines included. Errors: `NotFound`."""
    own = _own(event)
    issued = services.store.require(PURCHASE_ORDER, keys.purchase_order(*own)).value
    wanted = [keys.purchase_order_lines(*own, number) for number in range(issued.chunks)]
    found = services.store.backend.get(wanted)
    lines = (line for key in wanted for line in PURCHASE_ORDER_LINES.load(found[key]).lines)
    return issued.snapshot.change(lines=tuple(lines))


def purchase_order_rendered(services: Services, event: Event, key: str, sha256: str, size: int) -> None:
    """Put a version into the document base of its order (DOC-01); the first file stays. Errors: `NotFound`."""
    own = _own(event)
    place = keys.purchase_order(*own)

    def work(tx: Transaction) -> None:
        issued = tx.require(PURCHASE_ORDER, place)
        if issued.status is not QuoteStatus.PENDING:
            return
        identifier = services.ids.new()
        made = QuoteFile(key=key, sha256=sha256, size=size, file=identifier)
        tx.put(PURCHASE_ORDER, place, issued.change(status=QuoteStatus.READY, file=made))
        file(
            tx,
            own[0],
            identifier,
            issued.owner,
            issued.order,
            FileKind.PURCHASE_ORDER,
            title=f"{_TITLES[issued.language]} {issued.number}",
            number=issued.number,
            comment=issued.comment,
            language=issued.language,
            author=issued.author,
            created_at=issued.created_at,
            version=issued.version,
            sha256=sha256,
            size=size,
            key=key,
            party=issued.supplier,
            contact=issued.snapshot.contact,
        )

    services.store.transact(work)
