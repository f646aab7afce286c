"""What a mail says of the document that it carries, in the document's language."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.docbase.model import FileKind
from comptoir.parties.wording import Wording

SUBJECTS: Mapping[FileKind, Wording] = {
    FileKind.QUOTE: Wording("Devis {number}", "Quote {number}", "Presupuesto {number}", "Angebot {number}"),
    FileKind.PROFORMA: Wording(
        "Facture pro forma {number}",
        "Pro forma invoice {number}",
        "Factura proforma {number}",
        "Proforma-Rechnung {number}",
    ),
    FileKind.AMENDMENT: Wording("Avenant {number}", "Amendment {number}", "Adenda {number}", "Nachtrag {number}"),
    FileKind.PURCHASE_ORDER: Wording(
        "Bon de commande {number}", "Purchase order {number}", "Orden de compra {number}", "Bestellung {number}"
    ),
    FileKind.INVOICE: Wording("Facture {number}", "Invoice {number}", "Factura {number}", "Rechnung {number}"),
    FileKind.CREDIT_NOTE: Wording(
        "Avoir {number}", "Credit note {number}", "Factura rectificativa {number}", "Gutschrift {number}"
    ),
    FileKind.CANCELLATION: Wording(
        "Annulation de facture {number}",
        "Invoice cancellation {number}",
        "Anulación de factura {number}",
        "Stornorechnung {number}",
    ),
    FileKind.PAYMENT_REMINDER: Wording(
        "Rappel de paiement {number}", "Payment reminder {number}", "Recordatorio de pago {number}", "Mahnung {number}"
    ),
}
"""What the mail with a document of a kind is about; the others are named by their title."""

ORDERED = Wording(
    "Veuillez trouver ci-joint notre bon de commande {number}. Merci d'en accuser réception et de confirmer les "
    "délais de livraison.",
    "Please find attached our purchase order {number}. Kindly acknowledge receipt and confirm the delivery dates.",
    "Adjuntamos nuestra orden de compra {number}. Le rogamos que acuse recibo y confirme los plazos de entrega.",
    "anbei erhalten Sie unsere Bestellung {number}. Bitte bestätigen Sie uns den Eingang und die Liefertermine.",
)
REORDERED = Wording(
    "Veuillez trouver ci-joint notre bon de commande {number}, qui annule et remplace le précédent. Merci d'en accuser "
    "réception et de confirmer les délais de livraison.",
    "Please find attached our purchase order {number}, which cancels and replaces the previous one. Kindly acknowledge "
    "receipt and confirm the delivery dates.",
    "Adjuntamos nuestra orden de compra {number}, que anula y sustituye a la anterior. Le rogamos que acuse recibo y "
    "confirme los plazos de entrega.",
    "anbei erhalten Sie unsere Bestellung {number}, die die vorherige aufhebt und ersetzt. Bitte bestätigen Sie uns "
    "den Eingang und die Liefertermine.",
)
OFFERED = Wording(
    "Veuillez trouver ci-joint notre offre ({title}). Nous restons à votre disposition pour toute question.",
    "Please find attached our offer ({title}). Please do not hesitate to contact us with any question.",
    "Adjuntamos nuestra oferta ({title}). Quedamos a su disposición para cualquier consulta.",
    "anbei erhalten Sie unser Angebot ({title}). Für Fragen stehen wir Ihnen gern zur Verfügung.",
)
INVOICED = Wording(
    "Veuillez trouver ci-joint notre facture {number}.",
    "Please find attached our invoice {number}.",
    "Adjuntamos nuestra factura {number}.",
    "anbei erhalten Sie unsere Rechnung {number}.",
)
CREDITED = Wording(
    "Veuillez trouver ci-joint notre avoir {number}.",
    "Please find attached our credit note {number}.",
    "Adjuntamos nuestra factura rectificativa {number}.",
    "anbei erhalten Sie unsere Gutschrift {number}.",
)
ATTACHED = Wording(
    "Veuillez trouver ci-joint le document suivant : {title}.",
    "Please find attached the following document: {title}.",
    "Adjuntamos el siguiente documento: {title}.",
    "anbei erhalten Sie folgendes Dokument: {title}.",
)
GREETING = Wording("Bonjour {contact},", "Dear {contact},", "Buenos días, {contact}:", "Guten Tag {contact},")
GREETING_ALL = Wording("Bonjour,", "Hello,", "Buenos días:", "Guten Tag,")
REGARDS = Wording("Cordialement,", "Kind regards,", "Saludos cordiales,", "Mit freundlichen Grüßen")

SENTENCES: Mapping[FileKind, Wording] = {
    FileKind.QUOTE: OFFERED,
    FileKind.PROFORMA: OFFERED,
    FileKind.AMENDMENT: OFFERED,
    FileKind.PURCHASE_ORDER: ORDERED,
    FileKind.INVOICE: INVOICED,
    FileKind.CREDIT_NOTE: CREDITED,
}
"""What is said of a document of a kind; the others are named by their title."""


def said_of(kind: FileKind, version: int) -> Wording:
    """The sentence about a document of a kind."""
    if kind is FileKind.PURCHASE_ORDER and version > 1:
        return REORDERED
    return SENTENCES.get(kind, ATTACHED)
