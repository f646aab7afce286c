"""What a quote of building or repair works says to a consumer, in each language of documents (RULES §1.5).

Arrêté of 24 January 2017: place of the works, and whether the quote is free; C. env. art. D541-45-1: their waste.
"""

from __future__ import annotations

from typing import NamedTuple

from comptoir.documents.texts import Texts
from comptoir.documents.views import Block
from comptoir.kernel.money import Money
from comptoir.orders.works import Works
from comptoir.parties.snapshot import Language


class _Words(NamedTuple):
    title: str
    place: str
    free: str
    charged: str
    quantity: str
    handling: str
    cost: str
    collected: str


_WORDS = {
    Language.FRENCH: _Words(
        "Travaux",
        "Lieu d'exécution : {}",
        "Devis gratuit",
        "Devis payant : {} HT",
        "Déchets, quantité estimée : {}",
        "Gestion et enlèvement des déchets : {}",
        "Coût estimé de la gestion des déchets : {} HT",
        "Points de collecte : {}",
    ),
    Language.ENGLISH: _Words(
        "Works",
        "Place of the works: {}",
        "Free quote (« Devis gratuit »)",
        "Quote charged (« Devis payant »): {} without VAT",
        "Waste, estimated quantity: {}",
        "Handling and removal of waste: {}",
        "Estimated cost of waste disposal: {} without VAT",
        "Collection points: {}",
    ),
    Language.SPANISH: _Words(
        "Obras",
        "Lugar de ejecución: {}",
        "Presupuesto gratuito (« Devis gratuit »)",
        "Presupuesto de pago (« Devis payant »): {} sin IVA",
        "Residuos, cantidad estimada: {}",
        "Gestión y retirada de los residuos: {}",
        "Coste estimado de la gestión de los residuos: {} sin IVA",
        "Puntos de recogida: {}",
    ),
    Language.GERMAN: _Words(
        "Bauarbeiten",
        "Ort der Ausführung: {}",
        "Kostenloses Angebot (« Devis gratuit »)",
        "Kostenpflichtiges Angebot (« Devis payant »): {} ohne USt.",
        "Abfälle, geschätzte Menge: {}",
        "Umgang mit Abfällen und Abtransport: {}",
        "Geschätzte Kosten der Abfallentsorgung: {} ohne USt.",
        "Sammelstellen: {}",
    ),
}


def works_block(works: Works, currency: str, language: Language, texts: Texts) -> Block:
    """The place, the price of the quote itself, and what becomes of the waste."""
    words, waste = _WORDS[language], works.waste
    fee = words.charged.format(texts.money(Money.of(works.fee, currency))) if works.fee else words.free
    lines = [words.place.format(works.place), fee]
    if waste:
        lines.append(words.quantity.format(waste.quantity))
        lines += [words.handling.format(waste.handling)] if waste.handling else []
        lines.append(words.cost.format(texts.money(Money.of(waste.cost, currency))))
        lines.append(words.collected.format(" ; ".join(waste.collection_points)))
    return Block(words.title, tuple(lines))
