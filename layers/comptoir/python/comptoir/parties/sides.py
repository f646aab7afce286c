"""The two sides of a document, copied from the company and the party as they are now (RULES §1.1, §1.2)."""

from __future__ import annotations

from decimal import Decimal

from comptoir.access.model import Company, Identity, LegalForm
from comptoir.kernel.identity import Address, BankAccount
from comptoir.kernel.money import exponent
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Buyer, Language, Seller

_PENDING = "Siret en cours d'attribution"
_ASSOCIATION = "Association loi 1901"
_SYMBOLS = {"EUR": "€"}


def seller(company: Company, language: Language, account: BankAccount | None = None) -> Seller:
    """The company as its documents print it; `account` is the one to pay to, by default its first."""
    identity = company.identity
    accounts = identity.bank_accounts
    return Seller(
        name=_name(identity),
        legal_line=legal_line(identity, language),
        address=identity.address,
        siren=identity.siren,
        siret=identity.siret,
        vat_number=identity.vat_number,
        phone=identity.phone,
        email=identity.email,
        website=identity.website,
        bank_account=account or (accounts[0] if accounts else None),
    )


def buyer(party: Party) -> Buyer:
    """The customer as a document of now names it; the delivery address only where it is another one."""
    elsewhere = party.delivery_address if party.delivery_address != party.address else None
    return Buyer(
        code=party.code,
        name=party.name,
        address=party.address,
        delivery_address=elsewhere,
        siren=party.siren,
        vat_number=party.vat_number,
        email=next((contact.email for contact in party.contacts if contact.email), None),
        professional=party.professional,
    )


def legal_line(identity: Identity, language: Language) -> str:
    """The identity line of the company's legal form (C. com. R123-237, R123-238, R526-27; RULES §1.2).

    French words of law stay French in every language: « SAS », « RCS », « Association loi 1901 ».
    """
    french = language is Language.FRENCH
    office = "siège social : " if french else "registered office: "
    parts = [_head(identity, language)]
    if identity.legal_form is LegalForm.EI:
        parts += [identity.trade_name] if identity.trade_name else []
        office = ""
    parts += [office + _one_line(identity.address), _numbers(identity)]
    return " — ".join(parts)


def _head(identity: Identity, language: Language) -> str:
    form = identity.legal_form
    if form is LegalForm.EI:
        return _name(identity)
    if form is LegalForm.ASSOCIATION:
        return f"{identity.name}, {_ASSOCIATION}"
    return f"{identity.name}, {form.value}{_capital(identity, language)}"


def _name(identity: Identity) -> str:
    """The name; a sole trader's always with « EI » (C. com. R526-27)."""
    name: str = identity.name
    words = name.casefold()
    told = "entrepreneur individuel" in words or "ei" in words.split()
    return name if told or identity.legal_form is not LegalForm.EI else f"{name} EI"


def _capital(identity: Identity, language: Language) -> str:
    french = language is Language.FRENCH
    if identity.variable_capital:
        return " à capital variable" if french else " with variable share capital (à capital variable)"
    if identity.capital is None:
        return ""
    amount = _grouped(identity.capital, identity.capital_currency, language)
    return f" au capital de {amount}" if french else f" with share capital of {amount}"


def _grouped(amount: Decimal, currency: str, language: Language) -> str:
    """`80 000 €` in French, `€80,000` in English; decimals only where there are any."""
    whole = amount == amount.to_integral_value()
    digits = f"{amount.quantize(Decimal(1) if whole else exponent(currency)):,f}"
    symbol = _SYMBOLS.get(currency)
    if language is Language.FRENCH:
        return digits.replace(",", "\u00a0").replace(".", ",") + "\u00a0" + (symbol or currency)
    return f"{symbol}{digits}" if symbol else f"{currency} {digits}"


def _numbers(identity: Identity) -> str:
    if identity.siren is None:
        return _PENDING
    siren = identity.siren
    number = "SIREN " + "\u00a0".join((siren[:3], siren[3:6], siren[6:]))
    return f"{number} {identity.registry}" if identity.registry else number


def _one_line(address: Address) -> str:
    town = " ".join(part for part in (address.postcode, address.city) if part)
    return ", ".join((*address.lines, *([town] if town else [])))
