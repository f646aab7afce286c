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
from comptoir.catalogue.model import Price, Reference, ReferenceCode, SupplierOffer
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.cells import as_code, as_flag, as_number, as_rate, choice
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity, Rate
from comptoir.kernel.sheets import FileContent, read_sheet
from comptoir.kernel.table import Column, Entry, Table, capped
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand, replace_lines
from comptoir.orders.model import MAX_LINES, LineInput, Order, OrderStatus
from comptoir.parties.items import parties_by_code
from comptoir.parties.model import Party, PartyCode
from comptoir.parties.rules import is_supplier
from comptoir.parties.snapshot import Language
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
        rows = [entry.value for entry in reading.entries]
        known = Known(
            order=order,
            today=ctx.today,
            references=references_by_code(tx, ctx.company, {row.code for row in rows if row.code}),
            suppliers=parties_by_code(tx, ctx.company, {row.supplier for row in rows if row.supplier}),
        )
        lines, found = _lines(reading.entries, known)
        refuse_if(capped([*reading.breaches, *found, *_too_many(rows)]))
        return self.reply(tx, ctx, replace_lines(tx, ctx, order, (), lines))


@dataclass(frozen=True)
class Known:
    """What the rows of a file refer to, by code."""

    order: Order
    today: date
    references: Mapping[str, Reference]
    suppliers: Mapping[str, Party]


def _too_many(rows: Sequence[LineRow]) -> list[Breach]:
    if len(rows) <= MAX_LINES:
        return []
    fr, en = f"Au plus {MAX_LINES} lignes.", f"At most {MAX_LINES} lines."
    return [Breach(code="too_many_lines", fr=fr, en=en, pointer="/file")]


def _lines(entries: Sequence[Entry[LineRow]], known: Known) -> tuple[list[LineInput], list[Breach]]:
    lines, found = [], []
    for entry in entries:
        faults = _row_breaches(entry.value, known)
        if not faults:
            line = _line(entry.value, known)
            faults = rules.one_line_breaches(line, known.order.zero_category)
            lines.append(line)
        found += [entry.at(breach) for breach in faults]
    return lines, found


def _row_breaches(row: LineRow, known: Known) -> list[Breach]:
    """What is wrong with a row beside what it refers to."""
    reference, found = known.references.get(row.code or ""), []
    if row.code and reference is None:
        return [_breach("unknown_reference", "Référence inconnue.", "Unknown reference.", "/code")]
    if row.supplier and not (row.supplier in known.suppliers and is_supplier(known.suppliers[row.supplier])):
        found.append(_breach("unknown_supplier", "Fournisseur inconnu.", "Unknown supplier.", "/supplier"))
    if reference is None and row.designation is None:
        fr, en = "Une ligne sans référence a une désignation.", "A line without reference has a designation."
        found.append(_breach("designation_missing", fr, en, "/designation"))
    if not row.free and row.unit_price is None and _sale_price(reference, known.order) is None:
        fr = f"Prix unitaire absent, et le catalogue n'en donne pas en {known.order.currency}."
        en = f"The unit price is missing, and the catalogue gives none in {known.order.currency}."
        found.append(_breach("price_missing", fr, en, "/unit_price"))
    return found


def _sale_price(reference: Reference | None, order: Order) -> Decimal | None:
    return reference.sale_price if reference and reference.sale_currency == order.currency else None


def _line(row: LineRow, known: Known) -> LineInput:
    """The line of a row that is right; the catalogue fills what the row leaves out."""
    order, reference = known.order, known.references.get(row.code or "")
    given = {name: value for name in LineRow.model_fields if (value := getattr(row, name)) is not None}
    own: dict[str, Any] = {"unit_price": _sale_price(reference, order) or Decimal(0)}
    if reference:
        english = order.language is Language.ENGLISH and reference.designation_en
        own |= {
            "reference": reference.id,
            "designation": english or reference.designation,
            "kind": reference.kind,
            "unit": reference.unit,
            "vat_rate": reference.vat_rate,
        }
    supplier = known.suppliers[row.supplier] if row.supplier else None
    return LineInput.model_validate(own | given | _purchase(reference, supplier, row, known.today))


def _purchase(reference: Reference | None, supplier: Party | None, row: LineRow, today: date) -> dict[str, Any]:
    """The purchase side: a price of the row's own, else the supplier's current offer (CAT-02, OFF-02, OFF-08)."""
    identifier = supplier.id if supplier else None
    if row.purchase_price is not None:
        currency = row.purchase_currency or (supplier.currency if supplier else None)
        return {"supplier": identifier, "purchase_currency": currency}
    offer = _offer(reference, identifier, today) if reference else None
    if offer is None:
        return {"supplier": identifier}
    return {
        "supplier": offer.supplier,
        "purchase_price": offer.price,
        "purchase_currency": offer.currency,
        "purchase_incoterm": row.purchase_incoterm or offer.incoterm,
    }


def _offer(reference: Reference, supplier: str | None, today: date) -> SupplierOffer | None:
    """The most recent offer in force of the supplier, by default of the reference's first one (CAT-03)."""
    wanted = supplier or (reference.offers[0].supplier if reference.offers else None)
    fitting = [
        offer
        for offer in reference.offers
        if offer.supplier == wanted
        and offer.valid_from <= today
        and (offer.valid_to is None or today <= offer.valid_to)
    ]
    return max(fitting, key=lambda offer: offer.valid_from, default=None)


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
