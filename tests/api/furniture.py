"""A company with one of everything, so that every route has something to be asked about."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from comptoir.access.items import COMPANY
from comptoir.archives.items import ARCHIVE
from comptoir.archives.model import Archive, ArchiveState, Manifest
from comptoir.banking.bringing import Bringing
from comptoir.banking.ordered import TRANSFER_ORDER, TransferFile, TransferState
from comptoir.banking.stored import ENTRY as BANK_ENTRY
from comptoir.banking.stored import EntryPayment, StatementFile
from comptoir.closings.items import CLOSING
from comptoir.closings.model import ClosedPeriod, Closing, FiscalYear, PeriodKind
from comptoir.contracts.items import ACTION as CONTRACT_ACTION
from comptoir.contracts.items import ContractAction
from comptoir.contracts.model import ActionKind, ReminderEvent
from comptoir.docbase.items import file
from comptoir.docbase.model import FileKind, Owner
from comptoir.dunning.items import REMINDER
from comptoir.dunning.model import PaymentReminder, ReminderContent, Tone
from comptoir.invoicing.issue import IssueRequest, issue
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import CreditType, Document
from comptoir.invoicing.snapshot import DocumentKind, Origin
from comptoir.kernel.money import Money
from comptoir.ledger.offline.closings import Tally
from comptoir.orders.items import ORDER, SUPPLIER
from comptoir.orders.model import OrderStatus
from comptoir.parties.items import PARTY
from comptoir.parties.sides import buyer, seller
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryLine
from functions.api.routes.banking import ACCOUNT_EXAMPLE
from functions.api.routes.catalogue import REFERENCE_EXAMPLE
from functions.api.routes.contracts import CONTRACT_EXAMPLE, INDEX_EXAMPLE
from functions.api.routes.following import ACTION_EXAMPLE
from functions.api.routes.invoicing import INVOICE_EXAMPLE
from functions.api.routes.mails import MAIL_EXAMPLE
from functions.api.routes.orders import LINE_EXAMPLE, TERMS_EXAMPLE
from functions.api.routes.own_purchases import PURCHASE_EXAMPLE
from functions.api.routes.parties import PARTY_EXAMPLE
from functions.api.routes.payments import PAYMENT_EXAMPLE
from functions.api.routes.rates import RATES_EXAMPLE
from functions.api.routes.supplier_documents import SUPPLIER_CREDIT_NOTE_EXAMPLE, SUPPLIER_INVOICE_EXAMPLE
from functions.api.routing import Route
from tests.api.office import UNKNOWN, Answer, Client, Office
from tests.signing import LocalSigner
from tests.unit.statement_writers import entry, statement

_FILE = "Q29kZTtOb207VHlwZTtBZHJlc3NlO0NvZGUgcG9zdGFsO1ZpbGxlCkM5O0R1cG9udDtjbGllbnQ7MSBydWUgQTs3NTAwMjtQYXJpcwo="

_REFERENCES = "Q29kZTtEw6lzaWduYXRpb24KUjk7VmlzCg=="


class Furnished:
    """The identifiers of one company's things, by the names that paths and bodies give them."""

    def __init__(self, office: Office, company: int = 0) -> None:
        self._office, self._company = office, office.companies[company]
        self._admin = office.client(company=company)
        operator = {"email": f"extra{company}@example.com", "name": "Extra", "profile": "sales"}
        self.names: dict[str, str] = {"operator": self._make("/operators", operator)}
        self.names["party"] = self.names["customer"] = self._make("/parties", PARTY_EXAMPLE)
        self.names["supplier"] = self._make("/parties", PARTY_EXAMPLE | {"code": "FRN-1", "kinds": ["supplier"]})
        offer = {"customer": self.names["party"], "terms": TERMS_EXAMPLE}
        self.names["order"] = self._make("/orders", offer)
        order = f"/orders/{self.names['order']}"
        _done(self._admin.put(f"{order}/lines", {"lines": [LINE_EXAMPLE | {"supplier": self.names["supplier"]}]}, 1))
        self.names["line"] = _done(self._admin.get(f"{order}/lines")).json["items"][0]["id"]
        _done(self._admin.post(f"{order}/quotes", {}))
        self._purchase_order()
        actions = _done(self._admin.post(f"{order}/actions", ACTION_EXAMPLE)).json["actions"]
        self.names |= {"action": actions[0]["id"], "sales_operator": self.names["operator"]}
        self.names["invoice"] = self._make("/invoices", INVOICE_EXAMPLE | {"customer": self.names["party"]})
        told = {"reason": "Erreur", "credit_type": CreditType.INVOICING_ERROR}
        self.names["credit_note"] = self._about_invoice(kind=DocumentKind.CREDIT_NOTE, **told)
        self.names["cancellation"] = self._about_invoice(kind=DocumentKind.CANCELLATION, reason="Erreur")
        self._settled()
        self.names["contract"] = self._make("/contracts", CONTRACT_EXAMPLE | {"party": self.names["party"]})
        self._contract_action()
        self._bank()
        self.names["reference"] = self._make("/references", REFERENCE_EXAMPLE)
        self.names["grouping"] = self._grouping(company)
        _done(self._admin.post("/exchange-rates", RATES_EXAMPLE))
        self.names["price_list"] = self.names["owner"] = self._make("/price-lists", {"name": "Tarif négoce"})
        self.names["reference_job"] = self._make("/references/imports", {"file": _REFERENCES, "filename": "r.csv"})
        self.names["export_job"] = self._make("/parties/exports", {})
        exported = {"start": "2026-01-01", "end": "2026-06-30", "format": "fec"}
        self.names["export"] = self._make("/accounting/exports", exported)
        self._closing()
        self.names["verification"] = self._make("/ledger/verifications", {})
        self.names["purchase"] = self._make("/purchases", PURCHASE_EXAMPLE | {"supplier": self.names["supplier"]})
        for version, then in enumerate(("validation", "purchase-orders"), 1):
            guard = {"If-Match": f'"{version}"'}
            _done(self._admin.post(f"/purchases/{self.names['purchase']}/{then}", {}, **guard))
        self._documents()
        sent = SUPPLIER_INVOICE_EXAMPLE | {"supplier": self.names["supplier"], "number": "F-0"}
        self.names["supplier_document"] = self._make("/supplier-invoices", sent)
        treasury = _done(self._admin.get(f"/supplier-documents/{self.names['supplier_document']}/treasury")).json
        self.names["supplier_document_line"] = treasury["lines"][0]["id"]
        credited = {"supplier": self.names["supplier"], "invoice": self.names["supplier_document"], "number": "A-0"}
        self.names["supplier_note"] = self._make("/supplier-credit-notes", SUPPLIER_CREDIT_NOTE_EXAMPLE | credited)
        self._transfer(sent)
        self._reminder()
        together = {"documents": [{"document": self.names["invoice"]}]}
        self.names["bulk_validation"] = self._make("/validations", together)
        self.names["party_job"] = self._make("/parties/imports", {"file": _FILE, "filename": "c.csv"})

    def _transfer(self, sent: dict[str, Any]) -> None:
        """A transfer of an invoice, and its file as the table knows it: writing it is another function's."""
        account = {"iban": "DE89370400440532013000", "bic": "COBADEFF", "holder": "Hanse"}
        paid = PARTY_EXAMPLE | {"code": "FRN-2", "kinds": ["supplier"], "bank_accounts": [account]}
        document = self._make("/supplier-invoices", sent | {"supplier": self._make("/parties", paid), "number": "F-9"})
        at = f"/supplier-documents/{document}/treasury"
        line = _done(self._admin.get(at)).json["lines"][0]["id"]
        own = self._admin.get("/company").json["identity"]["bank_accounts"][0]["iban"]
        _done(self._admin.send("PUT", f"{at}/{line}/means", {"bank_account": own}, headers={"If-Match": '"1"'}))
        self.names["transfer_order"] = self._make(
            "/transfer-orders", {"transfers": [{"document": document, "line": line}]}
        )
        key = keys.transfer_order(self._company, self.names["transfer_order"])
        self._office.services.store.transact(partial(_written, key))

    def _reminder(self) -> None:
        """A letter as it lies in the table: nothing is overdue yet on the day of these tests."""
        store, party = self._office.services.store, keys.party(self._company, self.names["party"])
        company = store.require(COMPANY, keys.company(self._company)).value
        nothing, day = Money.zero("EUR"), date(2026, 11, 21)
        content = ReminderContent(
            number="REL-000001",
            made_on=day,
            made_at=self._office.services.clock.now(),
            pay_by=day,
            language=Language.FRENCH,
            currency="EUR",
            tone=Tone.FIRM,
            claims=False,
            company=seller(company, Language.FRENCH),
            customer=buyer(store.require(PARTY, party).value),
            author="Anne",
            lines=(),
            **dict.fromkeys(("due", "penalties", "indemnity", "total"), nothing),
        )
        told = {"customer": self.names["party"], "customer_name": "Tiers", "step": 0, "content": content}
        reminder = PaymentReminder(id=self._office.services.ids.new(), **told)
        self.names["payment_reminder"] = reminder.id
        key = keys.payment_reminder(self._company, reminder.id)
        store.transact(lambda tx: tx.create(REMINDER, key, reminder))

    def _contract_action(self) -> None:
        """An action of the contract and an index, as they lie in the table."""
        action = ContractAction(
            id=self._office.services.ids.new(),
            contract=self.names["contract"],
            contract_number="CT-000001",
            party=self.names["party"],
            party_name="Tiers",
            kind=ActionKind.CALL,
            label="Appeler",
            event=ReminderEvent.RENEWAL,
            event_day=date(2027, 1, 1),
            due_on=date(2026, 12, 1),
            owner=self.names["operator"],
        )
        self.names["contract_action"] = action.id
        key = keys.contract_action(self._company, action.id)
        self._office.services.store.transact(lambda tx: tx.create(CONTRACT_ACTION, key, action))
        _done(self._admin.send("PUT", "/price-indexes/syntec", INDEX_EXAMPLE))

    def _closing(self) -> None:
        """A month without anything and its archive, as they lie in the table: closing is another test's matter."""
        months = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
        nothing = Tally().json()
        closing = Closing(
            company=self._company,
            company_name="COMPTOIR DU PONANT",
            siren="732829320",
            kind=PeriodKind.MONTHLY,
            name="2026-10",
            start=date(2026, 10, 1),
            end=date(2026, 10, 31),
            closed_at="2026-11-01T00:10:00.000000Z",
            operator=None,
            operator_name="Horloge",
            version="1.0.0",
            fiscal_year=FiscalYear(**months),
            complete={},
            heads=(),
            previous_hash="0" * 64,
            year=nothing["period"],
            perpetual=nothing["period"],
            **nothing,
        )
        closed = ClosedPeriod(closing=closing, sequence=1, hash="0" * 64)
        period = {name: getattr(closing, name) for name in ("kind", "name", "start", "end", "operator_name")}
        archive = Archive(
            **period,
            closing=1,
            operator=self.names["operator"],
            started_at=closing.closed_at,
            state=ArchiveState.DONE,
            public_keys={},
            manifest=Manifest(key="archiving/manifest.json", sha256="0" * 64, size=9),
            key="archives/monthly/2026-10.zip",
            size=9,
        )

        def work(tx: Transaction) -> None:
            tx.create(CLOSING, keys.closing(self._company, "monthly", "2026-10"), closed)
            tx.create(ARCHIVE, keys.archive(self._company, "monthly", "2026-10"), archive)

        self._office.services.store.transact(work)

    def _documents(self) -> None:
        """An upload announced and a document filed with each thing that has a document base, and an image's upload."""
        bases = {
            "order": (f"/orders/{self.names['order']}/documents", Owner.ORDER),
            "party": (f"/parties/{self.names['party']}/files", Owner.PARTY),
            "document": (f"/documents/{self.names['invoice']}/files", Owner.DOCUMENT),
            "contract": (f"/contracts/{self.names['contract']}/files", Owner.CONTRACT),
            "purchase": (f"/purchases/{self.names['purchase']}/files", Owner.PURCHASE),
        }
        announced = {"filename": "a.pdf", "media_type": "application/pdf", "size": 9, "sha256": "0" * 64}
        for name, (base, owner) in bases.items():
            upload = _done(self._admin.post(f"{base}/uploads", announced)).json["upload"]
            told = {field: upload[field] for field in ("title", "author", "created_at", "sha256", "size")}
            work = partial(self._file, upload["id"], owner, upload["owner_id"], told)
            self._office.services.store.transact(work)
            self.names[f"{name}_file"] = upload["id"]
        self.names["mail"] = self._make(f"{bases['party'][0]}/{self.names['party_file']}/mails", MAIL_EXAMPLE)
        logo = announced | {"media_type": "image/png"}
        self.names["image_upload"] = _done(self._admin.post("/images/uploads", logo)).json["upload"]["id"]

    def _bank(self) -> None:
        """An account with a statement of one entry, as they lie in the table: reading files is another function's."""
        identity = self._admin.get("/company").json["identity"]
        iban = identity["bank_accounts"][0]["iban"]
        account = _done(self._admin.post("/bank-accounts", ACCOUNT_EXAMPLE | {"iban": iban})).json["id"]
        announced = {"filename": "a.xml", "size": 9, "sha256": "0" * 64}
        file = _done(self._admin.post("/bank-statements/files", announced)).json["file"]
        read = StatementFile.model_validate(file)
        told = statement((entry("5.00"),))
        bringing = Bringing(self._office.services, self._company, account, read, told)
        bringing.bring()
        month = f"{told.entries[0].booking_date:%Y-%m}"
        entries = _done(self._admin.get(f"/bank-accounts/{account}/entries", query=f"month={month}")).json["items"]
        self.names |= {"account": account, "statement": bringing.id, "statement_file": file["id"]}
        self.names["entry"] = entries[0]["id"]
        self._office.services.store.transact(self._match)

    def _match(self, tx: Transaction) -> None:
        """The entry as it lies there once a part of it is matched with the payment."""
        key = keys.bank_entry(self._company, self.names["entry"])
        paid = EntryPayment(payment=self.names["payment"], amount=Money.of(1, "EUR"))
        tx.put(BANK_ENTRY, key, tx.require(BANK_ENTRY, key).matched_with((paid,)))

    def _file(self, identifier: str, owner: Owner, owned: str, told: dict[str, Any], tx: Transaction) -> None:
        file(tx, self._company, identifier, owner, owned, FileKind.OTHER, key="base/a.pdf", **told)

    def _make(self, path: str, body: dict[str, Any]) -> str:
        made: str = _done(self._admin.post(path, body)).json["id"]
        return made

    def _grouping(self, company: int) -> str:
        """Two references of one supplier."""
        supplier = self._make(
            "/parties", {"code": f"S{company}", "name": "Fournil", "kinds": ["supplier"], "address": {}}
        )
        offer = {"supplier": supplier, "price": "10", "currency": "EUR", "valid_from": "2026-01-01"}
        made = [
            self._make("/references", {"code": f"G{number}", "designation": "Levure", "offers": [offer]})
            for number in (1, 2)
        ]
        members = [{"reference": reference, "supplier": supplier} for reference in made]
        return self._make("/groupings", {"designation": "Levure", "members": members})

    def _purchase_order(self) -> None:
        """Issued while the order lies there as a confirmed one: confirming is another test's matter."""
        order, supplier = self.names["order"], self.names["supplier"]
        head, request = keys.order(self._company, order), keys.supplier_request(self._company, order, supplier)
        for status in (OrderStatus.CONFIRMED, OrderStatus.OFFER):
            self._office.services.store.transact(partial(_put, head, request, status))
            if status is OrderStatus.CONFIRMED:
                _done(self._admin.post(f"/orders/{order}/supplier-requests/{supplier}/purchase-orders", {}))

    def _settled(self) -> None:
        """An issued invoice with an issued credit note, a payment, and lines of treasury sheets."""
        invoice = self._issue(self._make("/invoices", INVOICE_EXAMPLE | {"customer": self.names["party"]}))
        self.names["issued_invoice"] = invoice
        credited = {"invoice": invoice, "credit_type": "invoicing_error", "reason": "Erreur"}
        note = self._make("/credit-notes", credited | {"lines": [{"position": 1, "amount": "100.00"}]})
        self.names["issued_note"] = self._issue(note)
        part = {"invoice": invoice, "amount": "1000.00"}
        paid = PAYMENT_EXAMPLE | {"customer": self.names["party"], "allocations": [part]}
        self.names["payment"] = self._make("/payments", paid)
        order, company, ids = self.names["order"], self._company, self._office.services.ids
        line = TreasuryLine(id=ids.new(), amount=Money.of(5, "EUR"), forecast_date=None, outside_products=True)
        places = {
            "order_line": keys.order_treasury(company, order),
            "supplier_line": keys.supplier_treasury(company, order, self.names["supplier"]),
            "invoice_line": keys.document_treasury(company, invoice),
        }
        for name, key in places.items():
            self._office.services.store.transact(partial(_add, key, line))
            self.names[name] = line.id

    def _issue(self, document: str) -> str:
        """Number a draft as the writer does: asking for it is another test's matter."""
        services = self._office.services
        stored = services.store.require(DOCUMENT, keys.document(self._company, document))
        operator = self._office.operators[self._company]["administrator"]
        request = IssueRequest.of(stored.value, stored.version, operator, "Anne")
        [outcome] = issue(services, LocalSigner(), self._company, [request])
        assert outcome.number, outcome.breaches
        return document

    def _about_invoice(self, **told: Any) -> str:
        """A draft, as it lies in the table: making one takes a validated invoice, which is another test's matter."""
        key = keys.document(self._company, self.names["invoice"])
        invoice: Document = self._office.services.store.require(DOCUMENT, key).value
        draft = invoice.change(
            id=self._office.services.ids.new(),
            origin=Origin(document=invoice.id, number="FA2026-000001", issue_date=date(2026, 11, 21)),
            **told,
        )
        store = self._office.services.store
        store.transact(lambda tx: tx.create(DOCUMENT, keys.document(self._company, draft.id), draft))
        return draft.id

    def path(self, route: Route) -> str:
        """The path of a route about this company's things."""
        return fill(route, self.names)

    def body(self, route: Route) -> dict[str, Any] | None:
        """The example of a route, about this company's things."""
        return example(route, self.names)


