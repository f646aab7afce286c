"""What a draft holds of an order or an invoice, taken and given back in the transaction that changes it (INV-01)."""

from __future__ import annotations

from comptoir.invoicing.billing import billing_moved, quantities_moved
from comptoir.invoicing.credits import given_back, taken
from comptoir.invoicing.items import BALANCE, BILLING
from comptoir.invoicing.model import Balance, Billing, Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury


def held_keys(company: str, document: Document) -> list[Key]:
    """What is read to take or give back what a draft holds."""
    if document.origin:
        return [keys.document_balance(company, document.origin.document)]
    if document.order:
        return [keys.order_treasury(company, document.order), keys.order_billing(company, document.order)]
    return []


def hold(tx: Transaction, company: str, draft: Document) -> None:
    """Take what a draft holds; the caller has judged that it may."""
    _move(tx, company, draft, 1)


def release(tx: Transaction, company: str, draft: Document) -> None:
    """Give back what a draft holds."""
    _move(tx, company, draft, -1)


def _move(tx: Transaction, company: str, draft: Document, sign: int) -> None:
    tx.prefetch(held_keys(company, draft))
    if draft.kind is DocumentKind.CREDIT_NOTE and draft.origin:
        key = keys.document_balance(company, draft.origin.document)
        balance = balance_of(tx, company, draft.origin.document, draft.currency)
        tx.put(BALANCE, key, taken(balance, draft) if sign > 0 else given_back(balance, draft))
    elif draft.order:
        _move_order(tx, company, draft.order, draft, sign)


def _move_order(tx: Transaction, company: str, order: str, draft: Document, sign: int) -> None:
    sheet_key, billing_key = keys.order_treasury(company, order), keys.order_billing(company, order)
    sheet, billing = tx.get(TREASURY, sheet_key) or Treasury(), billing_of(tx, company, order)
    tx.put(TREASURY, sheet_key, sheet.change(taken=quantities_moved(sheet.taken, draft.lines, sign)))
    tx.put(BILLING, billing_key, billing_moved(billing, draft.lines, draft.totals, sign))


def balance_of(tx: Transaction, company: str, invoice: str, currency: str) -> Balance:
    """What is taken of an issued invoice."""
    return tx.get(BALANCE, keys.document_balance(company, invoice)) or Balance(credited=Money.zero(currency))


def billing_of(tx: Transaction, company: str, order: str) -> Billing:
    """What invoices hold of an order beside the quantities."""
    return tx.get(BILLING, keys.order_billing(company, order)) or Billing()
