"""What makes, changes, orders and ends purchases that no customer's order made (SUP-01, SUP-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.catalogue.incoterms import place_breaches
from comptoir.catalogue.items import least_quantities
from comptoir.kernel.errors import Breach, Conflict, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money
from comptoir.kernel.text import Line, Paragraph
from comptoir.orders.items import next_number
from comptoir.orders.rules import milestone_breaches
from comptoir.orders.supplier_model import PurchaseInput, PurchaseLine, SupplierRequestFields
from comptoir.parties.items import PARTY
from comptoir.parties.rules import archived_breaches, is_supplier
from comptoir.purchasing.grounds import UNKNOWN_SUPPLIER
from comptoir.purchasing.items import PURCHASE
from comptoir.purchasing.purchase import (
    MAX_PURCHASE_LINES,
    TRANSITIONS,
    Purchase,
    PurchaseStatus,
    computed,
    dates,
    order_breaches,
)
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryStatus
from comptoir.treasury.rules import recompute

Lines = Annotated[tuple[PurchaseInput, ...], Field(max_length=MAX_PURCHASE_LINES)]


class PurchaseLocked(Conflict):
    """Its status does not lead there, or no longer lets it change."""

    code = "purchase_locked"
    fr = "Le statut de l'achat ne le permet pas."
    en = "The status of the purchase does not allow it."


class Buying(Command):
    """Base of the commands on one purchase; If-Match is its version."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES
    guarded: ClassVar[bool] = True

    purchase: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.purchase(company, self.purchase)]

    def found(self, tx: Transaction, ctx: Context, *statuses: PurchaseStatus) -> Purchase:
        """The purchase in the version that the caller means, in one of these statuses."""
        key = keys.purchase(ctx.company, self.purchase)
        before = tx.require(PURCHASE, key)
        ctx.expect(tx, key)
        if before.status not in statuses:
            raise PurchaseLocked(status=before.status.value)
        return before


def kept(tx: Transaction, ctx: Context, purchase: Purchase, event: str, status: int = 200) -> Reply:
    """Save a purchase with its history, and show it."""
    key = keys.purchase(ctx.company, purchase.id)
    save(tx, ctx, PURCHASE, key, purchase, event)
    return Reply.of(purchase, tx.next_version(key), status)


