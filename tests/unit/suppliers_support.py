"""What the tests of supplier requests stand on: two suppliers with terms, and an offer that buys from them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from comptoir.kernel.identity import Address, BankAccount
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.model import LineInput, Order, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.supplier_commands import SetSupplierLines, UpdateSupplierRequest
from comptoir.orders.supplier_model import Ordered, PurchaseInput, SupplierRequest, SupplierRequestFields
from comptoir.orders.supplier_queries import (
    PurchaseLines,
    ReadOrdered,
    ReadSupplierLines,
    ReadSupplierRequest,
    ReadSupplierTreasury,
)
from comptoir.parties.commands import CreateParty
from comptoir.parties.model import Contact, Party, PartyKind, VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.treasury.model import CONFIRMATION, INVOICE, DueStep, PaymentTerm, Treasury
from comptoir.treasury.settling import TreasuryView
from tests.unit.orders_support import Desk, head, open_desk
from tests.world import World

HALVES = (
    PaymentTerm(percentage=Decimal(50), milestone=CONFIRMATION),
    PaymentTerm(percentage=Decimal(50), milestone=INVOICE, steps=(DueStep(days=30),)),
)
EXW = {"purchase_incoterm": "EXW", "purchase_incoterm_place": "Ningbo"}
BANK = BankAccount(iban="FR7630006000011234567890189", bic="AGRIFRPP", holder="COMPTOIR DU PONANT")


@dataclass
class Trade:
    """An order desk with a supplier in China, paid in USD without VAT, and one in France, paid in EUR with VAT."""

    desk: Desk
    china: Party
    france: Party

    def lines(self) -> tuple[LineInput, ...]:
        """Two goods from China, one from France, one that is bought from nobody."""
        return (
            bought(self.china, "A", "10", "20.00", "11.50", "USD", purchase_incoterm="FOB"),
            bought(self.france, "B", "5", "40.00", "25.00", "EUR"),
            bought(self.china, "C", "3", "10.00", "4.00", "USD", **EXW),
            LineInput(designation="D", quantity=Decimal(1), unit_price=Decimal(8)),
        )

    def offer(self, *lines: LineInput) -> tuple[Order, int]:
        """An offer of these lines, by default those of `lines`, and its version."""
        order, version = self.desk.offer()
        reply = self.desk.world.execute_as(
            "manager", SetOfferLines(order=order.id, lines=lines or self.lines()), version
        )
        return Order.model_validate_json(reply.body), reply.version or 0

    def quoted(self, *lines: LineInput) -> tuple[Order, int]:
        """An offer whose quote stands in the document base, ready to confirm."""
        order, version = self.offer(*lines)
        self.desk.world.do(QuoteView, GenerateQuote(order=order.id))
        return order, version + 1

    def confirmed(self, *lines: LineInput) -> tuple[Order, int]:
        """A confirmed order and its version."""
        order, version = self.quoted(*lines)
        return self.desk.confirm(order, version), version + 1

    def request(self, order: Order, supplier: Party) -> SupplierRequest:
        """The request to a supplier."""
        return self.desk.world.do(SupplierRequest, ReadSupplierRequest(order=order.id, supplier=supplier.id))

    def version(self, order: Order, supplier: Party) -> int:
        """The version of the request to a supplier."""
        key = keys.supplier_request(self.desk.world.company, order.id, supplier.id)
        return self.desk.world.services.store.backend.get([key])[key].version

    def treasury(self, order: Order, supplier: Party) -> Treasury:
        """The treasury of the request to a supplier."""
        return self.desk.world.do(TreasuryView, ReadSupplierTreasury(order=order.id, supplier=supplier.id))

    def products(self, order: Order, supplier: Party) -> list[PurchaseInput]:
        """The products of a request as they would be sent again."""
        request = ReadSupplierLines(order=order.id, supplier=supplier.id)
        lines = self.desk.world.do(PurchaseLines, request).items
        return [PurchaseInput(**line.model_dump(exclude={"sold"})) for line in lines]

    def send(self, order: Order, supplier: Party, *lines: PurchaseInput) -> SetSupplierLines:
        """The products of a request sent again."""
        return SetSupplierLines(order=order.id, supplier=supplier.id, lines=lines)

    def update(self, order: Order, supplier: Party, **fields: Any) -> UpdateSupplierRequest:
        """The head of a request sent again, with other fields."""
        request = self.request(order, supplier)
        given = {name: getattr(request, name) for name in SupplierRequestFields.model_fields}
        return UpdateSupplierRequest(**(given | {"order": order.id, "supplier": supplier.id} | fields))

    def ordered(self, supplier: Party, **asked: Any) -> list[str]:
        """What a year has ordered from a supplier, as text."""
        total = self.desk.world.do(Ordered, ReadOrdered(party=supplier.id, **asked))
        return [f"{money.amount} {money.currency}" for money in total.amounts]

    def order_version(self, order: Order) -> int:
        """The version of the order's head."""
        return head(self.desk, order).version or 0


def bought(
    supplier: Party, designation: str, quantity: str, price: str, cost: str | None, currency: str | None, **more: Any
) -> LineInput:
    """A line that sells at `price` what it buys at `cost`."""
    given: dict[str, Any] = {
        "designation": designation,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "supplier": supplier.id,
        "purchase_price": None if cost is None else Decimal(cost),
        "purchase_currency": currency,
    }
    return LineInput(**(given | more))


def supplier_request(**fields: Any) -> CreateParty:
    """A supplier that can be ordered from."""
    given: dict[str, Any] = {
        "code": "SMH",
        "name": "Shanghai Marine Hardware",
        "kinds": (PartyKind.SUPPLIER,),
        "address": Address(lines=("1288 Pudong Avenue",), postcode="200120", city="Shanghai", country="CN"),
        "contacts": (Contact(name="Li Wei", email="li.wei@smh.example"),),
        "language": Language.ENGLISH,
        "currency": "USD",
        "vat_treatment": VatTreatment.EXPORT,
        "incoterm": "FOB",
        "incoterm_place": "Shanghai",
        "terms": HALVES,
    }
    return CreateParty(**(given | fields))


def french_supplier(**fields: Any) -> CreateParty:
    """A supplier in France."""
    given: dict[str, Any] = {
        "code": "CORDAGES",
        "name": "Cordages de Lorient",
        "address": Address(lines=("ZI de Kergroise",), postcode="56100", city="Lorient"),
        "contacts": (Contact(name="Gwen Le Bris", phone="+33 2 97 00 00 00"),),
        "language": Language.FRENCH,
        "currency": "EUR",
        "vat_treatment": VatTreatment.DOMESTIC,
        "incoterm": None,
        "incoterm_place": None,
    }
    return supplier_request(**(given | fields))


def open_trade(world: World) -> Trade:
    """The order desk of a company with one customer and two suppliers."""
    desk = open_desk(world)
    return Trade(desk, world.do(Party, supplier_request()), world.do(Party, french_supplier()))


def cost(designation: str, price: str, **fields: Any) -> PurchaseInput:
    """A service bought that no line sells."""
    return PurchaseInput(
        designation=designation, quantity=Decimal(1), unit="forfait", unit_price=Decimal(price), **fields
    )
