"""What documents say: formats of each language, the mentions of RULES §1, and the signs of a credit note."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.documents.countries import country_name
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import invoice_layout, quote_layout
from comptoir.documents.quote_view import quote_view
from comptoir.documents.texts import ENGLISH, FRENCH
from comptoir.documents.views import View
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Language
from tests.golden import snapshots as samples

NARROW = "\u202f"


def words(view: View) -> str:
    """Everything that the pages show, in one string."""
    layout = quote_layout if view.agreement else invoice_layout
    return "\n".join(text.text for sheet in layout(view) for text in sheet.texts)


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        ("1234.5", f"1{NARROW}234,50{NARROW}€", "€1,234.50"),
        ("-1234567.89", f"−1{NARROW}234{NARROW}567,89{NARROW}€", "−€1,234,567.89"),
        ("0", f"0,00{NARROW}€", "€0.00"),
    ],
)
def test_amounts_are_written_as_the_language_does(amount: str, french: str, english: str) -> None:
    money = Money.of(amount, "EUR")
    assert (FRENCH.money(money), ENGLISH.money(money)) == (french, english)


def test_other_currencies_keep_their_decimals() -> None:
    assert FRENCH.money(Money.of("1234", "JPY")) == f"1{NARROW}234{NARROW}JPY"
    assert ENGLISH.money(Money.of("-12.5", "TND")) == "−TND\u00a012.500"
    assert FRENCH.price(Decimal("12"), "JPY") == "12"


def test_figures_have_no_useless_zero() -> None:
    assert FRENCH.figure(Decimal("2.5000")) == "2,5"
    assert FRENCH.figure(Decimal("1E+3")) == f"1{NARROW}000"
    assert FRENCH.price(Decimal("14.32750"), "EUR") == "14,3275"
    assert FRENCH.price(Decimal("14"), "EUR") == "14,00"
    assert (FRENCH.rate(Decimal("5.50")), ENGLISH.rate(Decimal("20"))) == (f"5,5{NARROW}%", "20%")


def test_dates_are_written_as_the_language_does() -> None:
    day = date(2026, 3, 1)
    assert (FRENCH.day(day), ENGLISH.day(day)) == ("01/03/2026", "1 March 2026")


def test_an_invoice_has_every_mention_of_the_ordinary_case() -> None:
    """CGI ann. II art. 242 nonies A and C. com. L441-9, as RULES §1.1 lists them."""
    text = words(invoice_view(samples.document(samples.goods(8))))
    for mention in (
        "FACTURE", "N° 2026-000123", "21/11/2026", "18/11/2026", "21/12/2026", "20/01/2027",
        "Comptoir du Ponant", "12 quai de la Douane", "SIREN : 732\u00a0829\u00a0320", "N° TVA : FR44732829320",
        "SAS au capital de 80 000 €", "RCS Brest",
        "Établissements Lefèvre & Fils", "SIREN : 552\u00a0100\u00a0554", "N° TVA : FR96552100554",
        "Adresse de livraison", "Quai Duguay-Trouin, hangar 3", "C-000042", "BC 2026/118",
        "CAF-001", "gratuit", f"10{NARROW}%", "Livraison de biens et prestation de",
        "Total HT", "Total TVA", "Total TTC", "Net à payer", "IBAN FR76\u00a03000\u00a06000",
        "pénalités au taux annuel de 12,40 %", "recouvrement en cas de retard de paiement : 40 €",
        "Pas d’escompte pour paiement anticipé",
    ):  # fmt: skip
        assert mention in text, mention


def test_an_english_invoice_speaks_english() -> None:
    text = words(invoice_view(samples.document(samples.goods(8), samples.ENGLISH)))
    for mention in ("INVOICE", "No. 2026-000123", "21 November 2026", "Amount due", "free", "IRELAND", "FRANCE"):
        assert mention in text
    for foreign in ("Total HT", "gratuit", "Échéance", "Client"):
        assert foreign not in text


@pytest.mark.parametrize("language", list(Language))
def test_every_language_of_customers_makes_every_document(language: Language) -> None:
    buyer = samples.BUYER.change(address=Address(lines=("1 Hafenstraße",), city="Hamburg", country="DE"))
    document = samples.document(samples.goods(2), buyer=buyer).change(language=language)
    assert document.number in words(invoice_view(document))
    assert samples.goods(1)[0].designation in words(quote_view(samples.quote(2).change(language=language)))


def test_a_credit_note_names_its_invoice_and_is_negative() -> None:
    """RULES §1.4, CRN-02: the invoice's number and date, the reason at the head, amounts below zero."""
    snapshot = samples.credit_note()
    view = invoice_view(snapshot)
    assert view.title == "AVOIR"
    assert view.notices[0].label == "Avoir sur la facture n° 2026-000098 du 03/11/2026"
    assert view.notices[0].lines == (f"Motif : {snapshot.reason}",)
    shown = [amount for _, amount in view.totals] + [cell for row in view.vat.rows for cell in row[1:]]
    assert all(amount.startswith("−") for amount in shown)
    assert all(row.cells[-1].startswith("−") for row in view.rows)
    assert view.totals[-1][1] == FRENCH.money(-snapshot.totals.gross)
    assert view.bank is None
    first = next(
        iter(
            invoice_layout(view)[0].texts[i].y for i, t in enumerate(invoice_layout(view)[0].texts) if "Motif" in t.text
        )
    )
    table = next(t.y for t in invoice_layout(view)[0].texts if t.text == FRENCH.designation)
    assert first < table


