"""The snapshots that the document tests print: ordinary, long, and hostile ones, with fixed dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from comptoir.catalogue.pricing import (
    Exemption,
    PricedLine,
    ProductKind,
    Totals,
    VatCase,
    VatCategory,
    line_net,
    totals,
)
from comptoir.invoicing.snapshot import DocumentKind, Mention, OperationNature, Origin, Snapshot
from comptoir.kernel.identity import Address, BankAccount
from comptoir.kernel.money import Money
from comptoir.orders.quote import QuoteSnapshot
from comptoir.parties.snapshot import Buyer, Language, Seller
from comptoir.treasury.model import Instalment

ISSUED = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
FRENCH, ENGLISH, SPANISH, GERMAN = Language.FRENCH, Language.ENGLISH, Language.SPANISH, Language.GERMAN

SELLER = Seller(
    name="Comptoir du Ponant",
    legal_line=(
        "COMPTOIR DU PONANT, SAS au capital de 80 000 € — siège social : 12 quai de la Douane, 29200 Brest"
        " — SIREN 732 829 320 RCS Brest"
    ),
    address=Address(lines=("12 quai de la Douane",), postcode="29200", city="Brest"),
    siren="732829320",
    siret="73282932000074",
    vat_number="FR44732829320",
    phone="+33 2 98 00 11 22",
    email="facturation@comptoir-ponant.example",
    website="www.comptoir-ponant.example",
    bank_account=BankAccount(iban="FR7630006000011234567890189", bic="AGRIFRPPXXX", holder="COMPTOIR DU PONANT"),
)
BUYER = Buyer(
    name="Établissements Lefèvre & Fils",
    address=Address(lines=("Zone artisanale du Moulin", "7 rue de l’Église"), postcode="35400", city="Saint-Malo"),
    delivery_address=Address(lines=("Quai Duguay-Trouin, hangar 3",), postcode="35400", city="Saint-Malo"),
    siren="552100554",
    vat_number="FR96552100554",
    email="compta@lefevre.example",
)
FOREIGN_BUYER = Buyer(
    name="Harbour & Sons Ltd",
    address=Address(lines=("Unit 4, Dock Road",), postcode="D02 X285", city="Dublin", country="IE"),
    vat_number="IE6388047V",
    email="accounts@harbour.example",
)
BUYERS = {
    FRENCH: BUYER,
    ENGLISH: FOREIGN_BUYER,
    SPANISH: Buyer(
        name="Almacenes García Núñez, S.L.",
        address=Address(lines=("Calle del Muelle, 14",), postcode="39009", city="Santander", country="ES"),
        vat_number="ESB39000000",
        email="contabilidad@garcia.example",
    ),
    GERMAN: Buyer(
        name="Weiß & Söhne GmbH",
        address=Address(lines=("Große Elbstraße 12",), postcode="22767", city="Hamburg", country="DE"),
        vat_number="DE136695976",
        email="rechnung@weiss.example",
    ),
}
MENTIONS = {
    FRENCH: (
        Mention(
            code="late_penalty",
            text=(
                "En cas de retard de paiement, pénalités au taux annuel de 12,40 %, exigibles sans qu’un rappel soit"
                " nécessaire"
            ),
        ),
        Mention(
            code="late_fee_40",
            text="Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €",
        ),
        Mention(code="no_discount", text="Pas d’escompte pour paiement anticipé"),
    ),
    ENGLISH: (
        Mention(
            code="late_penalty",
            text="Late payment: penalties at the yearly rate of 12.40%, due without any reminder",
        ),
        Mention(code="late_fee_40", text="Fixed compensation for recovery costs in case of late payment: €40"),
        Mention(code="no_discount", text="No discount for early payment"),
    ),
    SPANISH: (
        Mention(
            code="late_penalty",
            text=(
                "En caso de retraso en el pago, penalización al tipo anual del 12,40 %, exigible sin necesidad de"
                " recordatorio"
            ),
        ),
        Mention(code="late_fee_40", text="Indemnización fija por gastos de cobro en caso de retraso en el pago: 40 €"),
        Mention(code="no_discount", text="Sin descuento por pronto pago"),
    ),
    GERMAN: (
        Mention(code="late_penalty", text="Bei Zahlungsverzug Verzugszinsen von jährlich 12,40 %, ohne Mahnung fällig"),
        Mention(code="late_fee_40", text="Pauschale für Beitreibungskosten bei Zahlungsverzug: 40 €"),
        Mention(code="no_discount", text="Kein Skonto bei vorzeitiger Zahlung"),
    ),
}
DESIGNATIONS = {
    SPANISH: (
        "Café molido de Etiopía Sidamo, bolsa de 250 g",
        "Té verde Sencha ecológico, lata de 100 g",
        "Tornillo avellanado de acero inoxidable A4, 6 × 40 mm, caja de 200",
        "Cabo de poliéster trenzado de 12 mm, bobina de 100 m",
        "Manual del navegante costero, edición 2026",
        "Preparación y embalaje del pedido",
        "Comidas de la tripulación, día 18/11/2026",
        "Muestra de cera de abeja",
    ),
    GERMAN: (
        "Gemahlener Kaffee Äthiopien Sidamo, Beutel zu 250 g",
        "Grüner Tee Sencha, bio, Dose zu 100 g",
        "Senkkopfschraube Edelstahl A4, 6 × 40 mm, Schachtel zu 200",
        "Geflochtenes Polyestertau 12 mm, Spule zu 100 m",
        "Handbuch des Küstenseglers, Ausgabe 2026",
        "Zusammenstellung und Verpackung des Auftrags",
        "Verpflegung der Mannschaft am 18.11.2026",
        "Probe Bienenwachs",
    ),
}
MEANS = {FRENCH: "virement", ENGLISH: "bank transfer", SPANISH: "transferencia", GERMAN: "Überweisung"}
GOODS = (
    ("CAF-001", "Café moulu Éthiopie Sidamo, sachet de 250 g", "48", "sachet", "6.45", "0", "5.5"),
    ("THE-014", "Thé vert Sencha bio, boîte métal de 100 g", "24", "boîte", "9.8", "10", "5.5"),
    ("VIS-640", "Vis à tête fraisée inox A4, 6 × 40 mm, boîte de 200", "12", "boîte", "14.3275", "0", "20"),
    ("COR-012", "Cordage polyester tressé 12 mm, bobine de 100 m", "2.5", "bobine", "118.4", "15", "20"),
    ("LIV-900", "Manuel du navigateur côtier, édition 2026", "6", "pièce", "32", "5", "5.5"),
    ("SRV-010", "Préparation et conditionnement de la commande", "1.25", "heure", "52", "0", "20"),
    ("RES-021", "Restauration de l’équipage, journée du 18/11/2026", "4", "repas", "21.5", "0", "10"),
    (None, "Échantillon de cire d’abeille", "1", "pièce", "0", "0", "20"),
)


def line(position: int, spec: tuple[str | None, str, str, str, str, str, str], **changes: Any) -> PricedLine:
    """A priced line; one that costs nothing is a free one."""
    code, designation, quantity, unit, price, discount, rate = spec
    free = price == "0"
    net = line_net(Decimal(quantity), Decimal(price), Decimal(discount), free, "EUR")
    values: dict[str, Any] = {
        "position": position,
        "kind": ProductKind.SERVICE if code and code.startswith(("SRV", "RES")) else ProductKind.GOODS,
        "code": code,
        "designation": designation,
        "quantity": Decimal(quantity),
        "unit": unit,
        "unit_price": Decimal(price),
        "discount_rate": Decimal(discount),
        "free": free,
        "vat_rate": Decimal(rate),
        "net": net,
    }
    return PricedLine(**values | changes)


def goods(count: int, language: Language = FRENCH) -> tuple[PricedLine, ...]:
    """`count` lines of an ordinary order: three rates, discounts, decimals and free lines; units as entered."""
    names = DESIGNATIONS.get(language, tuple(spec[1] for spec in GOODS))
    return tuple(line(i + 1, GOODS[i % len(GOODS)], designation=names[i % len(GOODS)]) for i in range(count))


def document(lines: Iterable[PricedLine], language: Language = FRENCH, **changes: Any) -> Snapshot:
    """An ordinary invoice of these lines, due in two instalments when it is worth something."""
    lines = tuple(lines)
    summed: Totals = changes.get("totals") or totals(lines, "EUR")
    half = summed.gross.split([Decimal(3), Decimal(7)])
    means = MEANS[language]
    values: dict[str, Any] = {
        "kind": DocumentKind.INVOICE,
        "document": "00000000000000000000000001",
        "number": "2026-000123",
        "issue_date": date(2026, 11, 21),
        "issued_at": ISSUED,
        "operator": "Anne Le Goff",
        "language": language,
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYERS[language],
        "order_number": "C-000042",
        "customer_reference": "BC 2026/118",
        "delivery_date": date(2026, 11, 18),
        "nature": OperationNature.MIXED,
        "lines": lines,
        "totals": summed,
        "instalments": (
            Instalment(due_date=date(2026, 12, 21), amount=half[0], means=means),
            Instalment(due_date=date(2027, 1, 20), amount=half[1], means=means),
        ),
        "mentions": MENTIONS[language],
    }
    return Snapshot(**values | changes)


def credit_note(language: Language = FRENCH, **changes: Any) -> Snapshot:
    """A credit note of a few lines on an earlier invoice."""
    reason = {
        FRENCH: "Deux boîtes de thé abîmées pendant le transport, reprises le 14 novembre.",
        ENGLISH: "Two tins of tea damaged in transit, taken back on 14 November.",
        SPANISH: "Dos latas de té dañadas durante el transporte, devueltas el 14 de noviembre.",
        GERMAN: "Zwei beim Transport beschädigte Dosen Tee, am 14. November zurückgenommen.",
    }[language]
    values: dict[str, Any] = {
        "kind": DocumentKind.CREDIT_NOTE,
        "number": "2026-000124",
        "origin": Origin(document="0" * 26, number="2026-000098", issue_date=date(2026, 11, 3)),
        "reason": reason,
        "instalments": (),
        "nature": OperationNature.GOODS,
    }
    return document(language=language, **{"lines": goods(3, language), **values, **changes})


def single(language: Language = FRENCH) -> Snapshot:
    """One line, one rate, one due date, delivered at the customer's."""
    lines = goods(1, language)
    summed = totals(lines, "EUR")
    due = Instalment(due_date=date(2026, 12, 21), amount=summed.gross, means=MEANS[language])
    buyer = BUYERS[language].change(delivery_address=None)
    return document(lines, language, instalments=(due,), nature=OperationNature.GOODS, buyer=buyer)


