"""The company's bank accounts, their statements and entries, the files that bring them, and transfer orders."""

from __future__ import annotations

from comptoir.store.record import Index, Key


def bank_account(company: str, account: str) -> Key:
    """A bank account of the company."""
    return Key(f"{company}#BANKACCOUNT#{account}", "HEAD")


def bank_month(company: str, account: str, month: str) -> Key:
    """Of each day of a month of an account: how many entries it has, and the balances where statements meet."""
    return Key(f"{company}#BANKACCOUNT#{account}#MONTH#{month}", "HEAD")


def bank_statement(company: str, statement: str) -> Key:
    """A statement, under the fingerprint that it has in every format."""
    return Key(f"{company}#BANKSTATEMENT#{statement}", "HEAD")


def bank_entry(company: str, entry: str) -> Key:
    """An entry of an account, under the identifier that it has in every statement."""
    return Key(f"{company}#BANKENTRY#{entry}", "HEAD")


def statement_file(company: str, file: str) -> Key:
    """A file of statements, announced or dropped, and what became of it."""
    return Key(f"{company}#STATEMENTFILE#{file}", "HEAD")


def transfer_order(company: str, order: str) -> Key:
    """An order to transfer, and its file; the transfers lie beside it in parts."""
    return Key(f"{company}#TRANSFERORDER#{order}", "HEAD")


def transfer_order_part(company: str, order: str, part: int) -> Key:
    """Some of an order's transfers, and what they pay."""
    return Key(f"{company}#TRANSFERORDER#{order}", f"PART#{part:04d}")


def end_to_end(company: str, reference: str) -> Key:
    """Holds a reference of a transfer, for ever: capitals and digits, as statements are compared (RULES §5.3)."""
    return Key(f"{company}#ENDTOEND#{reference}", "CODE")


def of_bank_account(company: str, account: str, what: str, period: str, order: str) -> Index:
    """Index place of what an account has in a month or year (`what`: ENTRIES, UNMATCHED, STATEMENTS)."""
    return (f"{company}#BANKACCOUNT#{account}#{what}#{period}", order)
