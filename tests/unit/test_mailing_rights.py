"""Who reads mails and sends them again: whoever may read and send what they carry (ACC-03)."""

from __future__ import annotations

import pytest

from comptoir.access.commands import SaveProfile, SetTestMode
from comptoir.access.execute import Request
from comptoir.access.model import HistoryEntry
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing
from comptoir.docbase.model import FileKind, Owner
from comptoir.kernel.errors import Forbidden, Refused
from comptoir.mailing.commands import SENDS, MailOrderFile, SendAgain
from comptoir.mailing.items import MAIL
from comptoir.mailing.model import MailState, MailSummary, MailView
from comptoir.mailing.queries import READS, ListMails, MailCopy, ReadMail, ReadMailCopy, ReadMailHistory
from comptoir.mailing.tasks import PostRefused
from comptoir.orders.model import Order
from comptoir.store import keys
from tests.unit.mailing_support import PostRoom, open_post_room
from tests.world import World


@pytest.fixture
def room(world: World) -> PostRoom:
    return open_post_room(world)


def denied(room: PostRoom, request: Request, profile: str) -> bool:
    """Whether a profile may not do it."""
    try:
        room.world.execute_as(profile, request, 0)
    except Forbidden:
        return True
    return False


def failed(room: PostRoom, order: Order, kind: FileKind) -> MailView:
    """The mail with a document of an order that the mail service refused."""
    room.post.fault = PostRefused("no")
    with pytest.raises(Refused):
        room.world.execute_as(
            "manager", MailOrderFile(order=order.id, file=room.filed(order, kind).id, to=("a@x.example",))
        )
    room.post.fault = None
    [listed] = room.world.do(Listing[MailSummary], ListMails(failed=True)).items
    return room.world.do(MailView, ReadMail(mail=listed.id))


def version(room: PostRoom, mail: MailView) -> int:
    """The version of a mail."""
    return room.services.store.require(MAIL, keys.mail(room.world.company, mail.id)).version


def test_acc_03_a_mail_is_read_by_who_may_read_what_it_carries(room: PostRoom) -> None:
    """An accountant reads parties and purchases, not orders, whose words stand in the mail and in its history."""
    order, _ = room.ordered()
    mail = room.send(order)
    for request in (ReadMail(mail=mail.id), ReadMailHistory(mail=mail.id), ReadMailCopy(mail=mail.id)):
        assert denied(room, request, "accountant")
    assert room.world.do(MailView, ReadMail(mail=mail.id), "assistant").id == mail.id
    assert room.world.do(Listing[HistoryEntry], ReadMailHistory(mail=mail.id), "assistant").items
    assert room.world.do(MailCopy, ReadMailCopy(mail=mail.id), "assistant").url
    assert set(READS) == set(SENDS) == {*Owner, None}


def test_acc_03_a_mail_of_no_owner_is_read_by_who_reads_contracts(room: PostRoom) -> None:
    """CTR-04: what the night renewed, with customers and prices."""
    order, _ = room.ordered()
    place = keys.mail(room.world.company, room.send(order).id)
    told = room.services.store.require(MAIL, place).value.change(owner=None, owner_id=None)
    room.services.store.transact(lambda tx: tx.put(MAIL, place, told))
    assert denied(room, ReadMail(mail=told.id), "accountant")
    assert denied(room, ReadMailCopy(mail=told.id), "accountant")
    assert not denied(room, ReadMail(mail=told.id), "purchasing")


def test_acc_03_who_may_not_buy_sends_no_purchase_order_with_a_quote_either(room: PostRoom) -> None:
    """A profile of the company's own, that sells and does not buy."""
    granted = (Permission.READ_ORDERS, Permission.EDIT_ORDERS)
    room.world.execute_as("administrator", SaveProfile(code="sales", name="Vente", permissions=granted), 1)
    order, _ = room.ordered()
    quote, ordered = (room.filed(order, kind).id for kind in (FileKind.QUOTE, FileKind.PURCHASE_ORDER))
    for file, attachments in ((ordered, ()), (quote, (ordered,))):
        request = MailOrderFile(order=order.id, file=file, to=("a@x.example",), attachments=attachments)
        assert denied(room, request, "sales")
    assert not denied(room, MailOrderFile(order=order.id, file=quote, to=("a@x.example",)), "sales")


def test_acc_03_a_mail_is_sent_again_by_who_may_send_what_it_carries(room: PostRoom) -> None:
    order, _ = room.ordered()
    quote = failed(room, order, FileKind.QUOTE)
    again = SendAgain(mail=quote.id)
    assert denied(room, again, "purchasing")
    assert room.world.do(MailView, again, "sales", if_match=version(room, quote)).state is MailState.SENT


def test_acc_03_a_purchase_order_is_sent_again_by_who_may_buy(room: PostRoom) -> None:
    order, _ = room.ordered()
    ordered = failed(room, order, FileKind.PURCHASE_ORDER)
    again = SendAgain(mail=ordered.id)
    assert room.world.do(MailView, again, "purchasing", if_match=version(room, ordered)).state is MailState.SENT


def test_inv_11_in_test_mode_nothing_is_sent_again(room: PostRoom) -> None:
    order, _ = room.ordered()
    quote = failed(room, order, FileKind.QUOTE)
    room.world.execute_as("administrator", SetTestMode(test_mode=True), 1)
    with pytest.raises(Refused) as refusal:
        room.world.execute_as("manager", SendAgain(mail=quote.id), version(room, quote))
    assert refusal.value.breaches[0].code == "company_in_test_mode"
    assert room.post.taken == []


def test_inv_11_what_the_product_tells_its_own_operators_is_no_message_to_anybody_else(room: PostRoom) -> None:
    order, _ = room.ordered()
    place = keys.mail(room.world.company, failed(room, order, FileKind.QUOTE).id)
    told = room.services.store.require(MAIL, place).value.change(owner=None, owner_id=None, attachments=())
    room.services.store.transact(lambda tx: tx.put(MAIL, place, told))
    room.world.execute_as("administrator", SetTestMode(test_mode=True), 1)
    again = room.world.do(MailView, SendAgain(mail=told.id), if_match=version(room, told))
    assert again.state is MailState.SENT