def intra_community() -> Snapshot:
    """Goods to another member state, exempt (CGI 262 ter I)."""
    category, text = VatCategory.INTRA_COMMUNITY, "Exonération de TVA, article 262 ter I du CGI"
    lines = tuple(item.change(vat_rate=Decimal(0), vat_category=category) for item in goods(3))
    summed = totals(lines, "EUR", {category: Exemption(VatCase.INTRA_COMMUNITY, "VATEX-EU-IC", text)})
    due = Instalment(due_date=date(2026, 12, 21), amount=summed.gross, means="bank transfer")
    return document(lines, ENGLISH, totals=summed, instalments=(due,), nature=OperationNature.GOODS)


def quote(count: int = 8, language: Language = FRENCH, **changes: Any) -> QuoteSnapshot:
    """A quote with a message, terms, and a place to sign."""
    lines = goods(count, language)
    summed = totals(lines, "EUR")
    words = {
        FRENCH: (
            ("30 % à la commande", "70 % à 30 jours fin de mois"),
            "Merci de votre visite au salon nautique : voici notre meilleure offre pour l’équipement de vos deux"
            " vedettes. Le port est offert jusqu’à la fin du mois.",
        ),
        ENGLISH: (
            ("30% with the order", "70% at 30 days, end of month"),
            "Thank you for visiting us at the boat show: here is our best offer for your two launches.",
        ),
        SPANISH: (
            ("30 % al hacer el pedido", "el resto a 30 días fin de mes"),
            "Gracias por su visita al salón náutico: esta es nuestra mejor oferta para sus dos lanchas.",
        ),
        GERMAN: (
            ("30 % bei Auftragserteilung", "Rest 30 Tage zum Monatsende"),
            "Vielen Dank für Ihren Besuch auf der Bootsmesse: Hier ist unser bestes Angebot für Ihre zwei Barkassen.",
        ),
    }[language]
    values: dict[str, Any] = {
        "order": "00000000000000000000000042",
        "number": "D-000042-1",
        "version": 1,
        "issue_date": date(2026, 11, 21),
        "issued_at": ISSUED,
        "valid_until": date(2026, 12, 21),
        "language": language,
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYERS[language],
        "sales_person": "Yann Kermarrec",
        "lines": lines,
        "totals": summed,
        "terms": words[0],
        "message": words[1],
    }
    return QuoteSnapshot(**values | changes)


