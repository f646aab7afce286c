"""What payment terms are made of, in each language of documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from comptoir.parties.snapshot import Language
from comptoir.treasury.model import CONFIRMATION, INVOICE, PaymentMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The words of a language; `{}` stands for the datum.

    `milestones` are said on their day and after an offset, `other` of those that a company made itself;
    `days` are one day and several, `begins` comes before the first offset.
    """

    means: Mapping[PaymentMeans, str]
    milestones: Mapping[str, tuple[str, str]]
    other: tuple[str, str]
    balance: str
    percent: str
    decimal: str
    days: tuple[str, str]
    singular: tuple[int, ...] = (1,)
    begins: str = ""
    plus: str = "plus "
    end_of_month: str
    day: Callable[[int], str]


def _means(*words: str) -> Mapping[PaymentMeans, str]:
    return dict(zip(PaymentMeans, words, strict=True))


def _ordinal(number: int) -> str:
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number in (11, 12, 13) else last}"


PHRASES: Mapping[Language, Phrases] = {
    Language.FRENCH: Phrases(
        means=_means(
            *("virement", "prélèvement", "carte bancaire", "chèque", "espèces"),
            *("lettre de change", "billet à ordre", "crédit documentaire", "remise documentaire"),
        ),
        milestones={
            CONFIRMATION: ("à la commande", "après la commande"),
            INVOICE: ("à réception de facture", "date de facture"),
            "production_end": ("à la fin de la production", "après la fin de la production"),
            "customs_clearance": ("au dédouanement", "après le dédouanement"),
            "delivery": ("à la livraison", "après la livraison"),
            "goods_receipt": ("à la réception des marchandises", "après la réception des marchandises"),
            "etd": ("au départ (ETD)", "après le départ (ETD)"),
            "eta": ("à l'arrivée (ETA)", "après l'arrivée (ETA)"),
        },
        other=("à la date «\u00a0{}\u00a0»", "après la date «\u00a0{}\u00a0»"),
        balance="le solde",
        percent="{}\u00a0%",
        decimal=",",
        days=("{} jour", "{} jours"),
        singular=(0, 1),
        begins="à ",
        end_of_month="fin de mois",
        day=lambda number: "le 1er" if number == 1 else f"le {number}",
    ),
    Language.ENGLISH: Phrases(
        means=_means(
            *("bank transfer", "direct debit", "card", "cheque", "cash"),
            *("bill of exchange", "promissory note", "documentary credit", "documentary collection"),
        ),
        milestones={
            CONFIRMATION: ("on order", "from the order"),
            INVOICE: ("on receipt of invoice", "from the invoice date"),
            "production_end": ("on completion of production", "from completion of production"),
            "customs_clearance": ("on customs clearance", "from customs clearance"),
            "delivery": ("on delivery", "from delivery"),
            "goods_receipt": ("on receipt of goods", "from receipt of goods"),
            "etd": ("on departure (ETD)", "from departure (ETD)"),
            "eta": ("on arrival (ETA)", "from arrival (ETA)"),
        },
        other=('on "{}"', 'from "{}"'),
        balance="balance",
        percent="{}%",
        decimal=".",
        days=("{} day", "{} days"),
        end_of_month="end of month",
        day=lambda number: f"on the {_ordinal(number)}",
    ),
    Language.SPANISH: Phrases(
        means=_means(
            *("transferencia", "domiciliación bancaria", "tarjeta", "cheque", "efectivo"),
            *("letra de cambio", "pagaré", "crédito documentario", "cobranza documentaria"),
        ),
        milestones={
            CONFIRMATION: ("al hacer el pedido", "desde el pedido"),
            INVOICE: ("a la recepción de la factura", "fecha de factura"),
            "production_end": ("al final de la producción", "desde el final de la producción"),
            "customs_clearance": ("al despacho de aduana", "desde el despacho de aduana"),
            "delivery": ("a la entrega", "desde la entrega"),
            "goods_receipt": ("a la recepción de la mercancía", "desde la recepción de la mercancía"),
            "etd": ("a la salida (ETD)", "desde la salida (ETD)"),
            "eta": ("a la llegada (ETA)", "desde la llegada (ETA)"),
        },
        other=("en la fecha «{}»", "desde la fecha «{}»"),
        balance="el resto",
        percent="{}\u00a0%",
        decimal=",",
        days=("{} día", "{} días"),
        begins="a ",
        plus="más ",
        end_of_month="fin de mes",
        day=lambda number: f"el día {number}",
    ),
    Language.GERMAN: Phrases(
        means=_means(
            *("Überweisung", "Lastschrift", "Kartenzahlung", "Scheck", "Barzahlung"),
            *("Wechsel", "Solawechsel", "Dokumentenakkreditiv", "Dokumenteninkasso"),
        ),
        milestones={
            CONFIRMATION: ("bei Auftragserteilung", "ab Auftragserteilung"),
            INVOICE: ("bei Rechnungserhalt", "ab Rechnungsdatum"),
            "production_end": ("bei Ende der Produktion", "ab Ende der Produktion"),
            "customs_clearance": ("bei Zollabfertigung", "ab Zollabfertigung"),
            "delivery": ("bei Lieferung", "ab Lieferung"),
            "goods_receipt": ("bei Wareneingang", "ab Wareneingang"),
            "etd": ("bei Abfahrt (ETD)", "ab Abfahrt (ETD)"),
            "eta": ("bei Ankunft (ETA)", "ab Ankunft (ETA)"),
        },
        other=("zum Termin „{}“", "ab dem Termin „{}“"),
        balance="Rest",
        percent="{}\u00a0%",
        decimal=",",
        days=("{} Tag", "{} Tage"),
        end_of_month="zum Monatsende",
        day=lambda number: f"am {number}.",
    ),
}
