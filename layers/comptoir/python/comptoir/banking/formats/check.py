"""Credit transfer files checked as a bank does, from their bytes alone: nothing here is taken from what writes them.

Structure and texts by the grammar of the version; then what a schema cannot say: counts and sums,
identifiers, currencies, days, addresses, what SEPA allows (RULES §5.2, §5.3).
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lxml import etree

from comptoir.banking.formats.grammar import Rule, breaches, local
from comptoir.banking.formats.schemas import SCHEMAS
from comptoir.banking.formats.transaction import Transaction, breach_at
from comptoir.banking.model import MessageVersion
from comptoir.banking.target import is_target_day
from comptoir.kernel.errors import Breach
from comptoir.markup.safe_xml import elements

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_TRANSACTION = "CdtTrfTxInf"
_UTF8 = b"<?xml version='1.0' encoding='UTF-8'?>"


def check(data: bytes) -> list[Breach]:
    """Everything for which a bank could refuse this file, each with its place; empty when there is nothing.

    Errors: `Refused` for what is not well-formed XML.
    """
    found = list(_bytes(data))
    checker = _Checker(data)
    return [*found, *checker.breaches()]


def _bytes(data: bytes) -> Iterator[Breach]:
    if data.startswith(codecs.BOM_UTF8):
        yield breach_at("byte_order_mark", "", "marque d'ordre d'octets", "byte order mark")
    if not data.removeprefix(codecs.BOM_UTF8).startswith((_UTF8, _UTF8.replace(b"'", b'"'))):
        yield breach_at("encoding_undeclared", "", "déclaration UTF-8 attendue", "an UTF-8 declaration is expected")


@dataclass
class _Group:
    """What is counted of a payment information."""

    service: str | None = None
    count: int = 0
    sum: Decimal = Decimal(0)
    currencies: set[str] = field(default_factory=set)
    found: list[Breach] = field(default_factory=list)


class _Checker:
    """One pass over a file; transactions are checked and let go one by one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._groups: list[_Group] = [_Group()]
        self._ids: Counter[tuple[str, str]] = Counter()

    def breaches(self) -> Iterator[Breach]:
        root: etree._Element | None = None
        version: MessageVersion | None = None
        for event, element in elements(self._data, ("{*}Document", "{*}PmtInf", f"{{*}}{_TRANSACTION}"), 10**9):
            name = local(element)
            if event == "start" and name == "Document" and root is None:
                root, version = element, _version(element)
                if version is None:
                    yield breach_at("version_unknown", "", "espace de noms inconnu", "unknown namespace")
                    return
            elif event == "end" and version and name == "PmtInf":
                self._groups.append(_Group())
            elif event == "end" and version and name == _TRANSACTION:
                self._take(element, version)
        if root is None or version is None:
            yield breach_at("version_unknown", "", "élément Document attendu", "a Document element is expected")
            return
        yield from self._whole(root, version)

    def _take(self, element: etree._Element, version: MessageVersion) -> None:
        group = self._groups[-1]
        if group.service is None:
            group.service = _text(element.getparent(), "PmtTpInf", "SvcLvl", "Cd")
        group.count += 1
        at = f"PmtInf[{len(self._groups)}]/{_TRANSACTION}[{group.count}]"
        group.found += breaches(_RULES[version], element, at)
        transaction = Transaction(element, at, group.service)
        group.found += transaction.breaches()
        group.sum += transaction.amount
        group.currencies.add(transaction.currency)
        for kind, value in transaction.identifiers():
            self._ids[kind, value] += 1
            if self._ids[kind, value] > 1:
                group.found.append(_repeated(kind, value, f"{at}/PmtId/{kind}"))
        # What is checked is let go; that it stood there still counts for the order of elements.
        element.clear()

    def _whole(self, root: etree._Element, version: MessageVersion) -> Iterator[Breach]:
        children = list(root)
        if len(children) != 1 or local(children[0]) != SCHEMAS[version].name:
            yield breach_at("element_unknown", "", "un seul message attendu", "exactly one message is expected")
            return
        message = children[0]
        yield from breaches(SCHEMAS[version], message, "", skip=lambda name: name == _TRANSACTION)
        payments = [child for child in message if local(child) == "PmtInf"]
        for number, (payment, group) in enumerate(zip(payments, self._groups, strict=False), 1):
            at = f"PmtInf[{number}]"
            yield from group.found
            yield from _counted(payment, at, group.count, group.sum)
            yield from _payment(payment, at, version, group)
            self._ids["PmtInfId", _text(payment, "PmtInfId")] += 1
            if self._ids["PmtInfId", _text(payment, "PmtInfId")] > 1:
                yield _repeated("PmtInfId", _text(payment, "PmtInfId"), f"{at}/PmtInfId")
        header = next((child for child in message if local(child) == "GrpHdr"), None)
        if header is not None:
            total = sum((group.sum for group in self._groups), Decimal(0))
            yield from _counted(header, "GrpHdr", sum(group.count for group in self._groups), total)


