"""Lists of offers and orders as files (LOG-04)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from comptoir.access.context import Services
from comptoir.access.custom import Customisation, Subject, columns
from comptoir.access.exports import Export, Exportable
from comptoir.access.permissions import Permission
from comptoir.kernel.cells import as_date, as_number, as_text, several
from comptoir.kernel.table import Column
from comptoir.kernel.writing import Row
from comptoir.orders.items import ORDER
from comptoir.orders.lists import ListOrders
from comptoir.store import keys

_COLUMNS = (
    Column("number", "Numéro", "Number"),
    Column("created_on", "Date", "Date", as_date),
    Column("status", "Statut", "Status"),
    Column("customer_name", "Client", "Customer"),
    Column("customer_reference", "Référence client", "Customer reference"),
    Column("sales_name", "Commercial", "Sales operator"),
    Column("logistics_name", "Logisticien", "Logistics operator"),
    Column("incoterm", "Incoterm", "Incoterm"),
    Column("totals.net.currency", "Devise", "Currency"),
    Column("totals.net.amount", "Montant HT", "Amount without VAT", as_number),
    Column("totals.vat.amount", "TVA", "VAT", as_number),
    Column("totals.gross.amount", "Montant TTC", "Amount with VAT", as_number),
    Column("confirmation.date", "Confirmation", "Confirmation", as_date),
    Column("confirmation.internal_reference", "Référence interne", "Internal reference"),
    Column("tags", "Étiquettes", "Tags", several(as_text)),
)


def _columns(defined: Customisation | None) -> Sequence[Column]:
    return (*_COLUMNS, *columns(defined, Subject.ORDER))


def _rows(services: Services, company: str, page: Sequence[dict[str, Any]]) -> Iterator[Row]:
    places = [keys.order(company, each["id"]) for each in page]
    found = services.store.backend.get(places)
    return (ORDER.load(found[place]).model_dump(mode="json") for place in places if place in found)


ORDERS_EXPORT = Exportable("orders", ListOrders, _columns, _rows)


class ExportOrders(Export):
    """Offers and orders that fulfil the filters of their list, as a file with a row each (LOG-04, FIS-08)."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS
    exportable: ClassVar[str] = ORDERS_EXPORT.name

    filters: ListOrders = ListOrders()
