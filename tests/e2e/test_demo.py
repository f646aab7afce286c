"""The main job, played on the product deployed locally: what it leaves is what the API and the chain tell of."""

from __future__ import annotations

import csv
import hashlib
import json
import urllib.request
import zipfile
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from comptoir.banking.formats.check import check
from comptoir.banking.model import MessageVersion
from infra.local.cloud import Cloud
from infra.local.demo import play
from infra.local.progress import Lines
from tests.unit.banking_support import folder_of_schemas, schema_errors

Summary = Mapping[str, Any]
PARTS = ("purchases", "costs", "sale", "margin")
SHAPE = {
    "format",
    "started_at",
    "found",
    "api",
    "company",
    "operators",
    "imports",
    "orders",
    "trade",
    "documents",
    "workshop",
    "transfers",
    "bank",
    "fiscal",
    "contracts",
    "mails",
    "ledger",
    "counts",
    "checks",
    "files",
    "steps",
    "seconds",
}


@pytest.fixture(scope="module")
def out(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the job leaves when it is played for the first time."""
    folder = tmp_path_factory.mktemp("out")
    (folder / "note.txt").write_text("the user's own")
    play(cloud, folder, Lines())
    return folder


@pytest.fixture(scope="module")
def summary(out: Path) -> Summary:
    """The summary of the first time."""
    found: Summary = json.loads((out / "summary.json").read_text("utf-8"))
    return found


def entries(out: Path) -> list[dict[str, Any]]:
    """The exported chain of documents."""
    return [json.loads(line) for line in (out / "ledger" / "documents.jsonl").read_text("utf-8").splitlines()]


def test_the_summary_tells_what_was_made(summary: Summary) -> None:
    """The shape is stable; four orders, four invoices and a credit note in one sequence (INV-02, CRN-06)."""
    assert set(summary) == SHAPE
    assert (summary["format"], summary["found"]) == (2, False)
    assert [order["lines"] for order in summary["orders"]] == [60, 8, 1000, 7]
    assert [document["sequence"] for document in summary["documents"]] == [1, 2, 3, 4, 5]
    assert [document["kind"] for document in summary["documents"]] == ["invoice"] * 4 + ["credit_note"]
    assert summary["counts"]["documents"] == 5
    assert {one["profile"] for one in summary["operators"]} >= {"manager", "sales", "accountant", "assistant"}


def test_files_are_those_that_the_summary_tells_of(out: Path, summary: Summary) -> None:
    """Every file is there with its hash and size, and there is no other but the user's own."""
    told = {file["path"]: (file["sha256"], file["bytes"]) for file in summary["files"]}
    left = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert set(left) == {*told, "summary.json", "note.txt"}
    assert {name: (hashlib.sha256(left[name]).hexdigest(), len(left[name])) for name in told} == told


def test_documents_are_pdfs_with_their_invoice_inside(out: Path, summary: Summary) -> None:
    """Each opens, prints its number on every page, and carries the Factur-X XML (INV-06); so does the hash match."""
    for document in summary["documents"]:
        path = out / document["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == document["sha256"]
        reader = PdfReader(path)
        assert document["number"].encode() in reader.attachments["factur-x.xml"][0]
        assert all(document["number"] in page.extract_text() for page in reader.pages)


CASES = {
    "last-year": ("invoice", "380"),
    "domestic": ("invoice", "380"),
    "reverse-charge": ("invoice", "380"),
    "intra-community-goods": ("invoice", "380"),
    "intra-community-services": ("invoice", "380"),
    "export": ("invoice", "380"),
    "services-outside-union": ("invoice", "380"),
    "margin": ("invoice", "380"),
    "dollars": ("invoice", "380"),
    "debits": ("invoice", "380"),
    "franchise": ("invoice", "380"),
    "down-payment": ("invoice", "386"),
    "final-invoice": ("invoice", "380"),
    "replaced": ("invoice", "380"),
    "replacement": ("invoice", "384"),
    "cancelled": ("invoice", "380"),
    "cancellation": ("cancellation", "381"),
    "credited": ("invoice", "380"),
    "invoicing-error": ("credit_note", "381"),
    "rebate-this-year": ("credit_note", "381"),
    "rebate-by-unit": ("credit_note", "381"),
    "global-rebate": ("credit_note", "381"),
    "net-of-tax": ("credit_note", "381"),
    "rebate-last-year": ("credit_note", "381"),
    "deducted-from": ("invoice", "380"),
    "early-payment": ("invoice", "380"),
    "discount": ("credit_note", "381"),
}
"""Every case of the small company, its kind, and the type of its Factur-X."""


def test_there_is_a_document_of_each_kind_and_vat_case(out: Path, summary: Summary) -> None:
    """INV-03, INV-09, INV-13, INV-15, CRN-03, CRN-04: each is archived, numbered in one sequence, with its type."""
    told = {one["case"]: one for one in summary["workshop"]["documents"]}
    assert {name: one["kind"] for name, one in told.items()} == {name: kind for name, (kind, _) in CASES.items()}
    numbers = [int(one["number"].partition("-")[2]) for one in told.values()]
    assert numbers == list(range(1, len(CASES) + 1))
    for name, (_, code) in CASES.items():
        reader = PdfReader(out / told[name]["file"])
        assert told[name]["number"] in reader.pages[0].extract_text()
        attached = reader.attachments.get("factur-x.xml")
        assert f"<ram:TypeCode>{code}</ram:TypeCode>".encode() in attached[0] if attached else code is None, name


def test_a_credit_note_is_deducted_and_a_final_invoice_deducts_its_down_payment(summary: Summary) -> None:
    """CRN-10, INV-13: what is due afterwards."""
    workshop = summary["workshop"]
    by_case = {one["case"]: one for one in workshop["documents"]}
    gross = {name: Decimal(one["gross"]) for name, one in by_case.items()}
    assert Decimal(workshop["deduction"]["due"]["amount"]) == gross["deducted-from"] - gross["invoicing-error"]
    assert Decimal(workshop["down_payment"]["due"]["amount"]) == gross["final-invoice"] - gross["down-payment"]


def test_a_test_document_is_stamped_and_the_month_comes_in_one_file(out: Path, summary: Summary) -> None:
    """INV-10, INV-11: TEST across each page; the download has every PDF of the month, the list twice and the totals."""
    workshop = summary["workshop"]
    for page in PdfReader(out / workshop["test"]["file"]).pages:
        assert "TEST" in page.extract_text()
    month = [one for one in workshop["documents"] if one["case"] != "last-year"]
    with zipfile.ZipFile(out / workshop["month"]["file"]) as file:
        names = file.namelist()
        for one in month:
            [name] = [name for name in names if one["number"] in name and name.endswith(".pdf")]
            assert file.read(name) == (out / one["file"]).read_bytes()
    assert len(names) == len(month) + 3 == len(workshop["month"]["names"])


def test_the_chain_holds_what_was_archived(cloud: Cloud, out: Path, summary: Summary) -> None:
    """The frozen amounts of each entry are the summary's, and the locked object has the hash that the API told."""
    by_number = {}
    for entry in entries(out):
        assert hashlib.sha256(entry["payload"].encode()).hexdigest() == entry["payload_hash"]
        payload = json.loads(entry["payload"])
        by_number[payload["number"]] = payload
    assert list(by_number) == [document["number"] for document in summary["documents"]]
    for document in summary["documents"]:
        totals = by_number[document["number"]]["totals"]
        assert totals["gross"]["amount"] == document["gross"].removeprefix("-")
        company = summary["company"]["id"]
        key = f"documents/{company}/{document['issue_date'][:4]}/{document['number']}/{document['sha256']}.pdf"
        stored = cloud.client("s3").get_object(Bucket=cloud.archive_bucket, Key=key)["Body"].read()
        assert stored == (out / document["file"]).read_bytes()


def test_chains_verify_and_a_tampered_copy_does_not(summary: Summary) -> None:
    """FIS-02: intact offline; one digit changed names the entry."""
    documents, events = summary["ledger"]
    assert documents["verdict"].startswith("intact: 5 entries")
    assert documents["locked_heads"] >= 1
    assert events["verdict"].startswith("intact")
    assert documents["tampered"].startswith("BROKEN: entry 1 is altered")


def test_the_trade_in_dollars_tells_its_prices(summary: Summary) -> None:
    """OFF-05 to OFF-12: three linked prices, groups by incoterm, the circular insurance, margins and their colour."""
    trade = summary["trade"]
    amounts = trade["totals"]
    assert [(group["incoterm"], group["place"]) for group in amounts["groups"]] == [
        ("FOB", "Le Havre"),
        ("CIF", "Boston, MA"),
        ("DAP", "Bourne, MA"),
    ]
    net = sum(Decimal(group["net"]["amount"]) for group in amounts["groups"])
    assert (str(net), amounts["totals"]["net"]["currency"]) == (amounts["totals"]["net"]["amount"], "USD")
    assert Decimal(amounts["margin"]["amount"]) == net - Decimal(amounts["purchase_cost"]["amount"])
    assert (amounts["colour"], amounts["missing_rates"]) == ("green", [])
    assert {money["currency"] for money in amounts["purchases"]} == {"EUR", "JPY", "USD"}
    assert len(trade["linked_prices"]) == 6
    for prices in trade["linked_prices"]:
        assert Decimal(prices["overall"]) == Decimal(prices["goods"]) + Decimal(prices["transport"])
    solution = {name: Decimal(trade["calculator"]["solution"][name]["amount"]) for name in PARTS}
    assert solution["sale"] == solution["purchases"] + solution["costs"] + solution["margin"]
    premium = solution["costs"] - Decimal(1150) - Decimal(90) * Decimal("1.0876")
    assert abs(premium - solution["sale"] * Decimal("0.0044")) <= Decimal("0.01")
    assert [(rate["source"], bool(rate["date"])) for rate in trade["order"]["rates"]] == [
        ("BCE", True),
        ("Bank of Japan", True),
    ]


def test_the_trade_in_dollars_is_confirmed_and_followed(summary: Summary) -> None:
    """CNF-01, CNF-06, LOG-01, LOG-02, OFF-09: criteria shown at once then met; requests, dates and actions follow."""
    trade = summary["trade"]
    assert [breach["code"] for breach in trade["unmet"]] == [
        "term_without_date",
        "terms_not_100",
        "treasury_differs",
        "supplier_contact_missing",
    ]
    assert all(breach["fr"] and breach["en"] and breach["link"] and breach["pointer"] for breach in trade["unmet"])
    assert trade["order"]["status"] == "confirmed"
    assert [(one["currency"], one["language"], one["lines"]) for one in trade["requests"]] == [
        ("EUR", "fr", 3),
        ("JPY", "en", 3),
        ("USD", "en", 2),
    ]
    dates = {one["name"]: one for one in trade["milestones"]}
    assert list(dates) == ["order_confirmation", "production_end", "etd", "eta"]
    assert dates["order_confirmation"]["actual"]
    assert {one["formality"] for one in trade["actions"]} == {None, "certificate-of-origin", "export-declaration"}
    assert all(one["alert_on"] < one["due_on"] for one in trade["actions"])
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["Status once the manager has undone the confirmation"] == "offer"
    assert held["Undoing beside a completed supplier request"] == "409 request_completed"
    assert [one["search"] for one in trade["searches"]] == ["cap", "man 24"]


def test_a_reference_shows_its_picture_and_a_deposit_is_expected(out: Path, summary: Summary) -> None:
    """CAT-01, TRS-01: the picture came through its link; money beside the products moves nothing else."""
    assert (out / "pictures" / "MAN-024.png").read_bytes().startswith(b"\x89PNG")
    held = {check["check"] for check in summary["checks"]}
    assert {"Size of the picture of MAN-024", "Amounts expected for the products"} <= held


def test_the_trade_in_dollars_leaves_its_documents(out: Path, summary: Summary) -> None:
    """QUO-01, QUO-02, QUO-06, DOC-02, PTY-05: versions, languages and templates; a preview is no version."""
    trade = summary["trade"]
    assert [(quote["version"], quote["language"]) for quote in trade["quotes"]] == [(2, "en"), (1, "fr")]
    number = trade["order"]["number"].removeprefix("C-")
    french, english = (text(out / "quotes" / f"D-{number}-{version}.pdf") for version in (1, 2))
    for words, said in (
        (french, ("DEVIS", "Filet maillant", "Total CIF Boston, MA")),
        (english, ("QUOTE", "gill net")),
    ):
        assert all(word in words for word in (*said, "FOB Le Havre", "CIF Boston, MA", "DAP Bourne, MA", "20"))
    preview = text(out / "previews" / "quote.pdf")
    assert "FOB Le Havre" in preview
    assert f"D-{number}" not in preview
    bought = {one["language"]: text(out / one["file"]) for one in trade["purchase_orders"]}
    assert ("Bon de commande" in bought["fr"], "Purchase order" in bought["en"]) == (True, True)
    assert "FOB Tōkyō" in bought["en"]
    references, parties = (out / one["file"] for one in trade["exports"])
    rows = list(csv.reader(references.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == trade["exports"][0]["rows"] + 1
    sheet = load_workbook(parties, read_only=True).active
    assert sheet is not None
    assert sum(1 for _ in sheet.rows) == trade["exports"][1]["rows"] + 1


def test_what_is_issued_is_mailed_and_a_contract_announces_its_renewal(cloud: Cloud, summary: Summary) -> None:
    """SUP-01, INV-12, CTR-05: to the contact, in the document's language; the mail service took each once."""
    mails = summary["mails"]
    words = {"fr": "Bon de commande", "en": "Purchase order"}
    orders = [f"{words[one['language']]} {one['number']}" for one in summary["trade"]["purchase_orders"][::-1]]
    told = [mail["subject"].rpartition(" — ")[0] or mail["subject"] for mail in mails]
    assert told[: len(orders)] == orders
    assert told[len(orders) :] == [
        f"Facture {summary['documents'][0]['number']}",
        "Mise en demeure",
        "Contrat CT-000003 : Licence annuelle",
    ]
    with urllib.request.urlopen(f"{cloud.endpoint}/_ministack/ses/messages", timeout=30) as taken:
        messages = [one for account in json.loads(taken.read())["messages"].values() for one in account]
    # Invitations of operators lie there too.
    own = [one["To"] for one in messages if "documents@comptoir.example" in one["Source"]]
    assert sorted(own) == sorted(mail["to"] for mail in mails)


def test_what_the_mail_service_tells_comes_back_to_the_mail(cloud: Cloud, summary: Summary) -> None:
    """SUP-01: as EventBridge hands it over, which the emulator does not; to the deployed function all the same."""
    mail = summary["mails"][0]
    tags = {"company": [summary["company"]["id"]], "mail": [mail["id"]], "attempt": ["1"]}
    told = {"timestamp": "2026-11-26T20:00:00.000Z", "recipients": mail["to"], "smtpResponse": "250 ok"}
    sent = {"timestamp": "2026-11-26T19:59:59.000Z", "messageId": "m", "tags": tags}
    event = {"source": "aws.ses", "detail": {"eventType": "Delivery", "mail": sent, "delivery": told}}
    for _ in range(2):
        answer = cloud.client("lambda").invoke(
            FunctionName=cloud.outputs["MailFunction"], Payload=json.dumps(event).encode()
        )
        assert json.loads(answer["Payload"].read()) == {"outcome": "delivered"}


def test_a_customer_who_pays_late_is_reminded_once(out: Path, summary: Summary) -> None:
    """INV-12: a formal notice with penalties and indemnity, as PDF and by mail; the same step is refused."""
    reminder = summary["workshop"]["reminder"]
    assert (reminder["tone"], reminder["indemnity"]) == ("formal_notice", "40.00")
    parts = [Decimal(reminder[part]) for part in ("due", "penalties", "indemnity")]
    assert Decimal(reminder["total"]) == sum(parts)
    words = text(out / reminder["file"])
    assert "Mise en demeure" in words
    assert "L441-10" in words
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["Reminding of the same step again"] == "409 nothing_to_remind"


def test_suppliers_are_paid_by_files_that_banks_take(cloud: Cloud, out: Path, summary: Summary) -> None:
    """TRS-06 to TRS-10: every reason at once; a SEPA batch, transfers abroad, one of them partial; under lock."""
    transfers = summary["transfers"]
    assert set(transfers["unmet"]) == {"account_missing", "bank_account_missing"}
    orders = transfers["orders"]
    assert [(one["kind"], one["version"], {each["currency"] for each in one["transfers"]}) for one in orders] == [
        ("sepa", "pain.001.001.09", {"EUR"}),
        ("swift", "pain.001.001.03", {"JPY"}),
        ("swift", "pain.001.001.03", {"USD"}),
    ]
    for order in orders:
        data = (out / order["file"]).read_bytes()
        assert check(data) == []
        assert folder_of_schemas() is None or schema_errors(MessageVersion(order["version"]), data) == []
        key = f"bank/transfers/{summary['company']['id']}/{order['id']}.xml"
        where = {"Bucket": cloud.archive_bucket, "Key": key}
        assert cloud.client("s3").get_object(**where)["Body"].read() == data
        assert cloud.client("s3").get_object_retention(**where)["Retention"]["Mode"] == "COMPLIANCE"
    sepa, _, dollars = (order["transfers"] for order in orders)
    assert {each["supplier_name"] for each in sepa} == {"Corderies Bretonnes SA", "Textiles de l'Elbe GmbH"}
    assert [(each["amount"], each["number"]) for each in dollars] == [("500.00", "AFF-77310")]
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["Transferring CB-26-00418 again"] == "422 line_transferred"


def test_the_bank_tells_who_paid_and_who_was_paid_and_the_cash_to_come_follows(out: Path, summary: Summary) -> None:
    """TRS-04, TRS-09, TRS-11: credits and a transfer matched, fees wait; the forecast begins with the balance."""
    bank = summary["bank"]
    assert (bank["entries"], bank["unmatched"]) == (5, 1)
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["The entry that paid dollars"] == "matched"
    assert held["New entries of the same statement sent again"] == "0"
    assert held["It leaves no doubt"] == "True"
    assert held["The forecast begins with the bank balance"] == bank["balance"]
    assert (out / "statements" / "releve.camt053.xml").exists()
    balance = Decimal(bank["balance"])
    for week in bank["forecast"]["weeks"]:
        balance += Decimal(week["movement"])
        assert Decimal(week["balance"]) == balance
    assert bank["forecast"]["weather"] in {"sun", "grey_cloud", "black_cloud", "orange_lightning", "red_lightning"}


def test_a_month_and_a_year_are_closed_and_refuse_what_comes_after(summary: Summary) -> None:
    """FIS-03: in order, with totals of the period and since first use; the refusal has its name."""
    [last] = [one for one in summary["workshop"]["documents"] if one["case"] == "last-year"]
    month, year = summary["fiscal"]["closings"]
    assert (month["kind"], year["kind"]) == ("monthly", "annual")
    assert month["sequence"] < year["sequence"]
    assert month["end"] == year["end"] == f"{month['name'][:4]}-12-31"
    for closing in (month, year):
        assert last["gross"] in json.dumps(closing["period"])
        assert closing["perpetual"] == year["perpetual"]
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["A payment dated in the closed year"] == "409 period_closed"
    assert held["Closing a month that is not over"] == "422 period_not_over"


def test_the_year_is_archived_and_its_archive_verifies_by_itself(out: Path, summary: Summary) -> None:
    """FIS-02, FIS-05: its own program says so with nothing but Python, and names the entry that was changed."""
    fiscal = summary["fiscal"]
    assert "intact: 1 documents" in fiscal["verdict"]
    assert "BROKEN: chains/documents: entry 1 altered" in fiscal["tampered"]
    [last] = [one for one in summary["workshop"]["documents"] if one["case"] == "last-year"]
    with zipfile.ZipFile(out / fiscal["archive"]["file"]) as packed:
        assert packed.read(f"documents/{last['number']}.pdf") == (out / last["file"]).read_bytes()
        assert "ARCHIVE FISCALE" in packed.read("LISEZ-MOI.txt").decode("utf-8-sig")
    assert len(fiscal["fec"]) == 2
    assert fiscal["verification"]["state"] == "intact"
    assert fiscal["verification"]["entries"]["documents"] == len(summary["workshop"]["documents"])


def test_entries_and_the_fec_of_the_year_are_exported(out: Path, summary: Summary) -> None:
    """FIS-06: the legal name, eighteen fields, and both exports tell the same amounts."""
    sheet, fec = summary["fiscal"]["exports"]
    year = fec["start"][:4]
    assert fec["files"][0] == f"exports/819732603FEC{year}1231.txt"
    lines = (out / fec["files"][0]).read_text("utf-8").splitlines()
    assert len(lines) == fec["lines"] + 1
    assert lines[0].split("\t")[:3] == ["JournalCode", "JournalLib", "EcritureNum"]
    assert {len(line.split("\t")) for line in lines} == {len(lines[0].split("\t"))}
    assert (sheet["debit"], sheet["entries"]) == (fec["debit"], fec["entries"])
    assert fec["debit"] == fec["credit"] != "0"


def test_an_inspector_reads_and_is_seen_to(summary: Summary) -> None:
    """FIS-07: read-only, and each access is recorded."""
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["Inspector reads parties"] == held["Inspector closes a year"] == "403 forbidden"
    assert summary["fiscal"]["accesses"] == ["OpenArchive", "ReadPublicKeys"]


def test_contracts_are_renewed_by_the_clock_and_by_hand_once_each(summary: Summary) -> None:
    """CTR-03 to CTR-05: missed months made up for, a part by the day, one failure told and mended."""
    by_name = {one["name"]: one for one in summary["contracts"]["contracts"]}
    months = [one["start"] for one in by_name["Entretien mensuel"]["periods"]]
    assert (len(months), {day[8:] for day in months}) == (3, {"01"})
    [part] = by_name["Visites trimestrielles"]["periods"]
    worth = (Decimal(450) * part["days"] / part["whole_days"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(part["net"]["amount"]) == worth
    assert part["days"] < part["whole_days"]
    indexed = by_name["Indexé"]["periods"]
    assert [one["net"]["amount"] for one in indexed] == ["1200.00", "1224.00"]
    yearly = by_name["Licence annuelle"]["periods"]
    assert [one["billed_by"] for one in yearly] == ["Comptoir", "Gwenola Riou"]
    held = {check["check"]: check["got"] for check in summary["checks"]}
    assert held["Reason of the failure"] == "index_value_missing"
    assert held["Renewing from the same page once more"] == "412 version_mismatch"


def test_a_contract_ended_before_its_term_credits_what_is_not_used(out: Path, summary: Summary) -> None:
    """CTR-06: of the first year by the day, of the second all of it; each document prints its number."""
    documents = summary["contracts"]["documents"]
    assert [one["kind"] for one in documents] == ["invoice", "invoice", "credit_note", "credit_note"]
    first, second, part, whole = (Decimal(one["net"]) for one in documents)
    [yearly] = [one for one in summary["contracts"]["contracts"] if one["last_day"]]
    days = yearly["periods"][0]["days"]
    unused = (first * (days - 100) / days).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert (part, whole) == (unused, second)
    assert all(one["number"] in text(out / one["file"]) for one in documents)


def text(path: Path) -> str:
    """What a PDF says."""
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_played_again_it_finds_its_data(cloud: Cloud, out: Path, summary: Summary) -> None:
    """Nothing is made twice, and the same documents are left; of `out/`, only what the job makes is emptied."""
    (out / "invoices" / "stale.pdf").write_bytes(b"of another run")
    play(cloud, out, Lines())
    again = json.loads((out / "summary.json").read_text("utf-8"))
    assert again["found"] is True
    for what in ("company", "operators", "orders", "documents", "counts", "ledger"):
        assert again[what] == summary[what], what
    for what in ("order", "totals", "linked_prices", "quotes", "purchase_orders", "requests", "actions", "exports"):
        assert again["trade"][what] == summary["trade"][what], what
    for what in ("closings", "archive", "exports"):
        assert again["fiscal"][what] == summary["fiscal"][what], what
    assert again["contracts"] == summary["contracts"]
    assert again["transfers"]["orders"] == summary["transfers"]["orders"]
    for what in ("documents", "deduction", "down_payment", "test"):
        assert again["workshop"][what] == summary["workshop"][what], what
    assert [one["written"] for one in again["imports"]] == [0, 0, 0]
    assert {file["path"] for file in again["files"]} == {file["path"] for file in summary["files"]}
    assert not (out / "invoices" / "stale.pdf").exists()
    assert (out / "note.txt").exists()
