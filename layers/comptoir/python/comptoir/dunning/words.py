"""What payment reminders say, in the language of the customer (INV-12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from comptoir.dunning.model import Tone
from comptoir.mailing.texts import MailText, TextUse, filled
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording, written_day

TITLES: Mapping[Tone, Wording] = {
    Tone.COURTEOUS: Wording("Rappel de paiement", "Payment reminder", "Recordatorio de pago", "Zahlungserinnerung"),
    Tone.FIRM: Wording("Relance", "Payment overdue", "Reclamación de pago", "Mahnung"),
    Tone.FORMAL_NOTICE: Wording("Mise en demeure", "Formal notice", "Requerimiento de pago", "Letzte Mahnung"),
}

SENTENCES: Mapping[Tone, Wording] = {
    Tone.COURTEOUS: Wording(
        "Sauf erreur ou omission de notre part, le règlement des factures ci-dessous ne nous est pas parvenu. Nous "
        "vous remercions d'y procéder d'ici au {day}. Si votre paiement a croisé ce courrier, veuillez ne pas en "
        "tenir compte.",
        "Unless we are mistaken, we have not received payment of the invoices below. We would be grateful if you "
        "settled them by {day}. If your payment has crossed this letter, please disregard it.",
        "Salvo error u omisión por nuestra parte, no hemos recibido el pago de las facturas siguientes. Le "
        "agradeceremos que las abone antes del {day}. Si su pago se ha cruzado con esta carta, no la tenga en cuenta.",
        "sofern uns kein Irrtum unterlaufen ist, haben wir die Zahlung der folgenden Rechnungen noch nicht erhalten. "
        "Wir bitten Sie, sie bis zum {day} zu begleichen. Sollte sich Ihre Zahlung mit diesem Schreiben gekreuzt "
        "haben, betrachten Sie es bitte als gegenstandslos.",
    ),
    Tone.FIRM: Wording(
        "Les factures ci-dessous restent impayées alors que leur échéance est passée. Nous vous demandons de nous "
        "les régler d'ici au {day}.",
        "The invoices below remain unpaid although they are past due. We ask you to settle them by {day}.",
        "Las facturas siguientes siguen impagadas aunque han vencido. Le pedimos que las abone antes del {day}.",
        "die folgenden Rechnungen sind trotz Fälligkeit noch offen. Wir fordern Sie auf, sie bis zum {day} zu "
        "begleichen.",
    ),
    Tone.FORMAL_NOTICE: Wording(
        "Par la présente, nous vous mettons en demeure de nous régler d'ici au {day} les factures ci-dessous, "
        "restées impayées à leur échéance (article 1344 du code civil). À défaut, nous en poursuivrons le "
        "recouvrement par toutes voies de droit, sans autre avis.",
        "We hereby give you formal notice (mise en demeure, article 1344 of the French Civil Code) to pay by {day} "
        "the invoices below, which remain unpaid after their due date. Failing this we shall recover them by all "
        "legal means without further notice.",
        "Por la presente le requerimos formalmente (mise en demeure, artículo 1344 del Código Civil francés) el pago "
        "antes del {day} de las facturas siguientes, impagadas a su vencimiento. En su defecto, procederemos a su "
        "cobro por todos los medios legales, sin más aviso.",
        "hiermit setzen wir Sie in Verzug (mise en demeure, Artikel 1344 des französischen Code civil) und fordern "
        "Sie auf, die folgenden fälligen Rechnungen bis zum {day} zu begleichen. Andernfalls werden wir sie ohne "
        "weitere Ankündigung auf dem Rechtsweg eintreiben.",
    ),
}
CLAIMED = Wording(
    "S'y ajoutent, exigibles sans qu'un rappel soit nécessaire, les pénalités de retard et l'indemnité forfaitaire "
    "de 40 € par facture pour frais de recouvrement (articles L441-10 et D441-5 du code de commerce).",
    "Late payment penalties and the fixed sum of €40 for each invoice for recovery costs are due besides, without "
    "any reminder (articles L441-10 and D441-5 of the French Commercial Code).",
    "Se añaden, exigibles sin necesidad de recordatorio, los intereses de demora y la indemnización fija de 40 € por "
    "factura por gastos de cobro (artículos L441-10 y D441-5 del Código de Comercio francés).",
    "Hinzu kommen, ohne Mahnung fällig, die Verzugszinsen und die Pauschale von 40 € je Rechnung für "
    "Beitreibungskosten (Artikel L441-10 und D441-5 des französischen Handelsgesetzbuchs).",
)
ASKED = Wording(
    "Montant demandé : {amount}. Le détail est dans la lettre ci-jointe, avec la copie des factures.",
    "Amount requested: {amount}. The details are in the attached letter, with copies of the invoices.",
    "Importe solicitado: {amount}. El detalle figura en la carta adjunta, con copia de las facturas.",
    "Geforderter Betrag: {amount}. Die Einzelheiten stehen im beigefügten Schreiben mit Kopien der Rechnungen.",
)


USES: Mapping[Tone, TextUse] = {
    Tone.COURTEOUS: TextUse.REMINDER_COURTEOUS,
    Tone.FIRM: TextUse.REMINDER_FIRM,
    Tone.FORMAL_NOTICE: TextUse.REMINDER_FORMAL_NOTICE,
}
"""What the company's own text in a tone is called."""


def message_of(tone: Tone, claims: bool, pay_by: date, language: Language, text: MailText | None = None) -> str:
    """What a letter says in its tone, in the company's words where it has some, and what the law adds to claims."""
    said = filled(text.message if text else None, SENTENCES[tone], language, day=written_day(pay_by, language))
    return f"{said} {CLAIMED.said(language)}" if claims else said


def title_of(tone: Tone, language: Language, pay_by: date, text: MailText | None = None) -> str:
    """What the mail of a letter is about."""
    return filled(text.subject if text else None, TITLES[tone], language, day=written_day(pay_by, language))
