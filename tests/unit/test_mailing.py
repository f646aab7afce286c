"""Documents sent by mail: to whom, in which words, with what; refused with every reason; told in lists (SUP-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from comptoir.access.commands import SetTestMode
from comptoir.access.execute import Request
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.docbase.model import FileKind, Owner
from comptoir.kernel.errors import Breach, DomainError, Forbidden, NotFound, Refused
from comptoir.mailing.commands import MailOff, MailOrderFile, MailOwnPurchaseOrder, MailPurchaseOrder, NotRenderedYet
from comptoir.mailing.model import MailProposal, MailState, MailSummary, MailView
from comptoir.mailing.proposing import addressee
from comptoir.mailing.queries import ListMails, MailCopy, ProposeOrderMail, ReadMailCopy, ReadMailHistory
from comptoir.mailing.rules import MOST_ATTACHED_BYTES, mail_breaches, mailable
from comptoir.mailing.words import ATTACHED, REORDERED, SENTENCES, SUBJECTS
from comptoir.orders.purchase_order import PurchaseOrderView
from comptoir.orders.purchasing import IssuePurchaseOrder
from comptoir.orders.supplier_commands import UpdateSupplierRequest
from comptoir.orders.supplier_model import PurchaseInput
from comptoir.parties.model import Contact, Party
from comptoir.parties.snapshot import Language
from comptoir.purchasing.buying import OpenPurchase, ValidatePurchase
from comptoir.purchasing.ordering import OrderPurchase
from comptoir.purchasing.purchase import Purchase
from tests.unit.mailing_support import SENDER, PostRoom, open_post_room, text_of
from tests.unit.orders_support import events
from tests.unit.suppliers_support import supplier_request
from tests.world import World


@pytest.fixture
def room(world: World) -> PostRoom:
    return open_post_room(world)


def told(error: DomainError) -> list[tuple[str, str | None]]:
    """Code and pointer of each breach."""
    assert isinstance(error, Refused)
    return [(breach.code, breach.pointer) for breach in error.breaches]


def refused(room: PostRoom, request: Request, profile: str = "manager") -> DomainError:
    """The refusal of a request; nothing goes out."""
    before = len(room.post.taken)
    with pytest.raises(DomainError) as refusal:
        room.world.execute_as(profile, request)
    assert len(room.post.taken) == before
    return refusal.value


def test_sup_01_a_purchase_order_is_mailed_to_the_supplier_s_contact_in_its_language(room: PostRoom) -> None:
    order, issued = room.ordered()
    mail = room.send(order)
    assert (mail.state, mail.to, mail.language) == (MailState.SENT, ("li.wei@smh.example",), Language.ENGLISH)
    message = room.post.last
    assert message["From"] == f"COMPTOIR DU PONANT <{SENDER}>"
    assert (message["To"], message["Subject"]) == (
        "li.wei@smh.example",
        f"Purchase order {issued.number} — COMPTOIR DU PONANT",
    )
    _, pdf = message.iter_parts()
    assert text_of(message).startswith(f"Dear Li Wei,\n\nPlease find attached our purchase order {issued.number}.")
    assert (pdf.get_filename(), pdf.get_content_type()) == (f"{issued.number}.pdf", "application/pdf")
    assert pdf.get_content() == f"%PDF-1.7 {issued.number}".encode()


def test_sup_01_answers_go_to_who_wrote_and_every_letter_bears_the_company_s_numbers(room: PostRoom) -> None:
    """C. com. R123-237: number, registry, form and capital on all correspondence."""
    order, _ = room.ordered()
    mail = room.send(order)
    assert room.post.last["Reply-To"] == mail.reply_to == "manager@ponant.example"
    letter, footer = text_of(room.post.last).split("\n-- \n")
    assert letter.endswith("\n\nKind regards,\nOpérateur manager\nCOMPTOIR DU PONANT\n+33 2 98 00 00 00\n")
    assert "COMPTOIR DU PONANT, SAS" in footer
    assert "RCS Brest" in footer
    assert "732" in footer


def test_sup_01_a_purchase_of_its_own_is_mailed_too(room: PostRoom) -> None:
    box = PurchaseInput.model_validate({"designation": "Boxes", "kind": "goods", "quantity": "9", "unit_price": "2"})
    purchase = room.world.do(Purchase, OpenPurchase(supplier=room.trade.china.id, lines=(box,)))
    room.world.do(Purchase, ValidatePurchase(purchase=purchase.id), if_match=1)
    issued = room.world.do(PurchaseOrderView, OrderPurchase(purchase=purchase.id), if_match=2)
    assert issued.file
    mail = room.world.do(MailView, MailOwnPurchaseOrder(purchase=purchase.id, version=1))
    assert (mail.owner, mail.owner_id, mail.to) == (Owner.PURCHASE, purchase.id, ("li.wei@smh.example",))
    assert mail.subject.startswith(f"Purchase order {purchase.number} — ")
    assert [each.file for each in mail.attachments] == [issued.file.file]


def test_sup_01_a_second_version_says_that_it_replaces_the_first(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.world.do(PurchaseOrderView, IssuePurchaseOrder(order=order.id, supplier=room.trade.china.id))
    mail = room.world.do(MailView, MailPurchaseOrder(order=order.id, supplier=room.trade.china.id, version=2))
    assert "cancels and replaces the previous one" in mail.message


@pytest.mark.parametrize(
    ("asked", "found"),
    [("Zhao Min", "Zhao Min"), ("Wang Fang", "Chen Jie"), (None, "Chen Jie"), ("Gone", "Chen Jie")],
)
def test_sup_01_the_contact_of_the_request_is_written_to_else_the_first_who_can(
    room: PostRoom, asked: str | None, found: str
) -> None:
    people = (
        Contact(name="Wang Fang", phone="+86 21 5555 0000"),
        Contact(name="Chen Jie", other_emails=("chen@other.example",)),
        Contact(name="Zhao Min", email="zhao@other.example"),
    )
    party = room.world.do(Party, supplier_request(code="OTHER", contacts=people))
    contact = addressee(party, asked)
    assert contact
    assert contact.name == found
    assert addressee(party.change(contacts=people[:1]), asked) is None


def test_inv_12_what_is_entered_goes_out_and_what_is_left_out_is_as_proposed(room: PostRoom) -> None:
    order, issued = room.ordered()
    quote, ordered = room.filed(order, FileKind.QUOTE), room.filed(order, FileKind.PURCHASE_ORDER)
    proposed = room.world.do(MailProposal, ProposeOrderMail(order=order.id, file=ordered.id))
    mail = room.send(
        order,
        to=("a@x.example", "b@müller.example"),
        cc=("c@x.example",),
        message="Line one\n\nLine two",
        attachments=(quote.id, ordered.id),
    )
    assert (mail.subject, mail.footer) == (proposed.subject, proposed.footer)
    message = room.post.last
    assert (message["To"], message["Cc"]) == ("a@x.example, b@xn--mller-kva.example", "c@x.example")
    [_, *parts] = message.iter_parts()
    assert text_of(message).startswith("Line one\n\nLine two\n\n-- \n")
    assert [part.get_filename() for part in parts] == [f"{issued.number}.pdf", f"{quote.number}.pdf"]


def test_sup_01_nobody_gets_a_mail_twice(room: PostRoom) -> None:
    """SUP-01: an address typed again, in other letter cases or in copy too, is that of one reader."""
    order, _ = room.ordered()
    to, cc = ("li@smh.example", "Li@SMH.example", "wu@smh.example"), ("WU@smh.example", "qc@smh.example")
    mail = room.send(order, to=to, cc=cc)
    assert (mail.to, mail.cc) == (("li@smh.example", "wu@smh.example"), ("qc@smh.example",))
    assert (room.post.last["To"], room.post.last["Cc"]) == ("li@smh.example, wu@smh.example", "qc@smh.example")


def test_sup_01_a_line_break_in_a_subject_is_a_space(room: PostRoom) -> None:
    """A mail that was stored always goes out: nothing entered makes a message that cannot be composed."""
    order, _ = room.ordered()
    mail = room.send(order, subject="Commande\nBcc: x@evil.example")
    assert mail.state is MailState.SENT
    assert room.post.last["Subject"] == "Commande Bcc: x@evil.example"
    assert room.post.last["Bcc"] is None


def test_a_quote_goes_to_the_customer_in_french(room: PostRoom) -> None:
    """QUO-03, as far as the mail goes."""
    order, _ = room.trade.quoted()
    quote = room.filed(order, FileKind.QUOTE)
    refusal = refused(room, MailOrderFile(order=order.id, file=quote.id))
    assert told(refusal) == [("no_recipient", "/to")]
    assert isinstance(refusal, Refused)
    assert refusal.breaches[0].link == f"/parties/{order.customer}"
    mail = room.world.do(MailView, MailOrderFile(order=order.id, file=quote.id, to=("yann@epicerie.example",)))
    assert (mail.party, mail.subject) == (order.customer, f"Devis {quote.number} — COMPTOIR DU PONANT")
    assert mail.message.startswith("Bonjour,\n\nVeuillez trouver ci-joint notre offre")


def test_every_subject_and_sentence_is_said_in_each_language_with_its_document() -> None:
    for wording in (*SUBJECTS.values(), *SENTENCES.values(), REORDERED, ATTACHED):
        told = {wording.said(language) for language in Language}
        assert len(told) == len(Language)
        assert all("{number}" in sentence or "{title}" in sentence for sentence in told)
        assert all(sentence.format(number="N-1", title="T") for sentence in told)


def test_sup_01_what_is_wrong_is_told_at_once_and_nothing_is_kept(room: PostRoom) -> None:
    order, _ = room.ordered()
    wrong = MailPurchaseOrder(
        order=order.id,
        supplier=room.trade.china.id,
        version=1,
        to=("ok@x.example", "été@x.example"),
        cc=("a,b@x.example",),
    )
    assert told(refused(room, wrong)) == [("address_not_mailable", "/to/1"), ("address_not_mailable", "/cc/0")]
    room.world.execute_as("administrator", SetTestMode(test_mode=True), 1)
    assert told(refused(room, wrong))[0] == ("company_in_test_mode", None)
    assert room.world.do(Listing[MailSummary], ListMails()).items == ()
    assert "mailed" not in events(room.trade.desk, order)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("li.wei@smh.example", "li.wei@smh.example"),
        ("o'brien+po@x-y.example", "o'brien+po@x-y.example"),
        ("x@Müller.example", "x@xn--mller-kva.example"),
        ("x@groß.example", "x@xn--gro-7ka.example"),
        ("a..b@x.example", None),
        (".a@x.example", None),
        ('"a b"@x.example', None),
        ("a@x..example", None),
        ("a@-x.example", None),
        ("a@x.example>", None),
        (f"{'a' * 65}@x.example", None),
        (f"a@{'x' * 64}.example", None),
    ],
)
def test_an_address_that_no_server_takes_is_found(address: str, taken: str | None) -> None:
    assert mailable(address) == taken


def test_attachments_are_not_larger_than_servers_take(room: PostRoom) -> None:
    order, _ = room.ordered()
    [carried] = room.send(order).attachments
    fields = MailPurchaseOrder(order=order.id, supplier=order.customer, version=1, to=("a@x.example",))
    half = carried.change(size=MOST_ATTACHED_BYTES // 2)
    assert mail_breaches(fields, [half, half], None) == []
    [breach] = mail_breaches(fields, [half, half.change(size=half.size + 1)], None)
    assert isinstance(breach, Breach)
    assert (breach.code, breach.pointer) == ("attachments_too_large", "/attachments")


def test_a_purchase_order_without_its_pdf_is_not_mailed(room: PostRoom) -> None:
    order, _ = room.trade.confirmed()
    room.world.services = replace(room.services, renderer=None)
    room.world.do(PurchaseOrderView, IssuePurchaseOrder(order=order.id, supplier=room.trade.china.id))
    request = MailPurchaseOrder(order=order.id, supplier=room.trade.china.id, version=1)
    assert isinstance(refused(room, request), NotRenderedYet)


def test_without_an_address_to_send_from_mail_is_off(room: PostRoom) -> None:
    order, _ = room.ordered()
    room.world.services = replace(room.services, mailer=None)
    request = MailPurchaseOrder(order=order.id, supplier=room.trade.china.id, version=1)
    assert isinstance(refused(room, request), MailOff)
    assert room.world.do(Listing[MailSummary], ListMails()).items == ()


def test_acc_03_a_purchase_order_is_the_buyers_to_send(room: PostRoom) -> None:
    """Whoever sells may send quotes; what is ordered from suppliers takes the right to buy."""
    order, _ = room.ordered()
    filed = room.filed(order, FileKind.PURCHASE_ORDER)
    sent = MailPurchaseOrder(order=order.id, supplier=room.trade.china.id, version=1)
    assert room.world.do(MailView, sent, profile="purchasing").state is MailState.SENT
    assert isinstance(refused(room, MailOrderFile(order=order.id, file=filed.id), "purchasing"), Forbidden)
    assert isinstance(refused(room, sent, "accountant"), Forbidden)


def test_only_documents_of_the_same_base_are_attached(room: PostRoom) -> None:
    order, _ = room.ordered()
    other, _ = room.trade.quoted()
    quote = room.filed(other, FileKind.QUOTE)
    request = MailPurchaseOrder(order=order.id, supplier=room.trade.china.id, version=1, attachments=(quote.id,))
    assert isinstance(refused(room, request), NotFound)


def test_acc_06_a_mail_is_told_by_the_order_its_documents_the_lists_and_its_own_history(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    assert events(room.trade.desk, order)[-1:] == ["mailed"] or "mailed" in events(room.trade.desk, order)
    assert room.filed(order, FileKind.PURCHASE_ORDER).sent_at == mail.sent_at
    for asked in ({}, {"month": "2026-11"}, {"owner": Owner.ORDER, "owned": order.id}):
        [listed] = room.world.do(Listing[MailSummary], ListMails(**asked)).items
        assert (listed.id, listed.state) == (mail.id, MailState.SENT)
    assert room.world.do(Listing[MailSummary], ListMails(failed=True)).items == ()
    assert room.world.do(Listing[MailSummary], ListMails(month="2026-10")).items == ()
    history = room.world.do(Listing[HistoryEntry], ReadMailHistory(mail=mail.id)).items
    assert [entry.event for entry in history] == ["sent", "written"]


def test_doc_01_a_document_tells_when_it_was_last_sent(room: PostRoom) -> None:
    order, _ = room.ordered()
    first = room.send(order)
    room.world.wait(seconds=60)
    second = room.send(order)
    assert first.sent_at != second.sent_at == room.filed(order, FileKind.PURCHASE_ORDER).sent_at


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"owner": "order"}, ("owner_incomplete", "/owned")),
        ({"owned": "7" * 26}, ("owner_incomplete", "/owner")),
        ({"month": "2026-11", "failed": True}, ("one_list_at_a_time", "/month")),
    ],
)
def test_one_list_is_asked_for_at_a_time(room: PostRoom, asked: Mapping[str, Any], found: tuple[str, str]) -> None:
    assert told(refused(room, ListMails.model_validate(asked))) == [found]


def test_what_was_handed_over_can_be_read_as_it_was(room: PostRoom) -> None:
    order, _ = room.ordered()
    mail = room.send(order)
    copy = room.world.do(MailCopy, ReadMailCopy(mail=mail.id))
    key = f"mails/{room.world.company}/{mail.id}.eml"
    assert copy.url == f"https://files.example/{key}"
    assert room.files.objects[key] == room.post.taken[-1][1]


def test_what_was_not_handed_over_yet_has_no_copy_to_read(room: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    order, _ = room.ordered()
    monkeypatch.setattr(room.outbox, "render", lambda task: {})
    mail = room.send(order)
    assert mail.state is MailState.QUEUED
    assert room.world.do(MailCopy, ReadMailCopy(mail=mail.id)).url is None


def test_a_supplier_s_contact_is_taken_from_the_request(room: PostRoom) -> None:
    order, _ = room.trade.confirmed()
    version = room.trade.version(order, room.trade.china)
    changed = UpdateSupplierRequest.model_validate(
        {"order": order.id, "supplier": room.trade.china.id, "contact": "Li Wei"}
    )
    room.world.execute_as("manager", changed, version)
    room.world.do(PurchaseOrderView, IssuePurchaseOrder(order=order.id, supplier=room.trade.china.id))
    assert room.filed(order, FileKind.PURCHASE_ORDER).contact == "Li Wei"
