"""Makes the sample files beside it, always the same: `python -m tests.samples.make [folder]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

from tests.samples import goods, people
from tests.samples.writing import Row, write_csv, write_xlsx

FOLDER = Path(__file__).parent
SEED = 20_261_121


def make(folder: Path) -> None:
    """Write every sample into `folder`."""
    random = Random(SEED)
    company = json.dumps(people.company(random), ensure_ascii=False, indent=2) + "\n"
    (folder / "company.json").write_text(company, encoding="utf-8")
    customers, suppliers = people.customers(random), people.suppliers(random)
    catalogue = goods.catalogue(random, suppliers)
    _both(folder, "customers", people.CUSTOMER_COLUMNS, customers, "Clients")
    _both(folder, "catalogue", goods.CATALOGUE_COLUMNS, catalogue, "Références")
    write_xlsx(folder / "suppliers.xlsx", people.SUPPLIER_COLUMNS, suppliers, "Fournisseurs")
    western = [{name: _western(value) for name, value in row.items()} for row in suppliers]
    write_csv(folder / "suppliers.csv", people.SUPPLIER_COLUMNS, western, encoding="cp1252")
    for lines, delimiter in ((8, "\t"), (60, ";"), (1000, ",")):
        rows = goods.order(random, catalogue, lines)
        name = f"order-{lines}"
        write_xlsx(folder / f"{name}.xlsx", goods.ORDER_COLUMNS, rows, "Commande")
        if delimiter == ",":
            english = dict(zip(goods.ORDER_COLUMNS, goods.ORDER_COLUMNS_EN, strict=True))
            rows = [{english[key]: value for key, value in row.items()} for row in rows]
        columns = goods.ORDER_COLUMNS_EN if delimiter == "," else goods.ORDER_COLUMNS
        write_csv(folder / f"{name}.csv", columns, rows, delimiter, "utf-8")
    _faulty(folder, customers, catalogue, rows)


def _both(folder: Path, name: str, columns: list[str], rows: list[Row], title: str) -> None:
    write_csv(folder / f"{name}.csv", columns, rows)
    write_xlsx(folder / f"{name}.xlsx", columns, rows, title)


def _western(value: object) -> object:
    """A text in the letters that an old Windows file knows."""
    if not isinstance(value, str):
        return value
    return value.replace("ō", "o").encode("cp1252", "ignore").decode("cp1252").strip()


def _faulty(folder: Path, customers: list[Row], catalogue: list[Row], order: list[Row]) -> None:
    """Files with known faults: `tests/samples/README.md` lists the cells."""
    bad = [dict(row) for row in customers[:6]]
    bad[0]["SIREN"] = str(int(bad[0]["SIREN"]) ^ 1)
    bad[1]["Courriel"] = "pas une adresse"
    bad[2]["Code"] = bad[0]["Code"]
    bad[3] |= {"Type": "ami", "Pays": "Bretagne"}
    bad[4]["Nom"] = None
    write_csv(folder / "faulty-customers.csv", people.CUSTOMER_COLUMNS, bad)
    wrong = [dict(row) for row in catalogue[:5]]
    wrong[0] |= {"Prix de vente": "douze", "Taux de TVA": "33"}
    wrong[1] |= {"Fournisseur": "F999", "Prix d'achat": "1", "Devise d'achat": "EUR"}
    wrong[2] |= {"Poids net": 3, "Poids brut": 2}
    write_xlsx(folder / "faulty-catalogue.xlsx", goods.CATALOGUE_COLUMNS, wrong, "Références")
    lines = [dict(row) for row in order[:5]]
    lines[0]["Quantity"] = "-3"
    lines[1]["Unit price"] = "1.234.5"
    lines[2]["VAT rate"] = "33"
    lines[3]["Supplier"] = "F999"
    write_csv(folder / "faulty-order.csv", goods.ORDER_COLUMNS_EN, lines, ",", "utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
