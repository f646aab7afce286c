"""The catalogue of the samples, and the orders made from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from tests.samples.writing import Row

CATALOGUE_COLUMNS = (
    "Code;Désignation;Désignation anglaise;Nature;Unité;Poids net;Poids brut;Volume;Taux de TVA;Code douanier;"
    "Prix de vente;Devise de vente;Géré en stock;Étiquettes;Fournisseur;Référence fournisseur;Prix d'achat;"
    "Devise d'achat;Incoterm d'achat;Lieu de l'incoterm d'achat;Quantité minimale;Valable du;Valable au"
).split(";")
ORDER_COLUMNS = (
    "Code;Désignation;Nature;Quantité;Unité;Prix unitaire;Remise;Taux de TVA;Gratuit;Fournisseur;Prix d'achat;"
    "Devise d'achat;Incoterm d'achat;Lieu de l'incoterm d'achat"
).split(";")
ORDER_COLUMNS_EN = (
    "Reference;Designation;Kind;Quantity;Unit;Unit price;Discount;VAT rate;Free;Supplier;Purchase price;"
    "Purchase currency;Purchase incoterm;Purchase incoterm place"
).split(";")

_TWENTY, _FOOD = Decimal(20), Decimal("5.5")
_FAMILIES = (
    ("COR", "Cordage polyester tressé", "Braided polyester rope", "Ø {n} mm, 200 m", "bobine", "5607", _TWENTY),
    ("MAN", "Manille lyre inox 316L", "316L stainless bow shackle", "Ø {n} mm", "pièce", "7326", _TWENTY),
    ("CIR", "Ciré de pont étanche", "Waterproof deck oilskin", "taille {n}", "pièce", "6201", _TWENTY),
    ("SAR", "Sardines à l'huile d'olive", "Sardines in olive oil", "boîte {n} g", "carton de 24", "1604", _FOOD),
    ("SEL", "Fleur de sel de Guérande", "Guérande sea salt", "sachet {n} g", "carton de 12", "2501", _FOOD),
    ("CAI", "Caisse isotherme pour marée", "Insulated fish box", "{n} litres", "pièce", "3923", _TWENTY),
    ("FIL", "Filet maillant tressé main", "Hand-braided gill net", "maille {n} mm", "pièce", "5608", _TWENTY),
    ("BOU", "Bouée de mouillage orange", "Orange mooring buoy", "Ø {n} cm", "pièce", "3926", _TWENTY),
    ("CHA", "Chaîne galvanisée calibrée", "Calibrated galvanised chain", "maille {n} mm", "mètre", "7315", _TWENTY),
    ("CLE", "Clé à œil, acier chromé", "Chrome ring spanner", "{n} mm", "pièce", "8204", _TWENTY),
)
_SIZES = {
    "COR": (4, 1, 4_000, 32_000),
    "MAN": (4, 1, 240, 6_500),
    "CIR": (34, 1, 5_500, 14_900),
    "SAR": (60, 20, 2_800, 9_600),
    "SEL": (100, 50, 1_900, 7_400),
    "CAI": (20, 10, 3_500, 24_000),
    "FIL": (20, 5, 8_000, 39_000),
    "BOU": (20, 5, 900, 11_000),
    "CHA": (6, 1, 310, 4_800),
    "CLE": (6, 1, 450, 3_900),
}
"""By family: the first size, the step to the next one, and the range of its cost in cents."""

_INCOTERMS = {"EUR": ("EXW", "FCA", "DAP"), "GBP": ("FOB",), "USD": ("FOB", "CIF"), "JPY": ("FOB", "CFR")}
_ARRIVAL = {"CFR": "Le Havre", "CIF": "Le Havre", "DAP": "Brest"}
"""Where the goods go on the incoterms that name an arrival; the others name the supplier's town."""
_PER_EURO = {"EUR": Decimal(1), "GBP": Decimal("0.86"), "USD": Decimal("1.09"), "JPY": Decimal("163")}
_STEP = {"JPY": Decimal(1)}
_LONG = (
    "Ensemble complet de mouillage pour navire de pêche hauturière comprenant ancre à bascule, chaîne étalonnée, "
    "émerillons, manilles, bosses et coffre de rangement, conforme à la réglementation des affaires maritimes, "
    "livré démonté avec notice en français, anglais, espagnol et allemand — référence chantier n° 2026/Ω-42 « Abeille »"
)


def _cents(value: Decimal, step: Decimal = Decimal("0.01")) -> Decimal:
    return value.quantize(step, rounding=ROUND_HALF_UP)


