"""Permissions, and the ready-made profiles that group them (ACC-02, ACC-03)."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One right. Reading is a right too: an accountant sees documents, not purchase prices."""

    READ_PARTIES = "read_parties"
    EDIT_PARTIES = "edit_parties"
    READ_CATALOGUE = "read_catalogue"
    EDIT_CATALOGUE = "edit_catalogue"
    READ_ORDERS = "read_orders"
    EDIT_ORDERS = "edit_orders"
    READ_PURCHASES = "read_purchases"
    EDIT_PURCHASES = "edit_purchases"
    READ_CONTRACTS = "read_contracts"
    EDIT_CONTRACTS = "edit_contracts"
    CONFIRM_ORDER = "confirm_order"
    UNDO_CONFIRMATION = "undo_confirmation"
    READ_INVOICES = "read_invoices"
    DRAFT_INVOICES = "draft_invoices"
    VALIDATE_INVOICE = "validate_invoice"
    CANCEL_INVOICE = "cancel_invoice"
    RECORD_PAYMENTS = "record_payments"
    CERTIFY_RATES = "certify_rates"
    GENERATE_TRANSFERS = "generate_transfers"
    READ_LEDGER = "read_ledger"
    READ_ARCHIVES = "read_archives"
    CLOSE_PERIOD = "close_period"
    EXPORT_ACCOUNTING = "export_accounting"
    SEE_ACCESSES = "see_accesses"
    ADMINISTER = "administer"


_READS = frozenset(p for p in Permission if p.startswith("read_"))
_OFFERS = frozenset({Permission.EDIT_ORDERS, Permission.EDIT_PURCHASES})
_SALES = _OFFERS | {Permission.EDIT_PARTIES, Permission.EDIT_CONTRACTS, Permission.CONFIRM_ORDER}
_COMMERCIAL_READS = _READS - {Permission.READ_LEDGER, Permission.READ_ARCHIVES}

READY_MADE: dict[str, tuple[str, frozenset[Permission]]] = {
    "administrator": ("Administrateur", frozenset(Permission)),
    "manager": ("Responsable", frozenset(Permission) - {Permission.ADMINISTER}),
    "sales": ("Commercial", _COMMERCIAL_READS | _SALES | {Permission.DRAFT_INVOICES}),
    "logistics": ("Logistique", _COMMERCIAL_READS | _OFFERS | {Permission.DRAFT_INVOICES}),
    "purchasing": (
        "Achats",
        _COMMERCIAL_READS | {Permission.EDIT_PARTIES, Permission.EDIT_CATALOGUE, Permission.EDIT_PURCHASES},
    ),
    "accountant": (
        "Comptable",
        frozenset(
            {
                Permission.READ_PARTIES,
                Permission.READ_INVOICES,
                Permission.READ_PURCHASES,
                Permission.READ_LEDGER,
                Permission.READ_ARCHIVES,
                Permission.EXPORT_ACCOUNTING,
            }
        ),
    ),
    "inspector": ("Vérificateur", frozenset({Permission.READ_INVOICES, Permission.READ_ARCHIVES})),
    "assistant": ("Assistant", _COMMERCIAL_READS | _OFFERS | {Permission.DRAFT_INVOICES}),
}
"""Code of the profile → its French name and its permissions."""

WATCHED = frozenset({"accountant", "inspector"})
"""Ready-made profiles of people from outside: each thing that they read is recorded (FIS-07)."""
