"""The invoice and the credit note as strings (INV-03, INV-04, CRN-02; RULES §1.1 and §1.4)."""

from __future__ import annotations

from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import (
    PLAIN,
    Block,
    View,
    arranged,
    bank_block,
    buyer_block,
    buyer_facts,
    delivery_block,
    dress,
    groups,
    schedule_grid,
    seller_block,
    table,
    total_lines,
    vat_grid,
)
from comptoir.invoicing.snapshot import DocumentKind, Snapshot


def invoice_view(snapshot: Snapshot, preview: bool = False) -> View:
    """Everything that an invoice or a credit note prints; a credit note's amounts come out negative.

    A `preview` of a draft shows no number, and says across each page what it is (DOC-02), as a TEST does
    (INV-11).
    """
    texts = TEXTS[snapshot.language]
    sign = snapshot.kind.sign
    credit = sign < 0
    home = snapshot.seller.address.country
    look = dress(snapshot.appearance, texts)
    lines = arranged(snapshot.lines)
    columns, rows = table(lines, snapshot.currency, texts, sign, look.get("look", PLAIN))
    title = texts.credit_note if credit else texts.invoice
    heading = texts.credit_note_heading if credit else texts.invoice_heading
    totals = total_lines(snapshot.totals, texts, sign)
    return View(
        tag=texts.tag,
        created=snapshot.issued_at,
        author=snapshot.seller.name,
        heading=title if preview else heading.format(snapshot.number),
        title=title,
        number=texts.draft if preview else texts.number.format(snapshot.number),
        warning="",
        seller=seller_block(snapshot.seller, snapshot.buyer, snapshot.language),
        buyer=buyer_block(snapshot.buyer, home, snapshot.language),
        buyer_facts=buyer_facts(snapshot.buyer, texts),
        delivery=delivery_block(snapshot.buyer, home, snapshot.language),
        facts=_facts(snapshot, texts),
        notices=_notices(snapshot, texts),
        decimal=texts.decimal,
        columns=columns,
        rows=rows,
        carried=texts.carried,
        brought=texts.brought,
        vat=vat_grid(snapshot.totals, texts, sign),
        totals=(*totals, (texts.to_credit if credit else texts.to_pay, totals[-1][1])),
        schedule=schedule_grid(snapshot.instalments, texts, sign),
        bank=None if credit or not snapshot.seller.bank_account else bank_block(snapshot.seller.bank_account, texts),
        terms=_block(texts.terms, settlement(snapshot, texts)),
        note=_block(texts.note, snapshot.note or ""),
        mentions=_mentions(snapshot),
        agreement=None,
        legal_line=snapshot.seller.legal_line,
        page=texts.page,
        groups=groups(lines, snapshot.currency, texts, sign),
        watermark=texts.preview if preview else "TEST" if snapshot.test else "",
        **look,
    )


def settlement(snapshot: Snapshot, texts: Texts) -> str:
    """How a document without instalments is settled, in words; empty when it has some."""
    if snapshot.instalments:
        return ""
    return texts.on_receipt if snapshot.kind is DocumentKind.INVOICE else texts.to_deduct


def _facts(snapshot: Snapshot, texts: Texts) -> tuple[tuple[str, str], ...]:
    """Dates and references; the due date here when there is only one, else in the schedule."""
    dues = {instalment.due_date for instalment in snapshot.instalments}
    facts = (
        (texts.issue_date, texts.day(snapshot.issue_date)),
        (texts.delivery_date, texts.day(snapshot.delivery_date) if snapshot.delivery_date else ""),
        (texts.due_date, texts.day(dues.pop()) if len(dues) == 1 else ""),
        (texts.order, snapshot.order_number or ""),
        (texts.customer_reference, snapshot.customer_reference or ""),
        (texts.nature, texts.natures[snapshot.nature]),
    )
    return tuple(fact for fact in facts if fact[1])


def _notices(snapshot: Snapshot, texts: Texts) -> tuple[Block, ...]:
    """What a credit note says at its head: the invoice that it corrects, and why (CRN-02)."""
    if snapshot.origin is None:
        return ()
    head = texts.corrects.format(snapshot.origin.number, texts.day(snapshot.origin.issue_date))
    return (Block(head, (texts.reason.format(snapshot.reason),) if snapshot.reason else ()),)


def _block(label: str, text: str) -> Block | None:
    return Block(label, (text,)) if text else None


def _mentions(snapshot: Snapshot) -> tuple[str, ...]:
    """Exemptions, the mentions of the law, then those of the template; what two of them hold is said once."""
    exemptions = [row.exemption for row in snapshot.totals.rows if row.exemption]
    own = snapshot.appearance.mentions if snapshot.appearance else ()
    sentences = (*exemptions, *(mention.text for mention in snapshot.mentions), *own)
    return tuple(sentence for sentence in dict.fromkeys(sentences) if sentence != snapshot.seller.legal_line)
