"""What is worth knowing before transfers are made, and does not stand against them (RULES §5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from comptoir.banking.credit_transfer import charge_bearer
from comptoir.banking.model import Charges, Transfer, TransferKind, TransferOrder, Urgency
from comptoir.banking.open_lines import name_words
from comptoir.banking.ordered import PaidLine, StoredTransferOrder
from comptoir.banking.transfer_rules import breach
from comptoir.kernel.errors import Breach


def advice(stored: StoredTransferOrder) -> list[Breach]:
    """Fees, conversions, priorities that banks ignore, and accounts whose holder is not called as the supplier is."""
    found = list(_urgency(stored.order))
    for number, (transfer, paid) in enumerate(zip(stored.order.transfers, stored.paid, strict=True)):
        found += _transfer(stored.order, transfer, paid, f"/transfers/{number}")
    return found


def _urgency(order: TransferOrder) -> Iterator[Breach]:
    if order.urgency in (Urgency.SAME_DAY, Urgency.INSTANT):
        yield breach(
            "urgent_fees",
            "/urgent",
            "La banque peut facturer un virement urgent bien plus cher qu'un virement ordinaire.",
            "The bank may charge an urgent transfer far more than an ordinary one.",
        )
    elif order.urgency is Urgency.PRIORITY and order.kind is TransferKind.SEPA:
        yield breach(
            "priority_often_ignored",
            "/urgent",
            "Bien des banques françaises ignorent la priorité d'un virement SEPA : voyez les réglages du compte.",
            "Many French banks ignore the priority of a SEPA transfer: see the settings of the account.",
        )


def _transfer(order: TransferOrder, transfer: Transfer, paid: PaidLine, at: str) -> Iterator[Breach]:
    holder, currency = transfer.creditor.name, transfer.amount.currency
    if not name_words(holder) & name_words(paid.supplier_name):
        yield breach(
            "holder_differs",
            f"{at}/account",
            f"Le titulaire du compte, « {holder} », n'est pas « {paid.supplier_name} » : vérifiez-le auprès de lui.",
            f'The holder of the account, "{holder}", is not "{paid.supplier_name}": check it with the supplier.',
        )
    if currency != order.debtor.currency:
        yield breach(
            "bank_converts",
            f"{at}/amount",
            f"Le compte débité est en {order.debtor.currency} : la banque convertit les {currency} à son taux.",
            f"The account is in {order.debtor.currency}: the bank converts {currency} at its own rate.",
        )
    if charge_bearer(order, transfer) is Charges.DEBTOR:
        yield breach(
            "all_charges_paid",
            f"{at}/charges",
            "Tous les frais (OUR) sont à la charge de la société, ceux de la banque du fournisseur aussi.",
            "The company pays all charges (OUR), those of the supplier's bank too.",
        )
