"""INV-01, INV-08, CRN-05: drafts are free to change, and what they hold moves with them; duplicates."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.queries import Listing
from comptoir.invoicing.copying import DuplicateInvoice
from comptoir.invoicing.creditable import ReadRemaining, Remaining
from comptoir.invoicing.crediting import SetCreditLines
from comptoir.invoicing.drafting import EnteredOtherwise, NotDraft
from comptoir.invoicing.editing import SetDraftLines, SetDraftQuantities, UpdateDraft
from comptoir.invoicing.model import CreditType, Document, DocumentStatus, DocumentSummary
from comptoir.invoicing.queries import ListDrafts
from comptoir.kernel.errors import DomainError, NotFound, Refused
from comptoir.orders.model import LineInput
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import CONFIRMATION, INVOICE, DueStep, PaymentMeans, PaymentTerm
from tests.unit.invoicing_support import TERMS, Shop, attempt, back, line, open_shop
from tests.unit.orders_support import customer_request

TODAY = date(2026, 11, 21)
CASH = PaymentTerm(percentage=Decimal(100), means=PaymentMeans.CARD, milestone=INVOICE)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def remaining(shop: Shop, invoice: Document) -> Remaining:
    return shop.world.do(Remaining, ReadRemaining(document=invoice.id))


def test_inv_01_lines_of_a_direct_invoice_are_replaced(shop: Shop) -> None:
    draft = shop.draft()
    after = shop.do(SetDraftLines(document=draft.id, lines=(line("3", "2"), line("4", rate="5.5"))), if_match=1)
    assert [one.priced.net.amount for one in after.lines] == [Decimal("6.00"), Decimal("4.00")]
    assert after.totals.gross.amount == Decimal("11.42")
    [issued] = shop.issued(after)
    assert shop.snapshot(issued).totals == after.totals


def test_inv_01_terms_language_and_template_of_a_draft_change(shop: Shop) -> None:
    draft = shop.draft()
    change = UpdateDraft(
        document=draft.id, terms=(CASH,), language=Language.ENGLISH, template="marine", delivery_date=TODAY
    )
    after = shop.do(change, if_match=1)
    assert (after.terms, after.language, after.template) == ((CASH,), Language.ENGLISH, "marine")
    kept = shop.do(UpdateDraft(document=draft.id), if_match=2)
    assert kept == after, "what is not sent stays"
    without = UpdateDraft.model_validate({"document": draft.id, "template": None, "terms": None})
    assert shop.refused(without, if_match=2) == ["terms_of_invoice"]
    [issued] = shop.issued(kept)
    assert [one.due_date for one in shop.snapshot(issued).instalments] == [TODAY]
    assert shop.refused(UpdateDraft(document=shop.draft().id, template="nothing"), if_match=1) == ["unknown_template"]


def test_inv_01_each_draft_has_its_own_way_to_enter_lines(shop: Shop) -> None:
    order, (product,) = shop.confirmed(LineInput(designation="Bouée", quantity=Decimal(2), unit_price=Decimal(5)))
    direct, ordered = shop.draft(), shop.invoice_order(order)
    note = shop.credit(shop.invoice())
    as_lines = [SetDraftLines(document=one.id, lines=(line(),)) for one in (ordered, note)]
    as_quantities = [SetDraftQuantities(document=one.id) for one in (direct, note)]
    kind = CreditType.INVOICING_ERROR
    as_credit = [SetCreditLines(document=one.id, credit_type=kind, lines=(back(1, "1"),)) for one in (direct, ordered)]
    for request in (*as_lines, *as_quantities, *as_credit):
        with pytest.raises(EnteredOtherwise):
            shop.do(request, if_match=1)
    assert dict(shop.of_order(order).taken) == {product.id: Decimal(2)}


def test_crn_05_lines_of_a_credit_note_change_within_what_remains_beside_it(shop: Shop) -> None:
    """What it holds of the invoice is moved in the same transaction: its own part is free again."""
    invoice = shop.invoice(line("10", "10"))
    kept, draft = shop.credit(invoice, back(1, "4")), shop.credit(invoice, back(1, "6"))
    assert remaining(shop, invoice).remaining.amount == 0
    kind = CreditType.INVOICING_ERROR
    wrong = SetCreditLines(document=draft.id, credit_type=kind, lines=(back(1, "6.5"),))
    assert shop.refused(wrong, if_match=1) == ["quantity_exceeded"]
    smaller = SetCreditLines(document=draft.id, credit_type=kind, lines=(back(1, "2"), back(1, amount="5")))
    after = shop.do(smaller, "assistant", if_match=1)
    assert after.totals.net.amount == Decimal("25.00")
    assert remaining(shop, invoice).credit_notes == (kept.id, draft.id)
    assert remaining(shop, invoice).remaining.amount == Decimal("42.00")
    whole = shop.do(SetCreditLines(document=draft.id, credit_type=kind, lines=(back(1, "6"),)), if_match=2)
    assert whole.totals == draft.totals
    assert remaining(shop, invoice).remaining.amount == 0


def test_crn_05_a_credit_note_keeps_language_and_terms_of_its_invoice(shop: Shop) -> None:
    note = shop.credit(shop.invoice(language=Language.ENGLISH))
    wrong = UpdateDraft(document=note.id, reason="Casse", language=Language.FRENCH, terms=TERMS)
    assert shop.refused(wrong, if_match=1) == ["language_of_invoice", "terms_of_credit_note"]
    same = UpdateDraft(document=note.id, reason="Casse", language=Language.ENGLISH)
    assert shop.do(same, if_match=1).reason == "Casse"


def test_inv_07_no_way_of_entering_lines_changes_what_is_issued(shop: Shop) -> None:
    invoice = shop.invoice()
    [note] = shop.issued(shop.credit(invoice))
    kind = CreditType.INVOICING_ERROR
    for issued in (invoice, note):
        for request in (
            SetDraftLines(document=issued.id, lines=(line(),)),
            SetDraftQuantities(document=issued.id),
            SetCreditLines(document=issued.id, credit_type=kind, lines=(back(1, "1"),)),
        ):
            with pytest.raises(NotDraft):
                shop.do(request, "administrator", if_match=shop.version(issued))


def test_crn_05_two_edits_that_race_for_the_same_remainder(shop: Shop) -> None:
    """Six drafts of 1 each ask for 5 of the 10 at once: one gets it, since the others hold 5."""
    invoice = shop.invoice(line("10", "10"))
    notes = [shop.credit(invoice, back(1, "1")) for _ in range(6)]
    barrier, results = threading.Barrier(6), list[object]()

    def race(note: Document) -> None:
        request = SetCreditLines(document=note.id, credit_type=CreditType.INVOICING_ERROR, lines=(back(1, "5"),))
        barrier.wait()
        results.append(attempt(shop.world, request, if_match=1))

    threads = [threading.Thread(target=race, args=(note,)) for note in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [one for one in results if isinstance(one, DomainError)]
    assert [type(one) for one in refused] == [Refused] * 5
    assert remaining(shop, invoice).credited.amount == Decimal("120.00")


def test_inv_08_an_issued_invoice_is_duplicated_with_due_dates_of_its_own(shop: Shop) -> None:
    source = shop.invoice(line("33.333333", "3", discount_rate=Decimal(10)), line(free=True), note="Merci")
    shop.world.wait(days=100)
    copy = shop.do(DuplicateInvoice(document=source.id))
    assert (copy.status, copy.number, copy.sequence) == (DocumentStatus.DRAFT, None, None)
    assert (copy.note, copy.totals, copy.customer) == ("Merci", source.totals, source.customer)
    [issued] = shop.issued(copy)
    old, new = shop.snapshot(source), shop.snapshot(issued)
    assert new.lines == old.lines
    assert [(one.due_date - issued.issue_date).days for one in new.instalments if issued.issue_date] == [30]
    assert issued.number == "FA2027-000002"


def test_inv_08_a_draft_is_duplicated_too_and_for_another_customer(shop: Shop) -> None:
    """Language and terms are the other customer's; the first one's reference is not."""
    other = shop.world.do(
        Party, customer_request(code="BRISTOL", name="Bristol Fashion", language=Language.ENGLISH, terms=(CASH,))
    )
    draft = shop.draft(line("5"), customer_reference="PO 12")
    copy = shop.do(DuplicateInvoice(document=draft.id, customer=other.id))
    assert (copy.customer, copy.customer_name, copy.language) == (other.id, "Bristol Fashion", Language.ENGLISH)
    assert (copy.terms, copy.customer_reference) == ((CASH,), None)
    assert shop.do(DuplicateInvoice(document=draft.id)).customer_reference == "PO 12"
    listed = shop.world.do(Listing[DocumentSummary], ListDrafts()).items
    assert len(listed) == 3


def test_inv_08_a_copy_of_an_order_s_invoice_takes_nothing_of_the_order(shop: Shop) -> None:
    product = LineInput(designation="Bouée", quantity=Decimal(2), unit_price=Decimal(5))
    terms = (PaymentTerm(percentage=Decimal(100), milestone=CONFIRMATION, steps=(DueStep(days=60),)),)
    order, (ordered,) = shop.confirmed(product, terms=terms)
    [invoice] = shop.issued(shop.invoice_order(order, quantities=None))
    copy = shop.do(DuplicateInvoice(document=invoice.id))
    assert (copy.order, copy.lines[0].source) == (None, None)
    assert [term.milestone for term in copy.terms] == [INVOICE]
    assert dict(shop.of_order(order).taken) == {ordered.id: Decimal(2)}
    [issued] = shop.issued(copy)
    assert [(one.due_date - TODAY).days for one in shop.snapshot(issued).instalments] == [60]


def test_inv_08_only_invoices_are_duplicated_for_customers_that_exist(shop: Shop) -> None:
    invoice = shop.invoice()
    note = shop.credit(invoice)
    with pytest.raises(NotFound):
        shop.do(DuplicateInvoice(document=note.id))
    assert shop.refused(DuplicateInvoice(document=invoice.id, customer=invoice.id)) == ["unknown_customer"]
