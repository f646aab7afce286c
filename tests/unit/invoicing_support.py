"""What the tests of invoicing stand on: a customer, confirmed orders, drafts, issued documents, their chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.execute import Reply, Request
from comptoir.invoicing.balances import Balance
from comptoir.invoicing.commands import CreateInvoice, InvoiceOrder
from comptoir.invoicing.crediting import CreateCreditNote
from comptoir.invoicing.issue import IssueRequest, Outcome, issue
from comptoir.invoicing.items import BALANCE, DOCUMENT, REFUSAL
from comptoir.invoicing.model import CreditLine, CreditType, DirectLine, Document, Refusal
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.errors import DomainError, Refused
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Entry, Head
from comptoir.ledger.verify import KeyRing, Verdict, verify
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Order, OrderLine, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.backend import Operation
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Key
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import INVOICE, DueStep, PaymentTerm, Treasury
from tests.unit.orders_support import Counted, Desk, on_backend, open_desk
from tests.world import World, open_world

TERMS = (PaymentTerm(percentage=Decimal(100), milestone=INVOICE, steps=(DueStep(days=30),)),)


def line(price: str | Decimal = "100", quantity: str | Decimal = "1", rate: str = "20", **fields: Any) -> DirectLine:
    """A line of a directly entered invoice."""
    given = {"designation": "Bouée", "quantity": Decimal(quantity), "unit_price": Decimal(price)}
    return DirectLine(**(given | {"vat_rate": Decimal(rate)} | fields))


def back(position: int, quantity: str | None = None, amount: str | None = None) -> CreditLine:
    """A line of a credit note: of an invoice's line a quantity, or an amount."""
    return CreditLine(
        position=position,
        quantity=Decimal(quantity) if quantity else None,
        amount=Decimal(amount) if amount else None,
    )


@dataclass
class Shop:
    """The invoicing of one company, with one customer."""

    desk: Desk

    @property
    def world(self) -> World:
        """The company."""
        return self.desk.world

    @property
    def customer(self) -> Party:
        """The customer."""
        return self.desk.customer

    def do(self, request: Request, profile: str = "manager", **headers: Any) -> Document:
        """The document that a request answers."""
        return self.world.do(Document, request, profile, **headers)

    def draft(self, *lines: DirectLine, **fields: Any) -> Document:
        """A directly entered invoice, of 100.00 without VAT by default."""
        given: dict[str, Any] = {"customer": self.customer.id, "terms": TERMS, "lines": lines or (line(),)}
        return self.do(CreateInvoice(**(given | fields)))

    def credit(self, invoice: Document, *lines: CreditLine, **fields: Any) -> Document:
        """A draft credit note on an issued invoice; one unit of its first line by default."""
        return self.do(self.credit_request(invoice, *lines, **fields))

    def credit_request(self, invoice: Document, *lines: CreditLine, **fields: Any) -> CreateCreditNote:
        """The request for a draft credit note."""
        given: dict[str, Any] = {
            "invoice": invoice.id,
            "credit_type": CreditType.INVOICING_ERROR,
            "reason": "Erreur de quantité",
            "lines": lines or (back(1, "1"),),
        }
        return CreateCreditNote(**(given | fields))

    def confirmed(self, *lines: LineInput, **fields: Any) -> tuple[Order, tuple[OrderLine, ...]]:
        """A confirmed order and its lines."""
        order, version = self.desk.offer(**fields)
        self.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version)
        self.world.do(QuoteView, GenerateQuote(order=order.id))
        order = self.desk.confirm(order, version + 2)
        return order, read_lines(self.world.services.store, self.world.company, order)

    def invoice_order(self, order: Order, **fields: Any) -> Document:
        """A draft invoice of an order."""
        return self.do(InvoiceOrder(order=order.id, **fields))

    def draft_of(self, identifier: str) -> Document:
        """The document of an identifier, as it lies in the table."""
        return self.world.services.store.require(DOCUMENT, keys.document(self.world.company, identifier)).value

    def request(self, document: Document) -> IssueRequest:
        """The request to issue a draft as it is now."""
        operator = self.world.operators["manager"]
        return IssueRequest.of(document, self.version(document), operator, "Opérateur manager")

    def issue(self, *documents: Document) -> list[Outcome]:
        """What becomes of drafts handed to the writer in one call."""
        requests = [self.request(document) for document in documents]
        return issue(self.world.services, self.world.signer, self.world.company, requests)

    def issued(self, *documents: Document) -> list[Document]:
        """The documents once issued; none may be refused."""
        outcomes = self.issue(*documents)
        assert [outcome.breaches for outcome in outcomes] == [()] * len(documents)
        return [self.read(document) for document in documents]

    def invoice(self, *lines: DirectLine, **fields: Any) -> Document:
        """An issued invoice."""
        return self.issued(self.draft(*lines, **fields))[0]

    def read(self, document: Document) -> Document:
        """The document as it lies in the table."""
        key = keys.document(self.world.company, document.id)
        return self.world.services.store.require(DOCUMENT, key).value

    def version(self, document: Document) -> int:
        """Its version."""
        key = keys.document(self.world.company, document.id)
        return self.world.services.store.require(DOCUMENT, key).version

    def refusal(self, document: Document) -> Refusal | None:
        """Why its validation was refused."""
        stored = self.world.services.store.get(REFUSAL, keys.document_refusal(self.world.company, document.id))
        return stored.value if stored else None

    def balance(self, document: Document) -> Balance:
        """What credit notes have taken of an invoice."""
        return self.world.services.store.require(BALANCE, keys.document_balance(self.world.company, document.id)).value

    def treasury(self, key: Key) -> Treasury:
        """A treasury."""
        stored = self.world.services.store.get(TREASURY, key)
        return stored.value if stored else Treasury()

    def of_document(self, document: Document) -> Treasury:
        """The treasury of a document without order."""
        return self.treasury(keys.document_treasury(self.world.company, document.id))

    def of_order(self, order: Order) -> Treasury:
        """The treasury of an order."""
        return self.treasury(keys.order_treasury(self.world.company, order.id))

    def head(self) -> Head | None:
        """The head of the document chain."""
        stored = self.world.services.store.get(HEAD, keys.chain_head(self.world.company, ChainName.DOCUMENTS))
        return stored.value if stored else None

    def entries(self) -> list[Entry]:
        """Every entry of the document chain."""
        return entries(self.world)

    def snapshot(self, document: Document) -> Snapshot:
        """The frozen content of an issued document."""
        key = keys.chain_entry(self.world.company, ChainName.DOCUMENTS, self.read(document).sequence or 0)
        return Snapshot.model_validate_json(self.world.services.store.require(ENTRY, key).value.payload)

    def numbers(self) -> list[str]:
        """The numbers of the chain, in its order."""
        return [Snapshot.model_validate_json(entry.payload).number for entry in self.entries()]

    def verdict(self) -> Verdict:
        """What verification says of the chain."""
        return verified(self.world)

    def refused(self, request: Request, profile: str = "manager", **headers: Any) -> list[str]:
        """The codes of everything that is wrong with a request."""
        with pytest.raises(Refused) as caught:
            self.world.execute_as(profile, request, **headers)
        return [breach.code for breach in caught.value.breaches]


