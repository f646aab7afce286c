"""TRS-04 on the deployed stack: statements sent through the API or dropped in the bucket are read by themselves."""

from __future__ import annotations

import hashlib
import urllib.request

import pytest

from functions.api.routes.parties import PARTY_EXAMPLE
from functions.api.routes.supplier_documents import SUPPLIER_INVOICE_EXAMPLE
from infra.local.cloud import Cloud
from infra.local.demo.client import Client
from infra.local.demo.people import House, open_house
from infra.local.demo.stage import Stage
from infra.local.progress import Lines
from tests.e2e.waiting import eventually
from tests.unit.banking_support import iban
from tests.unit.statement_writers import camt, cfonb, entry, statement

IBAN = iban("FR", "20041000013456789012097")


@pytest.fixture(scope="module")
def house(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The company with its operators signed in."""
    return open_house(Stage(cloud, tmp_path_factory.mktemp("statements"), Lines()))


@pytest.fixture(scope="module")
def account(house: House) -> str:
    """An account that no other test has statements of; its route."""
    administrator = house["administrator"]
    company = administrator.get("/company")
    [first, *_] = known = company.body["identity"]["bank_accounts"]
    administrator.patch(
        "/company", {"identity": {"bank_accounts": [*known, first | {"iban": IBAN}]}}, version=company.version
    )
    opened = administrator.post("/bank-accounts", {"iban": IBAN, "label": "Compte des relevés"}).body
    return f"/bank-accounts/{opened['id']}"


def send(client: Client, data: bytes) -> str:
    """Announce a file and put it where the answer says; its identifier."""
    announced = {"filename": "releve.xml", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    ticket = client.post("/bank-statements/files", announced).body
    request = urllib.request.Request(ticket["url"], data, ticket["headers"], method="PUT")
    with urllib.request.urlopen(request, timeout=10) as came:
        assert came.status == 200
    identifier: str = ticket["file"]["id"]
    return identifier


def test_a_file_that_is_sent_is_read_when_asked_or_by_itself(house: House, account: str) -> None:
    client = house["manager"]
    first = statement((entry("-12.34"), entry("500", "2026-11-03"))).change(account=IBAN)
    file = send(client, camt(first, "08"))
    read = client.post(f"/bank-statements/files/{file}/reading").body
    assert [each["new"] + each["known"] for each in read["statements"]] == [2]
    second = statement((entry("7", "2026-11-05"),), "1487.66").change(account=IBAN)
    left = send(client, cfonb(second))
    eventually(lambda: client.get(f"/bank-statements/files/{left}").body["state"] == "read", seconds=30)
    stands = client.get(account).body
    assert (stands["balance"]["amount"], stands["missing"]["amount"], stands["entries"]) == ("1494.66", "0.00", 3)


def test_a_file_dropped_in_the_bucket_is_read_and_kept_under_lock(cloud: Cloud, house: House, account: str) -> None:
    client = house["manager"]
    third = statement((entry("100", "2026-11-09"),), "1494.66").change(account=IBAN)
    company = client.get("/company").body["id"]
    data = camt(third, "02")
    s3 = cloud.aws.client("s3")
    key = f"statements/{company}/releve.xml"
    s3.put_object(Bucket=cloud.outputs["FilesBucket"], Key=key, Body=data)
    eventually(lambda: client.get(account).body["entries"] == 4, seconds=30)
    kept = f"bank/statements/{company}/{hashlib.sha256(data).hexdigest()}"
    archived = s3.get_object(Bucket=cloud.outputs["ArchiveBucket"], Key=kept)
    assert archived["Body"].read() == data
    assert archived["ObjectLockMode"] == "COMPLIANCE"


def test_a_payment_that_the_bank_returns_is_proposed_and_accepted_as_proposed(house: House, account: str) -> None:
    """TRS-04: the stream has written what the payment is found by; the proposal names the route that takes it."""
    client = house["manager"]
    supplier = client.post("/parties", PARTY_EXAMPLE | {"code": "RETOUR", "kinds": ["supplier"]}).body["id"]
    told = {"supplier": supplier, "number": "RET-1", "issue_date": "2026-11-10", "received_on": "2026-11-10"}
    invoice = client.post("/supplier-invoices", SUPPLIER_INVOICE_EXAMPLE | told).body
    gross = invoice["totals"]["gross"]
    paying = {"supplier": supplier, "date": "2026-11-10", "amount": gross, "bank_account": IBAN}
    parts = [{"invoice": invoice["id"], "amount": gross["amount"]}]
    paid = client.post("/supplier-payments", paying | {"allocations": parts}).body["id"]
    back = entry(gross["amount"], "2026-11-12", text="VIREMENT RETOURNE", return_reason="AC04")
    fourth = statement((back,), "1594.66").change(account=IBAN)
    client.post(f"/bank-statements/files/{send(client, camt(fourth, '08'))}/reading", expect=(201, 202))

    def entries() -> list[str]:
        listed = client.get(f"{account}/entries?month=2026-11").body["items"]
        return [each["id"] for each in listed if each["text"] == back.text]

    eventually(lambda: len(entries()) == 1, seconds=30)
    path = f"/bank-entries/{entries()[0]}"
    eventually(lambda: bool(client.get(f"{path}/proposals").body["proposals"]), seconds=30)
    [proposal] = client.get(f"{path}/proposals").body["proposals"]
    returned = proposal["parts"][0]["returned"]
    assert (proposal["accepted_by"], returned["payment"]) == ("return-matches", paid)
    asked = {"payment": returned["payment"], "reason": returned["reason"]}
    matched = client.post(f"{path}/{proposal['accepted_by']}", asked).body
    assert matched["state"] == "matched"
    assert client.get(f"/payments/{paid}").body["reversed_by"] == matched["payments"][0]["payment"]
    eventually(lambda: client.get(f"{path}/proposals").body["proposals"] == [], seconds=30)
