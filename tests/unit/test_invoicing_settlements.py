"""How far documents are settled, wherever they are shown: TRS-03, CRN-09, PTY-02, PTY-04."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.access.queries import Listing
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.model import Document, DocumentSummary, DocumentView
from comptoir.invoicing.queries import ListDocuments, ListDrafts, ListPartyDocuments, ReadCreditNote, ReadInvoice
from comptoir.orders.model import LineInput
from comptoir.purchasing.party_page import PartyPage, ReadPartyPage
from comptoir.treasury.settling import SettlementState
from tests.unit.invoicing_support import line, wrap
from tests.unit.payments_support import Till, open_till
from tests.unit.treasury_support import eur


@pytest.fixture
def till() -> Till:
    return open_till()


def listed(till: Till, request: ListDocuments) -> dict[str, DocumentSummary]:
    return {each.id: each for each in till.world.do(Listing[DocumentSummary], request).items}


def settled(till: Till) -> tuple[Document, Document, Document]:
    """An invoice of an order paid in part with a credit note on it, deducted in part from another invoice."""
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [invoice] = till.issued(till.invoice_order(order))
    till.pay(invoice, "70.00")
    note, other = till.note(invoice, "36.00"), till.invoice(line("10"))
    till.deduct(note, invoice=other.id, amount="12.00")
    return invoice, note, other


def test_an_invoice_tells_what_is_due_paid_and_credited(till: Till) -> None:
    invoice, note, other = settled(till)
    shown = till.world.do(DocumentView, ReadInvoice(document=invoice.id)).settlement
    assert shown is not None
    assert (shown.state, shown.open, shown.paid) == (SettlementState.PARTLY, eur(50), eur(70))
    assert (shown.deducted, shown.credited) == (eur(0), eur(36))
    view = till.world.do(DocumentView, ReadInvoice(document=other.id))
    assert view.settlement is not None
    assert (view.settlement.state, view.settlement.deducted) == (SettlementState.SETTLED, eur(12))
    assert [one.link and one.link.number for one in view.treasury] == [note.number]
    assert {one.document for one in view.treasury} == {other.id}


def test_a_credit_note_tells_what_is_left_of_it(till: Till) -> None:
    _, note, _ = settled(till)
    shown = till.world.do(DocumentView, ReadCreditNote(document=note.id)).settlement
    assert shown is not None
    assert (shown.open, shown.deducted, shown.paid) == (eur(24), eur(12), eur(0))
    assert shown.state is SettlementState.PARTLY


def test_lists_tell_it_with_one_more_read_for_the_whole_page(till: Till) -> None:
    documents = settled(till)
    draft, cancelled = till.draft(), till.invoice()
    cancellation = till.do(CancelInvoice(document=cancelled.id, reason="Erreur"))
    [cancellation] = till.issued(cancellation)
    counted = wrap(till)
    shown = listed(till, ListDocuments())
    assert counted.calls == ["get", "query", "get"]
    states = {each.number: each.settlement and each.settlement.state.value for each in shown.values()}
    assert states == {
        documents[0].number: "partly",
        documents[1].number: "partly",
        documents[2].number: "settled",
        cancelled.number: None,
        cancellation.number: None,
    }
    for request in (ListPartyDocuments(party=till.customer.id), ListDrafts()):
        found = listed(till, request)
        assert found[draft.id].settlement is None
    assert listed(till, ListPartyDocuments(party=till.customer.id))[documents[0].id].settlement == (
        till.standing(documents[0])
    )


def test_pty_02_the_party_s_page_shows_what_it_owes_and_its_credit_notes(till: Till) -> None:
    invoice, note, other = settled(till)
    late = till.invoice(line("5"))
    page = till.world.do(PartyPage, ReadPartyPage(party=till.customer.id))
    owing = [(each.number, each.amount) for request in page.open_requests for each in request.due]
    assert (late.number, eur(6)) in owing
    assert sum(amount.amount for number, amount in owing if number == invoice.number) == Decimal("50.00")
    assert other.number not in {number for number, _ in owing}
    assert [(each.number, each.amount) for request in page.available_credits for each in request.credits] == [
        (note.number, eur(-24))
    ]
    told = {each.id: each.settlement and each.settlement.open for each in page.documents}
    assert told == {invoice.id: eur(50), note.id: eur(24), other.id: eur(0), late.id: eur(6)}
    assert till.world.do(PartyPage, ReadPartyPage(party=till.customer.id), "administrator") == page
