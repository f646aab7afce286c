"""Offers through `execute`: opening, head, lines, import, quotes, lists, permissions (OFF, QUO, ACC)."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from comptoir.access.execute import Reply, Request
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference, SupplierOffer
from comptoir.catalogue.pricing import ProductKind, VatCategory
from comptoir.kernel.errors import (
    DomainError,
    Forbidden,
    NotFound,
    PreconditionRequired,
    Refused,
    TooLarge,
    VersionMismatch,
)
from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.commands import CancelOffer, OpenOffer, SetOfferLines, UpdateOffer
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.items import LINES, line_keys, read_lines
from comptoir.orders.model import (
    CONFIRMATION,
    LineInput,
    Milestone,
    OfferFields,
    Order,
    OrderStatus,
    OrderSummary,
    QuoteStatus,
    QuoteView,
)
from comptoir.orders.queries import (
    Criteria,
    ListOrders,
    ListQuotes,
    OrderLines,
    QuoteLink,
    ReadConfirmationCriteria,
    ReadOrder,
    ReadOrderHistory,
    ReadOrderLines,
    ReadOrderTreasury,
    ReadQuote,
)
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import quote_rendered, quote_to_render
from comptoir.parties.model import Party, PartyKind, VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from tests.unit.orders_support import Counted, Desk, customer_request, on_backend, open_desk
from tests.world import World, another_company


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def refused(desk: Desk, request: Request, **headers: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refusal:
        desk.world.execute_as("manager", request, **headers)
    return [(breach.code, breach.pointer) for breach in refusal.value.breaches]


def head(desk: Desk, order: Order) -> Reply:
    return desk.world.execute_as("manager", ReadOrder(order=order.id))


def update(order: Order, **fields: Any) -> UpdateOffer:
    given = {name: getattr(order, name) for name in OfferFields.model_fields}
    return UpdateOffer(**(given | {"order": order.id} | fields))


def inputs(desk: Desk, order: Order) -> list[LineInput]:
    return [LineInput(**line.__dict__) for line in read_lines(desk.world.services.store, desk.world.company, order)]


def test_an_offer_takes_from_the_customer_what_is_not_said(desk: Desk) -> None:
    """OFF-01, PTY-02: currency, language, contact; numbers follow each other."""
    request = customer_request(code="US1", name="Ohio Foods", currency="USD", language=Language.ENGLISH, siren=None)
    american = desk.world.do(
        Party, request.change(vat_number=None, vat_treatment=VatTreatment.EXPORT, address={"country": "US"})
    )
    order, _ = desk.offer(customer=american.id)
    assert (order.currency, order.language, order.contact) == ("USD", Language.ENGLISH, "Yann Kerbrat")
    assert (order.customer_name, order.zero_category) == ("Ohio Foods", VatCategory.EXPORT)
    assert (order.number, order.status, order.totals.gross) == ("C-000001", OrderStatus.OFFER, Money.zero("USD"))
    second, _ = desk.offer(currency="EUR", contact="Ana")
    assert (second.number, second.currency, second.contact) == ("C-000002", "EUR", "Ana")


def test_an_offer_is_made_to_a_customer(desk: Desk) -> None:
    supplier = desk.world.do(Party, customer_request(code="SUP", kinds=(PartyKind.SUPPLIER,)))
    assert refused(desk, OpenOffer(customer=supplier.id)) == [("not_a_customer", "/customer")]
    assert refused(desk, OpenOffer(customer="Z" * 26)) == [("unknown_customer", "/customer")]


def test_lines_make_totals_and_treasury(desk: Desk) -> None:
    """OFF-05, TRS-01: totals are stored at save; the treasury follows the terms."""
    order, version = desk.offer("100.00", "33.33")
    assert version == 2
    assert (order.lines, order.totals.net, order.totals.gross) == (
        2,
        Money.of("133.33", "EUR"),
        Money.of("160.00", "EUR"),
    )
    lines = desk.treasury(order).lines
    assert [(line.amount.amount, line.forecast_date) for line in lines] == [
        (Decimal("48.00"), date(2026, 12, 1)),
        (Decimal("112.00"), date(2027, 2, 28)),
    ]


def test_lines_keep_their_identifier_and_only_changed_chunks_are_rewritten(desk: Desk) -> None:
    """OFF-03; the history tells the one line that changed (ACC-06)."""
    order, version = desk.offer(*["1.00"] * 450)
    places = line_keys(desk.world.company, order)
    before = desk.world.services.store.backend.get(places)
    entered = inputs(desk, order)
    entered[210] = entered[210].change(quantity=Decimal(7))
    reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=tuple(entered)), version)
    after = desk.world.services.store.backend.get(places)
    assert [after[place].version - before[place].version for place in places] == [0, 1, 0]
    assert [line.id for line in LINES.load(after[places[1]]).lines] == [line.id for line in entered[200:400]]
    assert reply.version == version + 1
    history = desk.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id, limit=10))
    changed = next(entry.changes for entry in history.items if entry.event == "lines_changed")
    assert changed == {f"/lines/{entered[210].id}/quantity": ["1", "7"]}


def test_saving_the_same_lines_writes_nothing(desk: Desk) -> None:
    order, version = desk.offer("1.00")
    reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=tuple(inputs(desk, order))), version)
    assert reply.version == version


def test_a_line_whose_words_change_changes_the_version(desk: Desk) -> None:
    """The head's version guards the lines, be the totals the same."""
    order, version = desk.offer("1.00")
    [line] = inputs(desk, order)
    request = SetOfferLines(order=order.id, lines=(line.change(designation="Autre"),))
    assert desk.world.execute_as("manager", request, version).version == version + 1
    with pytest.raises(VersionMismatch):
        desk.world.execute_as("manager", request, version)