class OpenPurchase(Command):
    """Open a purchase from a supplier, on its terms (SUP-01)."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES

    supplier: Id
    currency: Currency | None = None
    lines: Lines = ()

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party(company, self.supplier)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        party = tx.get(PARTY, keys.party(ctx.company, self.supplier))
        if party is None or not is_supplier(party):
            raise Refused([UNKNOWN_SUPPLIER])
        refuse_if(archived_breaches(party, "/supplier"))
        currency = self.currency or party.currency
        purchase = Purchase(
            id=ctx.new_id(),
            number=next_number(tx, ctx, "AC-", "purchases"),
            supplier=party.id,
            supplier_name=party.name,
            vat_treatment=party.vat_treatment,
            currency=currency,
            contact=next((contact.name for contact in party.contacts), None),
            language=party.language,
            incoterm=party.incoterm,
            incoterm_place=party.incoterm_place,
            terms=party.terms,
            lines=_lines(ctx, self.lines),
            totals=computed_of_nothing(currency),
            created_on=ctx.today,
        )
        return kept(tx, ctx, computed(purchase), "opened", 201)


def computed_of_nothing(currency: str) -> Mapping[str, Any]:
    """The totals of a purchase without products."""
    nothing = Money.zero(currency)
    return {"net": nothing, "vat": nothing, "gross": nothing, "rows": ()}


def _lines(ctx: Context, sent: Sequence[PurchaseInput]) -> tuple[PurchaseLine, ...]:
    return tuple(PurchaseLine.model_validate(dict(line) | {"id": line.id or ctx.new_id()}) for line in sent)


class UpdatePurchase(Buying, Merge, extra="allow"):
    """Change the head of a draft: terms, incoterm, milestones, message."""

    fields: ClassVar[type[Model]] = SupplierRequestFields

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx, PurchaseStatus.DRAFT)
        entered: SupplierRequestFields = self.merged(before)
        refuse_if(
            [
                *milestone_breaches(before.milestones, entered.milestones),
                *place_breaches(entered.incoterm, entered.incoterm_place, "/"),
            ]
        )
        told = entered.picked(SupplierRequestFields.model_fields)
        return kept(tx, ctx, computed(before.change(**told)), "updated")


class SetPurchaseLines(Buying):
    """Replace the products of a draft; those sent with their identifier stay the same products."""

    lines: Lines

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx, PurchaseStatus.DRAFT)
        return kept(tx, ctx, computed(before.change(lines=_lines(ctx, self.lines))), "lines_set")


class ValidatePurchase(Buying):
    """Order from the supplier: what is expected to be paid becomes firm, the purchase order can be issued (SUP-01).

    `below_minimum` says why less is ordered than the supplier asks for at least (SUP-04). Errors: `Refused` with
    everything that is missing.
    """

    below_minimum: Line | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = self.found(tx, ctx, PurchaseStatus.DRAFT).change(below_minimum=self.below_minimum)
        party = tx.require(PARTY, keys.party(ctx.company, draft.supplier))
        codes = [line.code for line in draft.lines if line.code]
        refuse_if(
            order_breaches(draft, party.minimum_order, least_quantities(tx, ctx.company, codes, party.id, ctx.today))
        )
        after = moved(draft, PurchaseStatus.VALIDATED, validated_on=ctx.today)
        key = keys.supplier_treasury(ctx.company, after.id, after.supplier)
        lines = recompute((), after.terms, dates(after), after.totals.gross, TreasuryStatus.FIRM, ctx.new_id)
        tx.put(TREASURY, key, Treasury(lines=lines))
        return kept(tx, ctx, after, "validated")


def moved(purchase: Purchase, status: PurchaseStatus, **fields: Any) -> Purchase:
    """The purchase in its next status. Errors: `PurchaseLocked`."""
    if status not in TRANSITIONS[purchase.status]:
        raise PurchaseLocked(status=purchase.status.value, wanted=status.value)
    return purchase.change(status=status, **fields)


class ReceivePurchase(Buying):
    """Say that everything has come: terms that hang on the delivery get their date. Errors: `Refused`."""

    received_on: dt.date | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx, PurchaseStatus.VALIDATED)
        day = self.received_on or ctx.today
        refuse_if([_NOT_YET] if day > ctx.today else [])
        after = moved(before, PurchaseStatus.RECEIVED, received_on=day)
        key = keys.supplier_treasury(ctx.company, after.id, after.supplier)
        sheet = tx.get(TREASURY, key) or Treasury()
        money = recompute(sheet.lines, after.terms, dates(after), after.totals.gross, TreasuryStatus.FIRM, ctx.new_id)
        tx.put(TREASURY, key, sheet.change(lines=money))
        return kept(tx, ctx, after, "received")


_NOT_YET = Breach(
    code="date_future",
    fr="La date de réception est future.",
    en="The date of receipt is in the future.",
    pointer="/received_on",
)


class CancelPurchase(Buying):
    """Give a purchase up; refused once something of it is invoiced."""

    reason: Paragraph

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx, PurchaseStatus.DRAFT, PurchaseStatus.VALIDATED)
        key = keys.supplier_treasury(ctx.company, before.id, before.supplier)
        sheet = tx.get(TREASURY, key)
        if sheet and any(line.status is not TreasuryStatus.FIRM for line in sheet.lines):
            raise PurchaseInvoiced()
        if sheet:
            tx.put(TREASURY, key, sheet.change(lines=()))
        return kept(tx, ctx, moved(before, PurchaseStatus.CANCELLED, cancel_reason=self.reason), "cancelled")


class PurchaseInvoiced(Conflict):
    """Supplier invoices of the purchase stand."""

    code = "purchase_invoiced"
    fr = "L'achat a des factures : annulez-les d'abord."
    en = "The purchase has invoices: cancel them first."
