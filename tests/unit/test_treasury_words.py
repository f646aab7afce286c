"""Payment terms in words, in each language of documents (INV-05)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.orders.milestones import SHIPPED
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import CONFIRMATION, INVOICE, DueStep, PaymentTerm
from comptoir.treasury.words import terms_in_words

EOM = DueStep(end_of_month=True)


def term(percentage: str, milestone: str, *steps: DueStep) -> PaymentTerm:
    return PaymentTerm(percentage=Decimal(percentage), milestone=milestone, steps=steps)


def days(number: int) -> DueStep:
    return DueStep(days=number)


@pytest.mark.parametrize(
    ("terms", "french", "english"),
    [
        (
            [term("30", CONFIRMATION), term("70", INVOICE, days(45), EOM)],
            "30 % à la commande, le solde à 45 jours fin de mois",
            "30% on order, balance 45 days end of month",
        ),
        (
            [term("100", INVOICE, EOM, days(45))],
            "100 % fin de mois plus 45 jours",
            "100% end of month plus 45 days",
        ),
        ([term("100", INVOICE)], "100 % à réception de facture", "100% on receipt of invoice"),
        ([term("100", INVOICE, days(30))], "100 % à 30 jours date de facture", "100% 30 days from the invoice date"),
        (
            [term("100", INVOICE, days(30), EOM, DueStep(day_of_month=10))],
            "100 % à 30 jours fin de mois le 10",
            "100% 30 days end of month on the 10th",
        ),
        (
            [term("33.3333", CONFIRMATION), term("33.3333", "delivery"), term("33.3334", "eta", days(1))],
            "33,3333 % à la commande, 33,3333 % à la livraison, le solde à 1 jour après l'arrivée (ETA)",
            "33.3333% on order, 33.3333% on delivery, balance 1 day from arrival (ETA)",
        ),
        (
            [term("50", CONFIRMATION), term("40", "mise à FOB")],
            "50 % à la commande, 40 % à la date « mise à FOB »",
            '50% on order, 40% on "mise à FOB"',
        ),
    ],
)
def test_terms_read_as_a_trader_writes_them(terms: list[PaymentTerm], french: str, english: str) -> None:
    """The last of several terms is the balance only when they make 100 %."""
    assert ", ".join(terms_in_words(terms, Language.FRENCH)).replace("\u00a0", " ") == french
    assert ", ".join(terms_in_words(terms, Language.ENGLISH)) == english


@pytest.mark.parametrize(
    ("terms", "spanish", "german"),
    [
        (
            [term("30.5", CONFIRMATION), term("69.5", INVOICE, days(45), EOM)],
            "30,5 % al hacer el pedido, el resto a 45 días fin de mes",
            "30,5 % bei Auftragserteilung, Rest 45 Tage zum Monatsende",
        ),
        (
            [term("100", INVOICE, EOM, days(1), DueStep(day_of_month=10))],
            "100 % fin de mes más 1 día el día 10",
            "100 % zum Monatsende plus 1 Tag am 10.",
        ),
        (
            [term("100", "mise à FOB", days(30))],
            "100 % a 30 días desde la fecha «mise à FOB»",
            "100 % 30 Tage ab dem Termin „mise à FOB“",
        ),
    ],
)
def test_terms_in_spanish_and_german(terms: list[PaymentTerm], spanish: str, german: str) -> None:
    assert ", ".join(terms_in_words(terms, Language.SPANISH)).replace("\u00a0", " ") == spanish
    assert ", ".join(terms_in_words(terms, Language.GERMAN)).replace("\u00a0", " ") == german


@pytest.mark.parametrize(("number", "french", "english"), [(0, "à 0 jour ", "0 days "), (1, "à 1 jour ", "1 day ")])
def test_what_is_one_day(number: int, french: str, english: str) -> None:
    terms = [term("100", INVOICE, days(number))]
    assert french in terms_in_words(terms, Language.FRENCH)[0]
    assert english in terms_in_words(terms, Language.ENGLISH)[0]


def test_french_keeps_the_percent_sign_with_its_number() -> None:
    assert terms_in_words([term("100", INVOICE)], Language.FRENCH)[0].startswith("100\u00a0%")


@pytest.mark.parametrize("language", list(Language))
def test_every_milestone_that_companies_begin_with_is_said_in_words(language: Language) -> None:
    """LOG-01: no document shows the code of a milestone that the product ships."""
    for milestone in SHIPPED.milestones:
        [phrase] = terms_in_words((term("100", milestone.code, DueStep(days=30)),), language)
        assert "«" not in phrase
        assert '"' not in phrase
        assert "_" not in phrase
