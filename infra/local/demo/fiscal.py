"""The small company's last year is closed for good, archived and exported; an inspector reads it, and is seen to.

What is closed lies in the past, so that nothing that is played afterwards is dated into it.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.demo.client import Answer, Client, Unexpected, download
from infra.local.demo.people import operator_of
from infra.local.demo.stage import Stage, until
from infra.local.demo.workshop import Workshop
from infra.local.supervisor import ROOT

_INSPECTOR = {"profile": "inspector", "name": "Vérification de comptabilité", "email": "inspector@rade.example"}


def play_fiscal(workshop: Workshop, invoice: Mapping[str, Any]) -> None:
    """Everything about the year that `invoice` closes."""
    stage, last = workshop.stage, dt.date.fromisoformat(invoice["issue_date"])
    told = stage.record.fiscal
    told["closings"] = _close(workshop, last)
    _write_into_it(workshop, invoice, last)
    inspector = _inspector(workshop)
    path = _archive(workshop, inspector, last, told)
    _verify_offline(stage, inspector, path, told)
    _verify_online(workshop, told)
    told["exports"] = [
        _export(workshop, "csv", dt.date(last.year, 1, 1), last),
        _export(workshop, "fec", dt.date(last.year, 1, 1), last),
    ]
    _accesses(workshop, told)


def _close(workshop: Workshop, last: dt.date) -> list[dict[str, Any]]:
    """The last month of the year, then the year: each day of it before, in order."""
    client, stage, name = workshop.client, workshop.stage, f"{last:%Y-%m}"
    found = []
    with stage.step("Close a month and a fiscal year"):
        for kind in ("monthly", "annual"):
            client.post("/closings", {"kind": kind, "name": name}, (200, 201, 202))
            closed = _closed(client, f"/closings/{kind}/{name}")
            closing = closed.body["closing"]
            shown = {part: closing[part] for part in ("kind", "name", "start", "end", "period", "perpetual")}
            found.append({**shown, "sequence": closed.body["sequence"], "hash": closed.body["hash"]})
            stage.tell(f"{kind} {name}: entry {closed.body['sequence']} of the chain of closings")
        answer = client.post("/closings", {"kind": "monthly", "name": f"{stage.today:%Y-%m}"}, (422,))
        stage.refused("Closing a month that is not over", answer, "period_not_over")
        through = dt.date.fromisoformat(client.get("/periods").body["through"])
        stage.check("The last day of the year is closed", True, through >= last)
    return found


def _closed(client: Client, path: str) -> Answer:
    return until(lambda: client.get(path, (200, 404)), lambda came: came.status == 200, path)


def _write_into_it(workshop: Workshop, invoice: Mapping[str, Any], last: dt.date) -> None:
    client, stage = workshop.client, workshop.stage
    with stage.step("Try to write into the closed year"):
        account = client.get("/company").body["identity"]["bank_accounts"][0]["iban"]
        payment = {
            "customer": invoice["customer"],
            "date": last.isoformat(),
            "amount": {"amount": "1.00", "currency": invoice["currency"]},
            "bank_account": account,
            "allocations": [{"invoice": invoice["id"], "amount": "1.00"}],
        }
        answer = client.post("/payments", payment, (409,))
        stage.refused("A payment dated in the closed year", answer, "period_closed")
        for sentence in answer.sentences:
            stage.tell(sentence)


def _inspector(workshop: Workshop) -> Client:
    """Somebody who may read what the law asks for, and nothing else (FIS-07)."""
    client, stage = workshop.client, workshop.stage
    with stage.step("Let an inspector in"):
        known = {one["email"]: one for one in client.every("/operators")}
        inspector = operator_of(stage, client, _INSPECTOR, known)
        stage.refused("Inspector reads parties", inspector.get("/parties", (403,)), "forbidden")
        asked = {"kind": "annual", "name": "2000-12"}
        stage.refused("Inspector closes a year", inspector.post("/closings", asked, (403,)), "forbidden")
    return inspector


def _archive(workshop: Workshop, inspector: Client, last: dt.date, told: dict[str, Any]) -> Path:
    """The package of the year, made once, and read by the inspector through a short-lived link (FIS-05)."""
    client, stage = workshop.client, workshop.stage
    place = f"/archives/annual/{last:%Y-%m}"
    with stage.step("Archive the year"):
        client.post("/archives", {"kind": "annual", "name": f"{last:%Y-%m}"}, (200, 201, 202))
        made = until(lambda: client.get(place), lambda came: came.body["state"] in {"done", "refused"}, place).body
        stage.check("State of the archive", "done", made["state"])
        link = inspector.get(f"{place}/file").body
        content = download(link["url"])
        path = stage.keep("archives", link["filename"], content, kind="archive")
        stage.check("Size of the archive", link["size"], len(content))
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        stage.tell(f"{link['filename']}: {len(names)} files, {len(content)} bytes")
        told["fec"] = [name for name in names if name.startswith("fec/")]
        shown = {part: made[part] for part in ("kind", "name", "start", "end", "manifest_sha256")}
        told["archive"] = {**shown, "file": f"archives/{link['filename']}", "files": len(names)}
    return path


def _verify_offline(stage: Stage, inspector: Client, path: Path, told: dict[str, Any]) -> None:
    """With the program that the archive carries and nothing but Python; then a copy in which one amount is changed."""
    with stage.step("Verify the archive offline"), tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with zipfile.ZipFile(path) as packed:
            packed.extractall(place / "unpacked")
        told["verdict"] = _run(place / "unpacked", [str(path)], 0)
        listed = place / "unpacked" / "chains" / "documents-0001.jsonl"
        text = listed.read_text("utf-8")
        listed.write_text(text.replace("380.00", "830.00", 1), "utf-8")
        if listed.read_text("utf-8") == text:
            raise Unexpected("The amount to be changed is not in the archive")
        told["tampered"] = _run(place / "unpacked", ["."], 1)
        keys = inspector.get("/ledger/keys").body["keys"]
        own = zipfile.ZipFile(path).read("keys.json").decode()
        stage.check("The archive carries the company's public key", True, all(key in own for key in keys))
        for name in ("verdict", "tampered"):
            stage.tell(told[name].splitlines()[-1])


def _run(folder: Path, arguments: list[str], code: int) -> str:
    """What the archive's own verifier says, isolated from every other module but Python's."""
    result = subprocess.run(
        [sys.executable, "-S", "verificateur", *arguments],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (result.stdout or result.stderr).strip()
    if result.returncode != code:
        raise Unexpected(f"Verifying {arguments}: exit code {code} was expected, {result.returncode} came\n  {said}")
    return said.replace(str(ROOT), "")


def _verify_online(workshop: Workshop, told: dict[str, Any]) -> None:
    """The chains as they lie in the table (FIS-02)."""
    client, stage = workshop.client, workshop.stage
    with stage.step("Verify the chains where they lie"):
        asked = client.post("/ledger/verifications", {}, (201, 202)).body["id"]
        path = f"/ledger/verifications/{asked}"
        found = until(lambda: client.get(path), lambda came: came.body["state"] in {"intact", "broken"}, path).body
        stage.check("State of the chains", "intact", found["state"])
        told["verification"] = {"state": found["state"], "entries": found["entries"]}
        latest = client.get("/ledger/technical-events").body["items"][0]
        stage.check("Newest technical event", "chains_verified", latest["event"])


def _export(workshop: Workshop, form: str, start: dt.date, end: dt.date) -> dict[str, Any]:
    """The entries of a period, asked for once; the FEC of a closed year bears its legal name (FIS-06)."""
    client, stage = workshop.client, workshop.stage
    with stage.step(f"Export the entries ({form.upper()})"):
        period = {"start": start.isoformat(), "end": end.isoformat(), "format": form}
        made = [one for one in client.every("/accounting/exports") if period.items() <= one.items()]
        id = made[-1]["id"] if made else client.post("/accounting/exports", period, (201, 202)).body["id"]
        path = f"/accounting/exports/{id}"
        found = until(lambda: client.get(path), lambda came: came.body["state"] != "writing", path).body
        stage.check(f"State of the {form} export", "done", found["state"])
        stage.check(f"Balance of the {form} export", found["debit"], found["credit"])
        left = []
        for file, url in zip(found["files"], found["urls"], strict=True):
            stage.keep("exports", file["name"], download(url), kind=form)
            stage.check(f"SHA-256 of {file['name']}", file["sha256"], stage.record.files[-1]["sha256"])
            left.append(f"exports/{file['name']}")
        shown = {part: found[part] for part in ("format", "start", "end", "entries", "lines", "debit", "credit")}
        return {**shown, "files": left}


def _accesses(workshop: Workshop, told: dict[str, Any]) -> None:
    """What the inspector read, as the company sees it (FIS-07)."""
    client, stage = workshop.client, workshop.stage
    with stage.step("See what the inspector read"):
        seen = [one for one in client.every("/accesses") if one["profile"] == "inspector"]
        for one in seen[:4]:
            stage.tell(f"{one['at']} {one['operator_name']}: {one['request']} {one['about']}")
        told["accesses"] = sorted({one["request"] for one in seen})
