"""The VAT of an invoice: why lines at 0 % charge nothing, and what its VAT lacks (RULES §1.1 12°, §1.3, §2.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from comptoir.access.model import Company
from comptoir.catalogue.pricing import PricedLine, VatCase, VatCategory, sum_rows, totals
from comptoir.catalogue.vat import accepted
from comptoir.catalogue.vat_cases import CASES, NAMED, Datum, category_of, exemptions, row_of
from comptoir.catalogue.vat_sales import Place, Sale, fits, place_of, zero_case
from comptoir.invoicing.model import Document, DraftLine
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.errors import Breach
from comptoir.parties.model import Party
from comptoir.parties.rules import destination, of_other_state, outside_union


class Taxed(NamedTuple):
    """An invoice draft with whom it is between."""

    company: Company
    customer: Party
    document: Document


def cases_of(document: Document, sale: Sale) -> list[VatCase | None]:
    """Why each line charges nothing: what it or its document names, else what the sale says; None for a rate.

    Services at 0 % follow the goods among the lines that name no case of their own.
    """
    free = [line for line in document.lines if not line.priced.vat_rate]
    usual = document.vat_case or zero_case(sale, {line.priced.kind for line in free if line.vat_case is None})
    return [None if line.priced.vat_rate else line.vat_case or usual for line in document.lines]


def named_case(content: Snapshot, line: PricedLine) -> VatCase | None:
    """Why a line of an issued document charges nothing, where only somebody can have said so."""
    row = next((row for row in content.totals.rows if row.category is line.vat_category), None)
    return row.case if row and row.case in NAMED else None


def settled(company: Company, customer: Party, document: Document, day: date) -> Document:
    """The draft with each line at 0 % in the category of its case, and the reason on its VAT row.

    Amounts stay. A document that takes back an invoice has that one's categories and reasons.
    """
    if document.kind is not DocumentKind.INVOICE:
        return document
    cases = cases_of(document, Sale.of(company, customer))
    lines = tuple(map(_in_category, document.lines, cases))
    reasons = exemptions([case for case in cases if case], document.language, day)
    zero = totals((line.priced for line in lines if not line.priced.vat_rate), document.currency, reasons)
    charged = [row for row in document.totals.rows if row.rate]
    return document.change(lines=lines, totals=sum_rows([*charged, *zero.rows], document.currency))


def _in_category(line: DraftLine, case: VatCase | None) -> DraftLine:
    category = VatCategory.STANDARD if line.priced.vat_rate else category_of(case)
    if line.priced.vat_category is category:
        return line
    return line.change(priced=line.priced.change(vat_category=category))


def vat_breaches(taxed: Taxed, day: date) -> list[Breach]:
    """What the VAT of a settled draft lacks; a document that takes back an invoice has that one's VAT."""
    document = taxed.document
    if document.kind is not DocumentKind.INVOICE:
        goods_crossed = any(row.case is VatCase.INTRA_COMMUNITY for row in document.totals.rows)
        return [NEEDS[Datum.DELIVERY_DATE].breach(taxed)] if goods_crossed and not _dated(taxed) else []
    sale = Sale.of(taxed.company, taxed.customer)
    named = cases_of(document, sale)
    found = [
        breach
        for number, (line, case) in enumerate(zip(document.lines, named, strict=True))
        for breach in _line_breaches(line, case, sale, f"/lines/{number}", day)
    ]
    cases = {case for case in named if case}
    found += _mixed(document, cases)
    known = [row for case in VatCase if case in cases and (row := row_of(case, day))]
    needs = dict.fromkeys(need for row in known for need in row.needs)
    return [*found, *(need.breach(taxed) for each, need in NEEDS.items() if each in needs and not need.met(taxed))]


def _line_breaches(line: DraftLine, case: VatCase | None, sale: Sale, at: str, day: date) -> list[Breach]:
    priced = line.priced
    if not accepted(priced.vat_rate, day):
        fr = "Ce taux de TVA n'est pas en vigueur à la date de la facture."
        en = "This VAT rate is not in force on the invoice's date."
        return [_breach("vat_rate_not_in_force", fr, en, f"{at}/priced/vat_rate")]
    if priced.vat_rate:
        return _charged(line, sale, at)
    if case and not fits(case, sale):
        fr = "Ce cas d'exonération de TVA ne convient pas à cette vente (régime, client ou pays)."
        en = "This case of VAT exemption does not fit this sale (regime, customer or country)."
        return [_breach("vat_case_unfit", fr, en, f"{at}/vat_case" if line.vat_case else "/vat_case")]
    if case and row_of(case, day) is None:
        fr = "La mention légale de ce cas de TVA n'est plus en vigueur à la date de la facture."
        en = "The legal mention of this VAT case is not in force on the invoice's date."
        return [_breach("vat_mention_not_in_force", fr, en, f"{at}/priced/vat_rate")]
    if case is None and priced.net:
        fr = "Une vente sans TVA doit en imprimer le motif légal : aucun ne s'applique ici."
        en = "A sale without VAT must print its legal reason: none applies here."
        return [_breach("zero_vat_without_reason", fr, en, f"{at}/priced/vat_rate")]
    return []


