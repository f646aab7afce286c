"""What an order buys: the products of each supplier request, priced from the order's lines (OFF-08, OFF-09)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from comptoir.catalogue.incoterms import final, level
from comptoir.catalogue.pricing import PricedLine, VatCategory, line_net, totals
from comptoir.kernel.money import Money
from comptoir.orders.margins import bought_quantity
from comptoir.orders.model import OrderLine, OrderStatus
from comptoir.orders.supplier_model import PurchaseLine, SupplierRequest
from comptoir.parties.model import VatTreatment

_DOMESTIC_RATE = Decimal(20)
_CATEGORIES = {
    VatTreatment.DOMESTIC: VatCategory.ZERO,
    VatTreatment.INTRA_COMMUNITY: VatCategory.INTRA_COMMUNITY,
    VatTreatment.EXPORT: VatCategory.EXPORT,
    VatTreatment.REVERSE_CHARGE: VatCategory.REVERSE_CHARGE,
}


def by_supplier(lines: Iterable[OrderLine]) -> dict[str, list[OrderLine]]:
    """The lines that are bought, by supplier, in the order of the suppliers' first lines."""
    found: dict[str, list[OrderLine]] = {}
    for line in lines:
        if line.supplier:
            found.setdefault(line.supplier, []).append(line)
    return found


def bought(request: SupplierRequest, lines: Iterable[OrderLine]) -> tuple[PurchaseLine, ...]:
    """The products of a request: those of the order's lines, then its own."""
    return (*(purchase_of(line) for line in lines if line.supplier == request.supplier), *request.extras)


def purchase_of(line: OrderLine) -> PurchaseLine:
    """What an order's line buys: as much as it sells, unless told otherwise."""
    # The line's values are valid already: validating them again would cost more than pricing them.
    return PurchaseLine.model_construct(
        id=line.id,
        sold=True,
        code=line.code,
        designation=line.designation,
        kind=line.kind,
        quantity=bought_quantity(line),
        unit=line.unit,
        unit_price=line.purchase_price,
        vat_rate=_rate_of(line),
        incoterm=line.purchase_incoterm,
        incoterm_place=line.purchase_incoterm_place,
        account=line.purchase_account,
    )


def _rate_of(line: OrderLine) -> Decimal | None:
    """The purchase's own rate, else that of the sale; a sale without VAT says nothing of the purchase."""
    return line.purchase_vat_rate if line.purchase_vat_rate is not None else line.vat_rate or None


def priced(request: SupplierRequest, lines: Iterable[PurchaseLine]) -> tuple[PricedLine, ...]:
    """Products as a purchase order prices them: by incoterm in ascending level, numbered from 1."""
    incoterms = [(line, line.incoterm or request.incoterm) for line in lines]
    incoterms.sort(key=lambda entry: level(entry[1]))
    return tuple(_priced(request, line, incoterm, n) for n, (line, incoterm) in enumerate(incoterms, 1))


def _priced(request: SupplierRequest, line: PurchaseLine, incoterm: str | None, position: int) -> PricedLine:
    rate, price = _vat_rate(request, line), line.unit_price or Decimal(0)
    return PricedLine.model_construct(
        position=position,
        kind=line.kind,
        code=line.code,
        designation=line.designation,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=price,
        discount_rate=Decimal(0),
        free=line.unit_price == 0,
        vat_rate=rate,
        vat_category=VatCategory.STANDARD if rate else _CATEGORIES[request.vat_treatment],
        net=line_net(line.quantity, price, Decimal(0), False, request.currency),
        account=line.account,
        incoterm=incoterm,
        incoterm_place=line.incoterm_place or place_of(request, incoterm),
    )


def place_of(request: SupplierRequest, incoterm: str | None) -> str | None:
    """The named place that a request gives to an incoterm: its own one's."""
    return request.incoterm_place if incoterm == request.incoterm else None


def unplaced(request: SupplierRequest, lines: Iterable[PurchaseLine]) -> list[PurchaseLine]:
    """The products of a request on an incoterm of their own for which nobody names a place (RULES §10)."""
    return [line for line in lines if line.incoterm and not (line.incoterm_place or place_of(request, line.incoterm))]


def _vat_rate(request: SupplierRequest, line: PurchaseLine) -> Decimal:
    """A domestic supplier charges VAT: the line's rate, else the normal one. Another does not."""
    if request.vat_treatment is not VatTreatment.DOMESTIC:
        return Decimal(0)
    return _DOMESTIC_RATE if line.vat_rate is None else line.vat_rate


def own_costs(request: SupplierRequest) -> list[Money]:
    """What the products of a request that no line of the order sells cost."""
    return [line.net for line in priced(request, request.extras) if line.net]


def fixed(request: SupplierRequest) -> bool:
    """Whether the currency of a request stays: it has products of its own, or is confirmed."""
    return bool(request.extras) or request.status is not OrderStatus.OFFER


def computed(request: SupplierRequest, lines: Sequence[OrderLine]) -> SupplierRequest:
    """A request with the currency, totals, counts and final incoterm that its lines give it."""
    currency = request.currency
    if not fixed(request):
        named = (line.purchase_currency for line in lines if line.supplier == request.supplier)
        currency = next((code for code in named if code), currency)
    request = request.change(currency=currency)
    products = bought(request, lines)
    return request.change(
        lines=len(products),
        unpriced=sum(line.unit_price is None for line in products),
        final_incoterm=final(line.incoterm or request.incoterm for line in products),
        totals=totals(priced(request, products), currency),
    )
