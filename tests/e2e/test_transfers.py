"""TRS-09 on the deployed stack: one line, one transfer, one locked file, whoever asks at once and however often."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from comptoir.banking.formats.check import check
from comptoir.banking.ordered import AT_ONCE
from comptoir.kernel.clock import paris_date
from infra.local.cloud import Cloud
from infra.local.demo.client import Answer, Client, download
from infra.local.demo.people import House, open_house
from infra.local.demo.stage import Stage
from infra.local.progress import Lines
from tests.unit.banking_support import bic, iban

IBAN = iban("FR", "30066000413456789012098")
SUPPLIER = {
    "code": "E2E-HANSE",
    "name": "Müller & Söhne GmbH",
    "kinds": ["supplier"],
    "address": {"lines": ["Speicherstraße 2"], "postcode": "20095", "city": "Hamburg", "country": "DE"},
    "bank_accounts": [{"iban": iban("DE"), "bic": bic("DE"), "holder": "Müller & Söhne GmbH"}],
}


@pytest.fixture(scope="module")
def house(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The company with its operators signed in, and an account that no other test pays from."""
    house = open_house(Stage(cloud, tmp_path_factory.mktemp("transfers"), Lines()))
    administrator = house["administrator"]
    company = administrator.get("/company")
    [first, *_] = known = company.body["identity"]["bank_accounts"]
    own = {"bank_accounts": [*known, first | {"iban": IBAN}]}
    administrator.patch("/company", {"identity": own}, version=company.version)
    administrator.post("/bank-accounts", {"iban": IBAN, "label": "Compte des virements"})
    return house


def owed(client: Client, supplier: str, number: str) -> dict[str, str]:
    """A line that is owed and ready to be paid by a transfer."""
    today = paris_date(datetime.now(UTC))
    line = {"designation": "Cordage", "quantity": "1", "unit_price": "100.00", "vat_rate": "0"}
    asked = {"supplier": supplier, "number": number, "issue_date": today.isoformat(), "lines": [line]}
    document = client.post("/supplier-invoices", asked, (201,)).body["id"]
    at = f"/supplier-documents/{document}/treasury"
    sheet = client.get(at)
    client.put(f"{at}/{sheet.body['lines'][0]['id']}/means", {"bank_account": IBAN}, version=sheet.version)
    return {"document": document, "line": sheet.body["lines"][0]["id"]}


def test_trs_09_a_line_asked_for_at_once_is_transferred_once(cloud: Cloud, house: House) -> None:
    client = house["manager"]
    supplier = client.post("/parties", SUPPLIER, (201,)).body["id"]
    wanted = [owed(client, supplier, f"E2E-{number}") for number in range(3)]

    def ask(number: int) -> Answer:
        return client.post("/transfer-orders", {"transfers": wanted[: 1 + number % 3]}, (201, 202, 422))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    [made] = [answer.body for answer in answers if answer.status != 422]
    assert {code for answer in answers if answer.status == 422 for code in answer.codes} == {"line_transferred"}
    company, s3 = client.get("/company").body["id"], cloud.aws.client("s3")
    archive = cloud.outputs["ArchiveBucket"]
    key = f"bank/transfers/{company}/{made['id']}.xml"

    def write(_: int) -> object:
        task = {"task": "write_transfers", "company": company, "order": made["id"]}
        answer = cloud.aws.client("lambda").invoke(
            FunctionName=cloud.outputs["BankFunction"], Payload=json.dumps(task).encode()
        )
        return json.loads(answer["Payload"].read())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(write, range(4))) == [{"outcome": "generated"}] * 4
    kept = s3.get_object(Bucket=archive, Key=key)
    data = kept["Body"].read()
    assert kept["ObjectLockMode"] == "COMPLIANCE"
    assert len(s3.list_object_versions(Bucket=archive, Prefix=key)["Versions"]) == 1
    links = [client.get(f"/transfer-orders/{made['id']}/file").body for _ in range(2)]
    assert [download(link["url"]) for link in links] == [data, data]
    assert {link["sha256"] for link in links} == {hashlib.sha256(data).hexdigest()}
    assert check(data) == []
    assert client.post(f"/transfer-orders/{made['id']}/file", {}, (201,)).body["state"] == "generated"