def _written(key: Key, tx: Transaction) -> None:
    file = TransferFile(sha256="0" * 64, size=1)
    order = tx.require(TRANSFER_ORDER, key)
    tx.put(TRANSFER_ORDER, key, order.change(state=TransferState.GENERATED, file=file))


def _put(head: Key, request: Key, status: OrderStatus, tx: Transaction) -> None:
    tx.put(ORDER, head, tx.require(ORDER, head).change(status=status))
    tx.put(SUPPLIER, request, tx.require(SUPPLIER, request).change(status=status))


def _add(key: Key, line: TreasuryLine, tx: Transaction) -> None:
    sheet = tx.get(TREASURY, key) or Treasury()
    tx.put(TREASURY, key, sheet.change(lines=(*sheet.lines, line)))


def _done(answer: Answer) -> Answer:
    assert answer.status < 300, answer.text
    return answer


def fill(route: Route, names: dict[str, str]) -> str:
    """The path of a route with these identifiers in it."""
    kinds = {
        "/credit-notes": "credit_note",
        "/cancellations": "cancellation",
        "/supplier-documents": "supplier_document",
    }
    document = names[next((name for begins, name in kinds.items() if route.path.startswith(begins)), "invoice")]
    document = names["issued_invoice"] if "reminder-hold" in route.segments else document
    jobs = {"/references": "reference_job", "/exports": "export_job"}
    job = names[next((name for begins, name in jobs.items() if route.path.startswith(begins)), "party_job")]
    base = {"/orders": "order", "/parties": "party", "/documents": "document", "/contracts": "contract"}
    base |= dict.fromkeys(("/images", "/references"), "image") | {"/purchases": "purchase"}
    owner = next((name for start, name in base.items() if route.path.startswith(start)), "order")
    filed = names.get(f"{owner}_file", UNKNOWN)
    given = (
        {"template": "marine", "milestone": "eta", "file": filed, "upload": names.get(f"{owner}_upload", filed)}
        | {"kind": "monthly", "name": "2026-10", "month": "2026-11"}
        | {"code": "export", "chain": "events", "version": "1", "document": document, "job": job}
        | {"price_index": "syntec", "currency": "USD", "day": "2026-11-21"}
        | _settling(route, names)
    )
    return route.path.format_map(given)


