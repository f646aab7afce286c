"""What a document says besides its data, and how it writes numbers and dates: the shape of a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.invoicing.snapshot import OperationNature
from comptoir.kernel.money import Money, exponent
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import written_day

NARROW = "\u202f"
"""Narrow no-break space: the French separator of thousands, and before the euro sign."""

_MINUS = "\u2212"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Everything that a document says besides its data, and how it writes numbers.

    `{}` stands for the datum; `currency_first` puts the currency before the figures. `units` are the words of each
    UN/ECE code, the first being the one that is printed.
    """

    tag: str
    decimal: str
    thousands: str
    percent: str
    symbols: Mapping[str, str]
    currency_first: bool
    invoice: str
    credit_note: str
    quote: str
    proforma: str
    amendment: str
    proforma_warning: str
    invoice_heading: str
    credit_note_heading: str
    quote_heading: str
    proforma_heading: str
    amendment_heading: str
    amends: str
    preview: str
    draft: str
    number: str
    reference: str
    corrects: str
    reason: str
    client: str
    delivery: str
    siren: str
    siret: str
    vat_number: str
    phone: str
    issue_date: str
    delivery_date: str
    due_date: str
    valid_until: str
    order: str
    customer_reference: str
    sales_person: str
    nature: str
    natures: Mapping[OperationNature, str]
    code: str
    designation: str
    quantity: str
    unit: str
    unit_price: str
    discount: str
    vat: str
    net: str
    free: str
    carried: str
    brought: str
    position: str
    incoterm: str
    incoterm_total: str
    without_incoterm: str
    continued: str
    vat_rate: str
    vat_base: str
    vat_amount: str
    total_net: str
    total_vat: str
    total_gross: str
    to_pay: str
    to_credit: str
    schedule: str
    means: str
    amount: str
    bank: str
    iban: str
    bic: str
    on_receipt: str
    to_deduct: str
    note: str
    terms: str
    agreement: str
    agreement_lines: tuple[str, ...]
    copies: str
    general_terms: str
    general_terms_attached: str
    withdrawal: str
    withdrawal_goods: str
    withdrawal_services: str
    withdrawal_how: str
    withdrawal_form: str
    withdrawal_lines: tuple[str, ...]
    page: str
    units: Mapping[str, str]

    def day(self, value: date) -> str:
        """A date as the language writes it."""
        return written_day(value, Language(self.tag.partition("-")[0]))

    def figure(self, value: Decimal, places: int = 0) -> str:
        """A number with at least `places` decimals and no useless zero beyond them."""
        exact = value.normalize().as_tuple().exponent
        shown = max(places, -exact if isinstance(exact, int) else 0)
        return self._localise(f"{value:,.{shown}f}")

    def _localise(self, plain: str) -> str:
        return plain.translate({44: self.thousands, 46: self.decimal, 45: _MINUS})

    def amount_of(self, amount: Decimal) -> str:
        """An amount on its currency's grid, without the currency, for columns: `1 234,50`."""
        return self._localise(f"{amount:,f}")

    def money(self, money: Money) -> str:
        """An amount with its currency: `1 234,50 €`, `€1,234.50`, `USD 1,234.50`."""
        mark = self.symbols.get(money.currency, money.currency)
        figures = self.amount_of(money.amount)
        if not self.currency_first:
            return f"{figures}{NARROW}{mark}"
        gap = "" if len(mark) == 1 else "\u00a0"
        sign = _MINUS if figures.startswith(_MINUS) else ""
        return f"{sign}{mark}{gap}{figures.removeprefix(_MINUS)}"

    def price(self, value: Decimal, currency: str) -> str:
        """A unit price, at least to the currency's decimals."""
        places = exponent(currency).as_tuple().exponent
        return self.figure(value, -places if isinstance(places, int) else 0)

    def rate(self, value: Decimal) -> str:
        """A percentage: `5,5 %`."""
        return self.percent.format(self.figure(value))
