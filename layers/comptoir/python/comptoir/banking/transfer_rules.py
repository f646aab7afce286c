"""What each transfer of an order must be: the account and its bank, amount, charges, purpose (RULES §5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from comptoir.banking.charset import is_reference, latin
from comptoir.banking.credit_transfer import PROFILES, charge_bearer
from comptoir.banking.model import Charges, Creditor, MessageVersion, Transfer, TransferKind, TransferOrder, Urgency
from comptoir.banking.zones import agree, bic_country, both_in_eea, decide
from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import Address

SEPA_MOST = Decimal("999999999.99")
USABLE_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")
"""A BIC as the messages of 2009 take it; the last letter of a test bank's is 0."""
PURPOSE_NEEDED = frozenset({"AE", "CN", "IN"})
"""Countries whose banks return a transfer that does not say its purpose."""


def of_transfer(order: TransferOrder, transfer: Transfer, at: str) -> Iterator[Breach]:
    """Everything that is wrong with one transfer of an order; `at` is its place."""
    creditor = transfer.creditor
    yield from _kind(order, transfer, at)
    yield from _amount(order, transfer, at)
    if not latin(creditor.name):
        yield unwritable(f"{at}/creditor/name")
    yield from bank_code(f"{at}/creditor", order, creditor.bic, creditor.iban)
    if order.kind is TransferKind.SWIFT:
        yield from _abroad(creditor, at)
    if not is_reference(transfer.end_to_end):
        yield breach(
            "end_to_end_unwritable",
            f"{at}/end_to_end",
            "Référence de bout en bout : 35 caractères latins au plus, sans « / » aux bouts ni « // ».",
            'End-to-end reference: 35 Latin characters at most, no "/" at its ends and no "//".',
        )
    yield from _charges(order, transfer, at)
    yield from _purpose(order, transfer, at)


def _kind(order: TransferOrder, transfer: Transfer, at: str) -> Iterator[Breach]:
    creditor, currency = transfer.creditor, transfer.amount.currency
    decided = decide(currency, creditor.bic, creditor.iban)
    if decided is order.kind or (order.kind is TransferKind.SWIFT and order.urgency is Urgency.SAME_DAY):
        return
    if order.kind is TransferKind.SEPA:
        why_fr = "en euros" if currency != "EUR" else "d'un compte de l'espace SEPA"
        why_en = "in euro" if currency != "EUR" else "to an account within SEPA"
        yield breach(
            "not_sepa",
            at,
            f"Ce virement n'est pas {why_fr} : il passe par SWIFT.",
            f"This transfer is not {why_en}: it goes by SWIFT.",
        )
    else:
        yield breach(
            "not_swift",
            at,
            "Ce virement en euros reste dans l'espace SEPA : il passe par un ordre SEPA.",
            "This transfer in euro stays within SEPA: it goes by a SEPA order.",
        )


def _amount(order: TransferOrder, transfer: Transfer, at: str) -> Iterator[Breach]:
    amount = transfer.amount.amount
    if amount <= 0:
        yield breach(
            "amount_not_positive",
            f"{at}/amount",
            "Le montant d'un virement est positif.",
            "The amount of a transfer is positive.",
        )
    elif order.kind is TransferKind.SEPA and amount > SEPA_MOST:
        yield breach(
            "amount_over_sepa",
            f"{at}/amount",
            "Un virement SEPA ne dépasse pas 999 999 999,99 EUR.",
            "A SEPA transfer is at most EUR 999,999,999.99.",
        )


def bank_code(at: str, order: TransferOrder, bic: str | None, iban: str | None) -> Iterator[Breach]:
    """What is wrong with the BIC of an account, or with its absence."""
    if bic is None:
        if order.version is MessageVersion.SEPA_2009:
            yield breach(
                "bic_missing",
                f"{at}/bic",
                "pain.001.002.03 exige le BIC : saisissez-le, ou passez ce compte en pain.001.001.09, qui s'en passe.",
                "pain.001.002.03 needs the BIC: enter it, or choose pain.001.001.09, which does without.",
            )
        return
    if PROFILES[order.version].bic == "BIC" and not USABLE_BIC.fullmatch(bic):
        yield breach(
            "bic_refused",
            f"{at}/bic",
            f"Le BIC {bic} n'est pas de ceux que {order.version} admet (BIC de test ou mal recopié).",
            f"The BIC {bic} is not one that {order.version} takes (a test BIC, or copied wrongly).",
        )
    if iban and not agree(bic, iban):
        yield breach(
            "bic_of_another_country",
            f"{at}/bic",
            f"Le BIC est d'une banque de {bic_country(bic)}, l'IBAN d'un compte de {iban[:2]}.",
            f"The BIC is of a bank in {bic_country(bic)}, the IBAN of an account in {iban[:2]}.",
        )


