"""The two sides of a document, copied from the company and the party as they are now (RULES §1.1, §1.2)."""

from __future__ import annotations

from decimal import Decimal

from comptoir.access.model import Company, Identity, LegalForm
from comptoir.kernel.identity import Address, BankAccount
from comptoir.kernel.money import exponent
from comptoir.parties.model import Party
from comptoir.parties.rules import siren_of
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.parties.wording import Wording

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
        tax_representative=identity.tax_representative,
        vat_group=identity.vat_group,
    )


def buyer(party: Party) -> Buyer:
    """The customer as a document of now names it; delivery and billing addresses only where they are others."""
    elsewhere = party.delivery_address if party.delivery_address != party.address else None
    billed = party.billing_address if party.billing_address != party.address else None
    return Buyer(
        code=party.code,
        name=party.name,
        address=party.address,
        delivery_address=elsewhere,
        siren=siren_of(party),
        vat_number=party.vat_number,
        email=next((contact.email for contact in party.contacts if contact.email), None),
        professional=party.professional,
        billing_address=billed,
        siret=party.siret,
        routing_address=party.routing_address,
        vat_checked_on=party.vat_checked_on,
        public=party.public,
    )


APPROVED_ASSOCIATION = Wording(
    fr="Membre d'une association agréée, le règlement par chèque et carte bancaire est accepté",
    en="Member of an approved association; payment by cheque and bank card is accepted",
    es="Miembro de una asociación autorizada; se acepta el pago con cheque y tarjeta bancaria",
    de="Mitglied einer anerkannten Vereinigung; Zahlung per Scheck und Bankkarte wird angenommen",
)


def standing_mentions(identity: Identity, language: Language) -> tuple[str, ...]:
    """What quotes say of the company as invoices do: its insurance (loi 96-603 art. 22-2), its association."""
    insured = (identity.insurance,) if identity.insurance else ()
    return (*insured, *((APPROVED_ASSOCIATION.said(language),) if identity.approved_association else ()))


def legal_line(identity: Identity, language: Language) -> str:
    """The identity line of the company's legal form (C. com. R123-237, R123-238, R526-27; RULES §1.2).

    French words of law stay French in every language: « SAS », « RCS », « Association loi 1901 ».
    """
    parts = [_head(identity, language)]
    office = _OFFICE.said(language)
    if identity.legal_form is LegalForm.EI:
        parts += [identity.trade_name] if identity.trade_name else []
        office = ""
    parts += [office + one_line(identity.address), _numbers(identity)]
    states = (
        (identity.in_liquidation, _LIQUIDATION.said(language)),
        (identity.business_lessee, _LESSEE.said(language)),
        (bool(identity.domiciled_at), _DOMICILED.said(language).format(identity.domiciled_at)),
    )
    return " — ".join([*parts, *(words for true, words in states if true)])


_OFFICE = Wording("siège social : ", "registered office: ", "domicilio social: ", "Sitz: ")
_LIQUIDATION = Wording(
    "en liquidation", "in liquidation (en liquidation)", "en liquidación (en liquidation)", "in Liquidation"
)
_LESSEE = Wording(
    "locataire-gérant du fonds",
    "lessee of the business (locataire-gérant)",
    "arrendatario del negocio (locataire-gérant)",
    "Pächter des Geschäfts (locataire-gérant)",
)
_DOMICILED = Wording("domiciliée chez {}", "domiciled at {}", "domiciliada en {}", "domiziliert bei {}")
_CAPITAL = Wording(
    " au capital de {}", " with share capital of {}", " con un capital social de {}", " mit einem Kapital von {}"
)
_VARIABLE = Wording(
    " à capital variable",
    " with variable share capital (à capital variable)",
    " de capital variable (à capital variable)",
    " mit veränderlichem Kapital (à capital variable)",
)


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
    if identity.variable_capital:
        return _VARIABLE.said(language)
    if identity.capital is None:
        return ""
    return _CAPITAL.said(language).format(_grouped(identity.capital, identity.capital_currency, language))


def _grouped(amount: Decimal, currency: str, language: Language) -> str:
    """`80 000 €` in French, `€80,000` in English, `80.000 €` elsewhere; decimals only where there are any."""
    whole = amount == amount.to_integral_value()
    digits = f"{amount.quantize(Decimal(1) if whole else exponent(currency)):,f}"
    symbol = _SYMBOLS.get(currency)
    if language is Language.ENGLISH:
        return f"{symbol}{digits}" if symbol else f"{currency} {digits}"
    thousands = "\u00a0" if language is Language.FRENCH else "."
    return digits.translate({44: thousands, 46: ","}) + "\u00a0" + (symbol or currency)


def _numbers(identity: Identity) -> str:
    """SIREN and registry; an association without SIREN has its RNA number."""
    if identity.siren is None:
        return f"RNA {identity.rna}" if identity.rna and not identity.siret_pending else _PENDING
    siren = identity.siren
    number = "SIREN " + "\u00a0".join((siren[:3], siren[3:6], siren[6:]))
    return f"{number} {identity.registry}" if identity.registry else number


def one_line(address: Address) -> str:
    """An address on one line, without its country."""
    town = " ".join(part for part in (address.postcode, address.city) if part)
    return ", ".join((*address.lines, *([town] if town else [])))