def test_trs_09_a_large_order_has_all_of_its_lines_and_rivals_at_once_none(cloud: Cloud, house: House) -> None:
    """More transfers than one transaction holds: who asks for some of the lines at the same instant is told why not.

    Whoever came first to a line has it; both may be turned back, never is a line in two files. Then the bank rejects
    the whole file of the largest.
    """
    client = house["manager"]
    supplier = client.post("/parties", SUPPLIER | {"code": "E2E-MANY"}, (201,)).body["id"]
    count = AT_ONCE + 4
    with ThreadPoolExecutor(8) as pool:
        wanted = list(pool.map(lambda number: owed(client, supplier, f"MANY-{number}"), range(count)))

    def ask(chosen: list[dict[str, str]]) -> Answer:
        return client.post("/transfer-orders", {"transfers": chosen}, (201, 202, 422))

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(ask, [wanted, wanted[::-1], wanted[-2:]]))
    made = [answer.body for answer in answers if answer.status == 201]
    assert {code for answer in answers if answer.status == 422 for code in answer.codes} <= {"line_transferred"}
    assert {answer.status for answer in answers} <= {201, 422}
    sent = [each["line"] for order in made for each in order["paid"]]
    held = {line: order for line, order in _held(client, wanted).items() if order}
    assert len(sent) == len(set(sent))
    assert held == {each["line"]: order["id"] for order in made for each in order["paid"]}
    rest = [each for each in wanted if each["line"] not in held]
    if rest:
        made.append(client.post("/transfer-orders", {"transfers": rest}, (201,)).body)
        assert [each["line"] for each in made[-1]["paid"]] == [each["line"] for each in rest]
        assert made[-1]["state"] == "generated"
    largest = max(made, key=lambda order: len(order["paid"]))
    path = f"/transfer-orders/{largest['id']}"
    told = {"reason": "AM04 Provision insuffisante"}
    seen = client.post(f"{path}/rejections", told, (201,), version=client.get(path).version).body
    assert [each["line"] for each in seen["rejections"]] == [each["line"] for each in largest["paid"]]
    assert not [line for line, order in _held(client, wanted).items() if order == largest["id"]]


def _held(client: Client, wanted: list[dict[str, str]]) -> dict[str, str | None]:
    """The order that holds each line, or None."""
    found: dict[str, str | None] = {}
    for each in wanted:
        for line in client.get(f"/supplier-documents/{each['document']}/treasury").body["lines"]:
            found[line["id"]] = line["transfer"] and line["transfer"]["order"]
    return found


def test_trs_09_what_the_bank_rejects_is_paid_anew(house: House) -> None:
    """A rejection and the same one again, then the transfer of the line in its place, under another reference."""
    client = house["manager"]
    supplier = client.post("/parties", SUPPLIER | {"code": "E2E-BACK"}, (201,)).body["id"]
    line = owed(client, supplier, "BACK-1")
    order = client.post("/transfer-orders", {"transfers": [line]}, (201,)).body
    path = f"/transfer-orders/{order['id']}"
    version = client.get(path).version
    seen = client.post(f"{path}/rejections", {"reason": "AC04 Compte clos"}, (201,), version=version).body
    [rejection] = seen["rejections"]
    [anew] = rejection["replaced_by"]
    again = client.post(f"{path}/rejections", {"reason": "AC04"}, (422,), version=client.get(path).version)
    assert again.codes == ["transfer_rejected"]
    paid = client.post("/transfer-orders", {"transfers": [line | {"line": anew}]}, (201,)).body
    references = [each["order"]["transfers"][0]["end_to_end"] for each in (order, paid)]
    assert references == ["BACK-1", f"BACK-1-{anew[-10:]}"]


def test_trs_09_the_clock_may_have_files_written(cloud: Cloud) -> None:
    """What is left without file is driven again by a function that may call the one that writes."""
    answer = cloud.aws.client("lambda").invoke(
        FunctionName=cloud.outputs["ScheduleFunction"], Payload=json.dumps({"job": "heal"}).encode()
    )
    assert json.loads(answer["Payload"].read())["transfers_resumed"] == 0
