"""The main job, played through the HTTP API as its user would: from input files to archived, verified documents.

Opening a company is the deployer's; all that follows goes through the API with the tokens of operators. Everything is
looked for before it is made, so that played again it finds its data, and goes on where a stop cut it short.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from infra.local.cloud import Cloud, Progress
from infra.local.demo import (
    bank,
    billing,
    cases,
    contracts,
    deals,
    files,
    fiscal,
    kinds,
    mails,
    people,
    proofs,
    reminders,
    trade,
    transfers,
    workshop,
)
from infra.local.demo.stage import Stage


def play(cloud: Cloud, out_dir: Path, progress: Progress) -> Mapping[str, str]:
    """Play the job and leave its documents and `summary.json` in `out_dir`; returns what to show at the end.

    Raises `LocalAwsError` with what was asked and what came when an answer is not the expected one.
    """
    stage = Stage(cloud, out_dir, progress)
    house = people.open_house(stage)
    files.import_everything(stage, house)
    main, english, large = (deals.play_deal(stage, house, deal) for deal in deals.DEALS)
    order = trade.play_trade(stage, house)
    account = bank.open_account(stage, house)
    transfers.play_transfers(stage, house, order, account["account"]["iban"])
    first, _ = billing.invoice_in_two(stage, house, main)
    invoices = [billing.invoice_whole(stage, house, order) for order in (english, large)]
    mails.send_documents(stage, house, order, first)
    bank.reconcile(stage, house, account, invoices)
    billing.credit_in_part(stage, house, first)
    proofs.look_around(stage, house, main, first)
    proofs.try_the_forbidden(stage, house, first)
    proofs.verify_chains(stage, house)
    apart = workshop.open_workshop(stage)
    last = kinds.begin_last_year(apart)
    cases.play_cases(apart)
    kinds.play_kinds(apart, last)
    fiscal.play_fiscal(apart, last)
    reminders.play_reminders(apart, last)
    contracts.play_contracts(stage)
    stage.write_summary()
    return _shown(stage)


def _shown(stage: Stage) -> dict[str, str]:
    record = stage.record
    numbers = ", ".join(document["number"] for document in record.documents)
    emails = [one["email"] for one in record.operators]
    return {
        "API documentation": f"{record.api}/docs",
        "Sign in": f"user pool client {stage.cloud.user_client}, password {people.PASSWORD} for",
        **{f"  {one['profile']}": email for one, email in zip(record.operators, emails, strict=True)},
        "Issued": numbers,
        "Purchase orders": ", ".join(order["number"] for order in record.trade["purchase_orders"]),
        "Mails": ", ".join(mail["file"] for mail in record.mails),
        "Transfers": ", ".join(order["file"] for order in record.transfers["orders"]),
        "Contracts": ", ".join(one["number"] for one in record.contracts["contracts"]),
        "Archive": record.fiscal["archive"]["file"],
        "Checks held": str(len(record.checks)),
        "Summary": str(stage.out / "summary.json"),
    }
