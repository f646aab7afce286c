"""What must not be possible is tried, and the chains are exported and verified without the product."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local.demo.client import Client, Unexpected
from infra.local.demo.people import House
from infra.local.demo.stage import Stage, money
from infra.local.supervisor import ROOT

CHAINS = ("documents", "events")


def look_around(stage: Stage, house: House, order: Mapping[str, Any], invoice: Mapping[str, Any]) -> None:
    """Lists and histories, as the operators read them."""
    with stage.step("Lists and history"):
        count, accountant = stage.record.counts, house["accountant"]
        count["orders"] = sum(1 for _ in house["sales"].every("/orders", month=order["created_on"][:7]))
        documents = list(accountant.every("/documents", month=invoice["issue_date"][:7]))
        count["documents"] = len(documents)
        numbers = [one["number"] for one in documents]
        stage.check("Documents of the month, newest first", sorted(numbers, reverse=True), numbers)
        treasury = house["sales"].get(f"/orders/{order['id']}/treasury").body["lines"]
        stage.tell("treasury: " + ", ".join(f"{money(line['amount'])} {line['status']}" for line in treasury))
        for what, path in (("order", f"/orders/{order['id']}"), ("invoice", f"/invoices/{invoice['id']}")):
            reader = house["sales"] if what == "order" else accountant
            entries = list(reader.every(f"{path}/history"))
            count[f"{what}_history"] = len(entries)
            told = "; ".join(f"{one['event']} by {one['operator_name']}" for one in entries[:4])
            stage.tell(f"history of the {what}: {told}")


def try_the_forbidden(stage: Stage, house: House, invoice: Mapping[str, Any]) -> None:
    """What the law and the profiles forbid, asked for: through the API, and past it."""
    path = f"/invoices/{invoice['id']}"
    with stage.step("Try what is forbidden"):
        read = house["manager"].get(path)
        answer = house["assistant"].post(f"{path}/validation", {}, (403,), version=read.version)
        stage.refused("Assistant validates", answer, "forbidden")
        answer = house["accountant"].get("/orders", (403,))
        stage.refused("Accountant reads orders", answer, "forbidden")
        draft = f"/drafts/{invoice['id']}"
        answer = house["administrator"].patch(draft, {"note": "Autre texte"}, (409,), version=read.version)
        stage.refused("Administrator changes a validated invoice", answer, "not_a_draft")
        answer = house["administrator"].delete(draft, (409,), version=read.version)
        stage.refused("Administrator deletes a validated invoice", answer, "not_a_draft")
        answer = house["manager"].patch(draft, {"note": "Sans version"}, (409, 428))
        stage.refused("Changing without saying which version", answer, "precondition_required")
        for place in (path, f"{path}/file", f"/parties/{invoice['customer']}"):
            answer = house.stranger.get(place, (404,))
            stage.refused(f"Another company reads {place.split('/')[1]}", answer, "not_found")
        answer = Client(stage.cloud.api_url, "not.a.token", "nobody").get("/company", (401,))
        stage.check("Without a valid token", 401, answer.status)
        _delete_past_the_api(stage, invoice["file"]["key"])


def _delete_past_the_api(stage: Stage, key: str) -> None:
    """As root of the account, delete the archived object for ever, and shorten its lock."""
    bucket, s3 = stage.cloud.archive_bucket, stage.cloud.client("s3")
    version = s3.head_object(Bucket=bucket, Key=key)["VersionId"]
    until = s3.get_object_retention(Bucket=bucket, Key=key, VersionId=version)["Retention"]
    stage.tell(f"locked in {until['Mode']} mode until {until['RetainUntilDate']:%Y-%m-%d}")
    one = {"Bucket": bucket, "Key": key, "VersionId": version}
    earlier = {"Mode": "COMPLIANCE", "RetainUntilDate": stage.today.isoformat() + "T23:59:59Z"}
    tried: dict[str, Callable[[], object]] = {
        "Root deletes the locked PDF": lambda: s3.delete_object(**one, BypassGovernanceRetention=True),
        "Root shortens its lock": lambda: s3.put_object_retention(**one, Retention=earlier),
    }
    for what, attempt in tried.items():
        try:
            attempt()
        except ClientError as error:
            stage.check(what, "AccessDenied", error.response["Error"]["Code"])
        else:
            raise Unexpected(f"{what}: AccessDenied was expected, it was done")


def verify_chains(stage: Stage, house: House) -> None:
    """Export the chains with what verifies them to `out/ledger/`; verify them offline, whole and tampered with."""
    accountant, folder = house["accountant"], stage.out / "ledger"
    with stage.step("Export the chains"):
        pems = accountant.get("/ledger/keys").body["keys"]
        stage.keep("ledger", "keys.json", json.dumps(pems, indent=2).encode())
        for chain in CHAINS:
            entries = list(_entries(accountant, chain))
            heads = list(_locked_heads(stage, house.company, chain))
            stage.keep("ledger", f"{chain}.jsonl", _lines(entries))
            stage.keep("ledger", f"{chain}-heads.jsonl", _lines(heads))
            head = accountant.get(f"/ledger/{chain}/head").body
            stage.check(f"Last entry of the {chain} chain", head["hash"], entries[-1]["hash"])
            stage.record.ledger.append(
                {"chain": chain, "entries": len(entries), "locked_heads": len(heads), "head": head["hash"]}
            )
    with stage.step("Verify the chains offline"):
        for told in stage.record.ledger:
            told["verdict"] = _verify(stage, folder, told["chain"], 0)
    with stage.step("Verify a copy that was tampered with"):
        lines = (folder / "documents.jsonl").read_bytes().splitlines(keepends=True)
        amount = _altered(json.loads(lines[0]))
        stage.keep("ledger", "tampered.jsonl", b"".join([amount, *lines[1:]]))
        stage.record.ledger[0]["tampered"] = _verify(stage, folder, "tampered", 1)


def _entries(client: Client, chain: str) -> Iterator[dict[str, Any]]:
    first: int | None = 1
    while first is not None:
        page = client.get(f"/ledger/{chain}/entries", first=first).body
        yield from page["items"]
        first = page["next"]


def _locked_heads(stage: Stage, company: str, chain: str) -> Iterator[dict[str, Any]]:
    """The copies of the chain's heads in the locked bucket, as the deployer reads them there."""
    s3, bucket = stage.cloud.client("s3"), stage.cloud.archive_bucket
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"heads/{company}/{chain}/"):
        for item in page.get("Contents", ()):
            yield json.loads(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read())


def _altered(entry: dict[str, Any]) -> bytes:
    """The entry with one digit of its total changed."""
    payload = json.loads(entry["payload"])
    amount = payload["totals"]["gross"]["amount"]
    payload["totals"]["gross"]["amount"] = ("1" if amount[0] != "1" else "2") + amount[1:]
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _lines([{**entry, "payload": text}])


def _lines(items: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()


def _verify(stage: Stage, folder: Path, name: str, code: int) -> str:
    """What the verifier says, run as anyone would who has the files and nothing else."""
    heads = folder / f"{name if name in CHAINS else CHAINS[0]}-heads.jsonl"
    command = [sys.executable, "-m", "comptoir.ledger", "verify", str(folder / f"{name}.jsonl")]
    result = subprocess.run(
        [*command, "--keys", str(folder / "keys.json"), "--heads", str(heads)],
        env={"PYTHONPATH": str(ROOT / "layers/comptoir/python"), "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (result.stdout or result.stderr).strip()
    if result.returncode != code:
        raise Unexpected(f"Verifying {name}: exit code {code} was expected, {result.returncode} came\n  {said}")
    stage.record.checks.append({"check": f"Offline verification of {name}", "got": said})
    stage.tell(f"{name}: {said}")
    return said