WIDE = "W" * 200
SCRIPTS = "Ωμέγα Щука 漢字テスト مرحبا שלום 🚢⚓ <script>alert('&')</script> %PDF \\( ) ]]> e\u0301\u0323"
BIG = Money.of("999999999999999", "EUR")


NAMES = {
    "greek": "Εμπορική Αθηνών ΑΕ",
    "cyrillic": "ООО Щукинский Торг, Київ",
    "chinese": "上海进出口有限公司",
    "traditional chinese": "臺灣貿易股份有限公司",
    "japanese": "株式会社東京トレーディング あさひ",
    "korean": "주식회사 서울무역",
    "arabic": "شركة النور للتجارة والتوزيع",
    "persian": "شرکت بازرگانی می‌خواهم",
    "urdu": "پاکستان ٹریڈنگ کمپنی",
    "hebrew": "שלום סחר בינלאומי בע״מ",
    "thai": "บริษัท น้ำมันไทย จำกัด",
    "devanagari": "भारतीय व्यापार कंपनी",
    "armenian": "Հայաստան Առևտուր",
    "georgian": "ქართული ვაჭრობა",
    "vietnamese": "Công ty Thương mại Đồng Nghiệp",
}
"""The name of a company in each script."""


def in_script(*names: str) -> Snapshot:
    """An invoice whose customer and designations bear these names."""
    lines = tuple(line(i + 1, (f"R{i}", name, "2", "u", "10", "0", "20")) for i, name in enumerate(names))
    return document(lines, buyer=BUYER.change(name=names[0]))