def catalogue(random: Random, suppliers: Sequence[Row]) -> list[Row]:
    """300 references, one row an offer: most have one supplier, some three or four, a few none."""
    makers = [row for row in suppliers if row["Type"] == "fournisseur"]
    rows: list[Row] = []
    for number in range(290):
        family = _FAMILIES[number % len(_FAMILIES)]
        cost = _cents(Decimal(random.randint(*_SIZES[family[0]][2:])) / 100)
        reference = _reference(random, family, number // len(_FAMILIES), cost)
        offers = [_offer(random, maker, cost) for maker in random.sample(makers, random.choice((0, 1, 1, 1, 2, 3, 4)))]
        rows.append(reference | (offers[0] if offers else {}))
        rows += [{"Code": reference["Code"]} | offer for offer in offers[1:]]
    rows += [_service(number) for number in range(10)]
    rows[0]["Désignation"] = _LONG
    rows[1]["Désignation"] = '=HYPERLINK("https://exemple.invalid";"Manille") <b>inox</b> & "316L"'
    return rows


def _reference(random: Random, family: tuple[str, str, str, str, str, str, Decimal], size: int, cost: Decimal) -> Row:
    prefix, french, english, detail, unit, chapter, rate = family
    first, step, *_ = _SIZES[prefix]
    measure = first + step * size
    weight = Decimal(random.randint(5, 40_000)) / 1000
    return {
        "Code": f"{prefix}-{measure:03d}",
        "Désignation": f"{french}, {detail.format(n=measure)}",
        "Désignation anglaise": f"{english} ({measure})",
        "Nature": "marchandise",
        "Unité": unit,
        "Poids net": weight,
        "Poids brut": (weight * Decimal("1.08")).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP),
        "Volume": Decimal(random.randint(1, 900)) / 10000,
        "Taux de TVA": rate,
        "Code douanier": f"{chapter}{random.randint(1000, 9999)}",
        "Prix de vente": _cents(cost * Decimal(random.randint(118, 190)) / 100),
        "Devise de vente": "EUR",
        "Géré en stock": random.random() < 0.7,
        "Étiquettes": random.choice((None, "saison", "saison, promo")),
    }


def _offer(random: Random, maker: Row, cost: Decimal) -> Row:
    currency = maker["Devise"]
    price = _cents(
        cost * _PER_EURO[currency] * Decimal(random.randint(90, 115)) / 100, _STEP.get(currency, Decimal("0.01"))
    )
    start = date(2025, 1, 1) + timedelta(days=random.randint(0, 660))
    code = f"{maker['Code']}/{random.randint(10_000, 99_999)}"
    incoterm = random.choice(_INCOTERMS[currency])
    return {
        "Fournisseur": maker["Code"],
        "Référence fournisseur": code,
        "Prix d'achat": price,
        "Devise d'achat": currency,
        "Incoterm d'achat": incoterm,
        "Lieu de l'incoterm d'achat": _ARRIVAL.get(incoterm, maker["Ville"]),
        "Quantité minimale": random.choice((None, Decimal(1), Decimal(12), Decimal(100))),
        "Valable du": start,
        "Valable au": random.choice((None, start + timedelta(days=730))),
    }


def _service(number: int) -> Row:
    transport = number < 4
    names = ("Fret routier Bretagne", "Fret maritime groupage", "Messagerie express", "Livraison sur quai")
    other = (
        "Contrôle qualité",
        "Étiquetage",
        "Formation sécurité",
        "Location de bac",
        "Montage",
        "Certificat d'origine",
    )
    return {
        "Code": f"{'TRA' if transport else 'SRV'}-{number:03d}",
        "Désignation": names[number] if transport else other[number - 4],
        "Nature": "transport" if transport else "service",
        "Unité": "forfait",
        "Taux de TVA": _TWENTY,
        "Prix de vente": Decimal(45 + 15 * number),
        "Devise de vente": "EUR",
        "Géré en stock": False,
    }


def order(random: Random, catalogue: Sequence[Row], lines: int) -> list[Row]:
    """An order's requested products: goods with discounts, free ones, transport and services at the end."""
    references = [row for row in catalogue if row.get("Désignation")]
    goods = [row for row in references if row["Nature"] == "marchandise"]
    services = [row for row in references if row["Nature"] != "marchandise"]
    extra = max(2, min(len(services), lines // 20))
    chosen = [random.choice(goods) for _ in range(lines - extra)] + services[:extra]
    rows = [_line(random, reference) for reference in chosen]
    rows[1] |= {"Prix unitaire": Decimal(0), "Gratuit": True, "Remise": None}
    rows[2] |= {"Code": None, "Désignation": "Article hors catalogue : gréement sur mesure, façon « Belem »"}
    rows[2]["Unité"] = "pièce"
    rows[3]["Quantité"], rows[3]["Prix unitaire"] = Decimal("12.5"), Decimal("3.333333")
    return rows


_PURCHASE = ("Fournisseur", "Prix d'achat", "Devise d'achat", "Incoterm d'achat", "Lieu de l'incoterm d'achat")


def _line(random: Random, reference: Row) -> Row:
    goods = reference["Nature"] == "marchandise"
    bought = goods and reference.get("Fournisseur") is not None
    keep = _PURCHASE if bought else ()
    return {
        "Code": reference["Code"],
        "Désignation": reference["Désignation"],
        "Nature": reference["Nature"],
        "Quantité": Decimal(random.choice((1, 2, 4, 6, 10, 12, 24, 48, 60, 100, 250)) if goods else 1),
        "Unité": reference["Unité"],
        "Prix unitaire": reference["Prix de vente"],
        "Remise": random.choice((None, None, None, Decimal(5), Decimal("7.5"), Decimal(10))),
        "Taux de TVA": reference["Taux de TVA"],
        "Gratuit": False,
    } | {name: reference[name] for name in keep}