def test_a_shorter_set_leaves_no_line_behind_and_a_longer_one_finds_its_place(desk: Desk) -> None:
    """Chunks are emptied, never deleted (FIS-04's deny on delete), and filled again."""
    order, version = desk.offer(*["1.00"] * 401)
    for count in (3, 250, 0, 405):
        request = SetOfferLines(order=order.id, lines=desk.lines(*["2.00"] * count))
        reply = desk.world.execute_as("manager", request, version)
        order, version = Order.model_validate_json(reply.body), reply.version or 0
        assert len(read_lines(desk.world.services.store, desk.world.company, order)) == order.lines == count
        assert order.totals.net == Money.of(2 * count, "EUR")


def test_reordering_is_told(desk: Desk) -> None:
    """OFF-03."""
    order, version = desk.offer("1.00", "2.00")
    entered = tuple(reversed(inputs(desk, order)))
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=entered), version)
    assert [line.id for line in inputs(desk, order)] == [line.id for line in entered]
    history = desk.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id))
    assert any(entry.changes.get("/lines") == "reordered" for entry in history.items)


def test_lines_are_read_by_chunk(desk: Desk) -> None:
    order, version = desk.offer(*["1.00"] * 401)
    seen: list[str] = []
    chunk: int | None = 0
    while chunk is not None:
        reply = desk.world.execute_as("sales", ReadOrderLines(order=order.id, chunk=chunk))
        page = OrderLines.model_validate_json(reply.body)
        assert (page.total, reply.version) == (401, version)
        seen += [line.designation for line in page.items]
        chunk = page.next_chunk
    assert seen == [f"Article {number}" for number in range(1, 402)]
    with pytest.raises(NotFound):
        desk.world.execute_as("sales", ReadOrderLines(order=order.id, chunk=3))
    empty, _ = desk.offer()
    assert desk.world.do(OrderLines, ReadOrderLines(order=empty.id)).items == ()


def test_changing_terms_and_milestones_recomputes_the_forecast(desk: Desk) -> None:
    """TRS-01."""
    order, version = desk.offer("100.00")
    later = (Milestone(name=CONFIRMATION, forecast=date(2027, 1, 5)), order.milestones[1])
    desk.world.execute_as("manager", update(order, milestones=later, terms=order.terms[:1]), version)
    [line] = desk.treasury(order).lines
    assert (line.amount, line.forecast_date) == (Money.of("36.00", "EUR"), date(2027, 1, 5))


def test_changing_the_currency_prices_the_lines_again(desk: Desk) -> None:
    order, version = desk.offer("100.55")
    reply = desk.world.execute_as("manager", update(order, currency="JPY"), version)
    assert Order.model_validate_json(reply.body).totals.net == Money.of(101, "JPY")
    assert {line.amount.currency for line in desk.treasury(order).lines} == {"JPY"}