def entries(world: World) -> list[Entry]:
    """Every entry of a company's document chain."""
    store, company = world.services.store, world.company
    head = store.get(HEAD, keys.chain_head(company, ChainName.DOCUMENTS))
    last = head.value.sequence if head else 0
    wanted = [keys.chain_entry(company, ChainName.DOCUMENTS, number) for number in range(1, last + 1)]
    found = store.backend.get(wanted)
    return [ENTRY.load(found[key]) for key in wanted]


def verified(world: World) -> Verdict:
    """What verification with the public key alone says of a company's document chain."""
    head = world.services.store.get(HEAD, keys.chain_head(world.company, ChainName.DOCUMENTS))
    lines = [entry.model_dump_json() for entry in entries(world)]
    return verify(lines, KeyRing({world.signer.key_id: world.signer.pem()}), [head.value] if head else [])


def attempt(world: World, request: Request, **headers: Any) -> Reply | DomainError:
    """The reply of a request, or the refusal."""
    try:
        return world.execute_as("manager", request, **headers)
    except DomainError as error:
        return error


def codes(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """The codes of the breaches of each outcome."""
    return [[breach.code for breach in outcome.breaches] for outcome in outcomes]


def open_shop(world: World | None = None) -> Shop:
    """A shop in a company, a new one by default."""
    return Shop(open_desk(world or open_world()))


def drafts(shop: Shop, count: int) -> list[Document]:
    """So many drafts, each of another amount."""
    return [shop.draft(line(str(n + 1))) for n in range(count)]


@dataclass
class Wrapped(Counted):
    """A counting backend with something that happens before each write."""

    before: Callable[[Sequence[Operation]], None] = lambda operations: None

    def write(self, operations: Sequence[Operation]) -> None:
        self.before(operations)
        super().write(operations)


def wrap(shop: Shop, before: Callable[[Sequence[Operation]], None] = lambda operations: None) -> Wrapped:
    """Put a counting backend under the shop; it counts from here on."""
    backend = Wrapped(shop.world.services.store.backend, before=before)
    shop.world.services = on_backend(shop.world.services, backend)
    return backend


def stored(shop: Shop) -> str:
    """Everything that the table holds."""
    backend = shop.world.services.store.backend
    while isinstance(backend, Counted):
        backend = backend.inner
    assert isinstance(backend, MemoryBackend)
    return repr(sorted(backend._items.items()))
