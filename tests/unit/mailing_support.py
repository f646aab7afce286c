"""What the tests of mails stand on: a trade whose documents are rendered, and a mail service that only remembers."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

from comptoir.access.context import Services
from comptoir.access.queries import Listing
from comptoir.docbase.model import FiledView, FileKind
from comptoir.docbase.queries import ListOrderFiles
from comptoir.kernel.text import sha256
from comptoir.mailing.commands import MailPurchaseOrder
from comptoir.mailing.events import note
from comptoir.mailing.model import Mail, MailView
from comptoir.mailing.queries import ReadMail
from comptoir.mailing.tasks import send_mail
from comptoir.orders.model import Order
from comptoir.orders.purchase_order import PurchaseOrderView
from comptoir.orders.purchase_tasks import purchase_order_rendered, purchase_order_to_render
from comptoir.orders.purchasing import IssuePurchaseOrder
from comptoir.orders.tasks import quote_rendered, quote_to_render
from comptoir.parties.model import Party
from tests.unit.suppliers_support import Trade, open_trade
from tests.unit.test_docbase import Bucket
from tests.world import World

SENDER = "documents@comptoir.example"


@dataclass
class Post:
    """Takes every mail, unless `fault` says what happens instead; remembers what it took."""

    sender: str = SENDER
    taken: list[tuple[Mail, bytes]] = field(default_factory=list)
    fault: Exception | None = None

    def send(self, mail: Mail, company: str, message: bytes) -> str:
        if self.fault:
            raise self.fault
        self.taken.append((mail, message))
        return f"ses-{len(self.taken)}"

    @property
    def last(self) -> EmailMessage:
        """The last message, as its recipient reads it."""
        message = email.message_from_bytes(self.taken[-1][1], policy=email.policy.SMTP)
        assert isinstance(message, EmailMessage)
        return message


def text_of(message: EmailMessage) -> str:
    """The text of a message, without its documents."""
    [text, *_] = message.iter_parts()
    content: str = text.get_content()
    return content.replace("\r\n", "\n")


@dataclass
class Outbox:
    """The function that sends mails, of a company."""

    world: World
    post: Post = field(default_factory=Post)
    files: Bucket = field(default_factory=Bucket)
    archive: Bucket = field(default_factory=Bucket)

    @property
    def services(self) -> Services:
        return self.world.services

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have a mail go out."""
        return send_mail(self.services, task, self.post, {"files": self.files, "archive": self.archive})


@dataclass
class PostRoom:
    """Renders documents with their number for bytes, and sends mails: both functions in one."""

    trade: Trade
    outbox: Outbox

    @property
    def world(self) -> World:
        return self.outbox.world

    @property
    def services(self) -> Services:
        return self.outbox.services

    @property
    def post(self) -> Post:
        return self.outbox.post

    @property
    def files(self) -> Bucket:
        return self.outbox.files

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the functions do that are asked for a PDF or for a mail to go out."""
        if task["task"] == "send_mail":
            return self.outbox.render(task)
        ordered = task["task"] == "render_purchase_order"
        services = self.services
        number = (purchase_order_to_render(services, task) if ordered else quote_to_render(services, task)).number
        body, key = f"%PDF-1.7 {number}".encode(), f"{task['task']}/{number}.pdf"
        self.files.put(key, body, "application/pdf", "a.pdf")
        told = purchase_order_rendered if ordered else quote_rendered
        told(services, task, key, sha256(body), len(body))
        return {"outcome": "rendered"}

    def ordered(self, supplier: Party | None = None) -> tuple[Order, PurchaseOrderView]:
        """A confirmed order whose purchase order to a supplier, the Chinese one by default, is issued."""
        order, _ = self.trade.confirmed()
        request = IssuePurchaseOrder(order=order.id, supplier=(supplier or self.trade.china).id)
        return order, self.world.do(PurchaseOrderView, request)

    def filed(self, order: Order, kind: FileKind) -> FiledView:
        """The newest document of a kind in the base of an order."""
        listed = self.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items
        return next(each for each in listed if each.kind is kind)

    def send(self, order: Order, supplier: Party | None = None, **fields: Any) -> MailView:
        """The first version of the purchase order, mailed."""
        supplier = supplier or self.trade.china
        return self.world.do(MailView, MailPurchaseOrder(order=order.id, supplier=supplier.id, version=1, **fields))

    def read(self, mail: MailView) -> MailView:
        """The mail as it is now."""
        return self.world.do(MailView, ReadMail(mail=mail.id))

    def event(self, mail: MailView, kind: str, **told: Any) -> dict[str, Any]:
        """What the mail service tells of a mail, its outcome."""
        return note(self.services, detail(self.world.company, mail, kind, **told))


def detail(company: str, mail: MailView, kind: str, attempt: int | None = None, **told: Any) -> dict[str, Any]:
    """The detail of an event as Amazon SES writes it."""
    tags = {"company": [company], "mail": [mail.id], "attempt": [str(attempt or mail.attempts or 1)]}
    at = "2026-11-21T09:31:02.669Z"
    sent = {"timestamp": "2026-11-21T09:30:02.012Z", "messageId": "ses-1", "destination": list(mail.to), "tags": tags}
    return {"eventType": kind, "mail": sent, **{name: {"timestamp": at, **value} for name, value in told.items()}}


def open_post_room(world: World) -> PostRoom:
    """A trade with its post."""
    room = PostRoom(open_trade(world), Outbox(world))
    world.services = replace(world.services, renderer=room, mailer=room)
    return room
