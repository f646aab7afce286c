"""Mailing what was issued: purchase orders to suppliers, an invoice to the customer, each with its PDF, each once."""

from __future__ import annotations

import email
import email.policy
import hashlib
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from typing import Any

from infra.local.demo.client import Client, Unexpected, download
from infra.local.demo.people import House
from infra.local.demo.stage import Stage, until

_GONE = {"sent", "delivered"}
_FOLDERS = {"purchase_order": "purchase-orders", "invoice": "invoices"}


def send_documents(stage: Stage, house: House, order: str, invoice: Mapping[str, Any]) -> None:
    """Mail the purchase orders of the order at this path and an invoice; leave the messages in `out/mails/`."""
    sales = house["sales"]
    with stage.step("Mail purchase orders and an invoice"):
        for file in _filed(sales, f"{order}/documents", "purchase_order"):
            issued = f"{order}/supplier-requests/{file['party']}/purchase-orders/{file['version']}"
            _send(stage, sales, f"{issued}/mails", file)
        base = f"/documents/{invoice['id']}/files"
        for file in _filed(sales, base, "invoice"):
            _send(stage, sales, f"{base}/{file['id']}/mails", file)
        stage.check("Mails that need a look", 0, len(list(sales.every("/mails", failed="true"))))


def _filed(client: Client, base: str, kind: str) -> Iterator[dict[str, Any]]:
    return (file for file in client.every(base) if file["kind"] == kind)


def _send(stage: Stage, client: Client, path: str, file: Mapping[str, Any]) -> None:
    """Mail one document unless it was, and hold that the message carries the very PDF that was kept."""
    number = file["number"]
    mails = client.every("/mails", owner=file["owner"], owned=file["owner_id"])
    known = [mail for mail in mails if f" {number} " in mail["subject"]]
    made = known[0] if known else client.post(path, {}, (201, 202)).body
    message = keep(stage, client, made["id"], number)
    pdf = (stage.out / _FOLDERS[file["kind"]] / f"{number}.pdf").read_bytes()
    stage.check(f"PDF of {number} in its mail", hashlib.sha256(pdf).hexdigest(), _attached(message))


def keep(stage: Stage, client: Client, identifier: str, number: str) -> bytes:
    """Wait until a mail is gone, leave the message in `out/mails/` and tell it in `summary.json`."""
    place = f"/mails/{identifier}"
    mail = until(lambda: client.get(place), lambda came: came.body["state"] in _GONE, place).body
    message = download(client.get(f"{place}/copy").body["url"])
    file = f"{number}.eml"
    stage.keep("mails", file, message, kind="mail", number=number)
    shown = {name: mail[name] for name in ("id", "to", "subject", "language", "state")}
    stage.record.mails.append(shown | {"number": number, "file": f"mails/{file}"})
    stage.tell(f"{number} to {', '.join(mail['to'])}: {mail['subject']}")
    return message


def _attached(message: bytes) -> str:
    """The hash of what a message carries."""
    read = email.message_from_bytes(message, policy=email.policy.default)
    if not isinstance(read, EmailMessage):
        raise Unexpected("The copy of a mail is no message")
    [carried] = read.iter_attachments()
    return hashlib.sha256(carried.get_content()).hexdigest()
