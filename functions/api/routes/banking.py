"""Bank accounts of the company, their statements and entries."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.accounts import (
    ChangeBankAccount,
    ListBankAccounts,
    OpenBankAccount,
    OwnAccountView,
    ReadBankAccount,
    ReadBankAccountHistory,
)
from comptoir.banking.cash import ReadCashForecast
from comptoir.banking.cash_forecast import CashForecast
from comptoir.banking.invoice_matches import AcceptMatch, AcceptSupplierMatch
from comptoir.banking.proposing import Proposals, ProposeMatches
from comptoir.banking.reconciling import AcceptRefund, AcceptReturn, UndoMatch
from comptoir.banking.statement_commands import (
    AnnounceStatements,
    ListEntries,
    ListStatements,
    ReadEntry,
    ReadStatement,
    ReadStatementFile,
    ReadStatements,
)
from comptoir.banking.stored import EntryView, StatementFile, StatementView, StoredEntry, Ticket

from ..routing import Route

_ID = "01KASXPZ5CF1A3H9QJ4M7R2W8T"
ACCOUNT_EXAMPLE = {
    "iban": "FR7630006000011234567890189",
    "label": "Compte courant",
    "currency": "EUR",
    "settings": {"sepa": "pain.001.001.09", "batch_booking": False, "urgent": "same_day"},
}
_FILE = {"filename": "releve.xml", "size": 8042, "sha256": "0" * 64}

ROUTES = (
    Route("GET", "/bank-accounts", ListBankAccounts, Listing[OwnAccountView]),
    Route(
        "POST",
        "/bank-accounts",
        OpenBankAccount,
        OwnAccountView,
        201,
        "/bank-accounts/{id}",
        example=ACCOUNT_EXAMPLE,
    ),
    Route("GET", "/bank-accounts/{account}", ReadBankAccount, OwnAccountView),
    Route(
        "PATCH", "/bank-accounts/{account}", ChangeBankAccount, OwnAccountView, example={"label": "Compte principal"}
    ),
    Route("GET", "/cash-forecast", ReadCashForecast, CashForecast),
    Route("GET", "/bank-accounts/{account}/history", ReadBankAccountHistory, Listing[HistoryEntry]),
    Route("GET", "/bank-accounts/{account}/statements", ListStatements, Listing[StatementView]),
    Route("GET", "/bank-accounts/{account}/entries", ListEntries, Listing[EntryView]),
    Route("GET", "/bank-statements/{statement}", ReadStatement, StatementView),
    Route("GET", "/bank-entries/{entry}", ReadEntry, StoredEntry),
    Route("GET", "/bank-entries/{entry}/proposals", ProposeMatches, Proposals),
    Route(
        "POST",
        "/bank-entries/{entry}/matches",
        AcceptMatch,
        StoredEntry,
        201,
        "/bank-entries/{id}",
        example={"customer": _ID, "allocations": [{"invoice": _ID, "amount": "5.00"}]},
    ),
    Route(
        "POST",
        "/bank-entries/{entry}/supplier-matches",
        AcceptSupplierMatch,
        StoredEntry,
        201,
        "/bank-entries/{id}",
        example={"allocations": [{"invoice": _ID, "amount": "100.00"}], "booked": "92.31"},
    ),
    Route(
        "POST",
        "/bank-entries/{entry}/refund-matches",
        AcceptRefund,
        StoredEntry,
        201,
        "/bank-entries/{id}",
        example={"side": "customer", "credit_note": _ID, "amount": "5.00"},
    ),
    Route(
        "POST",
        "/bank-entries/{entry}/return-matches",
        AcceptReturn,
        StoredEntry,
        201,
        "/bank-entries/{id}",
        example={"payment": _ID, "reason": "Rejet : provision insuffisante"},
    ),
    Route(
        "POST",
        "/bank-entries/{entry}/matches/{payment}/cancellation",
        UndoMatch,
        StoredEntry,
        example={"reason": "Autre client"},
    ),
    Route("POST", "/bank-statements/files", AnnounceStatements, Ticket, 201, example=_FILE),
    Route("GET", "/bank-statements/files/{statement_file}", ReadStatementFile, StatementFile),
    Route(
        "POST",
        "/bank-statements/files/{statement_file}/reading",
        ReadStatements,
        StatementFile,
        201,
        "/bank-statements/files/{id}",
        {202: StatementFile},
    ),
)
