"""Decisions on payments: the account, the date, and what may be settled of which document (TRS-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from comptoir.access.model import Company
from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import BankAccount, Iban
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Exact, Money
from comptoir.kernel.text import Label
from comptoir.payments.settled import Settled
from comptoir.treasury.model import PaymentMeans, Side

Positive = Annotated[Exact, Field(gt=0)]


class InvoicePart(Model):
    """What a payment settles: so much of an invoice, oldest due first, or of one of its treasury lines.

    `end_to_end` names what a transfer with this reference pays, which is left out otherwise (TRS-09). `amount` is in
    the currency of the payment.
    """

    invoice: Id
    line: Id | None = None
    end_to_end: Label | None = None
    amount: Positive


def breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    """A breach of the request."""
    return Breach(code=code, fr=fr, en=en, pointer=pointer)


TEST_MODE = Breach(
    code="company_in_test_mode",
    fr="La société est en mode TEST : aucun règlement réel ne peut être enregistré.",
    en="The company is in TEST mode: no real payment can be recorded.",
    link="/company",
)


def date_breaches(day: dt.date, today: dt.date, earliest: dt.date | None = None) -> list[Breach]:
    """Money moves today or before, and a counter-entry not before what it takes back."""
    if day > today:
        return [breach("date_future", "La date est future.", "The date is in the future.", "/date")]
    if earliest and day < earliest:
        fr = f"La date précède celle du règlement, le {earliest:%d/%m/%Y}."
        en = f"The date is before that of the payment, {earliest:%Y-%m-%d}."
        return [breach("date_before_payment", fr, en, "/date")]
    return []


def account(company: Company, means: PaymentMeans, iban: Iban | None) -> tuple[BankAccount | None, list[Breach]]:
    """The company's account that money moves on, and what is wrong with it: cash has none, all else one."""
    found = next((each for each in company.identity.bank_accounts if each.iban == iban), None)
    if means is PaymentMeans.CASH:
        fr, en = "Les espèces n'ont pas de compte bancaire.", "Cash has no bank account."
        return None, [breach("cash_has_no_account", fr, en, "/bank_account")] if iban else []
    if iban is None:
        fr, en = "Indiquez le compte bancaire de la société.", "Say which bank account of the company."
        return None, [breach("bank_account_missing", fr, en, "/bank_account")]
    if found is None:
        fr, en = "Ce compte n'est pas un compte de la société.", "This is no account of the company."
        return None, [breach("unknown_bank_account", fr, en, "/bank_account")]
    return found, []


def on_grid(amount: Decimal, currency: str, pointer: str) -> list[Breach]:
    """An amount has no more decimals than its currency."""
    if Money.of(amount, currency).amount == amount:
        return []
    fr = f"Ce montant a plus de décimales que {currency}."
    en = f"This amount has more decimals than {currency}."
    return [breach("off_currency_grid", fr, en, pointer)]


def part_breaches(
    part: InvoicePart, number: int, side: Side, party: Id, currency: str, document: Settled | None
) -> list[Breach]:
    """Why a part of a payment cannot go to its document: unknown, another party's, in another currency."""
    at = f"/allocations/{number}/invoice"
    if document is None or document.credit_note:
        return [breach("unknown_invoice", *_UNKNOWN[side], at)]
    found = []
    if document.cancelled:
        found.append(breach("invoice_cancelled", *document.cancelled, at))
    if document.party != party:
        found.append(other_party(side, "Cette facture est celle", "This invoice is", at))
    if document.currency != currency:
        fr, en = f"Cette facture est en {document.currency}.", f"This invoice is in {document.currency}."
        found.append(breach("other_currency", fr, en, at))
    return found or on_grid(part.amount, currency, f"/allocations/{number}/amount")


_UNKNOWN = {
    Side.CUSTOMER: ("Facture inconnue ou non validée.", "Unknown or not a valid invoice."),
    Side.SUPPLIER: ("Facture fournisseur inconnue.", "Unknown supplier invoice."),
}
_OTHERS = {
    Side.CUSTOMER: ("d'un autre client", "another customer's"),
    Side.SUPPLIER: ("d'un autre fournisseur", "another supplier's"),
}


def other_party(side: Side, fr: str, en: str, pointer: str) -> Breach:
    """Something is another party's than the request says; `fr` and `en` begin the sentence."""
    theirs, whose = _OTHERS[side]
    return breach(f"other_{side.value}", f"{fr} {theirs}.", f"{en} {whose}.", pointer)


def sum_breaches(amount: Money, parts: Sequence[InvoicePart]) -> list[Breach]:
    """A payment is the sum of what it settles, to the cent; else the difference is told."""
    missing = amount.amount - sum((part.amount for part in parts), Decimal(0))
    if not missing:
        return []
    left, currency = f"{abs(missing):f}", amount.currency
    if missing > 0:
        fr, en = f"Il reste {left} {currency} à affecter.", f"{left} {currency} remain to be allocated."
    else:
        fr = f"Les affectations dépassent le règlement de {left} {currency}."
        en = f"The allocations exceed the payment by {left} {currency}."
    return [breach("allocations_differ", fr, en, "/amount")]


def exceeded(code: str, left: Money, pointer: str) -> Breach:
    """More was asked than is open."""
    fr, en = f"Il reste {left.amount} {left.currency}.", f"{left.amount} {left.currency} remain."
    return breach(code, fr, en, pointer)


def no_transfer(pointer: str) -> Breach:
    """The bank tells of a transfer that pays nothing any more: made already, returned, or rejected (TRS-09)."""
    fr = "Aucun virement en cours de cette facture ne porte cette référence."
    en = "No transfer under way of this invoice has this reference."
    return breach("no_transfer_under_way", fr, en, pointer)