def _settling(route: Route, names: dict[str, str]) -> dict[str, str]:
    """The identifiers, those of issued documents where a route settles one or reads its treasury."""
    lines = {"/invoices": "invoice_line", "/orders": "order_line"}
    line = "supplier_line" if "{supplier}" in route.path else lines.get(f"/{route.segments[0]}", "line")
    if route.path.startswith("/supplier-"):
        theirs = {"invoice": names["supplier_document"], "credit_note": names["supplier_note"]}
        return names | theirs | {"line": names["supplier_document_line"]}
    if "{credit_note}" not in route.path and "treasury" not in route.segments:
        return names
    issued = {"invoice": names["issued_invoice"], "credit_note": names["issued_note"]}
    return names | issued | {"line": names[line]}


def example(route: Route, names: dict[str, str]) -> dict[str, Any] | None:
    """The example of a route with these identifiers in it."""
    if not route.has_body:
        return None
    given = _settling(route, names)
    return {name: given.get(name, value) for name, value in (route.example or {}).items()}


def send(client: Client, route: Route, path: str, body: dict[str, Any] | None, version: int = 0) -> Answer:
    """Ask a route with every header that it needs; `version` 0 stands for the current one."""
    headers = {"If-Match": f'"{version}"'} if route.changes else {}
    if route.method == "POST":
        answer = client.post(path, body, **headers)
    else:
        answer = client.send(route.method, path, body, headers=headers)
    if answer.status == 412 and version == 0:
        return send(client, route, path, body, answer.json["context"]["current"])
    return answer
