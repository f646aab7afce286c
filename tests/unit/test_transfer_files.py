"""Files made the whole way, from hostile suppliers everywhere to the official schemas (TRS-06 to TRS-09)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from comptoir.banking.formats.check import check
from comptoir.banking.model import Creditor, MessageVersion, Transfer, TransferKind
from comptoir.banking.ordered import StoredTransferOrder, TransferState
from comptoir.kernel.banks import ForeignAccount
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.money import Money
from comptoir.parties.model import Party
from comptoir.purchasing.model import SupplierDocument
from tests.unit.banking_support import (
    CURRENCIES,
    needs_schemas,
    schema_errors,
    transfers,
    words,
)
from tests.unit.transfer_support import Treasurer, open_treasurer

_slow = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_AGREED = st.fixed_dictionaries(
    {
        "sepa": st.sampled_from(MessageVersion),
        "swift": st.sampled_from([MessageVersion.GENERAL_2009, MessageVersion.GENERAL_2019]),
        "urgent": st.sampled_from(["priority", "same_day"]),
        "addresses": st.sampled_from(["structured", "hybrid"]),
        "batch_booking": st.sampled_from([None, True, False]),
    }
)
_NUMBERS = st.text("ABZ0123456789/-. °_é", min_size=1, max_size=60).map(lambda text: f"{text.strip()}7".strip())


def accounts(creditor: Creditor) -> dict[str, Any]:
    """The accounts of a supplier that is this creditor."""
    if creditor.iban:
        own = BankAccount(iban=creditor.iban, bic=creditor.bic, holder=creditor.name)
        return {"bank_accounts": (own,)}
    foreign = ForeignAccount(number=creditor.account, bic=creditor.bic, bank=creditor.bank, holder=creditor.name)
    return {"bank_accounts": (), "foreign_accounts": (foreign,)}


def supplied(treasurer: Treasurer, number: str, of: Transfer, place: int) -> SupplierDocument:
    """An invoice of a supplier made of a drawn transfer, ready to be paid."""
    fields = {"address": of.creditor.address, "currency": of.amount.currency, **accounts(of.creditor)}
    supplier: Party = treasurer.supplier(f"S{place}", of.creditor.name, name=of.creditor.name[:200], **fields)
    small = Money.of(of.amount.amount % Decimal(10**8) + 1, of.amount.currency)
    return treasurer.invoice(supplier, number, str(small.amount))


@st.composite
def batches(draw: st.DrawFn) -> tuple[dict[str, Any], list[Transfer], str]:
    """What a bank agreed to, and transfers that one order may hold."""
    agreed = draw(_AGREED)
    kind = draw(st.sampled_from(TransferKind))
    currency = "EUR" if kind is TransferKind.SEPA else draw(st.sampled_from(CURRENCIES))
    version = agreed["sepa"] if kind is TransferKind.SEPA else agreed["swift"]
    return agreed, [draw(transfers(n, kind, version, currency)) for n in range(draw(st.integers(1, 3)))], currency


@needs_schemas
@_slow
@given(batches(), st.lists(_NUMBERS, min_size=3, max_size=3, unique=True), words, st.booleans())
def test_every_file_of_the_whole_way_holds_to_its_official_schema(
    drawn: tuple[dict[str, Any], list[Transfer], str], numbers: list[str], label: str | None, urgent: bool
) -> None:
    order, data = made(drawn, numbers, label, urgent)
    assert schema_errors(order.order.version, data) == []


@_slow
@given(batches(), st.lists(_NUMBERS, min_size=3, max_size=3, unique=True), words, st.booleans())
def test_every_file_of_the_whole_way_is_taken_by_our_checker_and_says_what_is_owed(
    drawn: tuple[dict[str, Any], list[Transfer], str], numbers: list[str], label: str | None, urgent: bool
) -> None:
    """Amounts are those of the lines, references are those that the lines wait for."""
    order, data = made(drawn, numbers, label, urgent)
    assert check(data) == []
    root = etree.fromstring(data)
    told = [(Decimal(each.text or ""), each.get("Ccy")) for each in root.iterfind(".//{*}InstdAmt")]
    assert told == [(each.amount.amount, each.amount.currency) for each in order.order.transfers]
    references = [each.text for each in root.iterfind(".//{*}EndToEndId")]
    assert references == [each.end_to_end for each in order.order.transfers]
    assert len({re.sub("[^A-Z0-9]", "", (each or "").upper()) for each in references}) == len(references)


def made(
    drawn: tuple[dict[str, Any], list[Transfer], str], numbers: list[str], label: str | None, urgent: bool
) -> tuple[StoredTransferOrder, bytes]:
    """The order and its file, by the commands alone."""
    agreed, chosen, _ = drawn
    treasurer = open_treasurer(**agreed)
    documents = [supplied(treasurer, numbers[place], each, place) for place, each in enumerate(chosen)]
    wanted = [
        treasurer.wanted(document, purpose=each.purpose, reason=each.remittance, charges=each.charges)
        for document, each in zip(documents, chosen, strict=True)
    ]
    own = label.strip()[:200] if label else None
    order = treasurer.generate(*wanted, label=own or None, urgent=urgent)
    assert order.state is TransferState.GENERATED
    held = [treasurer.lines(document)[0].transfer for document in documents]
    assert [each and each.end_to_end for each in held] == [each.end_to_end for each in order.order.transfers]
    return order, treasurer.file(order)
