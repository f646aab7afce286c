"""Orders: offer, lines from a file, quote as a PDF, criteria, confirmation."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.demo.client import Answer, Client, Unexpected, download
from infra.local.demo.files import upload
from infra.local.demo.people import SAMPLES, House
from infra.local.demo.stage import Stage, money, told, until

_TERMS = [
    {"percentage": "30", "milestone": "order_confirmation", "comment": "Acompte à la commande"},
    {"percentage": "70", "milestone": "invoice", "steps": [{"days": 45}, {"end_of_month": True}]},
]


@dataclass(frozen=True)
class Deal:
    """An order of the demonstration: `reference` is how it is found again, `faulty` a file tried before."""

    reference: str
    customer: str
    file: str
    language: str
    title: str
    faulty: str | None = None


DEALS = (
    Deal("DEMO-60", "C0005", "order-60.csv", "fr", "60 lines", "faulty-order.csv"),
    Deal("DEMO-8", "C0022", "order-8.csv", "en", "8 lines, in English"),
    Deal("DEMO-1000", "C0013", "order-1000.xlsx", "fr", "1,000 lines"),
)


def play_deal(stage: Stage, house: House, deal: Deal) -> dict[str, Any]:
    """Bring an order from nothing to its confirmation, or from where an earlier run left it."""
    sales = house["sales"]
    with stage.step(f"Offer of {deal.title}"):
        order = _opened(stage, sales, deal, party_of(sales, deal.customer))
        path = f"/orders/{order.body['id']}"
        order = _filled(stage, sales, deal, order)
        totals = order.body["totals"]
        stage.tell(
            f"{order.body['number']} for {order.body['customer_name']}: {order.body['lines']} lines, "
            f"{money(totals['net'])} without VAT, {money(totals['gross'])} with"
        )
    if not order.body["quotes"]:
        with stage.step(f"Quote of {deal.title}"):
            generate_quote(stage, sales, path, "Première proposition")
    if order.body["status"] == "offer":
        with stage.step(f"Confirm {deal.title}"):
            _mend(stage, house, deal, path)
            confirm(stage, house, path)
    keep_quotes(stage, sales, path)
    confirmed = sales.get(path).body
    stage.record.orders.append(order_told(confirmed))
    return dict(confirmed)


def party_of(sales: Client, code: str) -> str:
    """The identifier of a party of the sample files."""
    for one in sales.every("/parties"):
        if one["code"] == code:
            return str(one["id"])
    raise Unexpected(
        f"GET /parties as {sales.email}: the party {code} of the sample files was expected, it is not there"
    )


def found_again(stage: Stage, sales: Client, customer: str, reference: str) -> Answer | None:
    """The order that an earlier run opened for a customer under this reference."""
    for summary in sales.every("/orders", customer=customer):
        found = sales.get(f"/orders/{summary['id']}")
        if found.body["customer_reference"] == reference:
            stage.tell(f"found again, {found.body['status']}")
            return found
    return None


def _opened(stage: Stage, sales: Client, deal: Deal, customer: str) -> Answer:
    found = found_again(stage, sales, customer, deal.reference)
    if found:
        return found
    offer = {
        "customer": customer,
        "customer_reference": deal.reference,
        "language": deal.language,
        "incoterm": "DAP",
        "incoterm_place": "Brest",
        # The balance and the dates are left out of one at first, so that the criteria have something to say.
        "terms": _TERMS[:1] if deal.faulty else _TERMS,
        "milestones": [] if deal.faulty else _milestones(stage.today),
        "message": _MESSAGES[deal.language],
    }
    return sales.post("/orders", offer, (201,))


_MESSAGES = {
    "fr": "Nous vous remercions de votre confiance. Livraison sous trois semaines.",
    "en": "Thank you for your trust. Delivery within three weeks.",
}


def _filled(stage: Stage, sales: Client, deal: Deal, order: Answer) -> Answer:
    if order.body["lines"]:
        return order
    path = f"/orders/{order.body['id']}/lines/imports"
    if deal.faulty:
        answer = sales.post(path, upload(SAMPLES / deal.faulty), (422,), version=order.version)
        stage.tell(f"{deal.faulty}: {len(answer.sentences)} errors, nothing imported")
        for sentence in told(answer):
            stage.tell(f"  {sentence}")
    file = SAMPLES / deal.file
    content = _without_french(file) if deal.language == "en" else file.read_bytes()
    return sales.post(path, upload(file, content), (200,), version=order.version)


def _without_french(file: Path) -> bytes:
    """The file (code, designation … between tabs) with designations only where no code lets the catalogue give them."""
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig")), delimiter="\t"))
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t")
    writer.writerow(rows[0])
    writer.writerows([row[0], "" if row[0] else row[1], *row[2:]] for row in rows[1:])
    return text.getvalue().encode()


def generate_quote(stage: Stage, sales: Client, path: str, comment: str) -> None:
    """Have the next version of the quote generated."""
    quote = sales.post(f"{path}/quotes", {"comment": comment}, (201, 202)).body
    latest = f"{path}/quotes/latest/file"
    until(lambda: sales.get(latest), lambda came: came.body["url"] is not None, latest)
    stage.tell(f"{quote['title']} {quote['number']}")


def keep_quotes(stage: Stage, sales: Client, path: str) -> None:
    """Leave the PDF of each version in `out/quotes/`."""
    for quote in sales.every(f"{path}/quotes"):
        link = sales.get(f"{path}/quotes/{quote['version']}/file").body
        number = quote["number"]
        stage.keep("quotes", f"{number}.pdf", download(link["url"]), kind="quote", number=number)
        if stage.record.files[-1]["sha256"] != quote["file"]["sha256"]:
            raise Unexpected(f"The file of the quote {number} is not the one that the API tells of")


def _mend(stage: Stage, house: House, deal: Deal, path: str) -> None:
    """Look at the criteria, mend what is unmet, and generate the quote that shows it."""
    sales = house["sales"]
    if not unmet_criteria(stage, sales, path, deal.reference):
        return
    mended = {"terms": _TERMS, "milestones": _milestones(stage.today)}
    sales.patch(path, mended, version=sales.get(path).version)
    generate_quote(stage, sales, path, "Conditions de règlement complétées")
    left = [breach["code"] for breach in sales.get(f"{path}/confirmation/criteria").body["breaches"]]
    stage.check(f"Criteria of {deal.reference} still unmet once mended", [], left)


def unmet_criteria(stage: Stage, sales: Client, path: str, reference: str) -> list[dict[str, Any]]:
    """Show every criterion that an order does not meet, and that it is refused for them; none when it is ready."""
    unmet = sales.get(f"{path}/confirmation/criteria").body
    if unmet["ready"]:
        return []
    stage.tell(f"{len(unmet['breaches'])} criteria are unmet:")
    for breach in unmet["breaches"]:
        stage.tell(f"  {breach.get('link', '')} {breach.get('pointer', '')}: {breach['fr']} / {breach['en']}")
    refused = sales.post(f"{path}/confirmation", {}, (422,), version=sales.get(path).version)
    stage.refused(f"Confirming {reference} with unmet criteria", refused, unmet["breaches"][0]["code"])
    return list(unmet["breaches"])


def confirm(stage: Stage, house: House, path: str) -> None:
    """Confirm an order whose criteria are met, once a profile without the right was refused."""
    version = house["sales"].get(path).version
    asked = {"internal_reference": "PO-2026-118", "means": "Devis signé"}
    refused = house["logistics"].post(f"{path}/confirmation", asked, (403,), version=version)
    stage.refused("Logistics confirms an order", refused, "forbidden")
    answer = house["sales"].post(f"{path}/confirmation", asked, (200, 202), version=version)
    if answer.status == 202:
        until(lambda: house["sales"].get(path), lambda came: came.body["status"] == "confirmed", f"{path}/confirmation")
    treasury = house["sales"].get(f"{path}/treasury").body["lines"]
    stage.tell("treasury: " + ", ".join(f"{money(line['amount'])} {line['status']}" for line in treasury))


def _milestones(today: dt.date) -> list[dict[str, str]]:
    return [
        {"name": "order_confirmation", "forecast": today.isoformat()},
        {"name": "invoice", "forecast": (today + dt.timedelta(days=21)).isoformat()},
    ]


def order_told(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order as `summary.json` tells it."""
    shown = {name: order[name] for name in ("id", "number", "customer_name", "customer_reference", "language")}
    totals = {name: order["totals"][name]["amount"] for name in ("net", "vat", "gross")}
    return shown | {
        "status": order["status"],
        "lines": order["lines"],
        "quotes": order["quotes"],
        "currency": order["totals"]["net"]["currency"],
        **totals,
    }