def test_nobody_but_the_confirmation_dates_its_milestone(desk: Desk) -> None:
    """CNF-03."""
    done = (Milestone(name=CONFIRMATION, actual=date(2026, 11, 1)),)
    request = OpenOffer(customer=desk.customer.id, milestones=done)
    assert refused(desk, request) == [("confirmation_milestone", "/milestones")]
    order, version = desk.offer("1.00")
    assert refused(desk, update(order, milestones=done), if_match=version) == [
        ("confirmation_milestone", "/milestones")
    ]


def test_changes_are_guarded(desk: Desk) -> None:
    order, version = desk.offer("1.00")
    for request in (update(order), SetOfferLines(order=order.id, lines=()), CancelOffer(order=order.id)):
        with pytest.raises(PreconditionRequired):
            desk.world.execute_as("manager", request)
        with pytest.raises(VersionMismatch):
            desk.world.execute_as("manager", request, version - 1)


def test_a_cancelled_offer_keeps_its_file_and_changes_no_more(desk: Desk) -> None:
    """LOG-03."""
    order, version = desk.quoted("1.00")
    reply = desk.world.execute_as("manager", CancelOffer(order=order.id, reason="Trop cher"), version)
    cancelled = Order.model_validate_json(reply.body)
    assert (cancelled.status, cancelled.cancel_reason, cancelled.quotes) == (OrderStatus.CANCELLED, "Trop cher", 1)
    for request, error in [
        (update(order), rules.OrderClosed),
        (SetOfferLines(order=order.id, lines=()), rules.OrderClosed),
        (CancelOffer(order=order.id), rules.NotAnOffer),
    ]:
        with pytest.raises(error):
            desk.world.execute_as("manager", request, reply.version)
    with pytest.raises(rules.QuoteLocked):
        desk.world.execute_as("manager", GenerateQuote(order=order.id))


def test_lists_are_by_month_status_and_customer_newest_first(desk: Desk) -> None:
    """LOG-04: each list reads what it returns."""

    def listed(**filters: Any) -> list[str]:
        page = desk.world.do(Listing[OrderSummary], ListOrders(**filters), "sales")
        return [order.number for order in page.items]

    other = desk.world.do(Party, customer_request(code="AUTRE", name="Autre"))
    first, version = desk.offer()
    desk.offer(customer=other.id)
    desk.world.wait(days=15)
    desk.offer()
    desk.world.execute_as("manager", CancelOffer(order=first.id), version)
    assert listed() == ["C-000003"]
    assert listed(month="2026-11") == ["C-000002", "C-000001"]
    assert listed(month="2026-11", status="offer") == ["C-000002"]
    assert listed(month="2026-11", status="cancelled") == ["C-000001"]
    assert listed(customer=desk.customer.id) == ["C-000003", "C-000001"]
    page = desk.world.do(Listing[OrderSummary], ListOrders(month="2026-11", limit=1))
    rest = desk.world.do(Listing[OrderSummary], ListOrders(month="2026-11", limit=1, cursor=page.cursor))
    assert [order.number for order in (*page.items, *rest.items)] == ["C-000002", "C-000001"]


def test_a_quote_freezes_what_the_offer_was(desk: Desk) -> None:
    """QUO-01, QUO-02: number, dates, both sides, terms in words, instalments, every line."""
    order, _ = desk.quoted(*["1.10"] * 250, message="Bonjour")
    view = desk.world.do(QuoteLink, ReadQuote(order=order.id))
    assert (view.quote.number, view.quote.status, view.quote.title) == ("D-000001-1", QuoteStatus.READY, "Devis")
    assert view.url == "https://files.example/quotes/D-000001-1.pdf"
    task = {"company": desk.world.company, "order": order.id, "version": 1}
    content = quote_to_render(desk.world.services, task)
    assert [line.position for line in content.lines] == list(range(1, 251))
    assert (content.totals, content.message) == (order.totals, "Bonjour")
    assert (content.issue_date, content.valid_until) == (date(2026, 11, 21), date(2026, 12, 21))
    assert [term.replace("\u00a0", " ") for term in content.terms] == [
        "30 % à la commande",
        "le solde à 45 jours fin de mois",
    ]
    assert sum(step.amount.amount for step in content.instalments) == order.totals.gross.amount
    assert content.seller.legal_line.startswith("COMPTOIR DU PONANT, SAS")
    assert (content.buyer.name, content.sales_person) == (desk.customer.name, order.sales_name)


