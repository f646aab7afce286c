"""Importing a file of requested products into an empty table: all of it, or nothing (OFF-04)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.catalogue.files import KINDS
from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.items import references_by_code
from comptoir.catalogue.model import Price, Reference, ReferenceCode
from comptoir.catalogue.prices import SalePrice, SpecialPrices, price_for, special_prices
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.cells import as_code, as_flag, as_number, as_rate, choice
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity, Rate
from comptoir.kernel.sheets import FileContent, read_sheet
from comptoir.kernel.table import Column, Entry, Table, capped
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders import incoterms, rules
from comptoir.orders.commands import OrderCommand, replace_lines
from comptoir.orders.linked import LinkedPrices
from comptoir.orders.model import MAX_LINES, LineInput, Order, OrderStatus
from comptoir.orders.proposals import in_currency, proposed
from comptoir.parties.items import PARTY, parties_by_code
from comptoir.parties.model import Party, PartyCode
from comptoir.parties.rules import is_supplier
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class LineRow(Model):
    """A row: what it leaves out comes from the reference that it names."""

    code: ReferenceCode | None = None
    designation: Paragraph | None = None
    kind: ProductKind | None = None
    quantity: Annotated[Quantity, Field(gt=0)]
    unit: Label | None = None
    unit_price: Price | None = None
    discount_rate: Annotated[Rate, Field(le=100)] = Decimal(0)
    vat_rate: Rate | None = None
    free: bool = False
    transport_price: Price | None = None
    overall_price: Price | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    supplier: PartyCode | None = None
    purchase_price: Price | None = None
    purchase_currency: Currency | None = None
    purchase_incoterm: Incoterm | None = None
    purchase_incoterm_place: Line | None = None


LINE_TABLE = Table(
    LineRow,
    [
        Column("code", "Référence", "Reference", as_code, also=("Code",)),
        Column("designation", "Désignation", "Designation", also=("Libellé", "Description")),
        Column("kind", "Nature", "Kind", choice(KINDS)),
        Column("quantity", "Quantité", "Quantity", as_number, required=True, also=("Qté",)),
        Column("unit", "Unité", "Unit"),
        Column(
            "unit_price",
            "Prix unitaire HT",
            "Unit price",
            as_number,
            also=("Prix unitaire", "Prix de vente", "PU", "Prix de la marchandise", "Goods price"),
        ),
        Column("transport_price", "Prix unitaire du transport", "Unit transport price", as_number, also=("Transport",)),
        Column("overall_price", "Prix unitaire global", "Overall unit price", as_number, also=("Prix global",)),
        Column("discount_rate", "Remise", "Discount", as_rate, also=("Remise (%)", "Discount (%)")),
        Column("vat_rate", "Taux de TVA", "VAT rate", as_rate, also=("TVA", "Taux TVA")),
        Column("free", "Gratuit", "Free", as_flag),
        Column("incoterm", "Incoterm", "Incoterm", as_code, also=("Incoterm de vente", "Sale incoterm")),
        Column("incoterm_place", "Lieu de l'incoterm", "Incoterm place", also=("Lieu", "Place")),
        Column("supplier", "Fournisseur", "Supplier", as_code, also=("Code fournisseur",)),
        Column("purchase_price", "Prix d'achat", "Purchase price", as_number, also=("Prix d'achat HT",)),
        Column("purchase_currency", "Devise d'achat", "Purchase currency", as_code),
        Column("purchase_incoterm", "Incoterm d'achat", "Purchase incoterm", as_code),
        Column("purchase_incoterm_place", "Lieu de l'incoterm d'achat", "Purchase incoterm place"),
    ],
)


class ImportOfferLines(OrderCommand):
    """Fill the empty table of an offer from a CSV or XLSX file (OFF-04).

    Every faulty cell is told with its coordinate, and nothing is imported while one stands.
    """

    file: FileContent
    filename: Line

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        if order.status is not OrderStatus.OFFER:
            raise rules.NotAnOffer(status=order.status.value)
        if order.lines:
            raise rules.TableNotEmpty(lines=order.lines)
        reading = LINE_TABLE.read(read_sheet(self.file))
        known = _known(tx, ctx, order, [entry.value for entry in reading.entries])
        lines, found = _lines(reading.entries, known)
        refuse_if(capped([*reading.breaches, *found, *_too_many(reading.entries)]))
        try:
            return self.reply(tx, ctx, replace_lines(tx, ctx, order, (), lines))
        except Refused as refused:
            raise Refused([_in_file(breach, reading.entries) for breach in refused.breaches]) from refused


def _in_file(breach: Breach, entries: Sequence[Entry[LineRow]]) -> Breach:
    """What was found wrong with a line, told of the cell of its row."""
    steps = (breach.pointer or "").split("/")
    if len(steps) < 4 or steps[1] != "lines":
        return breach
    return entries[int(steps[2])].at(breach.model_copy(update={"pointer": "/" + "/".join(steps[3:])}))


@dataclass(frozen=True)
class Known:
    """What the rows of a file refer to, by code."""

    order: Order
    today: date
    references: Mapping[str, Reference]
    suppliers: Mapping[str, Party]
    customer: Party | None
    prices: Mapping[str, tuple[SpecialPrices, ...]]

    def price(self, row: LineRow) -> SalePrice | None:
        """The sale price that the catalogue proposes for a row, in the order's currency (CAT-04)."""
        reference = self.references.get(row.code or "")
        if reference is None or self.customer is None:
            return None
        own = self.prices.get(reference.id, ())
        return in_currency(price_for(reference, self.customer, row.quantity, self.today, own), self.order)


