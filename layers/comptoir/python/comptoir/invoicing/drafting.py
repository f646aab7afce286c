"""What the commands on drafts share: their permission, their named errors, and the draft they work on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.access.permissions import Permission
from comptoir.catalogue.pricing import VatCase
from comptoir.catalogue.vat import STANDARD_RATE
from comptoir.catalogue.vat_sales import Sale, zero_case
from comptoir.invoicing.holding import hold
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import DirectLine, Document, DocumentStatus
from comptoir.invoicing.snapshot import Period
from comptoir.invoicing.taxing import settled
from comptoir.kernel.errors import Conflict, NotFound
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class NotDraft(Conflict):
    """An issued document can be neither changed nor deleted, by anyone (INV-07)."""

    code = "not_a_draft"
    fr = "Ce document est validé : il ne peut plus être ni modifié ni supprimé."
    en = "This document has been validated: it can be neither changed nor deleted."


class NotInvoiceable(Conflict):
    """Only a confirmed order can be invoiced."""

    code = "order_not_invoiceable"
    fr = "La commande n'est pas validée : elle ne peut pas être facturée."
    en = "The order is not confirmed: it cannot be invoiced."


class NotIssued(Conflict):
    """Only a validated invoice can be credited (CRN-01)."""

    code = "invoice_not_issued"
    fr = "La facture n'est pas validée : supprimez son brouillon plutôt que d'en faire un avoir."
    en = "The invoice is not validated: delete its draft instead of crediting it."


class EnteredOtherwise(Conflict):
    """The lines of a draft are entered in the way of its source: an order, an invoice, or directly."""

    code = "entered_otherwise"
    fr = "Les lignes de ce brouillon ne se saisissent pas ainsi."
    en = "The lines of this draft are not entered in this way."


class TaxFields(Model):
    """What is entered of the VAT of an invoice: the case of its lines at 0 %, when a service was rendered, the rate
    that fixes VAT in euro where it is not the last one published, and whether works in a dwelling have a reduced rate.
    """

    period: Period | None = None
    vat_case: VatCase | None = None
    exchange_rate: ExchangeRate | None = None
    dwelling_works: bool = False

    @property
    def tax_fields(self) -> dict[str, Any]:
        """These fields as a draft has them."""
        return self.picked(TaxFields.model_fields)


class Drafting(Command):
    """Base of the commands that make and change drafts (CRN-05: no other permission is needed)."""

    permission: ClassVar[Permission] = Permission.DRAFT_INVOICES

    def keep(self, tx: Transaction, ctx: Context, document: Document, event: str, status: int = 200) -> Reply:
        """Save the draft with its history and show it."""
        key = keys.document(ctx.company, document.id)
        save(tx, ctx, DOCUMENT, key, document, event)
        return Reply.of(document, tx.next_version(key), status)


class Making(Drafting):
    """Base of the commands that make a draft; with `test`, or in a company in TEST mode, it is a TEST (INV-11)."""

    test: bool = False

    def draft(self, tx: Transaction, ctx: Context, document: Document) -> Reply:
        """Keep a new draft and show it."""
        made = keep_draft(tx, ctx, document, self.test)
        return Reply.of(made, tx.next_version(keys.document(ctx.company, made.id)), 201)


class Editing(Drafting):
    """Base of the commands that change one draft."""

    guarded: ClassVar[bool] = True

    document: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document)]


def keep_draft(tx: Transaction, ctx: Context, document: Document, test: bool = False) -> Document:
    """Keep a new draft, which takes what it holds of its order or invoice; in TEST mode it is a TEST (INV-11)."""
    company = tx.require(COMPANY, keys.company(ctx.company))
    made = taxed(tx, ctx, document.change(test=test or company.test_mode))
    hold(tx, ctx.company, made)
    save(tx, ctx, DOCUMENT, keys.document(ctx.company, made.id), made, "drafted")
    return made


def taxed(tx: Transaction, ctx: Context, draft: Document) -> Document:
    """The draft with its VAT settled as company and customer are now; issuing settles it again. Errors: `NotFound`."""
    company, customer = _sides(tx, ctx, draft.customer)
    return settled(company, customer, draft, draft.wanted_date or ctx.today)


def usual_rate(tx: Transaction, ctx: Context, customer: str, lines: Sequence[DirectLine]) -> Decimal:
    """The VAT rate of lines for which none is entered: none is due where the sale says why, else the standard one."""
    sale = Sale.of(*_sides(tx, ctx, customer))
    return Decimal(0) if zero_case(sale, {line.kind for line in lines}) else STANDARD_RATE


def _sides(tx: Transaction, ctx: Context, customer: str) -> tuple[Company, Party]:
    places = keys.company(ctx.company), keys.party(ctx.company, customer)
    tx.prefetch(places)
    return tx.require(COMPANY, places[0]), tx.require(PARTY, places[1])


def find_draft(tx: Transaction, ctx: Context, document: str) -> Document:
    """The draft that may be changed. Errors: `NotFound`, `NotDraft`, `VersionMismatch`."""
    key = keys.document(ctx.company, document)
    found = tx.require(DOCUMENT, key)
    if found.status is DocumentStatus.DELETED:
        raise NotFound()
    if found.status is not DocumentStatus.DRAFT:
        raise NotDraft()
    ctx.expect(tx, key)
    return found