def test_each_generation_is_a_version_and_the_last_one_counts(desk: Desk) -> None:
    """QUO-02: a later change leaves earlier versions as they were."""
    order, version = desk.quoted("100.00")
    entered = tuple(line.change(unit_price=Decimal(200)) for line in inputs(desk, order))
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=entered), version)
    reply = desk.world.execute_as("manager", GenerateQuote(order=order.id, proforma=True, comment="Second envoi"))
    assert reply.status == 201
    last = QuoteView.model_validate_json(reply.body)
    assert (last.version, last.title, last.comment) == (2, "Facture pro forma", "Second envoi")
    listed = desk.world.do(Listing[QuoteView], ListQuotes(order=order.id))
    assert [(quote.version, quote.totals.net.amount) for quote in listed.items] == [
        (2, Decimal(200)),
        (1, Decimal(100)),
    ]
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id)).quote == last
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id, version=1)).quote.number == "D-000001-1"


def test_asking_again_resumes_the_version_whose_pdf_is_missing(desk: Desk) -> None:
    """A rendering that failed makes no second version."""
    order, _ = desk.offer("100.00")
    desk.renderer.broken = True
    with pytest.raises(RuntimeError):
        desk.world.execute_as("manager", GenerateQuote(order=order.id))
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id)).url is None
    desk.renderer.broken = False
    reply = desk.world.execute_as("manager", GenerateQuote(order=order.id))
    assert (reply.status, QuoteView.model_validate_json(reply.body).version) == (201, 1)
    assert QuoteView.model_validate_json(reply.body).file is not None


def test_a_changed_offer_is_not_resumed_but_quoted_anew(desk: Desk) -> None:
    order, version = desk.offer("100.00")
    desk.renderer.broken = True
    with pytest.raises(RuntimeError):
        desk.world.execute_as("manager", GenerateQuote(order=order.id))
    desk.renderer.broken = False
    desk.world.execute_as("manager", update(order, message="Autre"), version + 1)
    assert desk.world.do(QuoteView, GenerateQuote(order=order.id)).version == 2


def test_a_repeated_request_makes_one_quote(desk: Desk) -> None:
    order, _ = desk.offer("100.00")
    first, again = (
        desk.world.execute_as("manager", GenerateQuote(order=order.id), idempotency_key="once") for _ in range(2)
    )
    assert first == again
    assert desk.renderer.rendered == ["D-000001-1"]


def test_the_first_file_of_a_quote_stays(desk: Desk) -> None:
    """Rendering twice changes nothing."""
    order, _ = desk.quoted("100.00")
    before = desk.world.do(QuoteLink, ReadQuote(order=order.id)).quote
    event = {"company": desk.world.company, "order": order.id, "version": 1}
    quote_rendered(desk.world.services, event, "quotes/other.pdf", "0" * 64, 1)
    assert desk.world.do(QuoteLink, ReadQuote(order=order.id)).quote == before


def test_an_empty_offer_has_no_quote(desk: Desk) -> None:
    order, _ = desk.offer()
    assert refused(desk, GenerateQuote(order=order.id)) == [("no_lines", "/lines")]


def catalogue(desk: Desk) -> tuple[Reference, Party]:
    supplier = desk.world.do(Party, customer_request(code="FOURN", kinds=(PartyKind.SUPPLIER,), currency="USD"))
    offers = tuple(
        SupplierOffer(
            supplier=supplier.id, price=Decimal(price), currency="USD", incoterm="FOB", valid_from=date(2026, month, 1)
        )
        for price, month in (("4.00", 1), ("5.50", 6), ("9.99", 12))
    )
    reference = CreateReference(
        code="CAFE-1", designation="Café moulu", sale_price=Decimal("12.34"), vat_rate=Decimal("5.5"), offers=offers
    )
    return desk.world.do(Reference, reference), supplier


def import_csv(order: Order, *rows: str) -> ImportOfferLines:
    return ImportOfferLines(order=order.id, file="\n".join(rows).encode(), filename="lignes.csv")


