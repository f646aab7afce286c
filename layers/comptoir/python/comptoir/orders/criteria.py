"""The criteria of a confirmation, all evaluated at once (CNF-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from comptoir.access.permissions import Permission
from comptoir.catalogue.pricing import Totals
from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.money import plain
from comptoir.orders.items import OPEN, request_dates
from comptoir.orders.model import Milestone, Order, OrderStatus, Quote, QuoteStatus
from comptoir.orders.rules import dates
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.parties.model import Party
from comptoir.treasury.model import PaymentTerm, Treasury
from comptoir.treasury.rules import Dates, balance, percentages

_TOLERANCE = Decimal("0.10")


@dataclass(frozen=True)
class Purchase:
    """A supplier request that is not completed, with its treasury and its supplier."""

    request: SupplierRequest
    treasury: Treasury
    supplier: Party | None


@dataclass(frozen=True)
class Case:
    """Everything that the criteria look at.

    `permitted` is the operator's right to confirm, `accounts` the company's own bank accounts, `amended`
    whether the order is no longer what the customer signed.
    """

    order: Order
    treasury: Treasury
    quote: Quote | None
    customer: Party | None
    permitted: bool
    purchases: tuple[Purchase, ...] = ()
    accounts: tuple[BankAccount, ...] = ()
    amended: bool = False


@dataclass(frozen=True)
class _Request:
    """One side of an order as criterion 4 sees it: `places` says where each known milestone is mended."""

    link: str
    about: str | None
    terms: Sequence[PaymentTerm]
    known: Dates
    places: Mapping[str, tuple[str, str]]
    treasury: Treasury
    totals: Totals

    def breach(self, code: str, fr: str, en: str, pointer: str, link: str | None = None) -> Breach:
        """A breach that names the supplier whose request it is of."""
        if self.about:
            fr = f"Demande fournisseur « {self.about} » : {fr[0].lower()}{fr[1:]}"
            en = f'Supplier request "{self.about}": {en[0].lower()}{en[1:]}'
        return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link or self.link)


def unmet(case: Case) -> tuple[Breach, ...]:
    """Every criterion that is not met, each with the resource and the field to mend (CNF-01, 1 to 7)."""
    sale = _sale(case)
    found = [*_permission(case), *_status(case), *_quote(case)]
    if case.order.status in OPEN:
        found += [*_terms(sale), *_balance(sale)]
    found += _customer(case)
    for purchase in case.purchases:
        side = _purchase(case, purchase)
        found += [*_terms(side), *_balance(side), *_supplier(side, purchase), *_domiciliation(side, case)]
    return tuple(found)


def _order(case: Case, code: str, fr: str, en: str, pointer: str, below: str = "") -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=f"/orders/{case.order.id}{below}")


def _permission(case: Case) -> list[Breach]:
    if case.permitted:
        return []
    fr = "Votre profil n'a pas l'habilitation « Confirmer la commande »."
    en = 'Your profile lacks the permission "Confirm an order".'
    pointer = f"/permissions/{Permission.CONFIRM_ORDER}"
    return [Breach(code="confirmation_not_permitted", fr=fr, en=en, pointer=pointer, link="/me")]


def _status(case: Case) -> list[Breach]:
    if case.order.status is OrderStatus.OFFER:
        return []
    fr, en = "La commande n'est plus au statut « Offre en cours ».", "The order is no longer an offer in progress."
    return [_order(case, "not_an_offer", fr, en, "/status")]


def _quote(case: Case) -> list[Breach]:
    if case.amended:
        fr = "L'offre a changé depuis la signature du devis : le client doit signer un avenant."
        en = "The offer has changed since the quote was signed: the customer has to sign an amendment."
        return [_order(case, "amendment_unsigned", fr, en, "/quotes", "/quotes")]
    if case.quote and case.quote.status is QuoteStatus.READY:
        return []
    fr = "Le devis (PFI) n'a pas été généré dans la base documentaire."
    en = "The quote (pro forma) has not been generated in the document base."
    return [_order(case, "quote_missing", fr, en, "/quotes", "/quotes")]


def _places(milestones: Sequence[Milestone], link: str) -> dict[str, tuple[str, str]]:
    return {milestone.name: (link, f"/milestones/{number}/forecast") for number, milestone in enumerate(milestones)}


def _sale(case: Case) -> _Request:
    order, link = case.order, f"/orders/{case.order.id}"
    places = _places(order.milestones, link)
    return _Request(link, None, order.terms, dates(order), places, case.treasury, order.totals)


def _purchase(case: Case, purchase: Purchase) -> _Request:
    order, request = case.order, purchase.request
    link = f"/orders/{order.id}/supplier-requests/{request.supplier}"
    places = _places(order.milestones, f"/orders/{order.id}") | _places(request.milestones, link)
    known = request_dates(order, request)
    return _Request(link, request.supplier_name, request.terms, known, places, purchase.treasury, request.totals)


def _terms(side: _Request) -> list[Breach]:
    found, total = [], percentages(side.terms)
    if total != 100:
        shown = plain(total.normalize())
        fr = f"Les conditions de règlement totalisent {shown.replace('.', ',')} % au lieu de 100 %."
        en = f"The payment terms add up to {shown}% instead of 100%."
        found.append(side.breach("terms_not_100", fr, en, "/terms"))
    for number, term in enumerate(side.terms):
        if term.milestone not in side.known:
            fr = f"La date-repère « {term.milestone} » d'une condition de règlement n'a pas de date prévisionnelle."
            en = f'The milestone "{term.milestone}" of a payment term has no forecast date.'
            link, pointer = side.places.get(term.milestone, (side.link, f"/terms/{number}/milestone"))
            found.append(side.breach("term_without_date", fr, en, pointer, link))
    return found


def _balance(side: _Request) -> list[Breach]:
    currency = side.totals.currency
    expected, asked = balance(side.treasury.lines, currency), side.totals.gross
    if abs(expected.amount - asked.amount) <= _TOLERANCE:
        return []
    amounts = f"{expected.amount} {currency}", f"{asked.amount} {currency}"
    fr = f"Le total de la trésorerie ({amounts[0]}) diffère de celui des produits ({amounts[1]})."
    en = f"The treasury total ({amounts[0]}) differs from that of the products ({amounts[1]})."
    return [side.breach("treasury_differs", fr, en, "/lines", f"{side.link}/treasury")]


def _customer(case: Case) -> list[Breach]:
    party, link = case.customer, f"/orders/{case.order.id}"
    if party is None:
        return [_order(case, "unknown_customer", "Client inconnu.", "Unknown customer.", "/customer")]
    found = _address(party, "customer")
    # A private person has no tax number to give.
    if party.professional and not (party.tax_number or party.vat_number):
        fr, en = "Le numéro fiscal ou de TVA du client manque.", "The customer's tax or VAT number is missing."
        at = f"/parties/{party.id}"
        found.append(Breach(code="customer_tax_number", fr=fr, en=en, pointer="/tax_number", link=at))
    return [*found, *_contact(party, "", case.order.contact, link)]


def _supplier(side: _Request, purchase: Purchase) -> list[Breach]:
    """Criterion 6: as for the customer, tax number apart."""
    party = purchase.supplier
    if party is None:
        fr, en = "Fournisseur inconnu.", "Unknown supplier."
        return [side.breach("unknown_supplier", fr, en, "/supplier")]
    return [*_address(party, "supplier"), *_contact(party, "supplier_", purchase.request.contact, side.link)]


_WHOSE = {"customer": ("du client", "customer"), "supplier": ("du fournisseur", "supplier")}


def _address(party: Party, kind: str) -> list[Breach]:
    """Criterion 5: at least one line, and the postcode or the city."""
    link, found = f"/parties/{party.id}", []
    whose_fr, whose_en = _WHOSE[kind][0] + f" « {party.name} »", f'{_WHOSE[kind][1]} "{party.name}"'
    if not party.address.lines:
        fr, en = f"L'adresse {whose_fr} n'a aucune ligne.", f"The address of the {whose_en} has no line."
        found.append(Breach(code=f"{kind}_address", fr=fr, en=en, pointer="/address/lines", link=link))
    if not (party.address.postcode or party.address.city):
        fr = f"Il manque le code postal ou la ville {whose_fr}."
        en = f"The postcode or city of the {whose_en} is missing."
        found.append(Breach(code=f"{kind}_town", fr=fr, en=en, pointer="/address/postcode", link=link))
    return found


def _contact(party: Party, prefix: str, name: str | None, link: str) -> list[Breach]:
    """The contact of the request, known at the party and reachable; `link` is the request."""
    number, contact = next(((n, c) for n, c in enumerate(party.contacts) if c.name == name), (0, None))
    if contact is None:
        fr = f"La demande n'a pas de contact connu chez « {party.name} »."
        en = f'The request has no contact that is known at "{party.name}".'
        return [Breach(code=f"{prefix}contact_missing", fr=fr, en=en, pointer="/contact", link=link)]
    if contact.reachable:
        return []
    fr = f"Le contact « {contact.name} » de « {party.name} » n'a ni téléphone ni adresse mail."
    en = f'The contact "{contact.name}" at "{party.name}" has neither a phone number nor a mail address.'
    at, pointer = f"/parties/{party.id}", f"/contacts/{number}/phone"
    return [Breach(code=f"{prefix}contact_unreachable", fr=fr, en=en, pointer=pointer, link=at)]


def _domiciliation(side: _Request, case: Case) -> list[Breach]:
    """Criterion 7: each payment term is domiciled on one of the company's bank accounts."""
    own = {account.iban for account in case.accounts}
    fr = "Une condition de règlement n'a pas de domiciliation bancaire valide (un compte de la société)."
    en = "A payment term has no valid bank domiciliation (one of the company's accounts)."
    return [
        side.breach("bank_account_missing", fr, en, f"/terms/{number}/bank_account")
        for number, term in enumerate(side.terms)
        if term.bank_account is None or term.bank_account.iban not in own
    ]
