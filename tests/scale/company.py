"""A company with a customer and drafts of any size: what is issued, rendered and read here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from comptoir.invoicing.commands import CreateInvoice, InvoiceOrder
from comptoir.invoicing.issue import IssueRequest
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import DirectLine, Document
from comptoir.kernel.clock import FixedClock, SystemClock
from comptoir.kernel.ids import derived_id
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.model import LineInput, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Backend, Put
from comptoir.store.memory import MemoryBackend
from tests.signing import LocalSigner
from tests.unit.orders_support import TERMS, Desk, open_desk
from tests.world import World, open_world, services_on

_PRODUCTS = (
    ("PAL-500", "Palan électrique à chaîne 500 kg, course 6 m, commande radio"),
    ("ELG-2T", "Élingue ronde polyester 2 t, longueur utile 3 m, gaine double"),
    ("HUI-46", "Huile hydraulique ISO VG 46, bidon de 20 litres"),
    ("CAB-16", "Câble d'acier galvanisé 16 mm, 6 × 36 fils, âme métallique, au mètre"),
    ("GAN-10", "Gants de manutention, paume nitrile, taille 10, lot de 12 paires"),
)


def line(number: int) -> dict[str, object]:
    """The fields of an ordinary line: code, designation, quantity, price, now and then a discount."""
    code, designation = _PRODUCTS[number % len(_PRODUCTS)]
    return {
        "code": code,
        "designation": designation,
        "quantity": Decimal(1 + number % 7),
        "unit_price": Decimal("12.35") + number,
        "discount_rate": Decimal(5 if number % 4 == 0 else 0),
        "vat_rate": Decimal("5.5" if number % 9 == 0 else 20),
    }


@dataclass
class Company:
    """The company, its order desk and its table."""

    world: World
    desk: Desk
    backend: Backend

    def ordered(self, lines: int) -> Document:
        """A draft invoice of a confirmed order."""
        order, _ = self.desk.offer(contact="Yann Kerbrat")
        inputs = tuple(LineInput.model_validate(line(number)) for number in range(lines))
        self.world.execute_as("manager", SetOfferLines(order=order.id, lines=inputs), 1)
        self.world.do(QuoteView, GenerateQuote(order=order.id))
        self.desk.confirm(order, 3)
        return self.world.do(Document, InvoiceOrder(order=order.id))

    def direct(self, lines: int) -> Document:
        """A draft invoice of direct entry."""
        entered = tuple(DirectLine.model_validate(line(number)) for number in range(lines))
        customer = self.desk.customer.id
        terms = tuple(term.change(milestone="invoice") for term in TERMS)
        return self.world.do(Document, CreateInvoice(customer=customer, terms=terms, lines=entered))

    def drafts(self, count: int, lines: int) -> list[IssueRequest]:
        """Requests for so many equal drafts of direct entry, laid into the table side by side."""
        model = self.direct(lines)
        copies = [model.change(id=derived_id(model.id, str(number))) for number in range(count)]
        records = [DOCUMENT.record(keys.document(self.world.company, each.id), each, 0) for each in copies]
        for start in range(0, count, MAX_OPERATIONS):
            self.backend.write([Put(record) for record in records[start : start + MAX_OPERATIONS]])
        return [self.request(each) for each in copies]

    def request(self, document: Document, version: int = 1) -> IssueRequest:
        """The request to issue a draft."""
        return IssueRequest.of(document, version, self.world.operators["manager"], "Opérateur manager")


def open_company(backend: Backend | None = None, signer: LocalSigner | None = None) -> Company:
    """A company opened today, with one customer, on a table of its own or the one given."""
    backend, signer = backend or MemoryBackend(), signer or LocalSigner()
    clock = FixedClock(SystemClock().now())
    services = services_on(backend, clock, signer)
    world = open_world(services, clock, signer)
    return Company(world, open_desk(world), backend)
