"""Entries matched with invoices: accepted in a click, in parts, of one customer or of several suppliers (TRS-04)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.banking.reconciling import Exchanging
from comptoir.kernel.errors import Breach, Refused
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money, total
from comptoir.kernel.text import Paragraph
from comptoir.payments.commands import RecordPayment
from comptoir.payments.paying import MAX_INVOICES, Paying
from comptoir.payments.rules import InvoicePart
from comptoir.payments.settled import Settled
from comptoir.purchasing.items import SUPPLIER_DOCUMENT
from comptoir.purchasing.settling import Parts, RecordSupplierPayment
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentMeans


class InvoiceMatch(Exchanging):
    """Base of what matches an entry with invoices of one side: `allocations` say how much of which."""

    paying: ClassVar[type[Paying]]

    means: PaymentMeans = PaymentMeans.TRANSFER
    note: Paragraph | None = None
    allocations: Annotated[tuple[InvoicePart, ...], Field(min_length=1, max_length=MAX_INVOICES)]

    def keys(self, company: str) -> Sequence[Key]:
        own = [self.paying.document_key(company, part.invoice) for part in self.allocations]
        return [*super().keys(company), *own]

    def settled(self, tx: Transaction, ctx: Context) -> Collection[Settled]:
        return self.paying.documents(tx, ctx.company, [part.invoice for part in self.allocations]).values()


def _sum(parts: Sequence[InvoicePart], currency: str) -> Money:
    return total((Money.of(part.amount, currency) for part in parts), currency)


class AcceptMatch(InvoiceMatch):
    """Match an entry that came in, or a part of it, with invoices of a customer (TRS-04).

    What the invoices take may be less than the entry: the rest waits for another match. Where the account is in
    another currency than the invoices, `booked` is what they take of the entry. Errors: `NotFound`, `EntryMatched`,
    those of a payment.
    """

    paying: ClassVar[type[Paying]] = RecordPayment

    customer: Id

    def wanted(self, currency: str) -> Money:
        return _sum(self.allocations, currency)

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any], moved: Money) -> Iterator[Reply]:
        own = self.picked(("customer", "means", "note", "allocations"))
        amount = _sum(self.allocations, self.currency(tx, ctx, moved.currency))
        yield RecordPayment(amount=amount, **own, **told).pay(tx, ctx, self.entry, self.exchanged(moved))


class AcceptSupplierMatch(InvoiceMatch):
    """Match an entry that went out, or a part of it, with invoices of suppliers: a payment for each supplier (TRS-04).

    `end_to_end` of a part names the transfer that the bank made. Where the account is in another currency than the
    invoices, they are one supplier's, and `booked` is what they take of the entry (TRS-05, TRS-09). Errors:
    `NotFound`, `EntryMatched`, those of a payment.
    """

    paying: ClassVar[type[Paying]] = RecordSupplierPayment

    allocations: Parts

    def wanted(self, currency: str) -> Money:
        return -_sum(self.allocations, currency)

    def not_exchanged(self, tx: Transaction, ctx: Context, account: str) -> list[Breach]:
        several = len({document.party for document in self.settled(tx, ctx)}) > 1
        return [*super().not_exchanged(tx, ctx, account), *([_SEVERAL_SUPPLIERS] if several else [])]

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any], moved: Money) -> Iterator[Reply]:
        currency, own = self.currency(tx, ctx, moved.currency), {"means": self.means, "note": self.note}
        for supplier, places in self._by_supplier(tx, ctx).items():
            parts = [self.allocations[place] for place in places]
            paying = RecordSupplierPayment(
                supplier=supplier, allocations=parts, amount=_sum(parts, currency), **own, **told
            )
            try:
                yield paying.pay(tx, ctx, self.entry, self.exchanged(moved))
            except Refused as refusal:
                raise Refused([_placed(breach, places) for breach in refusal.breaches]) from refusal

    def _by_supplier(self, tx: Transaction, ctx: Context) -> dict[Id, list[int]]:
        """The places of the parts of each supplier; an unknown invoice goes with the first, which tells of it."""
        places = [keys.supplier_document(ctx.company, part.invoice) for part in self.allocations]
        tx.prefetch(places)
        found = [tx.get(SUPPLIER_DOCUMENT, place) for place in places]
        first = next((document.supplier for document in found if document), self.entry)
        grouped: dict[Id, list[int]] = {}
        for place, document in enumerate(found):
            grouped.setdefault(document.supplier if document else first, []).append(place)
        return grouped


_SEVERAL_SUPPLIERS = Breach(
    code="booked_for_several_suppliers",
    fr="Un montant passé en banque dans une autre devise règle un seul fournisseur : rapprochez-les un par un.",
    en="What was booked in another currency pays one supplier: match them one by one.",
    pointer="/booked",
)


def _placed(breach: Breach, places: Sequence[int]) -> Breach:
    """A breach of one supplier's payment, told at its place in the request."""
    begins, _, rest = (breach.pointer or "").removeprefix("/").partition("/")
    number, _, field = rest.partition("/")
    if begins != "allocations" or not number.isdigit():
        return breach
    pointer = f"/allocations/{places[int(number)]}/{field}"
    return Breach(code=breach.code, fr=breach.fr, en=breach.en, pointer=pointer, link=breach.link)