def test_a_quote_has_what_makes_it_an_order_form() -> None:
    """RULES §1.5, QUO-01: validity, terms, bank, message, sales person, and the place to sign."""
    text = words(quote_view(samples.quote()))
    for mention in (
        "DEVIS", "N° D-000042-1", "Valable jusqu’au", "21/12/2026", "Yann Kermarrec", "30 % à la commande",
        "70 % à 30 jours fin de mois", "Merci de votre visite", "Bon pour accord", "Date :", "IBAN", "gratuit",
        "Total HT", "Total TTC",
    ):  # fmt: skip
        assert mention in text, mention
    assert "FACTURE" not in text
    insured = "Assurance professionnelle : Bretagne Assurances, Brest"
    assert insured in words(quote_view(samples.quote(mentions=(insured,))))


def test_a_pro_forma_says_that_it_is_none_of_account() -> None:
    """RULES §1.1: the title, the warning, and no invoice number."""
    view = quote_view(samples.quote(3, proforma=True))
    assert (view.title, view.warning) == ("FACTURE PRO FORMA", "Document sans valeur comptable")
    assert view.number == "Réf. D-000042-1"


def test_exemptions_are_printed_once() -> None:
    """242 nonies A, I 12°: the reference of every exemption, not twice when the mentions hold it too."""
    assert invoice_view(samples.intra_community()).mentions[0] == "Exonération de TVA, article 262 ter I du CGI"
    snapshot = samples.document(samples.goods(2))
    twice = snapshot.change(mentions=snapshot.mentions * 2)
    assert len(invoice_view(twice).mentions) == 3


def test_columns_without_content_are_left_out() -> None:
    lines = tuple(line.change(code=None) for line in samples.goods(1))
    view = invoice_view(samples.document(lines))
    assert [column.key for column in view.columns] == ["designation", "quantity", "unit", "price", "vat", "net"]


def test_delivery_address_is_printed_only_when_it_differs() -> None:
    """242 nonies A, I 7° bis."""
    assert invoice_view(samples.single()).delivery is None
    same = samples.BUYER.change(delivery_address=samples.BUYER.address)
    assert invoice_view(samples.document(samples.goods(1), buyer=same)).delivery is None


def test_countries_are_named_for_the_post() -> None:
    assert country_name("GR", Language.FRENCH) == "GRÈCE"
    assert country_name("DE", Language.ENGLISH) == "GERMANY"
    assert country_name("AQ", Language.GERMAN) == "ANTARKTIS"
    assert country_name("QX", Language.FRENCH) == "QX"
    buyer = samples.BUYER.change(
        address=Address(lines=("Hafenstraße 1",), postcode="20095", city="Hamburg", country="DE")
    )
    view = invoice_view(samples.document(samples.goods(1), buyer=buyer))
    assert view.buyer.lines[-1] == "ALLEMAGNE"
    assert "FRANCE" in view.seller.lines


def test_a_document_without_instalments_says_how_it_is_settled() -> None:
    assert invoice_view(samples.document(samples.goods(1), instalments=())).terms == (
        "Conditions de règlement",
        ("Règlement à réception",),
    )
    credit = invoice_view(samples.credit_note()).terms
    assert credit is not None
    assert credit.lines == ("Avoir à déduire de vos prochains règlements",)