def _known(tx: Transaction, ctx: Context, order: Order, rows: Sequence[LineRow]) -> Known:
    place = keys.party(ctx.company, order.customer)
    tx.prefetch([place])
    customer = tx.get(PARTY, place)
    references = references_by_code(tx, ctx.company, {row.code for row in rows if row.code})
    named = {reference.id for reference in references.values()}
    return Known(
        order=order,
        today=ctx.today,
        references=references,
        suppliers=parties_by_code(tx, ctx.company, {row.supplier for row in rows if row.supplier}),
        customer=customer,
        prices=special_prices(tx, ctx.company, named, customer) if customer else {},
    )


def _too_many(rows: Sequence[object]) -> list[Breach]:
    if len(rows) <= MAX_LINES:
        return []
    fr, en = f"Au plus {MAX_LINES} lignes.", f"At most {MAX_LINES} lines."
    return [Breach(code="too_many_lines", fr=fr, en=en, pointer="/file")]


def _lines(entries: Sequence[Entry[LineRow]], known: Known) -> tuple[list[LineInput], list[Breach]]:
    lines, found = [], []
    places: dict[str, str | None] = {}
    for entry in entries:
        faults = _row_breaches(entry.value, known)
        if not faults:
            line = _line(entry.value, known)
            faults = rules.one_line_breaches(line, known.order.zero_category)
            faults += incoterms.one_line_breaches(known.order, line, places)
            lines.append(line)
        found += [entry.at(breach) for breach in faults]
    return lines, found


