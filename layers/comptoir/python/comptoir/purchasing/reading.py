"""A supplier's file read into what is to be recorded, for an operator to check and record (SUP-03)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from comptoir.access.codes import CODE
from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.catalogue.pricing import ProductKind, VatRow
from comptoir.docbase.items import FILED
from comptoir.docbase.model import Owner
from comptoir.kernel.errors import Breach, Conflict
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import quantize
from comptoir.kernel.text import Line, plain_words
from comptoir.orders.items import FOUND_ORDERS, ORDER, SUPPLIER, read_lines
from comptoir.orders.model import Order
from comptoir.orders.purchases import bought
from comptoir.orders.summary import OrderSummary
from comptoir.orders.supplier_model import PurchaseLine
from comptoir.parties.items import WHAT as PARTIES
from comptoir.parties.items import parties_by_id
from comptoir.parties.model import Party, PartySummary
from comptoir.parties.rules import is_supplier
from comptoir.purchasing.model import DueFields, SupplierLineFields
from comptoir.purchasing.received import ReceivedInvoice, ReceivedKind, ReceivedLine, arithmetic
from comptoir.purchasing.rules import seller_of
from comptoir.store import keys
from comptoir.store.search import search
from comptoir.store.transaction import Transaction

_CANDIDATES = 10
_PURCHASE_ORDER = re.compile(r"BC-?(\d{3,})", re.IGNORECASE)
_QUANTITY_STEP, _PRICE_STEP = Decimal("0.0001"), Decimal("0.000001")


class NoReader(Conflict):
    """No function that reads files stands behind this installation."""

    code = "no_reader"
    fr = "La lecture des fichiers n'est pas disponible ici : saisissez la facture."
    en = "Files cannot be read here: enter the invoice by hand."


class Candidate(Model):
    """A supplier that the file may come from."""

    supplier: Id
    name: Line


class Reading(Model):
    """What a file says, and what of ours it seems to be about; nothing is recorded.

    `supplier` is known by SIREN, VAT number or IBAN alone; `candidates` are others of its name. `recorded` is the
    document that was recorded under the number before. `lines`, `vat` and `dues` are what to record, lines mapped
    to products by their codes; `breaches` is what does not add up in the file.
    """

    received: ReceivedInvoice
    supplier: Id | None = None
    candidates: tuple[Candidate, ...] = ()
    order: Id | None = None
    recorded: Id | None = None
    lines: tuple[SupplierLineFields, ...] = ()
    vat: tuple[VatRow, ...] = ()
    dues: tuple[DueFields, ...] = ()
    breaches: tuple[Breach, ...] = ()


class ReadSupplierFile(Query):
    """Base of the readings of a file in a document base. Errors: `NotFound`, `Refused` for what is no invoice."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES
    owner: ClassVar[Owner]

    file: Id

    @property
    def owned(self) -> str:
        """Whose document base it is."""
        return str(getattr(self, self.owner.value))

    def read(self, ctx: Context) -> Reply:
        key = keys.filed(ctx.company, self.owner, self.owned, self.file)
        filed = ctx.services.store.require(FILED, key).value
        if ctx.services.renderer is None:
            raise NoReader()
        task = {"task": "read_supplier_invoice", "company": ctx.company, "key": filed.key}
        received = ReceivedInvoice.model_validate(ctx.services.renderer.render(task)["received"])
        return Reply.of(_reading(ctx, received, self.owned if self.owner is Owner.ORDER else None))


class ReadPartySupplierFile(ReadSupplierFile):
    """A file in the document base of a supplier, read."""

    owner: ClassVar[Owner] = Owner.PARTY
    party: Id


class ReadOrderSupplierFile(ReadSupplierFile):
    """A file in the document base of an order, read."""

    owner: ClassVar[Owner] = Owner.ORDER
    order: Id


