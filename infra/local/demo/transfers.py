"""Supplier invoices paid by transfers: what stands against them shown and mended, SEPA and SWIFT (TRS-06 to TRS-10)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from comptoir.banking.formats.check import check
from infra.local.demo import supplied
from infra.local.demo.client import Client, download
from infra.local.demo.dollars import FORWARDER, FRENCH, JAPANESE
from infra.local.demo.people import House
from infra.local.demo.stage import Stage, money, until

_ACCOUNTS: dict[str, dict[str, Any]] = {
    JAPANESE: {"number": "0417 2263918", "bic": "BOTKJPJT", "holder": "Taiyo Gyogu KK"},
    FORWARDER: {"number": "93004418", "bic": "CHASUS33", "holder": "Atlantic Freight Forwarding Inc."},
}
"""Accounts that the sample files do not have, at banks of countries without IBAN."""
_BATCHES = (
    ("sepa", "Fournisseurs, Été", (FRENCH, supplied.GERMAN)),
    ("swift-jpy", "Taiyo Gyogu", (JAPANESE,)),
    ("swift-usd", "Fret, acompte", (FORWARDER,)),
)
_PART = "500.00"


def play_transfers(stage: Stage, house: House, order: str, iban: str) -> None:
    """Pay the suppliers of an order (its path) from an account of the company, or tell again what was paid."""
    client = house["manager"]
    invoices = supplied.record_invoices(stage, house, order)
    if not _lines(client, invoices[FRENCH])[0]["transfer"]:
        _make_ready(stage, client, invoices, iban)
    made = []
    for name, label, codes in _BATCHES:
        with stage.step(f"Transfers: {label}"):
            made.append(_batch(stage, client, name, label, [invoices[code] for code in codes]))
    _hold_fast(stage, client, invoices[FRENCH])
    stage.record.transfers["orders"] = made


def _lines(client: Client, invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is owed of an invoice, line by line."""
    return [line for line in _all_lines(client, invoice) if line["status"] == "invoiced"]


def _all_lines(client: Client, invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of an invoice, what is paid of it too."""
    sheet = client.get(f"/supplier-documents/{invoice['id']}/treasury").body
    return [line for line in sheet["lines"] if line["document"] == invoice["id"]]


def _wanted(client: Client, invoice: Mapping[str, Any]) -> list[dict[str, str]]:
    """The transfers of an invoice: every line, of the freight the first part alone."""
    lines = _lines(client, invoice)
    chosen = lines[:1] if invoice["number"] == supplied.PAPER[FORWARDER][0] else lines
    return [{"document": invoice["id"], "line": line["id"]} for line in chosen]


def _make_ready(stage: Stage, client: Client, invoices: Mapping[str, Mapping[str, Any]], iban: str) -> None:
    with stage.step("What stands against the transfers, all at once"):
        wanted = [each for invoice in invoices.values() for each in _wanted(client, invoice)]
        seen = client.post("/transfer-orders/preview", {"transfers": wanted}).body
        stage.record.transfers["unmet"] = [breach["code"] for breach in seen["breaches"]]
        for breach in seen["breaches"]:
            stage.tell(f"{breach['pointer']}: {breach['fr']} / {breach['en']}")
    with stage.step("Accounts of suppliers, the account to debit, a partial transfer"):
        for code, account in _ACCOUNTS.items():
            path = f"/parties/{invoices[code]['supplier']}"
            client.patch(path, {"foreign_accounts": [account]}, version=client.get(path).version)
        for invoice in invoices.values():
            for line in _lines(client, invoice):
                _change(client, invoice, line, "PUT", "means", {"bank_account": iban})
        [freight] = _lines(client, invoices[FORWARDER])
        rest = f"{Decimal(freight['amount']['amount']) - Decimal(_PART):f}"
        _change(client, invoices[FORWARDER], freight, "POST", "parts", {"parts": [_PART, rest]})
        stage.tell(f"{money(freight['amount'])} cut into {_PART} and {rest}")


def _change(
    client: Client, invoice: Mapping[str, Any], line: Mapping[str, Any], method: str, what: str, body: dict[str, Any]
) -> None:
    at = f"/supplier-documents/{invoice['id']}/treasury"
    ask = client.put if method == "PUT" else client.post
    ask(f"{at}/{line['id']}/{what}", body, version=client.get(at).version)


def _batch(
    stage: Stage, client: Client, name: str, label: str, invoices: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The order that pays these invoices, made or found by their lines, with its file in `out/transfers/`."""
    wanted = [each for invoice in invoices for each in _wanted(client, invoice)]
    known = next((line["transfer"] for line in _all_lines(client, invoices[0]) if line["transfer"]), None)
    if known is None:
        asked = {"label": label, "transfers": wanted}
        seen = client.post("/transfer-orders/preview", asked).body
        for change in seen["changes"]:
            stage.tell(f"{change['before']} -> {change['after']} ({change['element']})")
        for warning in seen["warnings"]:
            stage.tell(f"{warning['fr']} / {warning['en']}")
        made = client.post("/transfer-orders", asked, (201, 202)).body["id"]
    else:
        made = known["order"]
    path = f"/transfer-orders/{made}"
    order = until(lambda: client.get(path), lambda came: came.body["state"] == "generated", path).body
    return _kept(stage, client, name, order)


def _kept(stage: Stage, client: Client, name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the file of an order, checked as a bank does, and tell the order."""
    links = [client.get(f"/transfer-orders/{stored['id']}/file").body for _ in range(2)]
    data, again = (download(link["url"]) for link in links)
    file, order = f"{name}.{stored['order']['version']}.xml", stored["order"]
    stage.keep("transfers", file, data, kind="transfer")
    stage.check(f"SHA-256 of {file}", stored["file"]["sha256"], hashlib.sha256(data).hexdigest())
    stage.check(f"{file} downloaded again is the same", True, data == again)
    stage.check(f"What a bank could refuse of {file}", [], [breach.en for breach in check(data)])
    transfers = [
        {"line": paid["line"], "end_to_end": transfer["end_to_end"], **transfer["amount"]}
        | {each: paid[each] for each in ("document", "number", "supplier", "supplier_name")}
        for paid, transfer in zip(stored["paid"], order["transfers"], strict=True)
    ]
    for each in transfers:
        stage.tell(f"{each['amount']} {each['currency']} to {each['supplier_name']}, {each['end_to_end']}")
    told = {each: order[each] for each in ("kind", "version", "execution_date", "label")}
    return {"id": stored["id"], "file": f"transfers/{file}", **told, "transfers": transfers}


def _hold_fast(stage: Stage, client: Client, invoice: Mapping[str, Any]) -> None:
    """What is transferred is neither transferred again nor changed, nor its invoice taken back (TRS-09)."""
    with stage.step("What is transferred changes no more"):
        [line, *_] = _lines(client, invoice)
        again = client.post("/transfer-orders", {"transfers": _wanted(client, invoice)}, (422,))
        stage.refused(f"Transferring {invoice['number']} again", again, "line_transferred")
        at = f"/supplier-documents/{invoice['id']}"
        version = client.get(f"{at}/treasury").version
        changed = client.put(f"{at}/treasury/{line['id']}/means", {"means": "cheque"}, (409,), version=version)
        stage.refused(f"Paying {invoice['number']} by cheque", changed, "line_transferred")
        document = client.get(at).version
        taken = client.post(f"{at}/cancellation", {"reason": "Erreur"}, (422,), version=document)
        stage.refused(f"Cancelling {invoice['number']}", taken, "invoice_transferred")
