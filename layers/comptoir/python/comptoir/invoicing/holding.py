"""What a draft holds of an order or an invoice, taken and given back in the transaction that changes it (INV-01)."""

from __future__ import annotations

from comptoir.invoicing.balances import Balance, Billing
from comptoir.invoicing.billing import billing_moved, quantities_moved
from comptoir.invoicing.credits import given_back, taken
from comptoir.invoicing.items import BALANCE, BILLING
from comptoir.invoicing.model import Document
from comptoir.invoicing.shares import rows_moved
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury


def held_keys(company: str, document: Document) -> list[Key]:
    """What is read to take or give back what a draft holds."""
    about = document.origin or document.replaces
    found = [keys.document_balance(company, about.document)] if about else []
    if document.order:
        found += [keys.order_treasury(company, document.order), keys.order_billing(company, document.order)]
    return found


def hold(tx: Transaction, company: str, draft: Document) -> None:
    """Take what a draft holds; the caller has judged that it may."""
    _move(tx, company, draft, 1)


def release(tx: Transaction, company: str, draft: Document) -> None:
    """Give back what a draft holds."""
    _move(tx, company, draft, -1)


def _move(tx: Transaction, company: str, draft: Document, sign: int) -> None:
    """A cancellation or a replacement keeps others from its invoice, and takes nothing else before it is issued.

    A TEST takes nothing (INV-11).
    """
    if draft.test:
        return
    tx.prefetch(held_keys(company, draft))
    about = draft.taken_back or (draft.origin if draft.kind is DocumentKind.CREDIT_NOTE else None)
    if about is None:
        hold_of_order(tx, company, draft, sign)
        return
    balance = balance_of(tx, company, about.document, draft.currency)
    if draft.taken_back:
        after = balance.change(closed_by=draft.id if sign > 0 else None)
    else:
        after = taken(balance, draft) if sign > 0 else given_back(balance, draft)
    tx.put(BALANCE, keys.document_balance(company, about.document), after)


def hold_of_order(tx: Transaction, company: str, invoice: Document, sign: int) -> None:
    """Take (`sign` 1) or give back (−1) what an invoice holds of its order; one without order holds nothing.

    Of a down payment that it deducts nothing is left to be credited: the final invoice is (INV-13).
    """
    if invoice.order is None:
        return
    sheet_key, billing_key = keys.order_treasury(company, invoice.order), keys.order_billing(company, invoice.order)
    sheet, billing = tx.get(TREASURY, sheet_key) or Treasury(), billing_of(tx, company, invoice.order)
    tx.put(TREASURY, sheet_key, sheet.change(taken=quantities_moved(sheet.taken, invoice.lines, sign)))
    tx.put(BILLING, billing_key, billing_moved(billing, invoice, sign))
    for deduction in invoice.deductions:
        balance = balance_of(tx, company, deduction.document, invoice.currency)
        rows = rows_moved(balance.rows, deduction.rows, sign)
        tx.put(BALANCE, keys.document_balance(company, deduction.document), balance.change(rows=rows))


def balance_of(tx: Transaction, company: str, invoice: str, currency: str) -> Balance:
    """What is taken of an issued invoice."""
    return tx.get(BALANCE, keys.document_balance(company, invoice)) or Balance(credited=Money.zero(currency))


def billing_of(tx: Transaction, company: str, order: str) -> Billing:
    """What invoices hold of an order beside the quantities."""
    return tx.get(BILLING, keys.order_billing(company, order)) or Billing()


def treasury_key(company: str, document: Document) -> Key:
    """Where the treasury of a document's request lies: with its order, else with the invoice."""
    return keys.sheet(company, document.order, document.origin.document if document.origin else document.id)