def _abroad(creditor: Creditor, at: str) -> Iterator[Breach]:
    if creditor.bic is None and (creditor.bank is None or creditor.bank.clearing_code is None):
        yield breach(
            "bank_missing",
            f"{at}/creditor/bic",
            "Un virement international demande le BIC de la banque, ou son code de compensation et son nom.",
            "An international transfer needs the BIC of the bank, or its clearing code and its name.",
        )
    elif creditor.bic is None and creditor.bank is not None and not (creditor.bank.name and creditor.bank.country):
        yield breach(
            "bank_name_missing",
            f"{at}/creditor/bank/name",
            "Sans BIC, la banque du bénéficiaire est dite par son code, son nom, sa ville et son pays.",
            "Without a BIC the beneficiary's bank is told by its code, its name, its town and its country.",
        )
    if not placed(creditor.address):
        yield breach(
            "creditor_town_missing",
            f"{at}/creditor/address/city",
            "Un virement international dit la ville et le pays du bénéficiaire.",
            "An international transfer tells the town and the country of the beneficiary.",
        )


def placed(address: Address | None) -> bool:
    """Whether an address tells a town that can be written."""
    return address is not None and bool(address.city and latin(address.city))


def _charges(order: TransferOrder, transfer: Transfer, at: str) -> Iterator[Breach]:
    if transfer.charges is None:
        return
    bearer = charge_bearer(order, transfer)
    if bearer is Charges.SERVICE_LEVEL and transfer.charges is not Charges.SERVICE_LEVEL:
        yield breach(
            "charges_in_sepa",
            f"{at}/charges",
            "Dans un virement SEPA, chacun paie sa banque (SLEV) : aucun autre partage n'est possible.",
            "In a SEPA transfer each pays their own bank (SLEV): there is no other share.",
        )
        return
    creditor = transfer.creditor
    accounts = (order.debtor.bic, order.debtor.iban), (creditor.bic, creditor.iban)
    if bearer is Charges.SERVICE_LEVEL or (bearer is not Charges.SHARED and both_in_eea(*accounts)):
        yield breach(
            "charges_shared",
            f"{at}/charges",
            "Entre deux comptes de l'EEE, et hors SEPA sans accord, les frais sont partagés (SHAR).",
            "Between two accounts of the EEA, and outside SEPA without an agreement, charges are shared (SHAR).",
        )


def _purpose(order: TransferOrder, transfer: Transfer, at: str) -> Iterator[Breach]:
    purpose, creditor = transfer.purpose, transfer.creditor
    country = bic_country(creditor.bic) if creditor.bic else (creditor.iban or "")[:2]
    if purpose is None and order.kind is TransferKind.SWIFT and country in PURPOSE_NEEDED:
        yield breach(
            "purpose_missing",
            f"{at}/purpose",
            f"Les banques de {country} demandent le motif économique du virement (code).",
            f"Banks in {country} ask for the purpose of the transfer (a code).",
        )
    elif purpose and order.version is MessageVersion.SEPA_2009 and not re.fullmatch("[A-Z]{4}", purpose):
        yield breach(
            "purpose_not_iso",
            f"{at}/purpose",
            "pain.001.002.03 n'admet qu'un code ISO 20022 de quatre lettres (SUPP).",
            "pain.001.002.03 takes a four-letter ISO 20022 code only (SUPP).",
        )


def unwritable(pointer: str) -> Breach:
    """The breach of a name of which nothing can be written."""
    return breach(
        "name_unwritable",
        pointer,
        "Rien de ce nom ne peut s'écrire dans l'alphabet des banques.",
        "Nothing of this name can be written in the letters of banks.",
    )


def breach(code: str, pointer: str, fr: str, en: str) -> Breach:
    """A breach at a place of the order."""
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
