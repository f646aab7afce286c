"""A small company apart, whose every sale is another case: what its documents are made, found again and kept with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.demo import billing
from infra.local.demo.client import Answer, Client, download
from infra.local.demo.people import SAMPLES, House, administrator_of
from infra.local.demo.stage import Stage, money, until

IDENTITY: dict[str, Any] = {
    "name": "ATELIER DE LA RADE",
    "trade_name": None,
    "legal_form": "SARL",
    "capital": "12000",
    "siren": "819732603",
    "siret": "81973260300017",
    "registry": "RCS Brest",
    "vat_number": "FR83819732603",
    "address": {"lines": ["3 rampe du Port"], "postcode": "29200", "city": "Brest", "country": "FR"},
    "bank_accounts": [{"iban": "FR7610096000309176283546102", "bic": "CMCIFRPP", "holder": "ATELIER DE LA RADE"}],
}
_TERMS = {"penalty_rate": "12.40", "early_payment": {"rate": "2", "days": 10}}
_FOLDERS = {"invoice": "invoices", "credit_note": "credit-notes", "cancellation": "cancellations"}


@dataclass(frozen=True)
class Workshop:
    """The company as its one operator sees it, and the stage on which it is told."""

    stage: Stage
    house: House

    @property
    def client(self) -> Client:
        """Its administrator."""
        return self.house["administrator"]

    def customer(self, code: str, fields: Mapping[str, Any]) -> str:
        """The customer of a case, made or found again; each case has its own, by which its documents are found."""
        for one in self.client.every("/parties"):
            if one["code"] == code:
                return str(one["id"])
        asked = {"code": code, "kinds": ["customer"], **fields}
        return str(self.client.post("/parties", asked, (201,)).body["id"])

    def documents(self, customer: str, kind: str = "invoice", invoice_type: str = "standard") -> list[Answer]:
        """The documents and drafts of a customer of one kind, oldest first."""
        listed = [one for one in self.client.every(f"/parties/{customer}/documents") if one["kind"] == kind]
        found = [self.read(kind, one["id"]) for one in reversed(listed)]
        return [one for one in found if one.body["invoice_type"] == invoice_type or kind != "invoice"]

    def read(self, kind: str, document: str) -> Answer:
        """A document or draft as drafting it answered."""
        found = self.client.get(f"/{_FOLDERS[kind]}/{document}")
        return Answer(found.status, found.body["document"], found.version)

    def settle(self, draft: Answer, case: str) -> dict[str, Any]:
        """Validate a document unless it is, leave its PDF in `out/`, and tell it under the name of its case."""
        document = billing.archived(self.stage, self.client, draft)
        folder = _FOLDERS[document["kind"]]
        name = f"{document['number']}-{case}.pdf"
        link = self.client.get(f"/{folder}/{document['id']}/file").body
        self.stage.keep(folder, name, download(link["url"]), kind=document["kind"], number=document["number"])
        totals = {amount: document["totals"][amount]["amount"] for amount in ("net", "vat", "gross")}
        shown = {part: document[part] for part in ("id", "kind", "invoice_type", "number", "customer_name", "currency")}
        self.told["documents"].append({"case": case, **shown, **totals, "file": f"{folder}/{name}"})
        self.stage.tell(f"{case}: {document['number']}, {money(document['totals']['gross'])}")
        return document

    @property
    def told(self) -> dict[str, Any]:
        """What `summary.json` tells of the company."""
        return self.stage.record.workshop

    def company(self, fields: Mapping[str, Any]) -> None:
        """Change the company: its VAT regime, say."""
        before = self.client.get("/company")
        self.client.patch("/company", fields, version=before.version)


def open_workshop(stage: Stage) -> Workshop:
    """The company, opened or found again."""
    sample = json.loads((SAMPLES / "company.json").read_text("utf-8"))
    operator = {"profile": "administrator", "name": "Enora Salaün", "email": "administrator@rade.example"}
    opening = {
        "identity": sample["identity"] | IDENTITY,
        "terms": _TERMS,
        "numbering": {"prefix": "AR{YYYY}-", "digits": 4, "first": 1},
        "operators": [operator],
    }
    with stage.step("Open a small company for special cases"):
        client = administrator_of(stage, opening)
        company = client.get("/company").body
        stage.record.workshop = {"company": company["id"], "name": IDENTITY["name"], "documents": []}
        stage.record.workshop["vat_number"] = IDENTITY["vat_number"]
        stage.tell(f"{IDENTITY['name']}, {company['identity']['vat_regime']}")
    return Workshop(stage, House(company["id"], {"administrator": client}, client))


def lines_of(*lines: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Lines as requests carry them: one piece of goods each unless they say otherwise."""
    for line in lines:
        yield {"quantity": "1", "kind": "goods", **line}


def written(client: Client, path: str) -> dict[str, Any]:
    """An export once it is written."""
    return dict(until(lambda: client.get(path), lambda came: came.body["state"] != "writing", path).body)
