"""Lists of orders as files (LOG-04)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from comptoir.access import exports
from comptoir.access.custom import CustomField, Customisation, SaveCustomisation, Subject
from comptoir.access.exports import ExportReport, ReadExport
from comptoir.orders.exports import ExportOrders
from comptoir.orders.following import LabelOrder
from comptoir.orders.lists import ListOrders
from functions.render.app import EXPORTABLES
from tests.unit.orders_support import Desk, open_desk
from tests.world import World


class Shelf:
    """A bucket that keeps what is put."""

    content = b""

    def put_file(self, key: str, file: Any, content_type: str, filename: str) -> None:
        self.content = file.read()


def exported(desk: Desk, **filters: Any) -> list[list[str]]:
    started = desk.world.do(ExportReport, ExportOrders(filters=ListOrders(**filters)), "manager")
    shelf, event = Shelf(), {"company": desk.world.company, "job": started.id}
    exports.write_export(desk.world.services, event, shelf, EXPORTABLES)
    assert desk.world.do(ExportReport, ReadExport(job=started.id), "manager").filename == "orders-2026-11-21.csv"
    return [line.split(";") for line in shelf.content.decode("utf-8-sig").splitlines()]


def test_log_04_a_list_is_exported_whole_with_its_filters(world: World) -> None:
    """Every page of the list, its custom fields and tags, in amounts that a French spreadsheet reads."""
    desk = open_desk(world)
    world.services = replace(world.services, workflows=None)
    field = CustomField(code="season", label="Saison", on=(Subject.ORDER,))
    world.do(Customisation, SaveCustomisation(fields=(field,)), "administrator", if_match=0)
    order, version = desk.offer("1234.50", customer_reference="=PO-1")
    for _ in range(101):
        desk.offer()
    world.execute_as("sales", LabelOrder(order=order.id, tags=("urgent",), custom={"season": "été"}), version)
    heading, *rows = exported(desk, status="offer")
    assert len(rows) == 102
    assert heading[:4] == ["Numéro", "Date", "Statut", "Client"]
    told = dict(zip(heading, rows[-1], strict=True))
    assert (told["Numéro"], told["Date"], told["Montant HT"], told["Devise"]) == (
        "C-000001",
        "21/11/2026",
        "1234,50",
        "EUR",
    )
    assert (told["Saison"], told["Étiquettes"], told["Référence client"]) == ("été", "urgent", "'=PO-1")
    assert exported(desk, status="confirmed") == [heading]
    assert len(exported(desk, tag=("urgent",))) == 2
