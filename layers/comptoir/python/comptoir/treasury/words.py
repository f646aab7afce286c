"""Payment terms in words: « 30 % à la commande, le solde à 45 jours fin de mois » (INV-05)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.kernel.money import plain
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import CONFIRMATION, INVOICE, DueStep, PaymentMeans, PaymentTerm

_MEANS = {
    Language.FRENCH: {
        PaymentMeans.TRANSFER: "virement",
        PaymentMeans.DIRECT_DEBIT: "prélèvement",
        PaymentMeans.CARD: "carte bancaire",
        PaymentMeans.CHEQUE: "chèque",
        PaymentMeans.CASH: "espèces",
    },
    Language.ENGLISH: {
        PaymentMeans.TRANSFER: "bank transfer",
        PaymentMeans.DIRECT_DEBIT: "direct debit",
        PaymentMeans.CARD: "card",
        PaymentMeans.CHEQUE: "cheque",
        PaymentMeans.CASH: "cash",
    },
}
# A milestone on its day, and after an offset.
_MILESTONES = {
    Language.FRENCH: {
        CONFIRMATION: ("à la commande", "après la commande"),
        INVOICE: ("à réception de facture", "date de facture"),
        "production_end": ("à la fin de la production", "après la fin de la production"),
        "customs_clearance": ("au dédouanement", "après le dédouanement"),
        "delivery": ("à la livraison", "après la livraison"),
        "goods_receipt": ("à la réception des marchandises", "après la réception des marchandises"),
        "etd": ("au départ (ETD)", "après le départ (ETD)"),
        "eta": ("à l'arrivée (ETA)", "après l'arrivée (ETA)"),
    },
    Language.ENGLISH: {
        CONFIRMATION: ("on order", "from the order"),
        INVOICE: ("on receipt of invoice", "from the invoice date"),
        "production_end": ("on completion of production", "from completion of production"),
        "customs_clearance": ("on customs clearance", "from customs clearance"),
        "delivery": ("on delivery", "from delivery"),
        "goods_receipt": ("on receipt of goods", "from receipt of goods"),
        "etd": ("on departure (ETD)", "from departure (ETD)"),
        "eta": ("on arrival (ETA)", "from arrival (ETA)"),
    },
}


def means_in_words(means: PaymentMeans, language: Language) -> str:
    """How money moves, as documents name it: « virement », "bank transfer"."""
    return _MEANS[language][means]


def terms_in_words(terms: Sequence[PaymentTerm], language: Language) -> tuple[str, ...]:
    """One phrase per term, in order; the last of several that make 100 % is the balance."""
    phrases = []
    balanced = len(terms) > 1 and sum(term.percentage for term in terms) == 100
    for number, term in enumerate(terms, 1):
        share = _share(term, balanced and number == len(terms), language)
        phrases.append(f"{share} {_when(term, language)}")
    return tuple(phrases)


def _share(term: PaymentTerm, balance: bool, language: Language) -> str:
    if balance:
        return "le solde" if language is Language.FRENCH else "balance"
    number = plain(term.percentage.normalize())
    # French sets a no-break space before the sign and writes a decimal comma.
    return f"{number.replace('.', ',')}\u00a0%" if language is Language.FRENCH else f"{number}%"


def _when(term: PaymentTerm, language: Language) -> str:
    on_day, afterwards = _MILESTONES[language].get(term.milestone, _other(term.milestone, language))
    if not term.steps:
        return on_day
    offset = (_french if language is Language.FRENCH else _english)(term.steps)
    # « 45 jours fin de mois » is said of the invoice; of a plain number of days one says from when.
    if term.milestone == INVOICE and any(step.days is None for step in term.steps):
        return offset
    return f"{offset} {afterwards}"


def _other(milestone: str, language: Language) -> tuple[str, str]:
    if language is Language.FRENCH:
        return f"à la date «\u00a0{milestone}\u00a0»", f"après la date «\u00a0{milestone}\u00a0»"
    return f'on "{milestone}"', f'from "{milestone}"'


def _french(steps: Sequence[DueStep]) -> str:
    words = []
    for number, step in enumerate(steps):
        if step.days is not None:
            plural = "s" if step.days > 1 else ""
            words.append(f"{'plus ' if number else 'à '}{step.days} jour{plural}")
        elif step.end_of_month:
            words.append("fin de mois")
        else:
            words.append("le 1er" if step.day_of_month == 1 else f"le {step.day_of_month}")
    return " ".join(words)


def _english(steps: Sequence[DueStep]) -> str:
    words = []
    for number, step in enumerate(steps):
        if step.days is not None:
            words.append(f"{'plus ' if number else ''}{step.days} day{'' if step.days == 1 else 's'}")
        elif step.end_of_month:
            words.append("end of month")
        else:
            words.append(f"on the {_ordinal(step.day_of_month or 0)}")
    return " ".join(words)


def _ordinal(number: int) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number in (11, 12, 13) else last}"
