"""Words and number formats of documents, one table per language: another language is one more table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.invoicing.snapshot import OperationNature
from comptoir.kernel.money import Money, exponent
from comptoir.parties.snapshot import Language

NARROW = "\u202f"
"""Narrow no-break space: the French separator of thousands, and before the euro sign."""

_MINUS = "\u2212"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Everything that a document says besides its data, and how it writes numbers.

    `{}` stands for the datum. `months` empty means numeric dates; `currency_first` puts the currency
    before the figures.
    """

    tag: str
    decimal: str
    thousands: str
    percent: str
    months: tuple[str, ...]
    symbols: Mapping[str, str]
    currency_first: bool
    invoice: str
    credit_note: str
    quote: str
    proforma: str
    proforma_warning: str
    invoice_heading: str
    credit_note_heading: str
    quote_heading: str
    proforma_heading: str
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
    page: str

    def day(self, value: date) -> str:
        """A date: `21/11/2026`, or `21 November 2026` where months have names."""
        if not self.months:
            return value.strftime("%d/%m/%Y")
        return f"{value.day} {self.months[value.month - 1]} {value.year}"

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


FRENCH = Texts(
    tag="fr-FR",
    decimal=",",
    thousands=NARROW,
    percent="{}" + NARROW + "%",
    months=(),
    symbols={"EUR": "€"},
    currency_first=False,
    invoice="FACTURE",
    credit_note="AVOIR",
    quote="DEVIS",
    proforma="FACTURE PRO FORMA",
    proforma_warning="Document sans valeur comptable",
    invoice_heading="Facture n° {}",
    credit_note_heading="Avoir n° {}",
    quote_heading="Devis n° {}",
    proforma_heading="Facture pro forma, réf. {}",
    number="N° {}",
    reference="Réf. {}",
    corrects="Avoir sur la facture n° {} du {}",
    reason="Motif : {}",
    client="Client",
    delivery="Adresse de livraison",
    siren="SIREN : {}",
    siret="SIRET : {}",
    vat_number="N° TVA : {}",
    phone="Tél. {}",
    issue_date="Date d’émission",
    delivery_date="Date de livraison",
    due_date="Date d’échéance",
    valid_until="Valable jusqu’au",
    order="Commande n°",
    customer_reference="Votre référence",
    sales_person="Votre interlocuteur",
    nature="Nature de l’opération",
    natures={
        OperationNature.GOODS: "Livraison de biens",
        OperationNature.SERVICES: "Prestation de services",
        OperationNature.MIXED: "Livraison de biens et prestation de services",
    },
    code="Référence",
    designation="Désignation",
    quantity="Qté",
    unit="Unité",
    unit_price="P.U. HT",
    discount="Remise",
    vat="TVA",
    net="Montant HT",
    free="gratuit",
    carried="À reporter",
    brought="Report",
    vat_rate="Taux de TVA",
    vat_base="Base HT",
    vat_amount="Montant TVA",
    total_net="Total HT",
    total_vat="Total TVA",
    total_gross="Total TTC",
    to_pay="Net à payer",
    to_credit="Net à déduire",
    schedule="Échéance",
    means="Mode de règlement",
    amount="Montant",
    bank="Coordonnées bancaires",
    iban="IBAN {}",
    bic="BIC {}",
    on_receipt="Règlement à réception",
    to_deduct="Avoir à déduire de vos prochains règlements",
    note="Remarque",
    terms="Conditions de règlement",
    agreement="Bon pour accord",
    agreement_lines=(
        "Date :",
        "Nom et qualité du signataire :",
        "Signature et cachet, précédés de la mention manuscrite « Bon pour accord » :",
    ),
    page="Page {page}/{pages}",
)

ENGLISH = Texts(
    tag="en-GB",
    decimal=".",
    thousands=",",
    percent="{}%",
    months=tuple("January February March April May June July August September October November December".split()),
    symbols={"EUR": "€", "GBP": "£"},
    currency_first=True,
    invoice="INVOICE",
    credit_note="CREDIT NOTE",
    quote="QUOTE",
    proforma="PRO FORMA INVOICE",
    proforma_warning="Not a document of account",
    invoice_heading="Invoice no. {}",
    credit_note_heading="Credit note no. {}",
    quote_heading="Quote no. {}",
    proforma_heading="Pro forma invoice, ref. {}",
    number="No. {}",
    reference="Ref. {}",
    corrects="Credit note on invoice no. {} of {}",
    reason="Reason: {}",
    client="Customer",
    delivery="Delivery address",
    siren="SIREN: {}",
    siret="SIRET: {}",
    vat_number="VAT no.: {}",
    phone="Tel. {}",
    issue_date="Issue date",
    delivery_date="Delivery date",
    due_date="Due date",
    valid_until="Valid until",
    order="Order no.",
    customer_reference="Your reference",
    sales_person="Your contact",
    nature="Nature of operation",
    natures={
        OperationNature.GOODS: "Supply of goods",
        OperationNature.SERVICES: "Supply of services",
        OperationNature.MIXED: "Supply of goods and services",
    },
    code="Item",
    designation="Description",
    quantity="Qty",
    unit="Unit",
    unit_price="Unit price",
    discount="Discount",
    vat="VAT",
    net="Net amount",
    free="free",
    carried="Carried forward",
    brought="Brought forward",
    vat_rate="VAT rate",
    vat_base="Net base",
    vat_amount="VAT amount",
    total_net="Total excl. VAT",
    total_vat="Total VAT",
    total_gross="Total incl. VAT",
    to_pay="Amount due",
    to_credit="Amount to deduct",
    schedule="Due date",
    means="Means of payment",
    amount="Amount",
    bank="Bank details",
    iban="IBAN {}",
    bic="BIC {}",
    on_receipt="Payment on receipt",
    to_deduct="Credit to be deducted from your next payments",
    note="Note",
    terms="Payment terms",
    agreement="Agreed and accepted",
    agreement_lines=(
        "Date:",
        "Name and position of the signatory:",
        "Signature and stamp, preceded by the handwritten words “Bon pour accord”:",
    ),
    page="Page {page}/{pages}",
)

TEXTS: Mapping[Language, Texts] = {Language.FRENCH: FRENCH, Language.ENGLISH: ENGLISH}
