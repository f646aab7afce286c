"""Importing customers, suppliers and the catalogue from files, after a look at what a faulty one is told."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from infra.local.demo.client import Answer, Client, Unexpected
from infra.local.demo.people import SAMPLES, House
from infra.local.demo.stage import Stage, told, until

_TAKEN = {"party_code_taken", "reference_code_taken"}


def import_everything(stage: Stage, house: House) -> None:
    """Customers, suppliers, then the references that name them."""
    manager = house["manager"]
    with stage.step("Check faulty files (dry run)"):
        for collection, name in (("parties", "faulty-customers.csv"), ("references", "faulty-catalogue.xlsx")):
            answer = manager.post(f"/{collection}/imports", {**upload(SAMPLES / name), "dry_run": True}, (422,))
            stage.tell(f"{name}: {len(answer.sentences)} errors, nothing imported")
            for sentence in told(answer):
                stage.tell(f"  {sentence}")
    _import(stage, manager, "parties", "customers.csv")
    _import(stage, manager, "parties", "suppliers.xlsx")
    _agree_terms(stage, manager)
    _import(stage, manager, "references", "catalogue.xlsx")
    count = stage.record.counts
    parties = list(manager.every("/parties"))
    for kind in ("customer", "supplier"):
        count[f"{kind}s"] = sum(kind in party["kinds"] for party in parties)
    count["references"] = _count(manager, "/references")


def _agree_terms(stage: Stage, client: Client) -> None:
    """Give each supplier the payment terms that requests to it begin with; files have no column for them."""
    with stage.step("Agree payment terms with suppliers"):
        changed = 0
        for summary in client.every("/parties"):
            if not {"supplier", "provider"} & set(summary["kinds"]):
                continue
            path = f"/parties/{summary['id']}"
            party = client.get(path)
            if not party.body["terms"]:
                client.patch(path, {"terms": _SUPPLIER_TERMS}, version=party.version)
                changed += 1
        stage.tell(f"{changed} changed" if changed else "all have theirs already")


_SUPPLIER_TERMS = [{"percentage": "100", "milestone": "order_confirmation", "steps": [{"days": 30}]}]


def upload(path: Path, content: bytes | None = None) -> dict[str, Any]:
    """A file as requests carry it."""
    return {"file": base64.b64encode(path.read_bytes() if content is None else content).decode(), "filename": path.name}


def _import(stage: Stage, client: Client, collection: str, name: str) -> None:
    path = SAMPLES / name
    with stage.step(f"Import {name}"):
        before = _count(client, f"/{collection}")
        # Named by its content: an import that a stop cut short goes on, and one that is done stays so.
        key = f"demo-{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"
        answer = client.post(f"/{collection}/imports", upload(path), (201, 202, 422), key=key)
        if answer.status != 422:
            _finished(client, collection, answer)
        elif not set(answer.codes) <= _TAKEN:
            raise Unexpected(f"Importing {name} was refused:\n" + "\n".join(told(answer)))
        written = _count(client, f"/{collection}") - before
        stage.tell(f"{written} written" if written else "all of it is there already")
        stage.record.imports.append({"file": name, "into": collection, "written": written})


def _finished(client: Client, collection: str, answer: Answer) -> None:
    if answer.status == 202:
        path = f"/{collection}/imports/{answer.body['id']}/continuation"
        until(lambda: client.post(path, {}, (201, 202)), lambda came: came.status == 201, path)


def _count(client: Client, path: str) -> int:
    return sum(1 for _ in client.every(path))
