"""The invoice, the credit note and the cancellation as strings (INV-03, INV-04, CRN-02; RULES §1.1 and §1.4)."""

from __future__ import annotations

from typing import NamedTuple

from comptoir.catalogue.pricing import VatCategory
from comptoir.catalogue.vat_cases import MARGIN
from comptoir.documents.fiscal_words import FISCAL, FiscalWords
from comptoir.documents.party_blocks import (
    bank_block,
    billing_block,
    buyer_block,
    buyer_facts,
    delivery_block,
    seller_block,
)
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import (
    PLAIN,
    Block,
    Column,
    Grid,
    View,
    arranged,
    dress,
    groups,
    schedule_grid,
    signed,
    table,
    total_lines,
    untaxed,
    vat_grid,
)
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType, OperationNature, Snapshot
from comptoir.kernel.money import Money


class _Names(NamedTuple):
    """How a document is called: on top, on every page, and its number."""

    title: str
    heading: str
    number: str


def invoice_view(snapshot: Snapshot, preview: bool = False) -> View:
    """Everything that an invoice, a credit note or a cancellation prints; what takes back comes out negative.

    A `preview` of a draft shows no number, and says across each page what it is (DOC-02); a TEST document
    does so too (INV-11).
    """
    texts, words = TEXTS[snapshot.language], FISCAL[snapshot.language]
    sign, home = snapshot.kind.sign, snapshot.seller.address.country
    look = dress(snapshot.appearance, texts)
    lines, unshown = arranged(snapshot.lines), untaxed(snapshot.totals)
    columns, rows = table(lines, snapshot.currency, texts, sign, look.get("look", PLAIN), unshown)
    names = _names(snapshot, texts, words, preview)
    paying = snapshot.kind is DocumentKind.INVOICE and snapshot.due and snapshot.seller.bank_account
    return View(
        tag=texts.tag,
        created=snapshot.issued_at,
        author=snapshot.seller.name,
        heading=names.heading,
        title=names.title,
        number=names.number,
        warning="",
        seller=seller_block(snapshot.seller, snapshot.buyer, snapshot.language),
        buyer=buyer_block(snapshot.buyer, home, snapshot.language),
        buyer_facts=buyer_facts(snapshot.buyer, texts),
        delivery=delivery_block(snapshot.buyer, home, snapshot.language),
        billing=billing_block(snapshot.buyer, home, snapshot.language),
        facts=_facts(snapshot, texts, words),
        notices=_notices(snapshot, texts, words),
        decimal=texts.decimal,
        columns=_untaxed(columns, snapshot, texts, words) if _on_margin(snapshot) else columns,
        rows=rows,
        carried=texts.carried,
        brought=texts.brought,
        vat=vat_grid(snapshot.totals, texts, sign, unshown),
        totals=_totals(snapshot, texts, words, unshown),
        deductions=_deductions(snapshot, texts, words),
        footnotes=_footnotes(snapshot, texts, words),
        schedule=schedule_grid(snapshot.instalments, texts, sign),
        bank=bank_block(paying, texts) if paying else None,
        terms=_block(texts.terms, settlement(snapshot, texts)),
        note=_block(texts.note, snapshot.note or ""),
        mentions=_mentions(snapshot),
        agreement=None,
        legal_line=snapshot.seller.legal_line,
        page=texts.page,
        groups=groups(lines, snapshot.currency, texts, sign),
        watermark=words.test if snapshot.test else texts.preview if preview else "",
        **look,
    )


def settlement(snapshot: Snapshot, texts: Texts) -> str:
    """How a document without instalments is settled, in words; empty when it has some."""
    words = FISCAL[snapshot.language]
    if snapshot.instalments:
        return ""
    if snapshot.kind is DocumentKind.CANCELLATION:
        return words.cancelled
    if snapshot.kind is DocumentKind.CREDIT_NOTE:
        return texts.to_deduct
    return words.settled if snapshot.paid and not snapshot.due else texts.on_receipt


def _names(snapshot: Snapshot, texts: Texts, words: FiscalWords, preview: bool) -> _Names:
    titles = {
        InvoiceType.STANDARD: texts.invoice,
        InvoiceType.DOWN_PAYMENT: words.down_payment,
        InvoiceType.FINAL: words.final,
        InvoiceType.REPLACEMENT: words.replacement,
    }
    title, heading = {
        DocumentKind.INVOICE: (titles[snapshot.invoice_type], texts.invoice_heading),
        DocumentKind.CREDIT_NOTE: (texts.credit_note, texts.credit_note_heading),
        DocumentKind.CANCELLATION: (words.cancellation, words.cancellation_heading),
    }[snapshot.kind]
    if snapshot.test or preview:
        return _Names(title, title, words.test_number if snapshot.test else texts.draft)
    return _Names(title, heading.format(snapshot.number), texts.number.format(snapshot.number))


def _on_margin(snapshot: Snapshot) -> bool:
    return all(row.case in MARGIN for row in snapshot.totals.rows) and bool(snapshot.totals.rows)


