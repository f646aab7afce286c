"""Both sides of a document: the legal line of each legal form (RULES §1.2), and who buys."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.model import Company, Identity, LegalForm, Terms
from comptoir.kernel.identity import Address, BankAccount
from comptoir.parties.model import Contact, Party, PartyKind
from comptoir.parties.sides import buyer, legal_line, seller
from comptoir.parties.snapshot import Language

QUAY = Address(lines=("2 quai de la Douane",), postcode="29200", city="Brest")
IBAN = BankAccount(iban="FR7630006000011234567890189", bic="AGRIFRPP", holder="Comptoir du Ponant")


def identity(form: LegalForm, **fields: Any) -> Identity:
    given = {"name": "Comptoir du Ponant", "siren": "732829320", "registry": "RCS Brest", "address": QUAY} | fields
    return Identity.model_validate(given | {"legal_form": form})


def line(one: Identity, language: Language = Language.FRENCH) -> str:
    return legal_line(one, language).replace("\u00a0", " ")


@pytest.mark.parametrize("form", [f for f in LegalForm if f not in (LegalForm.EI, LegalForm.ASSOCIATION)])
def test_companies_print_form_capital_seat_and_registry(form: LegalForm) -> None:
    """C. com. R123-237, R123-238."""
    one = identity(form, capital=Decimal(80000))
    assert line(one) == (
        f"Comptoir du Ponant, {form.value} au capital de 80 000 € — siège social : 2 quai de la Douane, 29200 Brest — "
        "SIREN 732 829 320 RCS Brest"
    )
    assert line(one, Language.ENGLISH) == (
        f"Comptoir du Ponant, {form.value} with share capital of €80,000 — registered office: 2 quai de la Douane, "
        "29200 Brest — SIREN 732 829 320 RCS Brest"
    )


def test_capital_keeps_its_cents_and_its_currency() -> None:
    assert "au capital de 7 622,45 €" in line(identity(LegalForm.SARL, capital=Decimal("7622.45")))
    dollars = identity(LegalForm.SA, capital=Decimal(50000), capital_currency="USD")
    assert "au capital de 50 000 USD" in line(dollars)
    assert "share capital of USD 50,000" in line(dollars, Language.ENGLISH)


def test_variable_capital_says_so() -> None:
    """RULES §1.2: « à capital variable » stands instead of the amount, in French in both languages."""
    one = identity(LegalForm.SAS, capital=Decimal(1000), variable_capital=True)
    assert "Comptoir du Ponant, SAS à capital variable —" in line(one)
    assert "(à capital variable)" in line(one, Language.ENGLISH)


@pytest.mark.parametrize("language", Language)
def test_a_sole_trader_is_always_named_with_ei(language: Language) -> None:
    """C. com. R526-27: EI right after the name, then the trade name, the address, SIREN and registry."""
    one = identity(LegalForm.EI, name="Maëlle LE GOFF", trade_name="Épices du Ponant", registry="RNE")
    assert line(one, language) == (
        "Maëlle LE GOFF EI — Épices du Ponant — 2 quai de la Douane, 29200 Brest — SIREN 732 829 320 RNE"
    )
    named = identity(LegalForm.EI, name="Entrepreneur individuel Maëlle LE GOFF")
    assert line(named, language).startswith("Entrepreneur individuel Maëlle LE GOFF — ")


def test_an_association_says_so() -> None:
    one = identity(LegalForm.ASSOCIATION, name="Les Amis du Port", registry=None)
    assert line(one).startswith("Les Amis du Port, Association loi 1901 — siège social : ")
    assert line(one).endswith("SIREN 732 829 320")


def test_an_association_may_be_known_by_its_rna_number() -> None:
    one = identity(LegalForm.ASSOCIATION, siren=None, registry=None, rna="W291002345")
    assert line(one).endswith(" — RNA W291002345")


@pytest.mark.parametrize(
    ("fields", "french"),
    [
        ({"in_liquidation": True}, "en liquidation"),
        ({"business_lessee": True}, "locataire-gérant du fonds"),
        ({"domiciled_at": "Bureaux du Port"}, "domiciliée chez Bureaux du Port"),
    ],
)
def test_what_a_company_must_tell_of_its_state_ends_the_line(fields: dict[str, Any], french: str) -> None:
    """C. com. R123-237: in every language of documents, and only when true."""
    one = identity(LegalForm.SARL, **fields)
    assert line(one).endswith(f" — {french}")
    assert french not in line(identity(LegalForm.SARL))
    said = {line(one, language).rsplit(" — ", 1)[1] for language in Language}
    assert len(said) == len(Language)


def test_the_line_of_a_company_is_said_in_four_languages() -> None:
    one = identity(LegalForm.SAS, capital=Decimal("80000.5"))
    assert "con un capital social de 80.000,50 € — domicilio social: " in line(one, Language.SPANISH)
    assert "mit einem Kapital von 80.000,50 € — Sitz: " in line(one, Language.GERMAN)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"siren": None, "registry": None}, "siren_missing"),
        ({"siren": None, "rna": "W291002345"}, "siren_missing"),
        ({"siret_pending": True}, "siret_not_pending"),
        (
            {
                "tax_representative": {"name": "A", "address": QUAY, "vat_number": "FR96552100554"},
                "vat_group": {"name": "B", "address": QUAY, "vat_number": "FR96552100554", "siren": "552100554"},
            },
            "two_vat_representatives",
        ),
    ],
)
def test_an_identity_that_contradicts_itself_is_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError, match=code):
        identity(LegalForm.SAS, **fields)


def test_a_company_being_registered_prints_no_number() -> None:
    """RULES §1.2: « Siret en cours d'attribution »."""
    one = identity(LegalForm.SAS, siren=None, siret_pending=True)
    assert line(one).endswith(" — Siret en cours d'attribution")


def test_the_seller_is_the_company_and_an_account_to_pay_to() -> None:
    other = IBAN.change(holder="Comptoir du Ponant — export")
    company = Company(
        id="0" * 26,
        identity=identity(LegalForm.EI, name="Maëlle LE GOFF", bank_accounts=(IBAN,)),
        terms=Terms(penalty_rate=Decimal("12.4")),
    )
    assert seller(company, Language.FRENCH).bank_account == IBAN
    assert seller(company, Language.FRENCH).name == "Maëlle LE GOFF EI"
    assert seller(company, Language.FRENCH, other).bank_account == other


def test_the_buyer_shows_a_delivery_address_only_where_it_differs() -> None:
    """RULES §1.1, 7° bis."""
    party = Party(
        id="0" * 26,
        code="C1",
        name="Épicerie Müller",
        kinds=(PartyKind.CUSTOMER,),
        address=QUAY,
        delivery_address=QUAY,
        contacts=(Contact(name="Ana"), Contact(name="Bo", email="bo@example.com")),
    )
    assert buyer(party).delivery_address is None
    assert buyer(party).email == "bo@example.com"
    elsewhere = Address(lines=("Zone 3",), postcode="35000", city="Rennes")
    assert buyer(party.change(delivery_address=elsewhere)).delivery_address == elsewhere