def test_a_file_fills_an_empty_table_from_the_catalogue(desk: Desk) -> None:
    """OFF-04, CAT-02: what a row leaves out comes from the reference; the most recent offer in force counts."""
    reference, supplier = catalogue(desk)
    order, version = desk.offer()
    request = import_csv(
        order,
        "Référence;Désignation;Quantité;Prix unitaire HT;Remise;TVA;Gratuit;Fournisseur;Prix d'achat;Nature",
        "cafe-1;;12;;;;;;;",
        "CAFE-1;Café à façon;1,5;10;10 %;20;;FOURN;3,25;",
        ";Fret maritime;1;850;;;;;;transport",
        ";Échantillon;2;;;;oui;;;",
    )
    reply = desk.world.execute_as("manager", request, version)
    order = Order.model_validate_json(reply.body)
    one, two, three, four = read_lines(desk.world.services.store, desk.world.company, order)
    assert (one.reference, one.designation, one.unit_price, one.vat_rate) == (
        reference.id,
        "Café moulu",
        Decimal("12.34"),
        Decimal("5.5"),
    )
    assert (one.supplier, one.purchase_price, one.purchase_currency, one.purchase_incoterm) == (
        supplier.id,
        Decimal("5.50"),
        "USD",
        "FOB",
    )
    assert (two.designation, two.quantity, two.discount_rate) == ("Café à façon", Decimal("1.5"), Decimal(10))
    assert (two.purchase_price, two.purchase_currency) == (Decimal("3.25"), "USD")
    assert (three.kind, three.unit_price) == (ProductKind.TRANSPORT, Decimal(850))
    assert (four.free, four.unit_price) == (True, Decimal(0))
    assert order.totals.net == Money.of(Decimal("12.34") * 12 + Decimal("13.50") + 850, "EUR")


def test_every_faulty_cell_is_told_and_nothing_is_imported(desk: Desk) -> None:
    """OFF-04."""
    catalogue(desk)
    order, version = desk.offer()
    request = import_csv(
        order,
        "Référence;Désignation;Quantité;Prix unitaire HT;Fournisseur;Prix d'achat",
        "INCONNUE;;1;;;",
        ";;beaucoup;1;;",
        ";Sans prix;1;;;",
        ";;-3;5;NUL;",
        "CAFE-1;;1;;;2,50",
        "CAFE-1;;1;;;",
    )
    assert refused(desk, request, if_match=version) == [
        ("not_a_number", "/rows/3/C"),
        ("greater_than", "/rows/5/C"),
        ("unknown_reference", "/rows/2/A"),
        ("price_missing", "/rows/4/D"),
        ("purchase_currency_missing", "/rows/6"),
    ]
    assert Order.model_validate_json(head(desk, order).body).lines == 0


def test_a_file_replaces_nothing(desk: Desk) -> None:
    order, version = desk.offer("1.00")
    with pytest.raises(rules.TableNotEmpty):
        desk.world.execute_as("manager", import_csv(order, "Désignation;Quantité", "A;1"), version)


