"""Special sale prices: of a customer or of a price list, with validity dates and quantity breaks (CAT-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.catalogue.model import Price, Reference
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction


class PriceBreak(Model):
    """A unit price without VAT from a quantity on."""

    from_quantity: Annotated[Quantity, Field(ge=0)] = Decimal(0)
    price: Price


class Tariff(Model):
    """Prices of a reference over some time, `valid_to` included; below its least quantity it does not apply."""

    valid_from: date
    valid_to: date | None = None
    currency: Currency = "EUR"
    breaks: Annotated[tuple[PriceBreak, ...], Field(min_length=1, max_length=20)]


Tariffs = Annotated[tuple[Tariff, ...], Field(max_length=50)]


class PriceSource(StrEnum):
    """Where a proposed sale price comes from, the first that has one winning."""

    CUSTOMER = "customer"
    PRICE_LIST = "price_list"
    REFERENCE = "reference"


class SpecialPrices(Model):
    """The tariffs of a reference for one customer or one price list (`owner`)."""

    reference: Id
    reference_code: str
    owner: Id
    source: PriceSource
    tariffs: Tariffs = ()


class SalePrice(Model):
    """A proposed unit price without VAT, in its own currency, and where it comes from."""

    price: Price
    currency: Currency
    source: PriceSource


def _places(company: str, prices: SpecialPrices) -> Mapping[int, Index]:
    """By owner, as long as there is a tariff."""
    return {2: keys.by_owner(company, prices.owner, prices.reference_code)} if prices.tariffs else {}


SPECIAL_PRICES = Kind("special_prices", SpecialPrices, summarise=lambda prices: prices, index=_places)


def price_for(
    reference: Reference, customer: Party, quantity: Decimal, day: date, prices: Iterable[SpecialPrices] = ()
) -> SalePrice | None:
    """The unit price to propose (CAT-04): the customer's own, else its price list's, else the sale price.

    `prices` are the special prices of the reference, as `special_prices` reads them; of several
    tariffs that hold on the day, the one that begins last counts. None when nothing gives a price.
    """
    own = [each for each in prices if each.reference == reference.id]
    for owner, source in ((customer.id, PriceSource.CUSTOMER), (customer.price_list, PriceSource.PRICE_LIST)):
        tariffs = [tariff for each in own if each.owner == owner for tariff in each.tariffs]
        if found := _of(tariffs, quantity, day):
            tariff, price = found
            return SalePrice(price=price, currency=tariff.currency, source=source)
    if reference.sale_price is None:
        return None
    return SalePrice(price=reference.sale_price, currency=reference.sale_currency, source=PriceSource.REFERENCE)


def _of(tariffs: Sequence[Tariff], quantity: Decimal, day: date) -> tuple[Tariff, Decimal] | None:
    for tariff in sorted(tariffs, key=lambda tariff: tariff.valid_from, reverse=True):
        reached = [each for each in tariff.breaks if each.from_quantity <= quantity]
        if reached and tariff.valid_from <= day and (tariff.valid_to is None or day <= tariff.valid_to):
            return tariff, max(reached, key=lambda each: each.from_quantity).price
    return None


def special_prices(
    tx: Transaction, company: str, references: Iterable[str], customer: Party
) -> dict[str, tuple[SpecialPrices, ...]]:
    """The special prices of a customer for these references, by reference, in one read."""
    owners = [owner for owner in (customer.id, customer.price_list) if owner]
    wanted = {each: [keys.special_prices(company, each, owner) for owner in owners] for each in references}
    tx.prefetch([key for places in wanted.values() for key in places])
    found = {each: [tx.get(SPECIAL_PRICES, key) for key in places] for each, places in wanted.items()}
    return {each: tuple(prices for prices in given if prices) for each, given in found.items()}


def tariff_breaches(tariffs: Sequence[Tariff]) -> list[Breach]:
    """Everything that is wrong with tariffs: ends before starts, quantities and starts given twice."""
    found = []
    for position, tariff in enumerate(tariffs):
        at = f"/tariffs/{position}"
        if tariff.valid_to and tariff.valid_to < tariff.valid_from:
            fr, en = "La fin de validité précède son début.", "The validity ends before it begins."
            found.append(Breach(code="ends_before_start", fr=fr, en=en, pointer=f"{at}/valid_to"))
        if any(other.valid_from == tariff.valid_from for other in tariffs[:position]):
            fr, en = "Un autre tarif commence le même jour.", "Another tariff begins on that day."
            found.append(Breach(code="duplicate_tariff", fr=fr, en=en, pointer=f"{at}/valid_from"))
        quantities = [each.from_quantity for each in tariff.breaks]
        if len(set(quantities)) < len(quantities):
            fr, en = "Un seuil de quantité figure deux fois.", "A quantity is given twice."
            found.append(Breach(code="duplicate_break", fr=fr, en=en, pointer=f"{at}/breaks"))
    return found