def _charged(line: DraftLine, sale: Sale, at: str) -> list[Breach]:
    """A company under the franchise charges no VAT (CGI art. 293 E), and a case is of a line at 0 %."""
    if sale.franchise:
        fr = "La société est en franchise en base : le taux de TVA est 0 (art. 293 B du CGI)."
        en = "The company is under the VAT exemption scheme (franchise en base): the VAT rate is 0."
        return [_breach("vat_in_franchise", fr, en, f"{at}/priced/vat_rate")]
    if line.vat_case:
        fr, en = "Un cas d'exonération de TVA exige un taux de 0 %.", "A case of VAT exemption needs a rate of 0 %."
        return [_breach("vat_case_needs_zero", fr, en, f"{at}/priced/vat_rate")]
    return []


def _mixed(document: Document, cases: set[VatCase]) -> list[Breach]:
    """An electronic invoice gives one reason per category (BR-E-01, BR-AE-01); outside the scope stands alone."""
    found = []
    for category in VatCategory:
        if sum(row.category is category for row in CASES if row.case in cases) > 1:
            fr = "Deux motifs d'exonération de même catégorie ne peuvent pas figurer sur une même facture."
            en = "Two reasons for exemption of the same category cannot stand on one invoice."
            found.append(_breach("vat_cases_mixed", fr, en, "/lines"))
    categories = {line.priced.vat_category for line in document.lines}
    if VatCategory.OUTSIDE_SCOPE in categories and len(categories) > 1:
        fr = "Des services hors du champ de la TVA ne peuvent pas être facturés avec d'autres lignes (BR-O-11)."
        en = "Services outside the scope of VAT cannot be invoiced with other lines (BR-O-11)."
        found.append(_breach("outside_scope_alone", fr, en, "/lines"))
    return found


class Need(NamedTuple):
    """A datum that a case needs, what is said where it lacks, and whose it is."""

    met: Callable[[Taxed], bool]
    code: str
    fr: str
    en: str
    pointer: str
    whose: Callable[[Document], str | None] = lambda document: f"/parties/{document.customer}"

    def breach(self, taxed: Taxed) -> Breach:
        """What is said where it lacks."""
        return _breach(self.code, self.fr, self.en, self.pointer, self.whose(taxed.document))


def _dated(taxed: Taxed) -> bool:
    return bool(taxed.document.delivery_date or taxed.document.period)


NEEDS: dict[Datum, Need] = {
    Datum.SELLER_VAT_NUMBER: Need(
        lambda taxed: bool(taxed.company.identity.vat_number),
        "seller_vat_number",
        "Le numéro de TVA de la société manque.",
        "The company's VAT number is missing.",
        "/identity/vat_number",
        lambda _: "/company",
    ),
    Datum.BUYER_VAT_NUMBER: Need(
        lambda taxed: bool(taxed.customer.vat_number),
        "buyer_vat_number",
        "Le numéro de TVA du client manque : cette vente sans TVA l'exige.",
        "The customer's VAT number is missing: this sale without VAT needs it.",
        "/vat_number",
    ),
    Datum.VAT_NUMBER_OF_OTHER_STATE: Need(
        lambda taxed: taxed.customer.vat_number is None or of_other_state(taxed.customer.vat_number),
        "vat_number_of_other_state",
        "Le numéro de TVA doit être celui d'un autre État membre.",
        "The VAT number must be that of another member state.",
        "/vat_number",
    ),
    Datum.VAT_NUMBER_CHECKED: Need(
        lambda taxed: taxed.customer.vat_number is None or bool(taxed.customer.vat_checked_on),
        "vat_number_unchecked",
        "Le numéro de TVA du client n'a pas été vérifié dans VIES : saisissez la date de la vérification.",
        "The customer's VAT number was not checked in VIES: enter the date of the check.",
        "/vat_checked_on",
    ),
    Datum.DELIVERY_IN_UNION: Need(
        lambda taxed: place_of(destination(taxed.customer)) is Place.UNION,
        "delivery_outside_eu",
        "Une livraison intracommunautaire exige une adresse de livraison dans un autre État membre.",
        "An intra-Community supply needs a delivery address in another member state.",
        "/delivery_address",
    ),
    Datum.DELIVERY_OUTSIDE: Need(
        lambda taxed: outside_union(destination(taxed.customer)),
        "export_inside_eu",
        "Une exportation exige une adresse de livraison hors de l'Union.",
        "An export needs a delivery address outside the Union.",
        "/delivery_address",
    ),
    Datum.DELIVERY_DATE: Need(
        _dated,
        "delivery_date_missing",
        "Une livraison intracommunautaire exige sa date de livraison ou sa période.",
        "An intra-Community supply needs its delivery date or period.",
        "/delivery_date",
        lambda _: None,
    ),
}


def _breach(code: str, fr: str, en: str, pointer: str, link: str | None = None) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link)
