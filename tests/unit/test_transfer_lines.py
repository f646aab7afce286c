"""What is owed to suppliers, made ready for transfers and held while one is under way (TRS-06, TRS-09, TRS-10)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.execute import Reply
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money
from comptoir.purchasing.items import sheet_of
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.paying import SetSupplierDocumentMeans, SplitSupplierDocumentLine
from comptoir.purchasing.queries import ListOwed
from comptoir.purchasing.rates import (
    CertifySupplierDocumentRate,
    OfSupplierDocument,
    ReadSupplierDocumentTreasury,
    SetSupplierDocumentRate,
)
from comptoir.store.findable import exact
from comptoir.store.search import Exact, search
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place, deduct
from comptoir.treasury.items import DUE, TREASURY, transfer_references
from comptoir.treasury.model import PaymentMeans, Side, Transferred, TreasuryLine
from comptoir.treasury.settling import uninvoice_breaches
from comptoir.treasury.transferring import LineTransferred, cut, cut_breaches
from tests.unit.purchasing_support import Office, item, open_office
from tests.unit.treasury_support import DAY, credit_line, issued, owed
from tests.world import IDENTITY

IBAN = IDENTITY.bank_accounts[0].iban
ORDER = "01KASXPZ5CF1A3H9QJ4M7R2W8T"
SIGNED = st.integers(-(10**12), 10**12).filter(bool)


@pytest.fixture
def office() -> Office:
    return open_office()


def line_of(office: Office, document: SupplierDocument) -> TreasuryLine:
    [line] = office.sheet(document).lines
    return line


def ask(office: Office, request: OfSupplierDocument, profile: str = "manager") -> Reply:
    """A change of a line, on the version of its sheet."""
    version = office.world.execute_as("manager", ReadSupplierDocumentTreasury(document=request.document)).version
    return office.world.execute_as(profile, request, if_match=version or 0)


def refusal(office: Office, request: OfSupplierDocument) -> list[str]:
    with pytest.raises(DomainError) as caught:
        ask(office, request)
    return [each.code for each in caught.value.breaches] if isinstance(caught.value, Refused) else [caught.value.code]


def transferred(office: Office, document: SupplierDocument) -> TreasuryLine:
    """The line of a document once a transfer of it is under way."""
    store, key = office.world.services.store, sheet_of(office.world.company, document)
    sheet = office.sheet(document)
    line = sheet.lines[0].change(transfer=Transferred(order=ORDER, end_to_end="F-2026/0815"))
    after = sheet.change(lines=(line, *sheet.lines[1:]))

    def work(tx: Transaction) -> None:
        tx.get(TREASURY, key)
        tx.put(TREASURY, key, after)

    store.transact(work)
    return line


def test_trs_06_means_and_account_of_what_is_owed_are_set_line_by_line(office: Office) -> None:
    document = office.record()
    line = line_of(office, document)
    ask(office, SetSupplierDocumentMeans(document=document.id, line=line.id, bank_account=IBAN), "purchasing")
    assert line_of(office, document) == line.change(bank_account=IDENTITY.bank_accounts[0])
    ask(office, SetSupplierDocumentMeans(document=document.id, line=line.id, means=PaymentMeans.CHEQUE))
    assert line_of(office, document) == line.change(means=PaymentMeans.CHEQUE)


def test_trs_06_an_account_is_one_of_the_company(office: Office) -> None:
    document = office.record()
    foreign = "DE89370400440532013000"
    request = SetSupplierDocumentMeans(document=document.id, line=line_of(office, document).id, bank_account=foreign)
    assert refusal(office, request) == ["unknown_bank_account"]


def test_trs_10_a_line_is_cut_and_its_parts_stay_the_invoice(office: Office) -> None:
    document = office.record()
    line = line_of(office, document)
    parts = (Decimal("100.00"), Decimal("19.99"), Decimal("0.01"))
    ask(office, SplitSupplierDocumentLine(document=document.id, line=line.id, parts=parts), "purchasing")
    made = office.sheet(document).lines
    assert made[0] == line.change(amount=Money.of("100.00", "EUR"))
    assert [each.amount.amount for each in made] == list(parts)
    assert office.view(document).settlement.open == document.totals.gross
    wrong = SplitSupplierDocumentLine(document=document.id, line=line.id, parts=(Decimal(99), Decimal("1.001")))
    assert refusal(office, wrong) == ["off_currency_grid"]
    short = SplitSupplierDocumentLine(document=document.id, line=line.id, parts=(Decimal(99), Decimal("0.99")))
    assert refusal(office, short) == ["parts_differ"]


@given(SIGNED, st.lists(st.integers(1, 10**6), min_size=2, max_size=6), st.sampled_from(["EUR", "JPY", "TND"]))
def test_trs_10_parts_lose_nothing_and_what_differs_is_told(units: int, weights: list[int], currency: str) -> None:
    """In currencies of every number of decimals, debits and credits alike."""
    decimals = {"EUR": 2, "JPY": 0, "TND": 3}[currency]
    amount = Money.of(Decimal(units * len(weights)).scaleb(-decimals), currency)
    ids = SequentialIds(1)
    line = TreasuryLine(id=ids.new(), amount=amount, forecast_date=DAY)
    parts = [part.amount for part in line.size.split([Decimal(weight) for weight in weights]) if part]
    assert cut_breaches(line, parts) == []
    made = cut(line, parts, ids.new)
    assert sum(each.amount.amount for each in made) == amount.amount
    assert len({each.id for each in made}) == len(parts)
    assert {each.change(id=line.id, amount=amount) for each in made} == {line}
    assert [each.code for each in cut_breaches(line, [*parts, Decimal(1).scaleb(-decimals)])] == ["parts_differ"]


def test_trs_10_what_is_no_longer_owed_is_not_cut(office: Office) -> None:
    document = office.record()
    note = office.credit(document, item("10.00"))
    [credit] = [each for each in office.sheet(document).lines if each.document == note.id]
    request = SplitSupplierDocumentLine(document=note.id, line=credit.id, parts=(Decimal(6), Decimal(6)))
    assert refusal(office, request) == ["line_settled"]
    assert refusal(office, SetSupplierDocumentMeans(document=note.id, line=credit.id)) == ["line_settled"]


def test_trs_09_nothing_changes_a_line_that_a_transfer_pays(office: Office) -> None:
    """Its means, account, parts and rate; its invoice is not taken back; no credit note covers it."""
    document = office.record()
    line = transferred(office, document)
    told = {"document": document.id, "line": line.id}
    for request in (
        SetSupplierDocumentMeans(**told),
        SplitSupplierDocumentLine(**told, parts=(Decimal(60), Decimal(60))),
        SetSupplierDocumentRate(**told),
        CertifySupplierDocumentRate(**told),
    ):
        assert refusal(office, request) == ["line_transferred"]
    with pytest.raises(Refused) as caught:
        office.cancel(document)
    assert [each.code for each in caught.value.breaches] == ["invoice_transferred"]
    assert line_of(office, document) == line


def test_trs_09_a_transferred_line_is_not_covered_nor_taken_back() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = [line.change(transfer=Transferred(order=ORDER, end_to_end="F-1")) for line in owed(ids, invoice, "50.00")]
    with pytest.raises(LineTransferred):
        deduct([credit_line("50.00", DAY, ids)], lines, Money.of(5, "EUR"), ORDER, (Place(), Place()), ids.new)
    assert [each.code for each in uninvoice_breaches(lines, invoice.document)] == ["invoice_transferred"]


@pytest.mark.parametrize("told", ["F-2026/0815", "F 2026 0815", ORDER])
def test_trs_04_what_a_transfer_pays_is_found_by_its_references(office: Office, told: str) -> None:
    """By the end-to-end reference, and by that of the whole order, as statements write them."""
    document = office.record()
    transferred(office, document)
    facets = [exact("transfer", known) for known in transfer_references(told)]
    terms = [Exact(facet) for facet in facets if facet]
    found = search(office.world.services.store, office.world.company, DUE[Side.SUPPLIER], None, terms, None, 10)
    assert len(found.items) == 1
    owed_now = office.world.execute_as("manager", ListOwed(party=document.supplier)).body
    assert '"end_to_end":"F-2026/0815"' in owed_now
