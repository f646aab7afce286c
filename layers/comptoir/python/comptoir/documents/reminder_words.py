"""What payment reminders say besides what every document says, in each language of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from comptoir.parties.snapshot import Language


class Words(NamedTuple):
    """What the letter of a payment reminder alone says; `{}` stands for the datum."""

    heading: str
    pay_by: str
    invoice: str
    issued: str
    due: str
    late: str
    days: str
    penalty: str
    amount: str
    overdue: str
    penalties: str
    indemnity: str
    asked: str
    credits: str
    rate: str
    closing: str


WORDS: Mapping[Language, Words] = {
    Language.FRENCH: Words(
        heading="{} n° {}",
        pay_by="À régler avant le",
        invoice="Facture",
        issued="Du",
        due="Échéance",
        late="Retard",
        days="{} j",
        penalty="Pénalités",
        amount="Reste dû",
        overdue="Factures échues",
        penalties="Pénalités de retard",
        indemnity="Indemnité de recouvrement",
        asked="Total demandé",
        credits="Vous disposez par ailleurs d’avoirs à déduire : {}.",
        rate="Pénalités de retard au taux annuel de {}, sur le montant restant dû, depuis le lendemain de l’échéance ; "
        "indemnité forfaitaire pour frais de recouvrement : 40 € par facture. Ces sommes sont hors champ de la TVA.",
        closing="Veuillez agréer nos salutations distinguées.",
    ),
    Language.ENGLISH: Words(
        heading="{} no. {}",
        pay_by="To be paid by",
        invoice="Invoice",
        issued="Date",
        due="Due date",
        late="Late by",
        days="{} days",
        penalty="Penalties",
        amount="Outstanding",
        overdue="Overdue invoices",
        penalties="Late payment penalties",
        indemnity="Recovery costs",
        asked="Total requested",
        credits="You have credit notes left to deduct: {}.",
        rate="Late payment penalties at the yearly rate of {} on the amount outstanding, from the day after the due "
        "date; fixed sum for recovery costs: €40 for each invoice. These sums are outside the scope of VAT.",
        closing="Yours faithfully,",
    ),
    Language.SPANISH: Words(
        heading="{} n.º {}",
        pay_by="A pagar antes del",
        invoice="Factura",
        issued="Fecha",
        due="Vencimiento",
        late="Retraso",
        days="{} días",
        penalty="Intereses",
        amount="Pendiente",
        overdue="Facturas vencidas",
        penalties="Intereses de demora",
        indemnity="Gastos de cobro",
        asked="Total solicitado",
        credits="Dispone además de abonos por deducir: {}.",
        rate="Intereses de demora al tipo anual del {} sobre el importe pendiente, desde el día siguiente al "
        "vencimiento; indemnización fija por gastos de cobro: 40 € por factura. Estos importes no llevan IVA.",
        closing="Reciba un cordial saludo.",
    ),
    Language.GERMAN: Words(
        heading="{} Nr. {}",
        pay_by="Zahlbar bis",
        invoice="Rechnung",
        issued="Vom",
        due="Fällig am",
        late="Verzug",
        days="{} Tage",
        penalty="Zinsen",
        amount="Offen",
        overdue="Fällige Rechnungen",
        penalties="Verzugszinsen",
        indemnity="Beitreibungskosten",
        asked="Gesamt",
        credits="Ihnen stehen noch abzuziehende Gutschriften zu: {}.",
        rate="Verzugszinsen von jährlich {} auf den offenen Betrag ab dem Tag nach der Fälligkeit; Pauschale für "
        "Beitreibungskosten: 40 € je Rechnung. Diese Beträge unterliegen nicht der Umsatzsteuer.",
        closing="Mit freundlichen Grüßen",
    ),
}
