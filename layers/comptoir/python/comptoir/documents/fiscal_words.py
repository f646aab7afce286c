"""What invoices, credit notes and cancellations say of their type, payment and VAT, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comptoir.parties.snapshot import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalWords:
    """`{}` stands for the datum. Titles of the types, what they refer to, and what is said of VAT and payment."""

    down_payment: str
    final: str
    replacement: str
    cancellation: str
    cancellation_heading: str
    cancels: str
    replaces: str
    cancelled: str
    settled: str
    to_cancel: str
    billing: str
    completion_date: str
    period: str
    between: str
    price: str
    total: str
    deducted: str
    paid: str
    deduction: str
    day: str
    gross: str
    euro: str
    test: str
    test_number: str


_FRENCH = FiscalWords(
    down_payment="FACTURE D’ACOMPTE",
    final="FACTURE DE SOLDE",
    replacement="FACTURE RECTIFICATIVE",
    cancellation="ANNULATION DE FACTURE",
    cancellation_heading="Annulation de facture n° {}",
    cancels="Annulation de la facture n° {} du {}",
    replaces="Annule et remplace la facture n° {} du {}",
    cancelled="Facture annulée en totalité : aucun règlement n’est dû",
    settled="Facture déjà réglée",
    to_cancel="Net annulé",
    billing="Adresse de facturation",
    completion_date="Date de réalisation",
    period="Période",
    between="du {} au {}",
    price="P.U.",
    total="Total",
    deducted="Acomptes déduits",
    paid="Déjà réglé",
    deduction="Acompte, facture n°",
    day="Date",
    gross="TTC",
    euro="TVA en euros : {} (1 {} = {} {}, {}, {})",
    test="TEST",
    test_number="TEST, sans numéro ni valeur",
)
_ENGLISH = FiscalWords(
    down_payment="DOWN-PAYMENT INVOICE",
    final="FINAL INVOICE",
    replacement="CORRECTED INVOICE",
    cancellation="INVOICE CANCELLATION",
    cancellation_heading="Invoice cancellation no. {}",
    cancels="Cancellation of invoice no. {} of {}",
    replaces="Cancels and replaces invoice no. {} of {}",
    cancelled="Invoice cancelled in full: no payment is due",
    settled="Invoice already paid",
    to_cancel="Amount cancelled",
    billing="Billing address",
    completion_date="Date of completion",
    period="Period",
    between="{} to {}",
    price="Unit price",
    total="Total",
    deducted="Down payments deducted",
    paid="Already paid",
    deduction="Down payment, invoice no.",
    day="Date",
    gross="Incl. VAT",
    euro="VAT in euro: {} (1 {} = {} {}, {}, {})",
    test="TEST",
    test_number="TEST, without number or value",
)
_SPANISH = FiscalWords(
    down_payment="FACTURA DE ANTICIPO",
    final="FACTURA FINAL",
    replacement="FACTURA RECTIFICATIVA",
    cancellation="ANULACIÓN DE FACTURA",
    cancellation_heading="Anulación de factura n.º {}",
    cancels="Anulación de la factura n.º {} de fecha {}",
    replaces="Anula y sustituye la factura n.º {} de fecha {}",
    cancelled="Factura anulada en su totalidad: no se debe ningún pago",
    settled="Factura ya pagada",
    to_cancel="Importe anulado",
    billing="Dirección de facturación",
    completion_date="Fecha de realización",
    period="Período",
    between="del {} al {}",
    price="Precio unit.",
    total="Total",
    deducted="Anticipos deducidos",
    paid="Ya pagado",
    deduction="Anticipo, factura n.º",
    day="Fecha",
    gross="IVA incl.",
    euro="IVA en euros: {} (1 {} = {} {}, {}, {})",
    test="TEST",
    test_number="TEST, sin número ni valor",
)
_GERMAN = FiscalWords(
    down_payment="ANZAHLUNGSRECHNUNG",
    final="SCHLUSSRECHNUNG",
    replacement="BERICHTIGTE RECHNUNG",
    cancellation="RECHNUNGSSTORNO",
    cancellation_heading="Storno Nr. {}",
    cancels="Storno der Rechnung Nr. {} vom {}",
    replaces="Storniert und ersetzt die Rechnung Nr. {} vom {}",
    cancelled="Rechnung vollständig storniert: keine Zahlung geschuldet",
    settled="Rechnung bereits bezahlt",
    to_cancel="Stornierter Betrag",
    billing="Rechnungsadresse",
    completion_date="Leistungsdatum",
    period="Zeitraum",
    between="{} bis {}",
    price="Einzelpreis",
    total="Summe",
    deducted="Abgezogene Anzahlungen",
    paid="Bereits bezahlt",
    deduction="Anzahlung, Rechnung Nr.",
    day="Datum",
    gross="Brutto",
    euro="USt. in Euro: {} (1 {} = {} {}, {}, {})",
    test="TEST",
    test_number="TEST, ohne Nummer und Wert",
)

FISCAL: Mapping[Language, FiscalWords] = {
    Language.FRENCH: _FRENCH,
    Language.ENGLISH: _ENGLISH,
    Language.SPANISH: _SPANISH,
    Language.GERMAN: _GERMAN,
}
