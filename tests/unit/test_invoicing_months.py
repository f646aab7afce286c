"""INV-10, FIS-08: the documents of a month with amounts per rate and states; one download with everything."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from comptoir.access.exports import ExportReport, ExportState, ReadExport, seal_export
from comptoir.invoicing import month_export
from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.editing import SetDraftLines, UpdateDraft
from comptoir.invoicing.model import Document
from comptoir.invoicing.month_export import Damaged, ExportMonth, write_month
from comptoir.invoicing.month_view import Month, MonthState, ReadMonth
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.tasks import archive_document
from comptoir.kernel.errors import Forbidden, NotFound, Refused
from comptoir.kernel.text import sha256
from comptoir.ledger.events import TechnicalEvent
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName
from comptoir.orders.model import LineInput, Order
from comptoir.store import keys
from tests.unit.cancelling_support import pay
from tests.unit.invoicing_support import Shop, back, line, open_shop, wrap
from tests.unit.test_invoicing_down_payments import advance
from tests.unit.test_invoicing_unchangeable import NoVault
from tests.world import another_company

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@dataclass
class Written:
    """A file under way, whose bytes are kept."""

    body: bytearray = field(default_factory=bytearray)

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def sha256(self) -> str:
        return sha256(bytes(self.body))

    def write(self, data: bytes) -> int:
        self.body += data
        return len(data)

    def tell(self) -> int:
        return len(self.body)

    def flush(self) -> None:
        """Nothing."""


@dataclass
class Buckets:
    """The locked bucket and the one of working files."""

    archived: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str, most: int) -> bytes | None:
        return self.archived.get(key)

    @contextmanager
    def writing(self, key: str, content_type: str, filename: str) -> Iterator[Written]:
        assert (content_type, key not in self.files) == ("application/zip", True)
        file = Written()
        yield file
        self.files[key] = bytes(file.body)

    def archive(self, shop: Shop, *documents: Document) -> None:
        """Have a PDF archived for each document."""
        for one in documents:
            body = f"%PDF of {one.number}".encode()
            key = f"documents/{one.id}.pdf"
            self.archived[key] = body
            told = {"key": key, "sha256": sha256(body), "size": len(body)}
            event = {"company": shop.world.company, "document": one.id, **told}
            archive_document(shop.world.services, NoVault(), event)


def month(shop: Shop, name: str = "2026-11", **fields: Any) -> Month:
    return shop.world.do(Month, ReadMonth(month=name, **fields), "accountant")


def told(found: Month) -> list[tuple[str | None, str, Decimal, MonthState]]:
    return [(one.document.number, one.document.kind.value, one.document.gross.amount, one.state) for one in found.items]


def totals(found: Month) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(row.currency, row.rate, row.base.amount, row.vat.amount) for row in found.totals.rows]


def export(shop: Shop, buckets: Buckets, name: str = "2026-11") -> tuple[ExportReport, zipfile.ZipFile | None]:
    """What becomes of a download, and the file."""
    started = shop.world.do(ExportReport, ExportMonth(month=name), "accountant")
    event = {"company": shop.world.company, "job": started.id}
    for _ in range(2):
        assert write_month(shop.world.services, event, buckets, buckets) == {"outcome": "to_seal"}
    seal_export(shop.world.services, event)
    ended = shop.world.do(ExportReport, ReadExport(job=started.id), "accountant")
    found = [
        body for key, body in buckets.files.items() if key.startswith(f"exports/{shop.world.company}/{started.id}/")
    ]
    return ended, zipfile.ZipFile(io.BytesIO(found[0])) if found else None


def sheet(folder: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = folder.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ".")) if cell else Decimal(0)


def test_inv_10_a_month_lists_its_documents_with_amounts_per_rate_states_and_totals(shop: Shop) -> None:
    paid, cancelled, open_one = (
        shop.invoice(line("100"), line("50", rate="5.5")),
        shop.invoice(line("10")),
        shop.invoice(line("30", "2")),
    )
    [note] = shop.issued(shop.credit(open_one, back(1, "1")))
    pay(shop, paid)
    [cancellation] = shop.issued(shop.do(CancelInvoice(document=cancelled.id, reason="Erreur")))
    Buckets().archive(shop, paid)
    found = month(shop)
    assert told(found) == [
        (paid.number, "invoice", Decimal("172.75"), MonthState.SETTLED),
        (cancelled.number, "invoice", Decimal("12.00"), MonthState.CANCELLED),
        (open_one.number, "invoice", Decimal("72.00"), MonthState.OPEN),
        (note.number, "credit_note", Decimal("-36.00"), MonthState.OPEN),
        (cancellation.number, "cancellation", Decimal("-12.00"), MonthState.SETTLED),
    ]
    rows = [(row.rate, row.base.amount, row.vat.amount) for row in found.items[0].document.rows]
    assert rows == [
        (Decimal(20), Decimal("100.00"), Decimal("20.00")),
        (Decimal("5.5"), Decimal("50.00"), Decimal("2.75")),
    ]
    settled = found.items[2].document.settlement
    assert settled is not None
    assert (settled.credited.amount, settled.open.amount) == (Decimal("36.00"), Decimal("72.00"))
    assert found.items[1].document.cancelled_by == cancellation.number
    assert [one.pdf for one in found.items] == [f"/invoices/{paid.id}/file", None, None, None, None]
    assert totals(found) == [
        ("EUR", Decimal(20), Decimal("130.00"), Decimal("26.00")),
        ("EUR", Decimal("5.5"), Decimal("50.00"), Decimal("2.75")),
    ]
    assert found.totals.documents == {"invoice": 3, "credit_note": 1, "cancellation": 1}


def test_inv_10_each_month_has_its_own_documents_and_each_company_too(shop: Shop) -> None:
    first, second = shop.draft(line("1")), shop.draft(line("2"))
    shop.do(UpdateDraft(document=first.id, wanted_date=date(2026, 10, 31)), if_match=1)
    shop.issued(first, second)
    shop.draft(test=True)
    assert [len(month(shop, name).items) for name in ("2026-10", "2026-11", "2026-12")] == [1, 1, 0]
    assert [totals(month(shop, name)) for name in ("2026-10", "2026-12")] == [
        [("EUR", Decimal(20), Decimal("1.00"), Decimal("0.20"))],
        [],
    ]
    other = open_shop(another_company(shop.world))
    assert (month(other).items, month(other).totals.rows) == ((), ())


def test_inv_10_pages_of_a_month_cost_the_same_number_of_calls(shop: Shop) -> None:
    """The index, the totals, and one read of the treasuries and balances of the page."""
    shop.issued(*(shop.draft(line(str(n + 1))) for n in range(30)))
    counted = wrap(shop)
    page = month(shop, limit=20)
    assert (len(page.items), len(page.totals.rows)) == (20, 1)
    assert counted.calls == ["get", "query", "get", "get", "write"]  # the accountant's access
    rest = month(shop, limit=20, cursor=page.cursor)
    assert [one.document.gross.amount for one in (*page.items, *rest.items)] == [
        Decimal(f"{n * 1.2:.2f}") for n in range(1, 31)
    ]


documents = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "invoice", "credit", "cancel", "replace", "down payment", "order"]),
        st.integers(0, 9),
        st.decimals(Decimal("0.01"), Decimal(500), places=2),
        st.sampled_from(["20", "10", "5.5"]),
    ),
    max_size=12,
)


def drafted(shop: Shop, order: Order, issued: list[Document], step: tuple[str, int, Decimal, str]) -> Document | None:
    """What a step drafts; None where there is nothing to draft it on, or it may not be."""
    kind, index, price, rate = step
    free = [one for one in issued if shop.read(one).cancelled_by is None and one.kind is DocumentKind.INVOICE]
    if kind in ("credit", "cancel", "replace") and not free:
        return None
    target = free[index % len(free)] if free else shop.draft()
    makers: dict[str, Callable[[], Document]] = {
        "invoice": lambda: shop.draft(line(price, rate=rate), line("3", rate="20")),
        "down payment": lambda: advance(shop, order, "10"),
        "order": lambda: shop.invoice_order(order),
        "credit": lambda: shop.credit(target, back(1, amount="0.01")),
        "cancel": lambda: shop.do(CancelInvoice(document=target.id, reason="Erreur")),
        "replace": lambda: shop.do(ReplaceInvoice(document=target.id)),
    }
    try:
        made = makers[kind]()
    except Refused:
        return None
    if kind == "replace" and made.order is None:
        return shop.do(SetDraftLines(document=made.id, lines=(line(price, rate=rate),)), if_match=1)
    return made


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents)
def test_inv_10_totals_are_what_the_documents_add_up_to(asked: list[tuple[str, int, Decimal, str]]) -> None:
    """IND-09 in small: kept by the writer, equal to a recomputation from the lists, rate by rate."""
    shop = open_shop()
    order, _ = shop.confirmed(LineInput(designation="Bouée", quantity=Decimal(7), unit_price=Decimal("9.99")))
    issued: list[Document] = []
    for step in asked:
        made = drafted(shop, order, issued, step)
        issued += shop.issued(made) if made else []
    found = month(shop, limit=100)
    sums: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for item in found.items:
        for sign, rows in ((1, item.document.rows), (-1, item.document.replaced)):
            for row in rows:
                key = (item.document.gross.currency, row.rate)
                base, vat = sums.get(key, (Decimal(0), Decimal(0)))
                sums[key] = (base + sign * row.base.amount, vat + sign * row.vat.amount)
    assert {(currency, rate): (base, vat) for currency, rate, base, vat in totals(found)} == sums
    assert sum(found.totals.documents.values()) == len(found.items) == len(issued)


def test_inv_10_one_download_holds_the_pdfs_both_lists_and_the_totals(shop: Shop) -> None:
    buckets = Buckets()
    first, second = shop.invoice(line("100"), line("50", rate="5.5")), shop.invoice(line("3"))
    [note] = shop.issued(shop.credit(first, back(1, amount="10")))
    buckets.archive(shop, first, second, note)
    report, folder = export(shop, buckets)
    assert folder is not None
    assert (report.state, report.filename, report.rows) == (ExportState.DONE, "documents-2026-11.zip", 4)
    assert folder.testzip() is None
    names = [f"pdf/{one.number}.pdf" for one in (first, second, note)]
    lists = ["documents-2026-11.csv", "documents-2026-11.xlsx", "totaux-2026-11.csv"]
    assert folder.namelist() == [*names, *lists]
    assert [folder.read(name) for name in names] == [f"%PDF of {one.number}".encode() for one in (first, second, note)]
    rows = sheet(folder, lists[0])
    assert [(one["Numéro"], one["Type"], one["Taux de TVA"], one["Base HT"], one["TVA"]) for one in rows] == [
        (first.number, "Facture", "20", "100,00", "20,00"),
        (first.number, "Facture", "5,5", "50,00", "2,75"),
        (second.number, "Facture", "20", "3,00", "0,60"),
        (note.number, "Avoir", "20", "-10,00", "-2,00"),
    ]
    assert [one["TTC du document"] for one in rows] == ["172,75", "", "3,60", "-12,00"]
    assert [one["Fichier"] for one in rows] == [names[0], names[0], names[1], names[2]]
    for rate, base, vat in (("20", "93,00", "18,60"), ("5,5", "50,00", "2,75")):
        of_rate = [one for one in rows if one["Taux de TVA"] == rate]
        assert sum(number(one["Base HT"]) for one in of_rate) == number(base)
        assert {"Taux de TVA": rate, "Base HT": base, "TVA": vat}.items() <= next(
            one.items() for one in sheet(folder, lists[2]) if one["Taux de TVA"] == rate
        )
    book = load_workbook(io.BytesIO(folder.read(lists[1]))).active
    assert book is not None
    cells = [[cell.value for cell in row] for row in book.iter_rows()]
    assert [row[7] for row in cells] == ["Base HT", 100, 50, 3, -10]
    assert cells[0] == list(rows[0])


def test_fis_08_a_download_is_chained_with_the_hash_of_its_file(shop: Shop) -> None:
    buckets = Buckets()
    buckets.archive(shop, shop.invoice())
    report, _ = export(shop, buckets)
    [body] = buckets.files.values()
    company, store = shop.world.company, shop.world.services.store
    last = store.require(HEAD, keys.chain_head(company, ChainName.EVENTS)).value.sequence
    places = [keys.chain_entry(company, ChainName.EVENTS, number) for number in (last - 1, last)]
    asked, left = (TechnicalEvent.model_validate_json(store.require(ENTRY, place).value.payload) for place in places)
    assert (asked.event, asked.content["asked"]) == ("exported", {"month": "2026-11"})
    assert (left.event, left.content["sha256"], left.content["size"]) == ("export_written", sha256(body), len(body))
    assert (report.sha256, left.operator) == (sha256(body), shop.world.operators["accountant"])


def test_inv_10_what_is_not_archived_yet_is_named_and_nothing_is_stored(shop: Shop) -> None:
    buckets = Buckets()
    first, second = shop.invoice(), shop.invoice()
    buckets.archive(shop, first)
    report, folder = export(shop, buckets)
    assert (report.state, folder, report.url) == (ExportState.REFUSED, None, None)
    assert [one.code for one in report.breaches] == ["documents_not_archived"]
    assert second.number is not None
    assert second.number in report.breaches[0].fr


def test_inv_10_a_pdf_that_is_not_what_was_archived_stops_the_download(shop: Shop) -> None:
    buckets = Buckets()
    buckets.archive(shop, shop.invoice())
    [key] = buckets.archived
    started = shop.world.do(ExportReport, ExportMonth(month="2026-11"), "accountant")
    event = {"company": shop.world.company, "job": started.id}
    for body in (None, b"%PDF of something else"):
        buckets.archived = {key: body} if body else {}
        with pytest.raises(Damaged):
            write_month(shop.world.services, event, buckets, buckets)
    assert buckets.files == {}


def test_inv_10_too_many_documents_are_refused_with_their_reason(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets()
    buckets.archive(shop, shop.invoice(), shop.invoice())
    monkeypatch.setattr(month_export, "MOST", 1)
    report, _ = export(shop, buckets)
    assert [one.code for one in report.breaches] == ["too_many_documents"]


def test_inv_10_downloads_are_a_right_and_the_asker_s_own(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        shop.world.execute_as("sales", ExportMonth(month="2026-11"))
    started = shop.world.do(ExportReport, ExportMonth(month="2026-11"), "accountant")
    with pytest.raises(NotFound):
        shop.world.execute_as("manager", ReadExport(job=started.id))


def test_inv_10_an_empty_month_is_a_file_too(shop: Shop) -> None:
    buckets = Buckets()
    report, folder = export(shop, buckets, "2026-03")
    assert folder is not None
    assert (report.rows, len(folder.namelist())) == (0, 3)
