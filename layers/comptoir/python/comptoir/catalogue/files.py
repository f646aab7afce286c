"""A file of references: one row a supplier offer, rows of one code make one reference (CAT-02, PTY-05)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from comptoir.access.custom import CustomValues
from comptoir.catalogue.model import (
    AccountNumber,
    Measure,
    OfferTerms,
    Price,
    Reference,
    ReferenceCode,
    ReferenceFields,
    SupplierOffer,
)
from comptoir.catalogue.pricing import ProductKind
from comptoir.catalogue.rules import identity, unknown_supplier
from comptoir.kernel.cells import as_code, as_date, as_flag, as_number, as_rate, as_text, choice, several
from comptoir.kernel.errors import Breach
from comptoir.kernel.explain import breaches
from comptoir.kernel.ids import derived_id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Rate
from comptoir.kernel.sentences import SENTENCES
from comptoir.kernel.table import Column, Entry, Reading, Table
from comptoir.kernel.text import Label, Paragraph
from comptoir.parties.model import Party, PartyCode

KINDS = {
    "marchandise": ProductKind.GOODS,
    "marchand": ProductKind.GOODS,
    "transport": ProductKind.TRANSPORT,
    "service": ProductKind.SERVICE,
    "goods": ProductKind.GOODS,
}


class OfferRow(OfferTerms):
    """The supplier offer of a row; it begins today unless the file says otherwise."""

    supplier: PartyCode
    valid_from: date | None = None


class ReferenceRow(Model):
    """A row: a reference, or another offer for one whose fields stand further up."""

    code: ReferenceCode
    designation: Paragraph | None = None
    designation_en: Paragraph | None = None
    designation_es: Paragraph | None = None
    designation_de: Paragraph | None = None
    kind: ProductKind | None = None
    unit: Label | None = None
    net_weight: Measure | None = None
    gross_weight: Measure | None = None
    volume: Measure | None = None
    vat_rate: Rate | None = None
    customs_code: Label | None = None
    sale_price: Price | None = None
    sale_currency: Currency | None = None
    stock_managed: bool | None = None
    tags: tuple[Label, ...] | None = None
    archived: bool | None = None
    sale_account: AccountNumber | None = None
    purchase_account: AccountNumber | None = None
    custom: CustomValues | None = None
    offer: OfferRow | None = None


REFERENCE_TABLE = Table(
    ReferenceRow,
    [
        Column("code", "Code", "Code", as_code, required=True, also=("Référence", "Reference")),
        Column("designation", "Désignation", "Designation", required=True, also=("Libellé",)),
        Column("designation_en", "Désignation anglaise", "English designation"),
        Column("designation_es", "Désignation espagnole", "Spanish designation"),
        Column("designation_de", "Désignation allemande", "German designation"),
        Column("kind", "Nature", "Kind", choice(KINDS), also=("Type",)),
        Column("unit", "Unité", "Unit"),
        Column("net_weight", "Poids net", "Net weight", as_number, also=("Poids net (kg)",)),
        Column("gross_weight", "Poids brut", "Gross weight", as_number, also=("Poids brut (kg)",)),
        Column("volume", "Volume", "Volume m3", as_number, also=("Volume (m3)", "Volume (m³)")),
        Column("vat_rate", "Taux de TVA", "VAT rate", as_rate, also=("TVA", "Taux TVA")),
        Column("customs_code", "Code douanier", "Customs code", also=("Nomenclature douanière", "HS code")),
        Column("sale_price", "Prix de vente", "Sale price", as_number, also=("Prix de vente HT",)),
        Column("sale_currency", "Devise de vente", "Sale currency", as_code),
        Column("stock_managed", "Géré en stock", "Stock managed", as_flag),
        Column("tags", "Étiquettes", "Tags", several(as_text)),
        Column("archived", "Archivée", "Archived", as_flag, also=("Archivé",)),
        Column("sale_account", "Compte de vente", "Sales account", as_code),
        Column("purchase_account", "Compte d'achat", "Purchase account", as_code),
        Column("offer.supplier", "Fournisseur", "Supplier", as_code, also=("Code fournisseur",)),
        Column("offer.supplier_code", "Référence fournisseur", "Supplier reference"),
        Column("offer.price", "Prix d'achat", "Purchase price", as_number, also=("Prix d'achat HT",)),
        Column("offer.currency", "Devise d'achat", "Purchase currency", as_code),
        Column("offer.incoterm", "Incoterm d'achat", "Purchase incoterm", as_code, also=("Incoterm",)),
        Column("offer.incoterm_place", "Lieu de l'incoterm d'achat", "Purchase incoterm place", also=("Lieu", "Place")),
        Column("offer.minimum_quantity", "Quantité minimale", "Minimum quantity", as_number),
        Column("offer.valid_from", "Valable du", "Valid from", as_date),
        Column("offer.valid_to", "Valable au", "Valid to", as_date),
    ],
)
_OWN = tuple(name for name in ReferenceRow.model_fields if name != "offer")


@dataclass(frozen=True)
class Draft:
    """A reference put together from its rows, and what is wrong with them together.

    `fields` is good for the rules even then, but not to be stored; None when it could not be made.
    """

    entries: tuple[Entry[ReferenceRow], ...]
    fields: ReferenceFields | None
    breaches: tuple[Breach, ...]

    def at(self, breach: Breach) -> Breach:
        """A rule's breach on the cell it is about: of the offer's row, or of the row that gave the field."""
        steps = (breach.pointer or "").strip("/").split("/")
        if steps[0] == "offers" and len(steps) > 1:
            offering = [entry for entry in self.entries if entry.value.offer]
            if int(steps[1]) >= len(offering):
                return self.entries[0].at(breach)
            told = breach.model_copy(update={"pointer": "/".join(["/offer", *steps[2:]])})
            return offering[int(steps[1])].at(told)
        giving = (entry for entry in self.entries if getattr(entry.value, steps[0], None) is not None)
        return next(giving, self.entries[0]).at(breach)


def suppliers_named(reading: Reading[ReferenceRow]) -> set[str]:
    """The codes of the suppliers that a file names, faulty rows included."""
    return {code for row in reading.rows if (code := row.read.get("offer.supplier"))}


def unknown_suppliers(reading: Reading[ReferenceRow], suppliers: Mapping[str, Party]) -> list[Breach]:
    """The unknown suppliers of the references that `group` leaves out."""
    faulty = _faulty_codes(reading)
    left_out = [row for row in reading.rows if row.read.get("code") in faulty]
    named = ((row, row.read.get("offer.supplier")) for row in left_out)
    return [row.at(unknown_supplier("/offer/supplier")) for row, code in named if code and code not in suppliers]


def _faulty_codes(reading: Reading[ReferenceRow]) -> set[str | None]:
    return {row.read.get("code") for row in reading.faulty}


def codes(reading: Reading[ReferenceRow]) -> dict[str, str]:
    """Where each code of a file stands first, faulty rows included."""
    first: dict[str, str] = {}
    for row in reading.rows:
        if code := row.read.get("code"):
            first.setdefault(code, row.pointer("code"))
    return first


def group(
    reading: Reading[ReferenceRow],
    suppliers: Mapping[str, Party],
    today: date,
    known: Mapping[str, Reference] | None = None,
) -> Iterator[Draft]:
    """The references of a file in the order of their first rows; `suppliers` by code.

    Those of `known`, by code, are changed by what their rows give; their offers come on top, one of
    the same supplier, day and least quantity replacing the old one. A reference that has a faulty
    row is left out: what the others lack may stand there.
    """
    faulty = _faulty_codes(reading)
    by_code: dict[str, list[Entry[ReferenceRow]]] = {}
    for entry in reading.entries:
        by_code.setdefault(entry.value.code, []).append(entry)
    for code, rows in by_code.items():
        if code not in faulty:
            yield _draft(tuple(rows), suppliers, today, (known or {}).get(code))


def _draft(
    rows: tuple[Entry[ReferenceRow], ...], suppliers: Mapping[str, Party], today: date, before: Reference | None
) -> Draft:
    values, found = _merged(rows)
    if before:
        own = before.picked(ReferenceFields.model_fields)
        values = own | values | {"custom": before.custom | values.get("custom", {})}
    if "designation" not in values:
        fr, en = SENTENCES["missing"]
        found.append(rows[0].at(Breach(code="missing", fr=fr, en=en, pointer="/designation")))
        values["designation"] = rows[0].value.code
    brought = [_offer(entry.value.offer, suppliers, today) for entry in rows if entry.value.offer]
    replaced = {identity(offer) for offer in brought}
    kept = [offer for offer in (before.offers if before else ()) if identity(offer) not in replaced]
    values["offers"] = (*brought, *kept)
    try:
        fields = ReferenceFields(**values)
    except ValidationError as error:
        draft = Draft(rows, None, ())
        return Draft(rows, None, (*found, *(draft.at(breach) for breach in breaches(error))))
    return Draft(rows, fields, tuple(found))


def _offer(offer: OfferRow, suppliers: Mapping[str, Party], today: date) -> SupplierOffer:
    """The offer as it is stored; an unknown supplier gets an identifier that the rules will not find."""
    party = suppliers.get(offer.supplier)
    supplier = party.id if party else derived_id("unknown supplier", offer.supplier)
    terms = offer.picked(OfferTerms.model_fields)
    return SupplierOffer(supplier=supplier, valid_from=offer.valid_from or today, **terms)


def _merged(rows: Sequence[Entry[ReferenceRow]]) -> tuple[dict[str, Any], list[Breach]]:
    """The fields of a reference, said once or the same on each of its rows."""
    values: dict[str, Any] = {}
    said: dict[str, int] = {}
    found: list[Breach] = []
    for entry in rows:
        for name in _OWN:
            value = getattr(entry.value, name)
            if value is None:
                continue
            if values.setdefault(name, value) != value:
                fr = f"Valeur différente de celle de la ligne {said[name]} pour la même référence."
                en = f"The value differs from that of row {said[name]} for the same reference."
                found.append(entry.at(Breach(code="rows_differ", fr=fr, en=en, pointer=f"/{name}")))
            said.setdefault(name, entry.row)
    return values, found
