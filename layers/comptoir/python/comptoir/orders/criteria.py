"""The criteria of a confirmation, all evaluated at once (CNF-01)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach
from comptoir.kernel.money import plain
from comptoir.orders.model import Order, OrderStatus, Quote, QuoteStatus, Treasury
from comptoir.orders.rules import dates
from comptoir.parties.model import Contact, Party
from comptoir.treasury.rules import balance, percentages

_TOLERANCE = Decimal("0.10")


@dataclass(frozen=True)
class Case:
    """Everything that the criteria look at; `permitted` is the operator's right to confirm."""

    order: Order
    treasury: Treasury
    quote: Quote | None
    customer: Party | None
    permitted: bool


def unmet(case: Case) -> tuple[Breach, ...]:
    """Every criterion that is not met, each with the resource and the field to mend (CNF-01, 1 to 5)."""
    return (*_permission(case), *_status(case), *_quote(case), *_terms(case), *_balance(case), *_customer(case))


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
    if case.quote and case.quote.status is QuoteStatus.READY:
        return []
    fr = "Le devis (PFI) n'a pas été généré dans la base documentaire."
    en = "The quote (pro forma) has not been generated in the document base."
    return [_order(case, "quote_missing", fr, en, "/quotes", "/quotes")]


def _terms(case: Case) -> list[Breach]:
    order, found = case.order, []
    total = percentages(order.terms)
    if total != 100:
        shown = plain(total.normalize())
        fr = f"Les conditions de règlement totalisent {shown.replace('.', ',')} % au lieu de 100 %."
        en = f"The payment terms add up to {shown}% instead of 100%."
        found.append(_order(case, "terms_not_100", fr, en, "/terms"))
    known = dates(order)
    places = {milestone.name: f"/milestones/{number}/forecast" for number, milestone in enumerate(order.milestones)}
    for number, term in enumerate(order.terms):
        if term.milestone not in known:
            fr = f"La date-repère « {term.milestone} » d'une condition de règlement n'a pas de date prévisionnelle."
            en = f'The milestone "{term.milestone}" of a payment term has no forecast date.'
            pointer = places.get(term.milestone, f"/terms/{number}/milestone")
            found.append(_order(case, "term_without_date", fr, en, pointer))
    return found


def _balance(case: Case) -> list[Breach]:
    currency = case.order.totals.currency
    expected, asked = balance(case.treasury.lines, currency), case.order.totals.gross
    if abs(expected.amount - asked.amount) <= _TOLERANCE:
        return []
    amounts = f"{expected.amount} {currency}", f"{asked.amount} {currency}"
    fr = f"Le total de la trésorerie ({amounts[0]}) diffère de celui des produits ({amounts[1]})."
    en = f"The treasury total ({amounts[0]}) differs from that of the products ({amounts[1]})."
    return [_order(case, "treasury_differs", fr, en, "/lines", "/treasury")]


def _customer(case: Case) -> list[Breach]:
    party, found = case.customer, []
    if party is None:
        return [_order(case, "unknown_customer", "Client inconnu.", "Unknown customer.", "/customer")]

    def missing(code: str, fr: str, en: str, pointer: str) -> None:
        found.append(Breach(code=code, fr=fr, en=en, pointer=pointer, link=f"/parties/{party.id}"))

    if not party.address.lines:
        fr, en = "L'adresse du client n'a aucune ligne.", "The customer's address has no line."
        missing("customer_address", fr, en, "/address/lines")
    if not (party.address.postcode or party.address.city):
        fr, en = "Il manque le code postal ou la ville du client.", "The customer's postcode or city is missing."
        missing("customer_town", fr, en, "/address/postcode")
    # A private person has no tax number to give.
    if party.professional and not (party.tax_number or party.vat_number):
        fr, en = "Le numéro fiscal ou de TVA du client manque.", "The customer's tax or VAT number is missing."
        missing("customer_tax_number", fr, en, "/tax_number")
    return [*found, *_contact(case, party)]


def _contact(case: Case, party: Party) -> list[Breach]:
    name = case.order.contact
    number, contact = next(((n, c) for n, c in enumerate(party.contacts) if c.name == name), (0, None))
    if contact is None:
        fr = "La commande n'a pas de contact connu chez le client."
        en = "The order has no contact that is known at the customer's."
        return [_order(case, "contact_missing", fr, en, "/contact")]
    if _reachable(contact):
        return []
    fr = f"Le contact « {contact.name} » n'a ni téléphone ni adresse mail."
    en = f'The contact "{contact.name}" has neither a phone number nor a mail address.'
    link, pointer = f"/parties/{party.id}", f"/contacts/{number}/phone"
    return [Breach(code="contact_unreachable", fr=fr, en=en, pointer=pointer, link=link)]


def _reachable(contact: Contact) -> bool:
    return bool(contact.phone or contact.email)