def _version(root: etree._Element) -> MessageVersion | None:
    space = etree.QName(root).namespace or ""
    try:
        return MessageVersion(space.removeprefix(_NAMESPACE)) if space.startswith(_NAMESPACE) else None
    except ValueError:
        return None


def _rule(rule: Rule, *path: str) -> Rule:
    for name in path:
        rule = next(place.rules[name] for place in rule.places if name in place.rules)
    return rule


_RULES = {version: _rule(schema, "PmtInf", _TRANSACTION) for version, schema in SCHEMAS.items()}


def _text(element: etree._Element | None, *path: str) -> str:
    found = None if element is None else element.find("/".join(f"{{*}}{name}" for name in path))
    return "" if found is None else found.text or ""


def _counted(element: etree._Element, at: str, count: int, total: Decimal) -> Iterator[Breach]:
    """Number and control sum as they are (RULES §5.2): banks refuse the whole file for one of them."""
    if _text(element, "NbOfTxs") != str(count):
        told = _text(element, "NbOfTxs")
        yield breach_at(
            "count_wrong", f"{at}/NbOfTxs", f"{told} annoncés, {count} trouvés", f"{told} told, {count} found"
        )
    try:
        right = Decimal(_text(element, "CtrlSum")) == total
    except ArithmeticError:
        right = False
    if not right:
        told = _text(element, "CtrlSum")
        yield breach_at("sum_wrong", f"{at}/CtrlSum", f"{told} annoncé, {total} trouvé", f"{told} told, {total} found")


def _payment(payment: etree._Element, at: str, version: MessageVersion, group: _Group) -> Iterator[Breach]:
    level, instrument = _text(payment, "PmtTpInf", "SvcLvl", "Cd"), _text(payment, "PmtTpInf", "LclInstrm", "Cd")
    if len(group.currencies) > 1:
        yield breach_at("several_currencies", at, "plusieurs devises", "several currencies")
    if instrument and (version is not MessageVersion.GENERAL_2019 or level != "SEPA"):
        yield breach_at("instrument_refused", f"{at}/PmtTpInf/LclInstrm", "INST non admis ici", "INST not allowed here")
    if level == "SEPA":
        yield from _sepa(payment, at, group)
    if level == "URGP" and _text(payment, "PmtTpInf", "InstrPrty") != "HIGH":
        yield breach_at("priority_missing", f"{at}/PmtTpInf/InstrPrty", "HIGH attendu avec URGP", "URGP goes with HIGH")
    yield from _day(_text(payment, "ReqdExctnDt", "Dt") or _text(payment, "ReqdExctnDt"), at, instrument)


def _sepa(payment: etree._Element, at: str, group: _Group) -> Iterator[Breach]:
    bearer = _text(payment, "ChrgBr")
    if bearer not in ("", "SLEV"):
        yield breach_at("charges_in_sepa", f"{at}/ChrgBr", "SLEV attendu en SEPA", "SLEV is expected in SEPA")
    if group.currencies - {"EUR"}:
        yield breach_at("currency_in_sepa", at, "devise autre que l'euro en SEPA", "another currency than euro in SEPA")


def _day(text: str, at: str, instrument: str) -> Iterator[Breach]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return
    if not instrument and not is_target_day(day):
        yield breach_at("not_a_target_day", f"{at}/ReqdExctnDt", f"{text} n'est pas ouvré", f"{text} is no banking day")


def _repeated(kind: str, value: str, at: str) -> Breach:
    return breach_at(f"{kind.lower()}_repeated", at, f"{kind} {value} répété", f"{kind} {value} repeated")
