"""What a transfer order must be before a file is made of it: every breach, with its place (TRS-06 to TRS-08)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from comptoir.banking.charset import latin
from comptoir.banking.credit_transfer import PROFILES
from comptoir.banking.model import MessageVersion, TransferKind, TransferOrder, Urgency
from comptoir.banking.references import NOT_PROVIDED
from comptoir.banking.target import is_target_day, target_day
from comptoir.banking.transfer_rules import bank_code, breach, of_transfer, placed, unwritable
from comptoir.banking.zones import in_sepa
from comptoir.kernel.errors import Breach


def judge(order: TransferOrder, today: date) -> list[Breach]:
    """Everything that is wrong with an order; empty when a bank can take it."""
    breaches = [*_head(order, today), *_debtor(order), *_identifiers(order)]
    for number, transfer in enumerate(order.transfers):
        breaches += of_transfer(order, transfer, f"/transfers/{number}")
    return breaches


def _head(order: TransferOrder, today: date) -> Iterator[Breach]:
    if not order.transfers:
        yield breach("no_transfer", "/transfers", "L'ordre ne contient aucun virement.", "The order has no transfer.")
    if order.execution_date < today:
        yield breach(
            "execution_date_past",
            "/execution_date",
            f"La date d'exécution {order.execution_date:%d/%m/%Y} est passée.",
            f"The execution date {order.execution_date} has passed.",
        )
    elif order.urgency is not Urgency.INSTANT and not is_target_day(order.execution_date):
        proposed = target_day(order.execution_date)
        yield breach(
            "not_a_target_day",
            "/execution_date",
            f"Les banques ne règlent pas ce jour-là ; prochain jour d'ouverture : {proposed:%d/%m/%Y}.",
            f"Banks do not settle on that day; the next day on which they do is {proposed}.",
        )
    yield from _version(order)
    if len({transfer.amount.currency for transfer in order.transfers}) > 1:
        yield breach(
            "several_currencies",
            "/transfers",
            "Un ordre ne porte qu'une devise : faites un ordre par devise.",
            "An order carries one currency: make an order for each.",
        )


def _version(order: TransferOrder) -> Iterator[Breach]:
    sepa_only = order.version is MessageVersion.SEPA_2009
    if sepa_only and order.kind is TransferKind.SWIFT:
        yield breach(
            "version_for_swift",
            "/version",
            "pain.001.002.03 ne porte que des virements SEPA.",
            "pain.001.002.03 carries SEPA transfers only.",
        )
    if sepa_only and order.urgency is Urgency.SAME_DAY:
        yield breach(
            "urgency_of_version",
            "/urgency",
            "pain.001.002.03 n'a pas de virement réglé le jour même : choisissez pain.001.001.03.",
            "pain.001.002.03 has no same-day transfer: choose pain.001.001.03.",
        )
    if order.urgency is Urgency.INSTANT and (
        order.version is not MessageVersion.GENERAL_2019 or order.kind is not TransferKind.SEPA
    ):
        yield breach(
            "instant_of_version",
            "/urgency",
            "Un virement instantané est un virement SEPA en pain.001.001.09.",
            "An instant transfer is a SEPA transfer in pain.001.001.09.",
        )


def _debtor(order: TransferOrder) -> Iterator[Breach]:
    debtor = order.debtor
    if not latin(debtor.name):
        yield unwritable("/debtor/name")
    yield from bank_code("/debtor", order, debtor.bic, debtor.iban)
    if order.kind is TransferKind.SEPA and not in_sepa(debtor.bic, debtor.iban):
        yield breach(
            "debtor_outside_sepa",
            "/debtor/iban",
            "Le compte à débiter est hors de l'espace SEPA.",
            "The account to debit is outside SEPA.",
        )
    if order.kind is TransferKind.SWIFT and PROFILES[order.version].addresses and not placed(debtor.address):
        yield breach(
            "debtor_town_missing",
            "/debtor/address/city",
            "Un virement international dit la ville et le pays du donneur d'ordre.",
            "An international transfer tells the town and the country of the payer.",
        )


def _identifiers(order: TransferOrder) -> Iterator[Breach]:
    for number in _repeated([transfer.id for transfer in order.transfers]):
        yield breach(
            "transfer_repeated",
            f"/transfers/{number}/id",
            "Ce virement figure deux fois dans l'ordre.",
            "This transfer stands twice in the order.",
        )
    wanted = [transfer.end_to_end for transfer in order.transfers]
    for number in _repeated(wanted):
        if wanted[number] != NOT_PROVIDED:
            yield breach(
                "end_to_end_repeated",
                f"/transfers/{number}/end_to_end",
                f"La référence de bout en bout {wanted[number]} sert à deux virements.",
                f"The end-to-end reference {wanted[number]} is that of two transfers.",
            )


def _repeated(values: list[str]) -> list[int]:
    """The places of values that stood before already."""
    seen: Counter[str] = Counter()
    places = []
    for place, value in enumerate(values):
        if seen[value]:
            places.append(place)
        seen[value] += 1
    return places
