"""Entry of the render function: frozen content in, PDF in its bucket, reference out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from comptoir.access.context import Services
from comptoir.access.exports import Shelf, write_export
from comptoir.accounting import tasks as books
from comptoir.archives import tasks as archives
from comptoir.archives.books import FEC, FEC_DESCRIPTION
from comptoir.archives.contents import Other
from comptoir.catalogue.exports import REFERENCES_EXPORT
from comptoir.docbase.model import MOST_BYTES
from comptoir.docbase.tasks import Bucket, check_upload, images
from comptoir.documents.attestation_page import render_attestation
from comptoir.documents.pictures import printable
from comptoir.documents.render import (
    images_of,
    preview_document,
    render_document,
    render_purchase_order,
    render_quote,
    render_reminder,
)
from comptoir.dunning import tasks as reminders
from comptoir.dunning.model import ReminderContent
from comptoir.invoicing import tasks as invoices
from comptoir.invoicing import testing
from comptoir.invoicing.model import File
from comptoir.invoicing.month_export import MONTH_EXPORT, write_month
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import DomainError, NotFound, problem
from comptoir.ledger import sealing, verifying
from comptoir.ledger.attestation import Attestation
from comptoir.ledger.offline.keyring import KeyRing
from comptoir.orders import purchase_tasks as purchases
from comptoir.orders import tasks as orders
from comptoir.orders.exports import ORDERS_EXPORT
from comptoir.orders.purchase_order import PurchaseOrderSnapshot
from comptoir.orders.quote import QuoteSnapshot
from comptoir.parties.exports import PARTIES_EXPORT
from comptoir.purchasing.formats.electronic import read_invoice
from comptoir.runtime.adapters import KmsKeys
from comptoir.runtime.services import export_services, light_services
from comptoir.runtime.vault import S3Vault
from comptoir.store.settings import setting

_PDF = "application/pdf"
Content = Snapshot | QuoteSnapshot | PurchaseOrderSnapshot | ReminderContent
Task = Callable[[Services, Mapping[str, Any]], dict[str, Any]]


@cache
def _archive() -> S3Vault:
    return S3Vault(setting("ARCHIVE_BUCKET"))


@cache
def _files() -> S3Vault:
    return S3Vault(setting("FILES_BUCKET"))


def document(
    services: Services, event: Mapping[str, Any], vault: invoices.Vault | None = None, files: Bucket | None = None
) -> dict[str, Any]:
    """Render an issued document into the locked bucket; the same content always gives the same key and bytes."""
    rendering = invoices.to_render(services, event)
    if rendering.done:
        return rendering.done
    content = rendering.content
    body = render_document(content, _images(event, content, files))
    digest = hashlib.sha256(body).hexdigest()
    (vault or _archive()).put(rendering.key(digest), body, _PDF, rendering.filename)
    return {"outcome": "rendered", "key": rendering.key(digest), "sha256": digest, "size": len(body)}


def archive(services: Services, event: Mapping[str, Any], vault: invoices.Vault | None = None) -> dict[str, Any]:
    """Record the PDF with its document, and lock a copy of the chain's head."""
    return invoices.archive_document(services, vault or _archive(), event)


def trial(services: Services, event: Mapping[str, Any], files: Bucket | None = None) -> dict[str, Any]:
    """Render a TEST into the files bucket, apart from everything else, and record its PDF with it (INV-11)."""
    document, content = testing.tested_to_render(services, event)
    if document.file is None:
        body = render_document(content, _images(event, content, files))
        digest = hashlib.sha256(body).hexdigest()
        key = f"test/{event['company']}/{document.id}/{digest}.pdf"
        (files or _files()).put(key, body, _PDF, f"{testing.STAMP}.pdf")
        at = stamp(services.clock.now())
        return testing.tested_rendered(services, event, File(key=key, sha256=digest, size=len(body), archived_at=at))
    return {"outcome": "tested"}


def quote(services: Services, event: Mapping[str, Any], vault: Bucket | None = None) -> dict[str, Any]:
    """Render a version of a quote into the files bucket and mark it in its document base."""
    content = orders.quote_to_render(services, event)
    body = render_quote(content, _images(event, content, vault))
    digest = hashlib.sha256(body).hexdigest()
    key = f"quotes/{event['company']}/{content.order}/{content.number}/{digest}.pdf"
    (vault or _files()).put(key, body, _PDF, f"{content.number}.pdf")
    orders.quote_rendered(services, event, key, digest, len(body))
    return {"outcome": "rendered", "key": key, "sha256": digest, "size": len(body)}


def purchase_order(services: Services, event: Mapping[str, Any], vault: Bucket | None = None) -> dict[str, Any]:
    """Render a version of a purchase order into the files bucket and put it into the document base."""
    content = purchases.purchase_order_to_render(services, event)
    body = render_purchase_order(content, _images(event, content, vault))
    digest = hashlib.sha256(body).hexdigest()
    key = f"purchase-orders/{event['company']}/{content.order}/{content.number}/{digest}.pdf"
    (vault or _files()).put(key, body, _PDF, f"{content.number}.pdf")
    purchases.purchase_order_rendered(services, event, key, digest, len(body))
    return {"outcome": "rendered", "key": key, "sha256": digest, "size": len(body)}


