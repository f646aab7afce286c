"""One document of each kind, type and VAT case, with fixed dates: what goldens and official rules are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from comptoir.access.model import Represented, VatGroup
from comptoir.catalogue.pricing import PricedLine, ProductKind, Totals, VatCase, line_net, totals
from comptoir.catalogue.vat_cases import exemptions, row_of
from comptoir.invoicing.euros import euro_vat
from comptoir.invoicing.snapshot import (
    Deduction,
    DocumentKind,
    EarlyPayment,
    InvoiceType,
    Mention,
    OperationNature,
    Origin,
    Period,
    Snapshot,
)
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Buyer, Language
from comptoir.treasury.model import Instalment
from tests.golden import snapshots as samples

DAY = date(2026, 11, 21)
GERMAN = Buyer(
    name="Hafenbau Müller GmbH",
    address=Address(lines=("Hafenstraße 12",), postcode="28195", city="Bremen", country="DE"),
    vat_number="DE136695976",
    vat_checked_on=date(2026, 11, 20),
    email="rechnung@hafenbau.example",
)
AMERICAN = Buyer(
    name="Boston Marine Supply Inc.",
    address=Address(lines=("1 Harbor Way",), postcode="02110", city="Boston", country="US"),
    email="ap@bostonmarine.example",
)
CONSUMER = Buyer(
    name="Jeanne Morvan",
    address=Address(lines=("4 rue des Ajoncs",), postcode="29770", city="Esquibien"),
    professional=False,
)
ELSEWHERE = Address(lines=("8 rue de la Banque",), postcode="75002", city="Paris")
GOODS, SERVICES, MIXED = OperationNature.GOODS, OperationNature.SERVICES, OperationNature.MIXED
WORK = ("SRV-010", "Pose de cloisons, lot 4", "16", "heure", "52", "0", "20")
HULL = ("OCC-007", "Voilier d’occasion « Pen Duick », 1972", "1", "pièce", "18500", "0", "20")


def _at_zero(case: VatCase, lines: Iterable[PricedLine], language: Language) -> tuple[tuple[PricedLine, ...], Totals]:
    row = row_of(case, DAY)
    assert row is not None
    changed = tuple(line.change(vat_rate=Decimal(0), vat_category=row.category) for line in lines)
    return changed, totals(changed, "EUR", exemptions([case], language, DAY))


def _document(lines: Iterable[PricedLine], summed: Totals, language: Language, **changes: Any) -> Snapshot:
    due = (Instalment(due_date=date(2026, 12, 21), amount=summed.gross, means=samples.MEANS[language]),)
    return samples.document(lines, language, **({"totals": summed, "instalments": due} | changes))


def exempt(case: VatCase, language: Language, lines: Iterable[PricedLine], **changes: Any) -> Snapshot:
    """An invoice whose lines charge nothing."""
    changed, summed = _at_zero(case, lines, language)
    return _document(changed, summed, language, **changes)


def _service(count: int = 1) -> tuple[PricedLine, ...]:
    return tuple(samples.line(number, WORK) for number in range(1, count + 1))


def _in(currency: str, rate: str, language: Language, **changes: Any) -> Snapshot:
    """Two rates in another currency, on its grid."""
    priced = []
    for number, (price, vat) in enumerate((("1000", "20"), ("250", "5.5")), start=1):
        net = line_net(Decimal(2), Decimal(price), Decimal(10), False, currency)
        spec = ("CAF-001", "Café moulu Éthiopie Sidamo", "2", "sachet", price, "10", vat)
        priced.append(samples.line(number, spec, net=net))
    summed = totals(priced, currency)
    quoted = ExchangeRate(base="EUR", quote=currency, rate=Decimal(rate), date=date(2026, 11, 20), source="BCE")
    told = {"currency": currency, "nature": GOODS, "euro": euro_vat(summed, quoted), "buyer": AMERICAN}
    return _document(priced, summed, language, **(told | changes))


def _dollars_exempt(language: Language) -> Snapshot:
    base = exempt(VatCase.EXPORT, language, samples.goods(1), buyer=AMERICAN, nature=GOODS)
    money = Money.of(base.totals.net.amount, "USD")
    row = base.totals.rows[0].change(base=money, vat=Money.zero("USD"))
    summed = Totals(net=money, vat=Money.zero("USD"), gross=money, rows=(row,))
    quoted = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0876"), date=date(2026, 11, 20), source="BCE")
    lines = tuple(line.change(net=Money.of(line.net.amount, "USD")) for line in base.lines)
    due = (Instalment(due_date=date(2026, 12, 21), amount=money, means=samples.MEANS[language]),)
    return base.change(currency="USD", lines=lines, totals=summed, euro=euro_vat(summed, quoted), instalments=due)


def _deduction(number: str, day: date, *rows: tuple[str, str]) -> Deduction:
    lines = [
        samples.line(i, (None, "Acompte", "1", "forfait", base, "0", rate)) for i, (base, rate) in enumerate(rows, 1)
    ]
    summed = totals(lines, "EUR")
    return Deduction(document="0" * 26, number=number, issue_date=day, gross=summed.gross, rows=summed.rows)


def final(language: Language, **changes: Any) -> Snapshot:
    """The final invoice of a sale of three rates, after two deposits."""
    lines = samples.goods(8)
    deductions = (
        _deduction("2026-000101", date(2026, 9, 14), ("200", "20"), ("100", "5.5")),
        _deduction("2026-000112", date(2026, 10, 20), ("50", "20")),
    )
    summed = totals(lines, "EUR")
    left = summed.gross - deductions[0].gross - deductions[1].gross
    due = (Instalment(due_date=date(2026, 12, 21), amount=left, means=samples.MEANS[language]),)
    told = {"invoice_type": InvoiceType.FINAL, "deductions": deductions, "instalments": due}
    return samples.document(lines, language, **(told | changes))


def _down_payment(language: Language) -> Snapshot:
    lines = (
        samples.line(1, (None, "Acompte de 30 % sur la commande C-000042", "1", "forfait", "300", "0", "20")),
        samples.line(2, (None, "Acompte de 30 % sur la commande C-000042", "1", "forfait", "150", "0", "5.5")),
    )
    told = {"invoice_type": InvoiceType.DOWN_PAYMENT, "nature": GOODS, "delivery_date": None}
    return _document(lines, totals(lines, "EUR"), language, **told)


def _cancellation(language: Language, **changes: Any) -> Snapshot:
    told = {"kind": DocumentKind.CANCELLATION, "reason": "Commande facturée deux fois.", "number": "2026-000125"}
    return samples.credit_note(language, **(told | changes))


def _paid(language: Language, share: Decimal) -> Snapshot:
    base = samples.single(language)
    prepaid = base.totals.gross.percent(share)
    rest = base.totals.gross - prepaid
    due = (base.instalments[0].change(amount=rest),) if rest else ()
    return base.change(prepaid=prepaid, instalments=due)


def _credit_net_of_vat(language: Language) -> Snapshot:
    lines, summed = _at_zero(VatCase.VAT_KEPT, samples.goods(2), language)
    return samples.credit_note(language, lines=lines, totals=summed)


def _margin_and_taxed(language: Language) -> Snapshot:
    second_hand, _ = _at_zero(VatCase.SECOND_HAND, [samples.line(1, HULL)], language)
    lines = (*second_hand, samples.line(2, samples.GOODS[3]))
    summed = totals(lines, "EUR", exemptions([VatCase.SECOND_HAND], language, DAY))
    return _document(lines, summed, language, nature=GOODS)


FRANCHISE_SELLER = samples.SELLER.change(vat_number=None)
REPRESENTATIVE = Represented(name="Fisc & Cie", address=ELSEWHERE, vat_number="FR96552100554")
GROUP = VatGroup(name="Groupe Ponant", address=ELSEWHERE, vat_number="FR96552100554", siren="552100554")
DEBITS = Mention(code="vat_on_debits", text="Option pour le paiement de la taxe d'après les débits")


def _margin(case: VatCase, language: Language) -> Snapshot:
    return exempt(case, language, [samples.line(1, HULL)], nature=GOODS)


def _early(language: Language) -> Snapshot:
    base = samples.single(language)
    said = Mention(code="early_payment", text="Escompte de 2 % pour tout paiement dans les 10 jours suivant la date")
    kept = tuple(mention for mention in base.mentions if mention.code != "no_discount")
    return base.change(early_payment=EarlyPayment(rate=Decimal(2), until=date(2026, 12, 1)), mentions=(*kept, said))


Make = Callable[[Language], Snapshot]
CASES: dict[str, Make] = {
    "franchise": lambda language: exempt(
        VatCase.FRANCHISE, language, samples.goods(3), seller=FRANCHISE_SELLER, nature=GOODS
    ),
    "franchise-credit-note": lambda language: exempt(
        VatCase.FRANCHISE,
        language,
        samples.goods(1),
        seller=FRANCHISE_SELLER,
        kind=DocumentKind.CREDIT_NOTE,
        origin=Origin(document="0" * 26, number="2026-000098", issue_date=date(2026, 11, 3)),
        instalments=(),
        reason="Retour",
    ),
    "building": lambda language: exempt(VatCase.BUILDING, language, _service(), nature=SERVICES),
    "services-in-union": lambda language: exempt(
        VatCase.SERVICES_IN_UNION, language, _service(2), nature=SERVICES, buyer=GERMAN
    ),
    "intra-community": lambda language: exempt(
        VatCase.INTRA_COMMUNITY,
        language,
        (*samples.goods(2), samples.line(3, WORK, kind=ProductKind.TRANSPORT, designation="Transport jusqu’à Brême")),
        buyer=GERMAN,
        nature=MIXED,
    ),
    "export": lambda language: exempt(VatCase.EXPORT, language, samples.goods(3), buyer=AMERICAN, nature=GOODS),
    "services-outside-union": lambda language: exempt(
        VatCase.SERVICES_OUTSIDE_UNION, language, _service(), buyer=AMERICAN, nature=SERVICES
    ),
    "margin-second-hand": partial(_margin, VatCase.SECOND_HAND),
    "margin-works-of-art": partial(_margin, VatCase.WORKS_OF_ART),
    "margin-antiques": partial(_margin, VatCase.ANTIQUES),
    "margin-travel-agency": partial(_margin, VatCase.TRAVEL_AGENCY),
    "margin-and-taxed": _margin_and_taxed,
    "debits": lambda language: samples.document(
        _service(), language, nature=SERVICES, mentions=(*samples.MENTIONS[samples.FRENCH], DEBITS)
    ),
    "down-payment": _down_payment,
    "final": final,
    "final-paid": lambda language: final(language, prepaid=final(language).due, instalments=()),
    "replacement": lambda language: samples.single(language).change(
        invoice_type=InvoiceType.REPLACEMENT,
        replaces=Origin(document="0" * 26, number="2026-000098", issue_date=date(2026, 11, 3)),
    ),
    "cancellation": _cancellation,
    "cancellation-of-final": lambda language: final(
        language,
        kind=DocumentKind.CANCELLATION,
        origin=Origin(document="0" * 26, number="2026-000123", issue_date=DAY),
        instalments=(),
        number="2026-000130",
    ),
    "credit-note-net-of-vat": _credit_net_of_vat,
    "usd": lambda language: _in("USD", "1.0876", language),
    "usd-exempt": _dollars_exempt,
    "jpy": lambda language: _in("JPY", "168.42", language),
    "tnd": lambda language: _in("TND", "3.3921", language),
    "paid": partial(_paid, share=Decimal(100)),
    "partly-paid": partial(_paid, share=Decimal(40)),
    "consumer": lambda language: samples.document(samples.goods(2), language, buyer=CONSUMER),
    "period": lambda language: samples.document(
        _service(),
        language,
        nature=SERVICES,
        delivery_date=None,
        period=Period(start=date(2026, 10, 1), end=date(2026, 10, 31)),
    ),
    "tax-representative": lambda language: samples.single(language).change(
        seller=samples.SELLER.change(tax_representative=REPRESENTATIVE)
    ),
    "vat-group": lambda language: samples.single(language).change(seller=samples.SELLER.change(vat_group=GROUP)),
    "vat-group-outside": lambda language: exempt(
        VatCase.SERVICES_OUTSIDE_UNION,
        language,
        _service(),
        buyer=AMERICAN,
        nature=SERVICES,
        seller=samples.SELLER.change(vat_group=GROUP),
    ),
    "small-without-vat-number": lambda language: samples.document(
        samples.goods(1)[:1], language, seller=FRANCHISE_SELLER, nature=GOODS
    ),
    "billing-address": lambda language: samples.single(language).change(
        buyer=samples.BUYER.change(
            billing_address=ELSEWHERE, siret="55210055400013", routing_address="552100554_ACHATS"
        )
    ),
    "early-payment": _early,
}
"""Each in any language; goldens are in French."""

UNREADABLE: dict[str, Make] = {
    "test": lambda language: samples.single(language).change(test=True, number="-"),
    "in-registration": lambda language: samples.single(language).change(
        seller=samples.SELLER.change(siren=None, siret=None, vat_number=None)
    ),
    "tnd-millimes": lambda language: _in("TND", "3.3921", language).change(
        lines=(samples.line(1, ("X", "Huile", "1", "litre", "12.345", "0", "20"), net=Money.of("12.345", "TND")),)
    ),
}
"""Documents that EN 16931 cannot hold, or that must not pass for one: without XML."""
