"""Documents as bytes: the same snapshot gives the same bytes, in any process and on any day (INV-06)."""

from __future__ import annotations

from comptoir.documents.canvas import Attachment, Meta, paint
from comptoir.documents.facturx import facturx_xml
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.layouts import invoice_layout, quote_layout
from comptoir.documents.quote_view import quote_view
from comptoir.documents.views import View
from comptoir.invoicing.snapshot import Snapshot
from comptoir.orders.quote import QuoteSnapshot


def render_document(snapshot: Snapshot) -> bytes:
    """An invoice or a credit note as PDF/A-3B with its Factur-X EN 16931 XML inside.

    The XML is checked against its schema first; a snapshot that breaks it raises `ValueError`.
    """
    xml = facturx_xml(snapshot)
    view = invoice_view(snapshot)
    attachment = Attachment("factur-x.xml", "text/xml", xml, "Factur-X")
    return paint(invoice_layout(view), _meta(view), attachment)


def render_quote(quote: QuoteSnapshot) -> bytes:
    """A quote or a pro forma as PDF/A-3B."""
    view = quote_view(quote)
    return paint(quote_layout(view), _meta(view))


def _meta(view: View) -> Meta:
    return Meta(f"{view.heading} — {view.author}", view.author, view.tag, view.created)
