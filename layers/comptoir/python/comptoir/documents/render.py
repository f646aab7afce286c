"""Documents as bytes: the same snapshot gives the same bytes, in any process and on any day (INV-06)."""

from __future__ import annotations

from comptoir.documents.canvas import Attachment, Images, Meta, paint
from comptoir.documents.facturx import facturx_xml, machine_readable
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import invoice_layout, purchase_order_layout, quote_layout, reminder_layout
from comptoir.documents.purchase_order_view import purchase_order_view
from comptoir.documents.quote_view import quote_view
from comptoir.documents.reminder_view import reminder_view
from comptoir.documents.views import View
from comptoir.dunning.model import ReminderContent
from comptoir.invoicing.snapshot import Snapshot
from comptoir.orders.purchase_order import PurchaseOrderSnapshot
from comptoir.orders.quote import QuoteSnapshot


def render_document(snapshot: Snapshot, images: Images | None = None) -> bytes:
    """An invoice, a credit note or a cancellation as PDF/A-3B, with its Factur-X EN 16931 XML where that can hold it.

    `images` holds the bytes of those that `images_of` names. The XML is checked against its schema
    first; a snapshot that breaks it raises `ValueError`. A TEST has the XML checked, not inside, so that
    nobody's program takes it for an invoice (INV-11).
    """
    view, attachment = invoice_view(snapshot), None
    if machine_readable(snapshot):
        attachment = Attachment("factur-x.xml", "text/xml", facturx_xml(snapshot), "Factur-X")
    attachment = None if snapshot.test else attachment
    return paint(invoice_layout(view), _meta(view), attachment, images)


def render_quote(quote: QuoteSnapshot, images: Images | None = None) -> bytes:
    """A quote, an amendment or a pro forma as PDF/A-3B; a preview too."""
    view = quote_view(quote)
    return paint(quote_layout(view), _meta(view), images=images)


def render_purchase_order(order: PurchaseOrderSnapshot, images: Images | None = None) -> bytes:
    """A purchase order as PDF/A-3B; a preview too."""
    view = purchase_order_view(order)
    return paint(purchase_order_layout(view), _meta(view), images=images)


def render_reminder(letter: ReminderContent, images: Images | None = None) -> bytes:
    """The letter of a payment reminder as PDF/A-3B; a preview too."""
    view = reminder_view(letter)
    return paint(reminder_layout(view), _meta(view), images=images)


def preview_document(snapshot: Snapshot, images: Images | None = None) -> bytes:
    """What a draft would look like: no number, no XML, a watermark on each page (DOC-02)."""
    view = invoice_view(snapshot, preview=True)
    return paint(invoice_layout(view), _meta(view), images=images)


def images_of(content: Snapshot | QuoteSnapshot | PurchaseOrderSnapshot | ReminderContent) -> tuple[str, ...]:
    """The hashes of the images that a document prints."""
    logo = content.appearance.logo if content.appearance else None
    portrait = content.portrait if isinstance(content, QuoteSnapshot) else None
    return tuple(dict.fromkeys(picture.sha256 for picture in (logo, portrait) if picture))


def _meta(view: View) -> Meta:
    return Meta(f"{view.heading} — {view.author}", view.author, view.tag, view.created)
