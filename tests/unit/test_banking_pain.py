"""Transfer files against the official schemas and our own checker, over hostile suppliers everywhere (TRS-08)."""

from __future__ import annotations

import io
import re
import tracemalloc
from decimal import Decimal
from typing import IO, cast

from hypothesis import HealthCheck, given, settings
from lxml import etree

from comptoir.banking.charset import is_latin
from comptoir.banking.credit_transfer import preview
from comptoir.banking.formats.check import check
from comptoir.banking.formats.pain import write
from comptoir.banking.model import MessageVersion, TransferOrder
from comptoir.banking.references import NOT_PROVIDED
from comptoir.banking.rules import judge
from tests.unit.banking_support import TODAY, file, identifier, needs_schemas, order, orders, schema_errors, transfer

_slow = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@needs_schemas
@_slow
@given(orders())
def test_every_file_holds_to_its_official_schema(of: TransferOrder) -> None:
    assert judge(of, TODAY) == []
    assert schema_errors(of.version, file(of)) == []


@_slow
@given(orders())
def test_every_file_passes_our_checker_which_reads_its_bytes_alone(of: TransferOrder) -> None:
    assert [breach.en for breach in check(file(of))] == []


@_slow
@given(orders())
def test_no_text_of_a_file_is_empty_or_in_other_letters_or_ends_with_a_space(of: TransferOrder) -> None:
    for element in etree.fromstring(file(of)).iter():
        if len(element) == 0:
            assert element.text
            assert is_latin(element.text)
            assert element.text == element.text.strip()


@_slow
@given(orders())
def test_a_file_says_what_the_order_says(of: TransferOrder) -> None:
    """Amounts to the last decimal, accounts, and identifiers that no other transfer has."""
    root = etree.fromstring(file(of))
    amounts = [(Decimal(found.text or ""), found.get("Ccy")) for found in root.iterfind(".//{*}InstdAmt")]
    assert amounts == [(each.amount.amount, each.amount.currency) for each in of.transfers]
    accounts = [
        found.findtext("{*}Id/{*}IBAN") or found.findtext("{*}Id/{*}Othr/{*}Id")
        for found in root.iterfind(".//{*}CdtrAcct")
    ]
    assert accounts == [each.creditor.iban or each.creditor.account for each in of.transfers]
    assert [found.text for found in root.iterfind(".//{*}InstrId")] == [each.id for each in of.transfers]
    totals = {found.text for found in root.iterfind(".//{*}CtrlSum")}
    assert {Decimal(total or "") for total in totals} == {sum(amount for amount, _ in amounts)}
    assert {found.text for found in root.iterfind(".//{*}NbOfTxs")} == {str(len(of.transfers))}


@_slow
@given(orders())
def test_the_preview_names_every_text_that_changes_and_no_other(of: TransferOrder) -> None:
    told = {change.pointer: change for change in preview(of)}
    root = etree.fromstring(file(of))
    for number, (each, found) in enumerate(zip(of.transfers, root.iterfind(".//{*}CdtTrfTxInf"), strict=True)):
        written = found.findtext("{*}Cdtr/{*}Nm")
        change = told.get(f"/transfers/{number}/creditor/name")
        assert (change.after if change else each.creditor.name) == written
        assert (change is None) == (written == each.creditor.name)
        reference = found.findtext("{*}PmtId/{*}EndToEndId")
        assert reference in (each.end_to_end, NOT_PROVIDED)
    for change in told.values():
        assert change.before != change.after
        assert change.fr
        assert change.en


def test_a_file_is_utf8_without_mark_and_says_its_namespace_once() -> None:
    data = file(order(MessageVersion.GENERAL_2019))
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert data.count(b"xmlns") == 1
    assert data.decode("ascii")


def test_the_same_order_gives_the_same_bytes() -> None:
    assert file(order()) == file(order())


class _Counting(io.RawIOBase):
    """A file that keeps nothing."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        length = len(cast(bytes, data))
        self.size += length
        return length


def _peak(count: int) -> tuple[int, int]:
    """Bytes that writing an order of so many transfers allocates at most, and that it writes."""
    paid = transfer()
    of = order(
        MessageVersion.SEPA_2009, *(paid.change(id=identifier(n), end_to_end=f"F{n}") for n in range(1, count + 1))
    )
    sink = _Counting()
    tracemalloc.start()
    try:
        write(of, cast("IO[bytes]", sink))
        return tracemalloc.get_traced_memory()[1], sink.size
    finally:
        tracemalloc.stop()


def test_memory_does_not_follow_the_number_of_transfers() -> None:
    """What is allocated at most stays what the interpreter keeps for reuse, far below the file."""
    few, _ = _peak(4000)
    many, size = _peak(8000)
    assert size > 3_000_000
    assert max(few, many) < size / 5


def test_an_address_is_never_written_into_the_message_that_has_only_free_lines() -> None:
    """Since 15 November 2026 pain.001.002.03 has no address that a bank takes (RULES §5.3)."""
    assert b"PstlAdr" not in file(order(MessageVersion.SEPA_2009))
    assert len(re.findall(rb"<PstlAdr>", file(order(MessageVersion.GENERAL_2019)))) == 2
