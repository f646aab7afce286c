"""The purchase order as it was issued: a frozen copy of what its PDF prints (CNF-03, SUP-01)."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from comptoir.catalogue.pricing import PricedLine, Totals
from comptoir.docbase.model import Owner
from comptoir.docbase.template import Appearance
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders.model import QuoteFile, QuoteStatus
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.treasury.model import Instalment


class PurchaseOrderSnapshot(Model):
    """One version of a purchase order (*bon de commande*).

    `company` orders from `supplier`. `number` is that of the order with the rank of the supplier's
    request, e.g. `BC-000012-1`, and from the second version on with the version: `BC-000012-1-2`,
    which `replaces` the one before.
    """

    format: int = 1
    order: Id
    order_number: Label
    number: Label
    version: int
    replaces: Label | None = None
    issue_date: date
    issued_at: datetime
    departure: date | None = None
    delivery: date | None = None
    language: Language
    currency: Currency
    company: Seller
    supplier: Buyer
    contact: Line | None = None
    supplier_reference: Label | None = None
    buyer: Line
    lines: tuple[PricedLine, ...]
    totals: Totals
    terms: tuple[Line, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    message: Paragraph | None = None
    appearance: Appearance | None = None
    preview: bool = False


class PurchaseOrderView(Model):
    """A version of a purchase order in the document base (DOC-01); pending until its PDF stands there.

    `order` is the order, or the purchase that no order made, as `owner` says.
    """

    order: Id
    owner: Owner = Owner.ORDER
    supplier: Id
    supplier_name: Line
    version: int = Field(ge=1)
    number: Label
    comment: Line | None = None
    language: Language
    author: Line
    created_at: datetime
    totals: Totals
    status: QuoteStatus = QuoteStatus.PENDING
    file: QuoteFile | None = None


class PurchaseOrder(PurchaseOrderView):
    """A version as it lies in the table: the frozen content, its lines in chunks beside it."""

    request_version: int
    chunks: int
    snapshot: PurchaseOrderSnapshot

    def view(self) -> PurchaseOrderView:
        """What lists and answers show of it."""
        return PurchaseOrderView.model_validate(self.picked(PurchaseOrderView.model_fields))


class PurchaseOrderLink(Model):
    """A version of a purchase order with a short-lived link to its PDF, absent until it is rendered."""

    purchase_order: PurchaseOrderView
    url: str | None = None


def number(order_number: str, rank: int, version: int) -> str:
    """The number of a version: order `C-000012`, its second supplier, `BC-000012-2`, then `BC-000012-2-2`."""
    first = f"BC-{order_number.removeprefix('C-')}-{rank}"
    return first if version == 1 else f"{first}-{version}"
