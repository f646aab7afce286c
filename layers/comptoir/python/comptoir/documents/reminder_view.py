"""The letter of a payment reminder as strings, in the customer's language (INV-12)."""

from __future__ import annotations

from itertools import compress

from comptoir.documents.party_blocks import bank_block, billing_block, buyer_block, buyer_facts, seller_block
from comptoir.documents.reminder_words import WORDS, Words
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import Block, Column, Grid, Row, View, dress
from comptoir.dunning.model import LateAmount, ReminderContent
from comptoir.dunning.words import TITLES
from comptoir.kernel.money import Money


def reminder_view(letter: ReminderContent) -> View:
    """Everything that a letter prints: what is overdue, since when, and what late payment costs where it claims it."""
    texts, words, home = TEXTS[letter.language], WORDS[letter.language], letter.company.address.country
    title = TITLES[letter.tone].said(letter.language)
    columns, rows = _table(letter, texts, words)
    own = letter.appearance.mentions if letter.appearance else ()
    account = letter.company.bank_account
    return View(
        tag=texts.tag,
        created=letter.made_at,
        author=letter.company.name,
        heading=title if letter.preview else words.heading.format(title, letter.number),
        title=title,
        number=texts.draft if letter.preview else texts.number.format(letter.number),
        warning="",
        seller=seller_block(letter.company, letter.customer, letter.language),
        buyer=buyer_block(letter.customer, home, letter.language),
        buyer_facts=buyer_facts(letter.customer, texts),
        delivery=None,
        facts=((texts.issue_date, texts.day(letter.made_on)), (words.pay_by, texts.day(letter.pay_by))),
        notices=(Block("", (letter.message[:1].upper() + letter.message[1:],)),) if letter.message else (),
        decimal=texts.decimal,
        columns=columns,
        rows=rows,
        carried=texts.carried,
        brought=texts.brought,
        vat=Grid((), ()),
        totals=_totals(letter, texts, words),
        schedule=None,
        bank=bank_block(account, texts) if account else None,
        terms=None,
        note=Block("", (words.closing, letter.author)),
        mentions=(*_rates(letter, texts, words), *own),
        agreement=None,
        legal_line=letter.company.legal_line,
        page=texts.page,
        footnotes=(words.credits.format(texts.money(letter.credits)),) if letter.credits else (),
        billing=billing_block(letter.customer, home, letter.language),
        watermark=texts.preview if letter.preview else "",
        **{**dress(letter.appearance, texts), "annexes": ()},
    )


def _table(letter: ReminderContent, texts: Texts, words: Words) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """An overdue instalment a row, the penalties only where the letter claims them."""
    mark = texts.symbols.get(letter.currency, letter.currency)
    shown = {
        "designation": (words.invoice, True),
        "issued": (words.issued, True),
        "due": (words.due, True),
        "late": (words.late, True),
        "penalty": (f"{words.penalty} ({mark})", letter.claims),
        "net": (f"{words.amount} ({mark})", True),
    }
    keep = [used for _, used in shown.values()]
    rows, running = [], Money.zero(letter.currency)
    for each in letter.lines:
        running += each.amount
        rows.append(Row(tuple(compress(_cells(each, texts, words), keep)), texts.amount_of(running.amount)))
    return tuple(Column(key, label) for key, (label, used) in shown.items() if used), tuple(rows)


def _cells(late: LateAmount, texts: Texts, words: Words) -> tuple[str, ...]:
    return (
        late.number,
        texts.day(late.issue_date) if late.issue_date else "",
        texts.day(late.due_date),
        words.days.format(late.days),
        texts.amount_of(late.penalty.amount),
        texts.amount_of(late.amount.amount),
    )


def _totals(letter: ReminderContent, texts: Texts, words: Words) -> tuple[tuple[str, str], ...]:
    """What is asked for; an indemnity in euro beside amounts of another currency is added in words."""
    overdue = (words.overdue, texts.money(letter.due))
    if not letter.claims:
        return ((words.asked, texts.money(letter.due)),)
    penalties, indemnity = texts.money(letter.penalties), texts.money(letter.indemnity)
    apart = f"{texts.money(letter.due + letter.penalties)} + {indemnity}"
    asked = texts.money(letter.total) if letter.total else apart
    return (overdue, (words.penalties, penalties), (words.indemnity, indemnity), (words.asked, asked))


def _rates(letter: ReminderContent, texts: Texts, words: Words) -> tuple[str, ...]:
    """The yearly rates that the invoices printed."""
    rates = dict.fromkeys(texts.rate(each.rate) for each in letter.lines if each.rate is not None)
    return (words.rate.format(" / ".join(rates)),) if letter.claims else ()
