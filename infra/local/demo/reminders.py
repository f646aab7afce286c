"""A customer who pays late is reminded: who, by which step, with what the law allows, once (INV-12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from infra.local.demo import mails
from infra.local.demo.client import download
from infra.local.demo.stage import money, until
from infra.local.demo.workshop import Workshop

_CENT = Decimal("0.01")


def play_reminders(workshop: Workshop, invoice: Mapping[str, Any]) -> None:
    """Remind the customer of an invoice of last year, which nobody paid; leave the letter and its mail."""
    client, stage = workshop.client, workshop.stage
    customer = invoice["customer"]
    path = f"/parties/{customer}/payment-reminders"
    with stage.step("Remind a customer who pays late"):
        written = client.get(path).body["items"]
        if not written:
            proposed = client.get("/payment-reminder-proposals").body["items"]
            stage.check("Customers to remind", [customer], [one["customer"] for one in proposed])
            written = [client.post(path, {}, (201, 202)).body]
        place = f"/payment-reminders/{written[0]['id']}"
        found = until(lambda: client.get(place), lambda came: came.body["url"] is not None, place).body
        reminder, content = found["reminder"], found["reminder"]["content"]
        name = f"{content['number']}.pdf"
        stage.keep("reminders", name, download(found["url"]), kind="payment_reminder", number=content["number"])
        stage.check("Penalties of the letter", _penalty(content), content["penalties"]["amount"])
        again = client.post(path, {}, (409,))
        stage.refused("Reminding of the same step again", again, "nothing_to_remind")
        mails.keep(stage, client, reminder["mail"], content["number"])
        asked = {part: content[part]["amount"] for part in ("due", "penalties", "indemnity", "total")}
        workshop.told["reminder"] = {"tone": content["tone"], **asked, "file": f"reminders/{name}"}
        stage.tell(f"{content['number']}, {content['tone']}: {money(content['total'])}")


def _penalty(content: Mapping[str, Any]) -> str:
    """What late payment costs, reckoned here: amount × rate × days / 365 of each line."""
    made, owed = dt.date.fromisoformat(content["made_on"]), Decimal(0)
    for line in content["lines"]:
        days = (made - dt.date.fromisoformat(line["due_date"])).days
        exact = Decimal(line["amount"]["amount"]) * Decimal(line["rate"]) * days / 36_500
        owed += exact.quantize(_CENT, ROUND_HALF_UP)
    return str(owed)