def test_a_workbook_of_five_thousand_lines_is_one_transaction(desk: Desk) -> None:
    """OFF-04: all or nothing, in at most 25 chunks; one line more is refused."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["Désignation", "Quantité", "Prix unitaire HT"])
    for number in range(5000):
        sheet.append([f"Article nº {number} — façon «Ouessant»", number % 7 + 1, 1.25])
    body = io.BytesIO()
    workbook.save(body)
    order, version = desk.offer()
    request = ImportOfferLines(order=order.id, file=body.getvalue(), filename="lignes.xlsx")
    reply = desk.world.execute_as("manager", request, version)
    order = Order.model_validate_json(reply.body)
    assert (order.lines, reply.version) == (5000, version + 1)
    assert len(line_keys(desk.world.company, order)) == 25
    assert read_lines(desk.world.services.store, desk.world.company, order)[4999].designation.startswith(
        "Article nº 4999"
    )
    desk.world.execute_as("manager", GenerateQuote(order=order.id))
    event = {"company": desk.world.company, "order": order.id, "version": 1}
    assert len(quote_to_render(desk.world.services, event).lines) == 5000


def every_request(desk: Desk, order: Order) -> dict[Request, str]:
    """Each request on an order → a ready-made profile that lacks its permission."""
    identifier = order.id
    changes: list[Request] = [
        OpenOffer(customer=desk.customer.id),
        update(order),
        SetOfferLines(order=identifier, lines=()),
        import_csv(order, "Désignation;Quantité", "A;1"),
        GenerateQuote(order=identifier),
        CancelOffer(order=identifier),
    ]
    reads: list[Request] = [
        ReadOrder(order=identifier),
        ReadOrderLines(order=identifier),
        ReadOrderTreasury(order=identifier),
        ReadQuote(order=identifier),
        ListQuotes(order=identifier),
        ReadConfirmationCriteria(order=identifier),
        ReadOrderHistory(order=identifier),
        ListOrders(),
    ]
    lacking = dict.fromkeys(changes, "purchasing") | dict.fromkeys(reads, "accountant")
    return lacking | {ConfirmOrder(order=identifier): "logistics"}


def test_each_request_asks_for_its_permission(desk: Desk) -> None:
    """ACC-02: checked by `execute`, before anything else."""
    order, version = desk.quoted("1.00")
    for request, profile in every_request(desk, order).items():
        with pytest.raises(Forbidden):
            desk.world.execute_as(profile, request, version)


def test_another_company_s_orders_are_unknown(desk: Desk) -> None:
    """ACC-05: the same answer as for an identifier that never was."""
    order, version = desk.quoted("1.00")
    other = another_company(desk.world)
    for request in every_request(desk, order):
        if isinstance(request, ListOrders):
            assert other.do(Listing[OrderSummary], request).items == ()
            continue
        with pytest.raises(DomainError) as error:
            other.execute_as("manager", request, version)
        if isinstance(request, OpenOffer):
            assert [breach.code for breach in getattr(error.value, "breaches", ())] == ["unknown_customer"]
        else:
            assert isinstance(error.value, NotFound)


def test_the_criteria_show_what_the_asking_operator_lacks(desk: Desk) -> None:
    """WEB-03: the same list that the confirmation would refuse with."""
    order, _ = desk.offer("1.00")
    mine = desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id))
    theirs = desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id), "logistics")
    assert [breach.code for breach in mine.breaches] == ["quote_missing"]
    assert [breach.code for breach in theirs.breaches] == ["confirmation_not_permitted", "quote_missing"]
    desk.world.execute_as("manager", GenerateQuote(order=order.id))
    assert desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id)).ready


def test_lines_too_large_for_the_table_change_nothing(desk: Desk) -> None:
    """Sizes are checked before the call: 413, and the offer is as it was."""
    order, version = desk.offer()
    noise = ["".join(chr(0x4E00 + (n * 7919 + k * 104729) % 20000) for k in range(3900)) for n in range(200)]
    lines = tuple(LineInput(designation=text, quantity=Decimal(1)) for text in noise)
    with pytest.raises(TooLarge):
        desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version)
    assert json.loads(head(desk, order).body)["lines"] == 0


def test_a_thousand_lines_cost_a_handful_of_calls(desk: Desk) -> None:
    """The aim of the order desk: calls do not grow with the lines, and a read of the head never sums them."""
    spy = Counted(desk.world.services.store.backend)
    desk.world.services = on_backend(desk.world.services, spy)

    def calls(request: Request, if_match: int | None = None) -> list[str]:
        spy.calls.clear()
        desk.world.execute_as("manager", request, if_match)
        return list(spy.calls)

    assert calls(OpenOffer(customer=desk.customer.id)) == ["get", "write"]
    order, version = desk.offer()
    assert calls(SetOfferLines(order=order.id, lines=desk.lines(*["1.00"] * 1000)), version) == ["get", "get", "write"]
    entered = inputs(desk, Order.model_validate_json(head(desk, order).body))
    entered[500] = entered[500].change(quantity=Decimal(2))
    assert calls(SetOfferLines(order=order.id, lines=tuple(entered)), version + 1) == ["get", "get", "write"]
    assert calls(ReadOrder(order=order.id)) == ["get", "get"]
    assert calls(ReadOrderLines(order=order.id, chunk=4)) == ["get", "get", "get"]
    assert calls(ListOrders()) == ["get", "query"]
    quote = ["get", "get", "get", "write"]
    rendering = ["get", "get", "get", "get", "write", "get"]
    assert calls(GenerateQuote(order=order.id)) == [*quote, *rendering]


def test_keys_of_an_order_stay_in_one_partition(desk: Desk) -> None:
    """Aggregate = partition: one order is read and written without touching another."""
    order, company = "0" * 26, desk.world.company
    places = [
        keys.order(company, order),
        keys.order_lines(company, order, 3),
        keys.order_treasury(company, order),
        keys.quote(company, order, 2),
        keys.quote_lines(company, order, 2, 1),
        keys.order_confirmation(company, order),
    ]
    assert len({place.pk for place in places}) == 1
    assert len(set(places)) == len(places)