def _reading(ctx: Context, received: ReceivedInvoice, order: str | None) -> Reading:
    candidates = _parties(ctx, received)
    party = _known(candidates, received)
    head = _order(ctx, received, order)
    products = _products(ctx, head, party) if head and party else []
    invoice = received.kind is ReceivedKind.INVOICE
    return Reading(
        received=received,
        supplier=party.id if party else None,
        candidates=tuple(Candidate(supplier=each.id, name=each.name) for each in candidates if each is not party),
        order=head.id if head and products else None,
        recorded=_recorded(ctx, party, received) if party else None,
        lines=tuple(_line(line, products) for line in received.lines),
        vat=tuple(VatRow(category=row.category, rate=row.rate, base=row.base, vat=row.vat) for row in received.vat),
        dues=(DueFields(due_date=received.due_date, amount=received.gross),) if invoice and received.due_date else (),
        breaches=tuple(arithmetic(received)),
    )


def _parties(ctx: Context, received: ReceivedInvoice) -> list[Party]:
    """Suppliers found by the numbers that the file tells, else by its name."""
    sender = received.sender
    for text in (sender.siren, sender.vat_number, sender.name):
        if not text:
            continue
        page = search(ctx.services.store, ctx.company, PARTIES, text, [], None, _CANDIDATES)
        shown = [PartySummary.model_validate_json(record.summary) for record in page.items if record.summary]
        found = parties_by_id(Transaction(ctx.services.store.backend), ctx.company, [each.id for each in shown])
        suppliers = [party for party in found.values() if is_supplier(party)]
        if suppliers:
            return suppliers
    return []


def _known(candidates: Sequence[Party], received: ReceivedInvoice) -> Party | None:
    """The one supplier that has the file's SIREN, VAT number or IBAN: a name alone is no proof."""
    sender = received.sender
    sure = [
        party
        for party in candidates
        if (sender.siren and party.siren == sender.siren)
        or (sender.vat_number and party.vat_number == sender.vat_number)
        or any(account.iban == sender.iban for account in party.bank_accounts)
    ]
    return sure[0] if len(sure) == 1 else None


def _order(ctx: Context, received: ReceivedInvoice, order: str | None) -> Order | None:
    """The order in whose base the file lies, else the one that its purchase order number names."""
    if order:
        return ctx.services.store.require(ORDER, keys.order(ctx.company, order)).value
    named = _PURCHASE_ORDER.search(received.order_reference or "")
    if named is None:
        return None
    number = f"C-{named[1]}"
    page = search(ctx.services.store, ctx.company, FOUND_ORDERS, number, [], None, _CANDIDATES)
    shown = [OrderSummary.model_validate_json(record.summary) for record in page.items if record.summary]
    found = [each.id for each in shown if each.number == number]
    return ctx.services.store.require(ORDER, keys.order(ctx.company, found[0])).value if len(found) == 1 else None


def _products(ctx: Context, order: Order, supplier: Party) -> list[PurchaseLine]:
    request = ctx.services.store.get(SUPPLIER, keys.supplier_request(ctx.company, order.id, supplier.id))
    return list(bought(request.value, read_lines(ctx.services.store, ctx.company, order))) if request else []


def _recorded(ctx: Context, supplier: Party, received: ReceivedInvoice) -> str | None:
    """The document that holds this number of this seller and year, if one does."""
    key = keys.supplier_number(ctx.company, seller_of(supplier), received.number, received.issue_date)
    holder = ctx.services.store.get(CODE, key)
    return holder.value.owner if holder else None


def _line(line: ReceivedLine, products: Sequence[PurchaseLine]) -> SupplierLineFields:
    """A line as it is to be recorded, with the product that its code or its very words name."""
    product = _product(line, products)
    return SupplierLineFields(
        source=product.id if product else None,
        code=line.buyer_code or line.code,
        designation=line.designation,
        kind=product.kind if product else ProductKind.GOODS,
        quantity=quantize(abs(line.quantity), _QUANTITY_STEP),
        unit=product.unit if product else line.unit,
        unit_price=quantize(abs(line.unit_price), _PRICE_STEP),
        vat_rate=line.vat_rate,
        vat_category=line.vat_category,
        net=line.net,
        account=product.account if product else None,
    )


def _product(line: ReceivedLine, products: Sequence[PurchaseLine]) -> PurchaseLine | None:
    codes = {code for code in (line.buyer_code, line.code) if code}
    by_code = [product for product in products if product.code in codes]
    named = by_code or [each for each in products if plain_words(each.designation) == plain_words(line.designation)]
    return named[0] if len(named) == 1 else None
