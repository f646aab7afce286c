"""Decisions on supplier invoices: their totals, what is wrong, and where they depart from what was ordered (SUP-03)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from comptoir.catalogue.pricing import PricedLine, Totals, VatCategory, VatRow, line_net, sum_rows, totals
from comptoir.kernel.errors import Breach
from comptoir.kernel.money import Money, plain, total
from comptoir.orders.supplier_model import PurchaseLine
from comptoir.parties.model import Party, VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.parties.terms import INVOICE
from comptoir.purchasing.model import Difference, DueFields, SupplierDocument, SupplierLine, SupplierLineFields
from comptoir.treasury.model import Instalment, PaymentTerm, TreasuryLine
from comptoir.treasury.rules import Dates, instalments, percentages
from comptoir.treasury.words import means_in_words

DEFAULT_DAYS = 30
"""Without any agreement a supplier is paid thirty days after it (C. com. L441-10)."""

_CENTS = Decimal("0.05")
"""How far VAT may lie from ours: suppliers round line by line."""

_CATEGORIES = {
    VatTreatment.DOMESTIC: VatCategory.EXEMPT,
    VatTreatment.INTRA_COMMUNITY: VatCategory.INTRA_COMMUNITY,
    VatTreatment.EXPORT: VatCategory.EXPORT,
    VatTreatment.REVERSE_CHARGE: VatCategory.REVERSE_CHARGE,
}


def moved(taken: Mapping[str, Decimal], lines: Sequence[SupplierLine], sign: int) -> dict[str, Decimal]:
    """The quantities of products that invoices hold, once lines are taken or given back."""
    after = dict(taken)
    for line in lines:
        if line.source:
            after[line.source] = after.get(line.source, Decimal(0)) + sign * line.priced.quantity
    return {source: quantity for source, quantity in after.items() if quantity}


def date_breaches(day: date, today: date, earliest: date | None = None) -> list[Breach]:
    """A document is of today or before; a credit note not before its invoice."""
    if day > today:
        fr, en, code = "La date est future.", "The date is in the future.", "date_future"
    elif earliest and day < earliest:
        fr, en = "La date de l'avoir précède celle de la facture.", "The credit note's date is before the invoice's."
        code = "date_before_invoice"
    else:
        return []
    return [Breach(code=code, fr=fr, en=en, pointer="/issue_date")]


def credit_breaches(lines: Iterable[TreasuryLine], invoice: SupplierDocument, amount: Money) -> list[Breach]:
    """A credit note is at most what remains of its invoice (CRN-01, which CRN-13 mirrors)."""
    credited = (line.size for line in lines if line.credited and line.credited.invoice == invoice.id)
    left = invoice.totals.gross - total(credited, invoice.currency)
    if amount <= left:
        return []
    fr = f"Il reste {left.amount} {left.currency} TTC à créditer."
    en = f"{left.amount} {left.currency} with VAT remain to be credited."
    return [Breach(code="credit_exceeds_invoice", fr=fr, en=en, pointer="/lines")]


def seller_of(party: Party) -> str:
    """By what a seller's numbers are told apart from others': its SIREN, else its party (RULES §8)."""
    siren: str | None = party.siren
    return siren or party.id


def priced(lines: Sequence[SupplierLineFields], supplier: Party, currency: str) -> tuple[SupplierLine, ...]:
    """Lines as they are recorded, at the net that the document says."""
    zero = _CATEGORIES.get(supplier.vat_treatment, VatCategory.EXEMPT)
    return tuple(
        SupplierLine(priced=_priced(line, number, zero, currency), source=line.source)
        for number, line in enumerate(lines, 1)
    )


def _priced(line: SupplierLineFields, position: int, zero: VatCategory, currency: str) -> PricedLine:
    told = line.picked(_COPIED)
    own = line_net(line.quantity, line.unit_price, line.discount_rate, False, currency)
    category = line.vat_category or (VatCategory.STANDARD if line.vat_rate else zero)
    return PricedLine(position=position, vat_category=category, net=line.net or own, free=not line.unit_price, **told)


_COPIED = (
    "kind",
    "code",
    "designation",
    "quantity",
    "unit",
    "unit_price",
    "discount_rate",
    "vat_rate",
    "account",
)


def summed(lines: Sequence[SupplierLine], currency: str, told: Sequence[VatRow]) -> tuple[Totals, list[Breach]]:
    """Totals of lines, with the VAT that the document says where it does; and each row that lies too far from ours."""
    own = totals((line.priced for line in lines), currency)
    if not told:
        return own, []
    given = {(row.category, row.rate): row for row in told}
    found, rows = [], []
    for row in own.rows:
        theirs = given.pop((row.category, row.rate), None)
        if theirs is None or theirs.base != row.base or abs((theirs.vat - row.vat).amount) > _CENTS:
            found.append(_row_differs(row, theirs))
        rows.append(theirs or row)
    found += [_row_differs(None, row) for row in given.values()]
    return sum_rows(rows, currency), found


def _row_differs(ours: VatRow | None, theirs: VatRow | None) -> Breach:
    told, own = _shown(theirs), _shown(ours)
    rate = plain(next(row.rate for row in (ours, theirs) if row).normalize())
    return Breach(
        code="vat_differs",
        fr=f"TVA à {rate} % (base / taxe) : {told} annoncé, {own} calculé.",
        en=f"VAT at {rate}% (base / tax): {told} told, {own} computed.",
        pointer="/vat",
    )


def _shown(row: VatRow | None) -> str:
    return f"{row.base.amount} / {row.vat.amount}" if row else "0"


def line_breaches(
    lines: Sequence[SupplierLineFields], currency: str, known: Mapping[str, PurchaseLine]
) -> list[Breach]:
    """Lines in another currency, or that invoice a product that the request does not have."""
    found = []
    for number, line in enumerate(lines):
        if line.net is not None and line.net.currency != currency:
            found.append(_other_currency(currency, f"/lines/{number}/net"))
        if line.source and line.source not in known:
            fr, en = "Ce produit n'est pas dans la demande fournisseur.", "No such product in the supplier request."
            found.append(Breach(code="unknown_source", fr=fr, en=en, pointer=f"/lines/{number}/source"))
    return found


def total_breaches(whole: Totals) -> list[Breach]:
    """A document asks for something or for nothing: what takes back is the other kind of document."""
    if whole.gross.amount >= 0:
        return []
    fr = "Le total est négatif : enregistrez une facture négative comme un avoir, un avoir négatif comme une facture."
    en = "The total is negative: record a negative invoice as a credit note, a negative credit note as an invoice."
    return [Breach(code="total_negative", fr=fr, en=en, pointer="/lines")]


def _other_currency(currency: str, pointer: str) -> Breach:
    fr = f"Le montant doit être en {currency}, la devise du document."
    en = f"The amount must be in {currency}, the currency of the document."
    return Breach(code="other_currency", fr=fr, en=en, pointer=pointer)


def _due_breaches(wanted: Sequence[DueFields], amount: Money) -> list[Breach]:
    """Due amounts are in the document's currency, none is negative, and they add up to it."""
    found = []
    for number, each in enumerate(wanted):
        if each.amount.currency != amount.currency:
            found.append(_other_currency(amount.currency, f"/dues/{number}/amount"))
        elif each.amount.amount < 0:
            fr, en = "Une échéance n'est pas négative.", "A due amount is not negative."
            found.append(Breach(code="due_negative", fr=fr, en=en, pointer=f"/dues/{number}/amount"))
    if found:
        return found
    told = total((each.amount for each in wanted), amount.currency)
    return [] if told == amount else [_dues_differ(told, amount)]