def hostile_lines() -> tuple[PricedLine, ...]:
    """Designations of 4,000 characters, codes and units of 80, figures of fifteen digits, a negative price."""
    texts = (("x" * 4000), " ".join(["mot"] * 1000), f"{SCRIPTS}\n" * 30, "Ligne\n\nSuite\tfin", SCRIPTS)
    quantity = Decimal("99999999999.1234")
    long = (
        line(i + 1, (WIDE[:80], text, "1", "U" * 80, "0.01", "0", "20"), quantity=quantity)
        for i, text in enumerate(texts)
    )
    dear = line(6, ("BIG", "Très cher", "1", "u", "1", "0", "20"), unit_price=BIG.amount, net=BIG)
    back = line(7, ("NEG", "Reprise", "1", "u", "1", "33.3333", "5.5"), unit_price=Decimal("-0.123456"))
    return (*long, dear, back)


def hostile() -> Snapshot:
    """The longest texts that the models take: no spaces, fifteen digits, other scripts, markup, emoji."""
    address = Address(lines=(WIDE, "É" * 200, SCRIPTS), postcode="9" * 80, city="Q" * 80, country="IE")
    base = document(goods(2))
    return base.change(
        number="X" * 80,
        seller=SELLER.change(name=WIDE, address=address, website=SCRIPTS, legal_line="Forme sociale " * 280),
        buyer=BUYER.change(name="M" * 200, address=address, delivery_address=address.change(city="Z" * 80)),
        order_number=WIDE[:80],
        customer_reference="M" * 80,
        lines=hostile_lines(),
        totals=totals(goods(4), "EUR").change(gross=Money.of("-999999999999999.99", "EUR")),
        instalments=tuple(Instalment(due_date=date(2027, 1, 1 + i), amount=BIG, means="V" * 80) for i in range(28)),
        mentions=(*base.mentions, Mention(code="other", text="µ" * 4000)),
        note=f"{SCRIPTS} " * 30,
        origin=Origin(document="0" * 26, number="Y" * 80, issue_date=date(2026, 11, 3)),
        reason="Raisonsansespaces" * 200,
    )
