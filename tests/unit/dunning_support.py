"""A till whose customers pay late, with the functions that render letters and send mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from comptoir.access.commands import SetTestMode, UpdateCompany
from comptoir.access.execute import Request
from comptoir.access.items import COMPANY
from comptoir.docbase.items import file
from comptoir.docbase.model import FileKind, Owner
from comptoir.dunning.commands import SaveReminderSteps, WritePaymentReminder
from comptoir.dunning.model import PaymentReminder, ReminderStep, ReminderSteps, Tone
from comptoir.dunning.queries import ReadReminderSteps
from comptoir.dunning.tasks import reminder_rendered, reminder_to_render
from comptoir.invoicing.model import Document
from comptoir.kernel.text import sha256
from comptoir.parties.commands import UpdateParty
from comptoir.parties.model import Contact
from comptoir.store import keys
from tests.unit.invoicing_support import line
from tests.unit.mailing_support import Outbox
from tests.unit.payments_support import Till, open_till
from tests.world import IDENTITY, World

DUE = date(2026, 12, 21)
"""When invoices of 21 November are due."""


def late(days: int) -> date:
    """The day so many days after the due date."""
    return DUE + timedelta(days=days)


@dataclass
class Rendering:
    """The render function, for letters: their number for bytes; `down` until it works, `broken` so many times."""

    world: World
    outbox: Outbox
    down: bool = False
    broken: int = 0
    previews: list[Mapping[str, Any]] = field(default_factory=list)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        if task["task"] == "render_preview":
            self.previews.append(task["content"])
            return {"key": "previews/a.pdf"}
        if self.broken:
            self.broken -= 1
            raise RuntimeError("render failed")
        if not self.down:
            content = reminder_to_render(self.world.services, task)
            body, key = f"%PDF-1.7 {content.number}".encode(), f"payment-reminders/{content.number}.pdf"
            self.outbox.files.put(key, body, "application/pdf", "a.pdf")
            reminder_rendered(self.world.services, task, key, sha256(body), len(body))
        return {"outcome": "rendered"}


@dataclass
class Dunning:
    """A till with its post: invoices of 30 days, issued on 21 November 2026, due on 21 December."""

    till: Till
    outbox: Outbox
    rendering: Rendering

    @property
    def world(self) -> World:
        return self.till.world

    @property
    def customer(self) -> str:
        """The customer's identifier."""
        return self.till.customer.id

    def invoice(self, price: str = "1000", **fields: Any) -> Document:
        """An issued invoice, its PDF in its document base."""
        issued = self.till.invoice(line(price), **fields)
        self.filed(issued, FileKind.INVOICE)
        return issued

    def filed(self, issued: Document, kind: FileKind) -> None:
        """Let a document lie in the base of an invoice."""
        body, place = f"%PDF-1.7 {issued.number}".encode(), f"documents/{issued.number}/{kind.value}"
        self.outbox.archive.put(place, body, "application/pdf", "a.pdf")
        told = {"sha256": sha256(body), "size": len(body), "key": place, "bucket": "archive"}
        told |= {"title": f"Facture {issued.number}", "number": issued.number, "author": "Anne"}
        told |= {"created_at": self.world.clock.now(), "party": issued.customer}
        identifier, company = self.world.services.ids.new(), self.world.company
        self.world.services.store.transact(
            lambda tx: file(tx, company, identifier, Owner.DOCUMENT, issued.id, kind, **told)
        )

    def on(self, day: date) -> None:
        """Let it be the morning of a day."""
        self.world.clock.advance(datetime(day.year, day.month, day.day, 6, tzinfo=UTC) - self.world.clock.now())

    def write(self, profile: str = "manager", **fields: Any) -> PaymentReminder:
        """The letter that is due now, written and mailed."""
        return self.world.do(PaymentReminder, WritePaymentReminder(party=self.customer, **fields), profile)

    def contact(self, **fields: Any) -> None:
        """Let the customer have this contact alone."""
        place = keys.party(self.world.company, self.customer)
        [stored] = self.world.services.store.backend.get([place]).values()
        told = {"party": self.customer, "contacts": [Contact(name="Yann Kerbrat", **fields).model_dump(mode="json")]}
        self.world.execute_as("manager", UpdateParty.model_validate(told), stored.version)

    def consumer(self) -> None:
        """Let the customer be a consumer."""
        [stored] = self.world.services.store.backend.get([keys.party(self.world.company, self.customer)]).values()
        told = {"party": self.customer, "professional": False, "siren": None, "vat_number": None}
        changed = UpdateParty.model_validate(told)
        self.world.execute_as("manager", changed, stored.version)

    def rate(self, rate: str) -> None:
        """Let the company have another penalty rate."""
        self._company(UpdateCompany.model_validate({"terms": {"penalty_rate": rate}}))

    def company_address(self, email: str | None) -> None:
        """Let the company have this address, to which customers answer."""
        self._company(UpdateCompany.model_validate({"identity": IDENTITY.model_dump(mode="json") | {"email": email}}))

    def test_mode(self) -> None:
        """Put the company into TEST mode."""
        self._company(SetTestMode(test_mode=True))

    def _company(self, change: Request) -> None:
        version = self.world.services.store.require(COMPANY, keys.company(self.world.company)).version
        self.world.execute_as("administrator", change, version)

    def steps(self, *steps: ReminderStep, **fields: Any) -> None:
        """Save the steps of the company."""
        reply = self.world.execute_as("administrator", ReadReminderSteps())
        request = SaveReminderSteps(steps=steps, **fields)
        self.world.do(ReminderSteps, request, "administrator", if_match=reply.version)

    def automatic(self) -> None:
        """Let all of two steps go out by themselves."""
        first = ReminderStep(days=5, tone=Tone.COURTEOUS, automatic=True)
        self.steps(first, ReminderStep(days=20, tone=Tone.FIRM, claims=True, automatic=True))


def open_dunning(world: World | None = None) -> Dunning:
    """A till with its post, whose customer can be written to."""
    till = open_till(world)
    outbox = Outbox(till.world)
    rendering = Rendering(till.world, outbox)
    till.world.services = replace(till.world.services, renderer=rendering, mailer=outbox)
    dunning = Dunning(till, outbox, rendering)
    dunning.contact(email="yann@epicerie.example")
    return dunning
