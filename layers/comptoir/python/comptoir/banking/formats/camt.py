"""camt.053 read: statements of ISO 20022, of the versions .02 to .08 and after, entry by entry (RULES §6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from comptoir.banking.formats.camt_entry import CamtEntry, Names
from comptoir.banking.formats.grammar import local
from comptoir.banking.formats.reading import Faults, concluded, told, words
from comptoir.banking.statement import Balance, Entry, Statement, StatementFormat, signed
from comptoir.markup.safe_xml import elements, line_of, refused

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:(?:camt|fcs:camt)\.(\d{3})\.\d{3}\.(\d{2})\}Document")
_OPENING, _CLOSING = ("OPBD", "PRCD", "ITBD"), ("CLBD", "ITBD")


@dataclass
class _Open:
    """A statement whose entries are being read."""

    entries: list[Entry] = field(default_factory=list)
    currency: str = ""


def read_camt(data: bytes) -> tuple[Statement, ...]:
    """The statements of a camt.053 file; entries that are not booked are left out. Errors: `Refused`."""
    faults = Faults()
    return concluded(_statements(data, faults), faults)


def _statements(data: bytes, faults: Faults) -> Iterator[Statement]:
    names: Names | None = None
    current = _Open()
    for event, element in elements(data, ("{*}Document", "{*}Stmt", "{*}Ntry")):
        name = local(element)
        if name == "Document":
            if event == "start":
                names = _names(element)
        elif names is None:
            raise _not_a_statement("", element)
        elif name == "Stmt" and event == "start":
            current = _Open()
        elif name == "Ntry" and event == "end":
            _take(current, element, names, faults)
        elif name == "Stmt":
            if statement := _statement(current, element, names, faults):
                yield statement
            element.clear()


def _names(document: etree._Element) -> Names:
    """The names of elements in the namespace of this file; whatever is no statement is refused."""
    tag = str(document.tag)
    found = _NAMESPACE.fullmatch(tag)
    if not found or found[1] != "053":
        raise _not_a_statement(f"camt.{found[1]}" if found else "", document)
    return Names(tag.removesuffix("Document"))


def _not_a_statement(kind: str, element: etree._Element) -> Exception:
    said_fr = f"un {kind}" if kind else "autre chose"
    said_en = f"a {kind}" if kind else "something else"
    line = line_of(element)
    return refused(
        "not_camt_053",
        f"Ligne {line} : un relevé camt.053 est attendu, ce fichier est {said_fr}.",
        f"Line {line}: a camt.053 statement is expected, this file is {said_en}.",
        f"/file/lines/{line}",
    )


def _take(current: _Open, element: etree._Element, names: Names, faults: Faults) -> None:
    """Read an entry and let its content go, so that memory does not follow the file."""
    if entry := CamtEntry(element, names, faults).read(len(current.entries)):
        current.entries.append(entry)
        current.currency = current.currency or entry.amount.currency
    element.clear()


def _statement(current: _Open, element: etree._Element, names: Names, faults: Faults) -> Statement | None:
    line = line_of(element)
    balances = dict(_balances(element, names, faults))
    opening = next((balances[code] for code in _OPENING if code in balances), None)
    closing = next((balances[f"last {code}"] for code in _CLOSING if f"last {code}" in balances), None)
    if opening is None or closing is None:
        faults.add(
            "balance_missing", line, "solde d'ouverture ou de clôture absent", "no opening or no closing balance"
        )
        return None
    account = element.find(names("Acct"))
    identifier = words(element.findtext(names("Id"))) or "?"
    currency = current.currency or opening.amount.currency
    period = element.find(names("FrToDt"))
    first, last = (
        (None, None) if period is None else (period.findtext(names("FrDtTm")), period.findtext(names("ToDtTm")))
    )
    return Statement(
        format=StatementFormat.CAMT_053,
        id=identifier,
        account=_account(account, names),
        currency=(words(account.findtext(names("Ccy"))) if account is not None else "") or currency,
        sequence=told(element.findtext(names("ElctrncSeqNb")) or element.findtext(names("LglSeqNb"))),
        first_day=faults.iso_day(line, first) if first else opening.day,
        last_day=faults.iso_day(line, last) if last else closing.day,
        opening=opening,
        closing=closing,
        entries=tuple(current.entries),
    )


def _account(account: etree._Element | None, names: Names) -> str:
    if account is None:
        return ""
    found = account.findtext(names("Id", "IBAN")) or account.findtext(names("Id", "Othr", "Id"))
    return re.sub(r"\s", "", found or "").upper()


def _balances(element: etree._Element, names: Names, faults: Faults) -> Iterator[tuple[str, Balance]]:
    """Balances by their code: the first of a code under it, the last under `last` and it."""
    seen = set()
    for balance in element.iterfind(names("Bal")):
        line, amount = line_of(balance), balance.find(names("Amt"))
        code = balance.findtext(names("Tp", "CdOrPrtry", "Cd"), "")
        day = balance.findtext(names("Dt", "Dt")) or balance.findtext(names("Dt", "DtTm"))
        if amount is None or code not in {*_OPENING, *_CLOSING}:
            continue
        money = faults.amount(line, amount.text or "", amount.get("Ccy", ""))
        if money is None:
            continue
        credit = balance.findtext(names("CdtDbtInd")) != "DBIT"
        value = Balance(
            amount=money.change(amount=signed(money.amount, credit)), day=faults.iso_day(line, day) if day else None
        )
        if code not in seen:
            yield code, value
        seen.add(code)
        yield f"last {code}", value
