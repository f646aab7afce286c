"""What a reference and its supplier offers must satisfy (CAT-01, CAT-02, CAT-06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from comptoir.catalogue.incoterms import place_breaches
from comptoir.catalogue.model import ReferenceFields, SupplierOffer
from comptoir.catalogue.pricing import ProductKind
from comptoir.catalogue.vat import accepted, rates
from comptoir.kernel.errors import Breach
from comptoir.kernel.money import plain
from comptoir.parties.model import Party
from comptoir.parties.rules import is_supplier


def reference_breaches(reference: ReferenceFields, suppliers: Mapping[str, Party], today: date) -> list[Breach]:
    """Everything that is wrong with a reference; `suppliers` are the parties that its offers name."""
    return [*_own(reference, today), *_offers(reference.offers, suppliers)]


def most_recent_first(offers: Sequence[SupplierOffer]) -> tuple[SupplierOffer, ...]:
    """Offers as they are proposed: the one that begins last comes first (CAT-02)."""
    return tuple(sorted(offers, key=lambda offer: offer.valid_from, reverse=True))


def _own(reference: ReferenceFields, today: date) -> list[Breach]:
    found = []
    if not accepted(reference.vat_rate, today):
        known = " ; ".join(plain(rate.rate) for rate in rates(today))
        found.append(
            Breach(
                code="vat_rate_unknown",
                fr=f"Ce taux de TVA n'est pas en vigueur ; admis : {known}.",
                en=f"This VAT rate is not in force; accepted: {known}.",
                pointer="/vat_rate",
            )
        )
    if reference.net_weight and reference.gross_weight is not None and reference.gross_weight < reference.net_weight:
        found.append(
            Breach(
                code="gross_below_net",
                fr="Le poids brut est inférieur au poids net.",
                en="The gross weight is below the net weight.",
                pointer="/gross_weight",
            )
        )
    if reference.stock_managed and reference.kind is not ProductKind.GOODS:
        found.append(
            Breach(
                code="stock_of_goods_only",
                fr="Seules les marchandises se gèrent en stock.",
                en="Only goods are managed in stock.",
                pointer="/stock_managed",
            )
        )
    return [*found, *_thresholds(reference)]


def _thresholds(reference: ReferenceFields) -> list[Breach]:
    depots = [threshold.depot for threshold in reference.thresholds]
    return [
        Breach(
            code="duplicate_threshold",
            fr="Ce dépôt a déjà un seuil de réapprovisionnement.",
            en="This depot already has a reorder threshold.",
            pointer=f"/thresholds/{position}/depot",
        )
        for position, depot in enumerate(depots)
        if depot in depots[:position]
    ]


def _offers(offers: Sequence[SupplierOffer], suppliers: Mapping[str, Party]) -> list[Breach]:
    found = []
    seen = set()
    for position, offer in enumerate(offers):
        at = f"/offers/{position}"
        party = suppliers.get(offer.supplier)
        if party is None or not is_supplier(party):
            found.append(unknown_supplier(f"{at}/supplier"))
        if offer.valid_to and offer.valid_to < offer.valid_from:
            found.append(
                Breach(
                    code="ends_before_start",
                    fr="La fin de validité précède son début.",
                    en="The validity ends before it begins.",
                    pointer=f"{at}/valid_to",
                )
            )
        found += place_breaches(offer.incoterm, offer.incoterm_place or _own_place(offer, party), f"{at}/")
        if identity(offer) in seen:
            found.append(
                Breach(
                    code="duplicate_offer",
                    fr="Ce fournisseur a déjà une offre de cette date et de cette quantité minimale.",
                    en="This supplier already has an offer of that date and minimum quantity.",
                    pointer=f"{at}/supplier",
                )
            )
        seen.add(identity(offer))
    return found


def _own_place(offer: SupplierOffer, supplier: Party | None) -> str | None:
    """The place of an offer on the incoterm at which its supplier sells anyway."""
    return supplier.incoterm_place if supplier and offer.incoterm == supplier.incoterm else None


def identity(offer: SupplierOffer) -> tuple[str, date, Decimal | None]:
    """What tells offers of a reference apart: supplier, first day, least quantity."""
    return offer.supplier, offer.valid_from, offer.minimum_quantity


def unknown_supplier(pointer: str) -> Breach:
    """The breach of an offer from nobody, or from a party that is no supplier."""
    return Breach(
        code="unknown_supplier",
        fr="Aucun fournisseur ou prestataire ne correspond.",
        en="No supplier or service provider matches.",
        pointer=pointer,
    )