def _row_breaches(row: LineRow, known: Known) -> list[Breach]:
    """What is wrong with a row beside what it refers to."""
    reference, found = known.references.get(row.code or ""), []
    if row.code and reference is None:
        return [_breach("unknown_reference", "Référence inconnue.", "Unknown reference.", "/code")]
    if reference and reference.archived:
        found.append(_breach("reference_archived", "Référence archivée.", "Archived reference.", "/code"))
    if row.supplier and not (row.supplier in known.suppliers and is_supplier(known.suppliers[row.supplier])):
        found.append(_breach("unknown_supplier", "Fournisseur inconnu.", "Unknown supplier.", "/supplier"))
    if reference is None and row.designation is None:
        fr, en = "Une ligne sans référence a une désignation.", "A line without reference has a designation."
        found.append(_breach("designation_missing", fr, en, "/designation"))
    priced = row.unit_price is not None or row.overall_price is not None or known.price(row) is not None
    if not row.free and not priced:
        fr = f"Prix unitaire absent, et le catalogue n'en donne pas en {known.order.currency}."
        en = f"The unit price is missing, and the catalogue gives none in {known.order.currency}."
        found.append(_breach("price_missing", fr, en, "/unit_price"))
    prices = _prices(row, Decimal(0))
    if row.overall_price is not None and (min(prices) < 0 or prices.overall != row.overall_price):
        fr = "Le prix global n'est pas la somme des prix de la marchandise et du transport."
        en = "The overall price is not the sum of the goods and transport prices."
        found.append(_breach("prices_disagree", fr, en, "/overall_price"))
    return found


def _prices(row: LineRow, proposed: Decimal) -> LinkedPrices:
    """The goods and transport prices of a row: what it gives, and what the overall price leaves (OFF-06)."""
    goods, transport, overall = row.unit_price, row.transport_price, row.overall_price
    if overall is not None and goods is None:
        goods = overall - (transport or Decimal(0))
    elif overall is not None and goods is not None and transport is None:
        transport = overall - goods
    return LinkedPrices(proposed if goods is None else goods, transport or Decimal(0))


def _line(row: LineRow, known: Known) -> LineInput:
    """The line of a row that is right; the catalogue fills what the row leaves out."""
    order, reference = known.order, known.references.get(row.code or "")
    supplier = known.suppliers[row.supplier] if row.supplier else None
    price = known.price(row)
    prices = _prices(row, price.price if price else Decimal(0))
    given = {name: value for name in _ENTERED if (value := getattr(row, name)) is not None}
    given |= {"unit_price": prices.goods, "transport_price": prices.transport}
    given |= _own_purchase(row, supplier)
    if reference is None:
        given |= {"supplier": supplier.id} if supplier else {}
        return LineInput.model_validate(given | _delivered(row, given) | _incoterm(row, order))
    own = proposed(reference, order, row.quantity, price, known.today, supplier.id if supplier else None)
    base = own.model_dump(exclude_defaults=True) | given
    return LineInput.model_validate(base | _delivered(row, base) | _incoterm(row, order, own.kind))


_ENTERED = "code designation kind quantity unit discount_rate vat_rate free".split()


def _own_purchase(row: LineRow, supplier: Party | None) -> dict[str, Any]:
    """A purchase price of the row's own, by default in the supplier's currency: no offer gave it (OFF-02)."""
    if row.purchase_price is None:
        return {}
    currency = row.purchase_currency or (supplier.currency if supplier else None)
    return {
        "supplier": supplier.id if supplier else None,
        "purchase_offer": None,
        "purchase_price": row.purchase_price,
        "purchase_currency": currency,
        "purchase_incoterm": None,
        "purchase_incoterm_place": None,
    }


def _delivered(row: LineRow, offered: Mapping[str, Any]) -> dict[str, Any]:
    """The purchase incoterm of a row; one that is not that of the offer comes with the row's place alone (OFF-08)."""
    own = {name: value for name in _PURCHASE if (value := getattr(row, name)) is not None}
    other = row.purchase_incoterm not in (None, offered.get("purchase_incoterm"))
    return {"purchase_incoterm_place": None, **own} if other else own


_PURCHASE = ("purchase_incoterm", "purchase_incoterm_place")


def _incoterm(row: LineRow, order: Order, kind: ProductKind = ProductKind.GOODS) -> dict[str, Any]:
    """The incoterm of a row; goods that name the sale's own just follow it (OFF-07)."""
    own = (order.incoterm, order.transport.intermediate_incoterm)
    if (row.kind or kind) is ProductKind.GOODS and row.incoterm in own:
        return {}
    return {"incoterm": row.incoterm, "incoterm_place": row.incoterm_place}


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