def payment_reminder(services: Services, event: Mapping[str, Any], vault: Bucket | None = None) -> dict[str, Any]:
    """Render the letter of a payment reminder into the files bucket and put it into the customer's document base."""
    content = reminders.reminder_to_render(services, event)
    body = render_reminder(content, _images(event, content, vault))
    digest = hashlib.sha256(body).hexdigest()
    key = f"payment-reminders/{event['company']}/{event['reminder']}/{digest}.pdf"
    (vault or _files()).put(key, body, _PDF, f"{content.number}.pdf")
    reminders.reminder_rendered(services, event, key, digest, len(body))
    return {"outcome": "rendered", "key": key, "sha256": digest, "size": len(body)}


def preview(services: Services, event: Mapping[str, Any], vault: Bucket | None = None) -> dict[str, Any]:
    """Render content that is stored nowhere, into a prefix that expires after a day (DOC-02)."""
    if event["kind"] == "quote":
        drawn = QuoteSnapshot.model_validate(event["content"])
        body = render_quote(drawn, _images(event, drawn, vault))
    elif event["kind"] == "purchase_order":
        ordered = PurchaseOrderSnapshot.model_validate(event["content"])
        body = render_purchase_order(ordered, _images(event, ordered, vault))
    elif event["kind"] == "payment_reminder":
        letter = ReminderContent.model_validate(event["content"])
        body = render_reminder(letter, _images(event, letter, vault))
    elif event["kind"] == "attestation":
        body = render_attestation(Attestation.model_validate(event["content"]))
    else:
        draft = Snapshot.model_validate(event["content"])
        body = preview_document(draft, _images(event, draft, vault))
    key = f"previews/{event['company']}/{services.ids.new()}.pdf"
    (vault or _files()).put(key, body, _PDF, "preview.pdf")
    return {"outcome": "rendered", "key": key}


def upload(services: Services, event: Mapping[str, Any], vault: Bucket | None = None) -> dict[str, Any]:
    """Check what somebody sent, and take it into the document base (DOC-03)."""
    return check_upload(services, event, vault or _files(), printable)


def _images(event: Mapping[str, Any], content: Content, files: Bucket | None) -> dict[str, bytes]:
    wanted = images_of(content)
    return images(files or _files(), event["company"], wanted) if wanted else {}


def export_of(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Write what an export asks for: a list, or all documents of a month."""
    if event["what"] == MONTH_EXPORT:
        return write_month(services, event, _archive(), _files())
    return export(services, event)


EXPORTABLES = {exportable.name: exportable for exportable in (PARTIES_EXPORT, REFERENCES_EXPORT, ORDERS_EXPORT)}


def export(services: Services, event: Mapping[str, Any], shelf: Shelf | None = None) -> dict[str, Any]:
    """Write the file of an export into the files bucket (PTY-05)."""
    return write_export(services, event, shelf or _files(), EXPORTABLES)


def accounting(services: Services, event: Mapping[str, Any], shelf: books.Shelf | None = None) -> dict[str, Any]:
    """Write the files of an accounting export into the files bucket (FIS-06)."""
    return books.write_books(services, event, shelf or _files())


def copy_heads(services: Services, event: Mapping[str, Any], vault: sealing.Vault | None = None) -> dict[str, Any]:
    """Copy the heads of all chains into the locked bucket: what a closing sealed can no longer be cut off."""
    sealing.copy_heads(services.store, vault or _archive(), event["company"])
    return {"outcome": "sealed"}


def verify_chains(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Verify the next parts of a company's chains, with the public key and the locked heads (FIS-02)."""
    ring = KeyRing(KmsKeys(setting("SIGNING_KEY")).pems())
    return verifying.verify_chains(services, event, _archive(), ring)


OTHERS: tuple[Other, ...] = (FEC, FEC_DESCRIPTION)
"""What other contexts put into archives."""


def write_archive(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Take the archive of a closed period a step further (FIS-05)."""
    vault = S3Vault(setting("ARCHIVE_BUCKET"), setting("FILES_BUCKET"))
    return archives.write_archive(services, event, vault, _files(), OTHERS)


def supplier_invoice(services: Services, event: Mapping[str, Any], files: Bucket | None = None) -> dict[str, Any]:
    """Read the electronic invoice of a file in a document base (SUP-03)."""
    content = (files or _files()).read(event["key"], MOST_BYTES)
    if content is None:
        raise NotFound()
    return {"received": read_invoice(content).model_dump(mode="json")}


TASKS: dict[str, Task] = {
    "write_archive": write_archive,
    "copy_heads": copy_heads,
    "verify_chains": verify_chains,
    "render_document": document,
    "archive_document": archive,
    "render_test": trial,
    "render_quote": quote,
    "render_purchase_order": purchase_order,
    "render_payment_reminder": payment_reminder,
    "render_preview": preview,
    "check_upload": upload,
    "read_supplier_invoice": supplier_invoice,
    "write_export": export_of,
    "write_books": accounting,
}
_OF_THE_API = frozenset(
    {
        "render_quote",
        "render_purchase_order",
        "render_payment_reminder",
        "render_preview",
        "check_upload",
        "read_supplier_invoice",
    }
)
"""What the API asks for itself, and passes the problem on to who asked."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What Step Functions and the API call: `{"task": …}`; an expected refusal comes back as a problem."""
    try:
        services = export_services() if event["task"] == "write_export" else light_services()
        return TASKS[event["task"]](services, event)
    except DomainError as error:
        if event["task"] not in _OF_THE_API:
            raise
        return {"problem": problem(error)}
