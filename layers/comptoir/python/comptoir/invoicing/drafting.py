"""What the commands on drafts share: their permission, their named errors, and the draft they work on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.invoicing.holding import hold
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.kernel.errors import Conflict, NotFound
from comptoir.kernel.ids import Id
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


class Drafting(Command):
    """Base of the commands that make and change drafts (CRN-05: no other permission is needed)."""

    permission: ClassVar[Permission] = Permission.DRAFT_INVOICES

    def draft(self, tx: Transaction, ctx: Context, document: Document) -> Reply:
        """Keep a new draft, which takes what it holds of its order or invoice."""
        hold(tx, ctx.company, document)
        return self.keep(tx, ctx, document, "drafted", 201)

    def keep(self, tx: Transaction, ctx: Context, document: Document, event: str, status: int = 200) -> Reply:
        """Save the draft with its history and show it."""
        key = keys.document(ctx.company, document.id)
        save(tx, ctx, DOCUMENT, key, document, event)
        return Reply.of(document, tx.next_version(key), status)


class Editing(Drafting):
    """Base of the commands that change one draft."""

    guarded: ClassVar[bool] = True

    document: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document)]


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