def dues(
    wanted: Sequence[DueFields] | None,
    terms: Sequence[PaymentTerm],
    dates: Dates,
    amount: Money,
    day: date,
    language: Language,
) -> tuple[tuple[Instalment, ...], list[Breach]]:
    """What is due and when: as the document says, else from the terms, else in thirty days."""
    if wanted:
        rows = (
            Instalment(due_date=each.due_date, amount=each.amount, means=means_in_words(each.means, language))
            for each in wanted
        )
        return tuple(rows), _due_breaches(wanted, amount)
    known = {**dates, INVOICE: day}
    made = instalments(terms, amount, known, language) if percentages(terms) == 100 else ()
    means = means_in_words(terms[0].means if terms else DueFields.model_fields["means"].default, language)
    alone = Instalment(due_date=day + timedelta(days=DEFAULT_DAYS), amount=amount, means=means)
    return made or (alone,), []


def _dues_differ(told: Money, amount: Money) -> Breach:
    fr = f"Les échéances totalisent {told.amount} {told.currency}, le document {amount.amount} {amount.currency}."
    en = f"The due amounts add up to {told.amount} {told.currency}, the document to {amount.amount} {amount.currency}."
    return Breach(code="dues_differ", fr=fr, en=en, pointer="/dues")


def differences(
    lines: Sequence[SupplierLine],
    ordered: Mapping[str, PurchaseLine],
    invoiced: Mapping[str, Decimal],
    received: Mapping[str, Decimal] | None,
) -> tuple[Difference, ...]:
    """Three ways: what is invoiced against what was ordered, what was invoiced before, and what was received.

    `received` is None while nothing of the request is followed by receipts. Differences are shown, not refused:
    the supplier is asked, or the order is mended.
    """
    found: list[Difference] = []
    for line in lines:
        product = ordered.get(line.source or "")
        number = line.priced.position
        if product is None:
            if ordered:
                fr, en = "Produit qui n'a pas été commandé.", "A product that was not ordered."
                found.append(Difference(code="not_ordered", fr=fr, en=en, line=number))
            continue
        found += _of_price(line, product)
        sofar = invoiced.get(product.id, Decimal(0)) + line.priced.quantity
        for code, what, limit in _limits(product, received):
            if sofar > limit:
                found.append(_over(code, what, sofar, limit, number))
    return tuple(found)


def _limits(product: PurchaseLine, received: Mapping[str, Decimal] | None) -> Iterable[tuple[str, str, Decimal]]:
    yield "over_invoiced", "commandé", product.quantity
    if received is not None:
        yield "not_received", "reçu", received.get(product.id, Decimal(0))


_ENGLISH = {"commandé": "ordered", "reçu": "received"}


def _over(code: str, what: str, told: Decimal, limit: Decimal, line: int) -> Difference:
    shown, other = plain(told.normalize()), plain(limit.normalize())
    fr, en = f"{shown} facturé pour {other} {what}.", f"{shown} invoiced for {other} {_ENGLISH[what]}."
    return Difference(code=code, fr=fr, en=en, line=line)


def _of_price(line: SupplierLine, product: PurchaseLine) -> Iterable[Difference]:
    if product.unit_price is None:
        return
    told = line.priced.net.amount
    agreed = Money.of(line.priced.quantity * product.unit_price, line.priced.net.currency).amount
    if told != agreed:
        yield Difference(
            code="price_differs",
            fr=f"{plain(told)} HT facturé, {plain(agreed)} au prix convenu.",
            en=f"{plain(told)} without VAT invoiced, {plain(agreed)} at the agreed price.",
            line=line.priced.position,
        )
