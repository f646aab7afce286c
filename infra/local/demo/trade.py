"""An import-export order in US dollars: offer, prices, quotes, criteria, confirmation, purchases, what follows."""

from __future__ import annotations

from infra.local.demo import dollars, pictures, purchases, pursuit, searches
from infra.local.demo.deals import (
    confirm,
    found_again,
    generate_quote,
    keep_quotes,
    order_told,
    party_of,
    unmet_criteria,
)
from infra.local.demo.dollars import Desk
from infra.local.demo.people import House
from infra.local.demo.stage import Stage


def play_trade(stage: Stage, house: House) -> str:
    """Bring the order from nothing to its purchase orders, or from where an earlier run left it; its path."""
    stage.record.trade["unmet"] = []
    with stage.step("Offer in USD, CIF Boston"):
        desk = _desk(stage, house)
        if not desk.order()["lines"]:
            dollars.fill(stage, desk)
        stage.tell(f"{desk.order()['number']} for {desk.order()['customer_name']}: {desk.order()['lines']} lines")
    if not desk.order()["quotes"]:
        dollars.price(stage, desk)
    with stage.step("Preview of the quote"):
        before = desk.order()["quotes"]
        desk.keep_preview(stage, f"{desk.path}/quotes/preview", "quote.pdf")
        stage.check("Quote versions before and after a preview", before, desk.order()["quotes"])
    if not desk.order()["quotes"]:
        with stage.step("First quote, in French"):
            generate_quote(stage, desk.sales, desk.path, "Première proposition, pour relecture en interne")
    if desk.order()["status"] == "offer":
        _settle(stage, desk)
    dollars.expect_deposit(stage, desk)
    dollars.tell_totals(stage, desk)
    purchases.issue(stage, desk)
    pursuit.follow(stage, desk)
    purchases.refuse_undo(stage, desk)
    pictures.show(stage, house)
    searches.search(stage, house)
    searches.export(stage, house)
    keep_quotes(stage, desk.sales, desk.path)
    _record(stage, desk)
    return desk.path


def _desk(stage: Stage, house: House) -> Desk:
    sales = house["sales"]
    customer = party_of(sales, dollars.CUSTOMER)
    found = found_again(stage, sales, customer, dollars.REFERENCE)
    order = found or sales.post("/orders", dollars.head(stage, customer), (201,))
    return Desk(house, f"/orders/{order.body['id']}", {code: party_of(sales, code) for code in dollars.SUPPLIERS})


def _settle(stage: Stage, desk: Desk) -> None:
    """Show every unmet criterion at once, mend them, quote again in English, confirm, undo, confirm again."""
    with stage.step("Unmet criteria of the order in USD"):
        purchases.unsettle(stage, desk)
        stage.record.trade["unmet"] = unmet_criteria(stage, desk.sales, desk.path, dollars.REFERENCE)
    with stage.step("Mend them, second quote in English, another template"):
        pursuit.set_route(stage, desk)
        purchases.settle(stage, desk)
        dollars.translate(desk)
        desk.change(template=dollars.TEMPLATE)
        generate_quote(stage, desk.sales, desk.path, "Prices agreed on the phone")
        left = [one["code"] for one in desk.sales.get(f"{desk.path}/confirmation/criteria").body["breaches"]]
        stage.check(f"Criteria of {dollars.REFERENCE} still unmet once mended", [], left)
    with stage.step("Confirm, undo, confirm again"):
        pursuit.save_formalities(stage, desk)
        purchases.undo_too_early(stage, desk)
        confirm(stage, desk.house, desk.path)
        purchases.undo(stage, desk)
        confirm(stage, desk.house, desk.path)


def _record(stage: Stage, desk: Desk) -> None:
    """Tell the order in `summary.json`, beside the others."""
    order, trade = desk.order(), stage.record.trade
    stage.record.orders.append(order_told(order))
    trade["order"] = {name: order[name] for name in ("id", "number", "status", "template", "rates", "transport")}
    trade["quotes"] = [
        {name: quote[name] for name in ("version", "number", "title", "language", "comment")}
        for quote in desk.sales.every(f"{desk.path}/quotes")
    ]
    calculator = desk.sales.get(f"{desk.path}/calculator").body
    trade["calculator"] = {"inputs": calculator["inputs"], "solution": calculator["solution"]}
    trade["linked_prices"] = desk.linked_prices()