def _untaxed(columns: tuple[Column, ...], snapshot: Snapshot, texts: Texts, words: FiscalWords) -> tuple[Column, ...]:
    """Under a margin scheme prices hold the VAT: nothing is called « HT »."""
    mark = texts.symbols.get(snapshot.currency, snapshot.currency)
    labels = {"price": words.price, "net": f"{texts.amount} ({mark})"}
    return tuple(Column(column.key, labels.get(column.key, column.label)) for column in columns)


def _totals(
    snapshot: Snapshot, texts: Texts, words: FiscalWords, unshown: frozenset[VatCategory]
) -> tuple[tuple[str, str], ...]:
    """Without VAT, VAT, with VAT, what was paid before, and at the end what remains (L441-9)."""
    sign, totals = snapshot.kind.sign, snapshot.totals
    sums = total_lines(totals, texts, sign)
    if totals.rows and all(row.category in unshown for row in totals.rows):
        label = words.total if _on_margin(snapshot) else texts.total_net
        sums = ((label, sums[0][1]),)
    deducted = [deduction.gross for deduction in snapshot.deductions]
    before = [(words.deducted, sum(deducted[1:], deducted[0]))] if deducted else []
    before += [(words.paid, snapshot.prepaid)] if snapshot.prepaid else []
    taken_off = tuple((label, texts.money(signed(amount, -sign))) for label, amount in before)
    counts = {
        DocumentKind.INVOICE: texts.to_pay,
        DocumentKind.CREDIT_NOTE: texts.to_credit,
        DocumentKind.CANCELLATION: words.to_cancel,
    }[snapshot.kind]
    return (*sums, *taken_off, (counts, texts.money(signed(snapshot.due, sign))))


def _deductions(snapshot: Snapshot, texts: Texts, words: FiscalWords) -> Grid | None:
    """Each down payment deducted, by VAT rate (INV-13)."""
    if not snapshot.deductions:
        return None
    sign, rows = -snapshot.kind.sign, []
    for deduction in snapshot.deductions:
        for number, row in enumerate(deduction.rows):
            named = (deduction.number, texts.day(deduction.issue_date)) if number == 0 else ("", "")
            amounts: tuple[Money, ...] = (row.base, row.vat, row.base + row.vat)
            shown = (texts.money(signed(amount, sign)) for amount in amounts)
            rows.append((*named, texts.rate(row.rate), *shown))
    header = (words.deduction, words.day, texts.vat_rate, texts.vat_base, texts.vat_amount, words.gross)
    return Grid(header, tuple(rows))


def _footnotes(snapshot: Snapshot, texts: Texts, words: FiscalWords) -> tuple[str, ...]:
    """The VAT in euro of another currency, with its rate, the day and the source (CGI 289 IV)."""
    euro = snapshot.euro
    if euro is None:
        return ()
    rate = euro.rate
    vat, day = texts.money(signed(euro.vat, snapshot.kind.sign)), texts.day(rate.date)
    return (words.euro.format(vat, rate.base, texts.figure(rate.rate), rate.quote, rate.source, day),)


def _facts(snapshot: Snapshot, texts: Texts, words: FiscalWords) -> tuple[tuple[str, str], ...]:
    """Dates and references; the due date here when there is only one, else in the schedule."""
    dues = {instalment.due_date for instalment in snapshot.instalments}
    services = snapshot.nature is OperationNature.SERVICES
    period = snapshot.period
    facts = (
        (texts.issue_date, texts.day(snapshot.issue_date)),
        (
            words.completion_date if services else texts.delivery_date,
            texts.day(snapshot.delivery_date) if snapshot.delivery_date else "",
        ),
        (words.period, words.between.format(texts.day(period.start), texts.day(period.end)) if period else ""),
        (texts.due_date, texts.day(dues.pop()) if len(dues) == 1 else ""),
        (texts.order, snapshot.order_number or ""),
        (texts.customer_reference, snapshot.customer_reference or ""),
        (texts.nature, texts.natures[snapshot.nature]),
    )
    return tuple(fact for fact in facts if fact[1])


def _notices(snapshot: Snapshot, texts: Texts, words: FiscalWords) -> tuple[Block, ...]:
    """What is said at the head: the invoice that is credited, cancelled or replaced, and why (CRN-02)."""
    about = snapshot.origin or snapshot.replaces
    if about is None:
        return ()
    cancels = snapshot.kind is DocumentKind.CANCELLATION
    sentence = words.replaces if snapshot.replaces else words.cancels if cancels else texts.corrects
    head = sentence.format(about.number, texts.day(about.issue_date))
    return (Block(head, (texts.reason.format(snapshot.reason),) if snapshot.reason else ()),)


def _block(label: str, text: str) -> Block | None:
    return Block(label, (text,)) if text else None


def _mentions(snapshot: Snapshot) -> tuple[str, ...]:
    """Exemptions, the mentions of the law, then those of the template; what two of them hold is said once."""
    exemptions = [row.exemption for row in snapshot.totals.rows if row.exemption]
    own = snapshot.appearance.mentions if snapshot.appearance else ()
    sentences = (*exemptions, *(mention.text for mention in snapshot.mentions), *own)
    return tuple(sentence for sentence in dict.fromkeys(sentences) if sentence != snapshot.seller.legal_line)
