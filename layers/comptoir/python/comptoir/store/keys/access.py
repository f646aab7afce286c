"""People, settings and what every context shares: answers, history, counters, imports and exports."""

from __future__ import annotations

from comptoir.store.record import Index, Key

HISTORY = "HISTORY#"


def company(company: str) -> Key:
    """The company itself: legal identity and settings."""
    return Key(f"{company}#COMPANY", "HEAD")


def profiles(company: str) -> Key:
    """All profiles of a company, in one item read with every request."""
    return Key(f"{company}#COMPANY", "PROFILES")


def customisation(company: str) -> Key:
    """The custom fields and lists of tags of a company."""
    return Key(f"{company}#COMPANY", "CUSTOM")


def operator(company: str, operator: str) -> Key:
    """An operator."""
    return Key(f"{company}#OPERATOR#{operator}", "HEAD")


def operator_email(company: str, email: str) -> Key:
    """Holds an operator's e-mail address, in lower case, so that two operators never share one."""
    return Key(f"{company}#OPERATORMAIL#{email.lower()}", "CODE")


def portrait(company: str, operator: str) -> Key:
    """The picture of an operator on quotes."""
    return Key(f"{company}#OPERATOR#{operator}", "PORTRAIT")


def team(company: str, manager: str, order: str) -> Index:
    """Index place of the operators that a manager has."""
    return (f"{company}#TEAM#{manager}", order)


def idempotency(company: str, operator: str, token: str) -> Key:
    """The stored answer of a request that carried an Idempotency-Key."""
    return Key(f"{company}#IDEMPOTENCY#{operator}#{token}", "ANSWER")


def history(pk: str, at: str, event: str) -> Key:
    """A history entry of the object that lies in partition `pk`."""
    return Key(pk, f"HISTORY#{at}#{event}")


def counter(company: str, name: str) -> Key:
    """The last number given in a plain numbering (orders, parties), which may have gaps."""
    return Key(f"{company}#COUNTER#{name}", "HEAD")


def export_job(company: str, job: str) -> Key:
    """An export and the file that it became."""
    return Key(f"{company}#EXPORT#{job}", "HEAD")


def import_job(company: str, job: str) -> Key:
    """An import and how far it has come."""
    return Key(f"{company}#IMPORT#{job}", "HEAD")


def import_rows(company: str, job: str, part: int) -> Key:
    """A part of the rows of an import."""
    return Key(f"{company}#IMPORT#{job}", f"ROWS#{part:04d}")


def access(company: str, month: str, at: str, id: str) -> Key:
    """One access to something, among those of a month."""
    return Key(f"{company}#ACCESS#{month}", f"{at}#{id}")


def accesses_of(company: str, operator: str, month: str, at: str) -> Index:
    """Index place of the accesses of one operator in a month."""
    return (f"{company}#ACCESSES#{operator}#{month}", at)
