"""What purchase orders say besides what every document says, in each language of suppliers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from comptoir.parties.snapshot import Language


class Words(NamedTuple):
    """What a purchase order alone says."""

    title: str
    heading: str
    supplier: str
    attention: str
    our_reference: str
    your_reference: str
    buyer: str
    departure: str
    delivery: str
    replaces: str
    total: str
    acceptance: str
    acceptance_lines: tuple[str, ...]
    quoted: str


WORDS: Mapping[Language, Words] = {
    Language.FRENCH: Words(
        title="Bon de commande",
        heading="Bon de commande n° {}",
        supplier="Fournisseur",
        attention="À l’attention de {}",
        our_reference="Notre référence",
        your_reference="Votre référence",
        buyer="Acheteur",
        departure="Départ prévu (ETD)",
        delivery="Livraison prévue",
        replaces="Annule et remplace le bon de commande n° {}.",
        total="Total de la commande",
        acceptance="Accusé de réception de commande",
        acceptance_lines=("Merci de nous confirmer cette commande par retour.", "Date, nom, signature et cachet :"),
        quoted="Merci de rappeler le numéro {} sur vos documents et factures.",
    ),
    Language.ENGLISH: Words(
        title="Purchase order",
        heading="Purchase order no. {}",
        supplier="Supplier",
        attention="Attention: {}",
        our_reference="Our reference",
        your_reference="Your reference",
        buyer="Buyer",
        departure="Planned departure (ETD)",
        delivery="Planned delivery",
        replaces="Cancels and replaces purchase order no. {}.",
        total="Order total",
        acceptance="Acknowledgement of order",
        acceptance_lines=("Please confirm this order by return.", "Date, name, signature and stamp:"),
        quoted="Please quote number {} on your documents and invoices.",
    ),
    Language.SPANISH: Words(
        title="Orden de compra",
        heading="Orden de compra n.º {}",
        supplier="Proveedor",
        attention="A la atención de {}",
        our_reference="Nuestra referencia",
        your_reference="Su referencia",
        buyer="Comprador",
        departure="Salida prevista (ETD)",
        delivery="Entrega prevista",
        replaces="Anula y sustituye la orden de compra n.º {}.",
        total="Total de la orden",
        acceptance="Acuse de recibo de la orden",
        acceptance_lines=(
            "Le rogamos que nos confirme esta orden a vuelta de correo.",
            "Fecha, nombre, firma y sello:",
        ),
        quoted="Le rogamos que indique el número {} en sus documentos y facturas.",
    ),
    Language.GERMAN: Words(
        title="Bestellung",
        heading="Bestellung Nr. {}",
        supplier="Lieferant",
        attention="Zu Händen {}",
        our_reference="Unsere Referenz",
        your_reference="Ihre Referenz",
        buyer="Einkauf",
        departure="Geplante Abfahrt (ETD)",
        delivery="Geplante Lieferung",
        replaces="Ersetzt die Bestellung Nr. {}, die damit hinfällig ist.",
        total="Bestellsumme",
        acceptance="Auftragsbestätigung",
        acceptance_lines=(
            "Bitte bestätigen Sie uns diese Bestellung umgehend.",
            "Datum, Name, Unterschrift und Stempel:",
        ),
        quoted="Bitte geben Sie die Nummer {} auf Ihren Dokumenten und Rechnungen an.",
    ),
}
