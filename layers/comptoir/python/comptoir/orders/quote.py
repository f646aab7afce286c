"""The quote as it was generated: a frozen copy of what its PDF prints (QUO-01, QUO-02)."""

from __future__ import annotations

from datetime import date, datetime

from comptoir.catalogue.pricing import PricedLine, Totals
from comptoir.docbase.template import Appearance, Picture
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders.works import Works
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.treasury.model import Instalment


class Withdrawal(Model):
    """The right of withdrawal of a consumer at a distance (C. conso. art. L221-18 and L221-19, QUO-05).

    The fourteen days run from `start`: the reception of `goods`, else the acceptance; `until` is the
    last day, that one included.
    """

    goods: bool
    start: date
    until: date


class Amended(Model):
    """The signed quote that an amendment changes (QUO-04)."""

    number: Label
    issue_date: date
    signed_on: date


class QuoteSnapshot(Model):
    """One version of a quote (or pro forma): what RULES §1.5 asks a *devis* to hold.

    `number` is the order's number with the version, e.g. `D-000012-2`; quotes are outside the
    invoice sequence. `terms` are the payment terms in words, in the quote's language. With `amends`
    it is an amendment (*avenant*). `preview` has no number of its own and a watermark (DOC-02).
    """

    format: int = 1
    order: str
    number: Label
    version: int
    proforma: bool = False
    issue_date: date
    issued_at: datetime
    valid_until: date
    language: Language
    currency: Currency
    seller: Seller
    buyer: Buyer
    sales_person: Line
    customer_reference: Label | None = None
    lines: tuple[PricedLine, ...]
    totals: Totals
    terms: tuple[Line, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    message: Paragraph | None = None
    mentions: tuple[Paragraph, ...] = ()
    amends: Amended | None = None
    withdrawal: Withdrawal | None = None
    works: Works | None = None
    portrait: Picture | None = None
    appearance: Appearance | None = None
    preview: bool = False
