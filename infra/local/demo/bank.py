"""A bank statement: read, its entries matched with what they pay on either side, read again; the cash to come."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from infra.local.demo.client import Answer, Client, Unexpected
from infra.local.demo.people import House
from infra.local.demo.stage import Stage, money, until

OPENING = Decimal("25000.00")
FEES = Decimal("-12.50")
DOLLARS_BOOKED = Decimal("-461.15")
"""What the bank books on the account in euros for the transfer in dollars."""
_SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def reconcile(stage: Stage, house: House, account: Mapping[str, Any], invoices: Sequence[Mapping[str, Any]]) -> None:
    """The bank tells that two invoices were paid, one in part, that two transfers left, and that it took its fees."""
    whole, part = invoices
    client = house["manager"]
    half = (Decimal(part["totals"]["gross"]["amount"]) / 2).quantize(Decimal("0.01"))
    paid = Decimal(whole["totals"]["gross"]["amount"])
    *_, sent = stage.record.transfers["orders"][0]["transfers"]
    [dollars] = stage.record.transfers["orders"][-1]["transfers"]
    gone, day = -Decimal(sent["amount"]), whole["issue_date"]
    moves = [
        Move(paid, day, f"VIR SEPA FACTURE {whole['number']}", whole["customer_name"]),
        Move(half, part["issue_date"], "VIR SEPA ACOMPTE", part["customer_name"]),
        Move(gone, day, "VIR SEPA EMIS", sent["supplier_name"], sent["end_to_end"]),
        Move(DOLLARS_BOOKED, day, "VIR INTERNATIONAL", dollars["supplier_name"], dollars["end_to_end"]),
        Move(FEES, part["issue_date"], "FRAIS DE TENUE DE COMPTE"),
    ]
    with stage.step("Read a bank statement"):
        data = _statement(account["account"]["iban"], moves)
        stage.keep("statements", "releve.camt053.xml", data, kind="statement")
        read = _send(stage, client, data)
        [told] = read["statements"]
        stage.tell(f"{told['number']}: {told['new']} new entries, {told['known']} known")
        again = _send(stage, client, data)
        stage.check("New entries of the same statement sent again", 0, again["statements"][0]["new"])
    with stage.step("Match its entries"):
        month = str(whole["issue_date"])[:7]
        listed = list(client.every(f"/bank-accounts/{account['id']}/entries", month=month))
        for amount, invoice in ((paid, whole), (half, part)):
            _match(stage, client, _of(listed, amount), invoice)
        _match_transfer(stage, client, _of(listed, gone), sent)
        _match_dollars(stage, client, _of(listed, DOLLARS_BOOKED), dollars)
    _conclude(stage, client, account["id"], OPENING + paid + half + gone + DOLLARS_BOOKED + FEES)
    _foresee(stage, house["accountant"], account["id"])


def _of(entries: Sequence[Mapping[str, Any]], amount: Decimal) -> Mapping[str, Any]:
    [entry] = [one for one in entries if Decimal(one["amount"]["amount"]) == amount]
    return entry


def open_account(stage: Stage, house: House) -> dict[str, Any]:
    """The company's account, opened unless it is."""
    with stage.step("Open the bank account"):
        known = house["accountant"].get("/bank-accounts").body["items"]
        if not known:
            iban = house["administrator"].get("/company").body["identity"]["bank_accounts"][0]["iban"]
            opened = {"iban": iban, "label": "Compte courant", "settings": {"sepa": "pain.001.001.09"}}
            known = [house["administrator"].post("/bank-accounts", opened).body]
        account: dict[str, Any] = known[0]
        stage.tell(f"{account['label']}: {account['account']['iban']}")
    return account


class Move(NamedTuple):
    """A movement of the statement."""

    amount: Decimal
    day: str
    text: str
    party: str = ""
    end_to_end: str = "NOTPROVIDED"


def _statement(iban: str, moves: Sequence[Move]) -> bytes:
    """A camt.053 as the bank would send it."""
    closing = OPENING + sum((move.amount for move in moves), Decimal(0))
    first, last = min(move.day for move in moves), max(move.day for move in moves)
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(value)}<Dt><Dt>{day}</Dt></Dt></Bal>"
        for code, value, day in (("OPBD", OPENING, first), ("CLBD", closing, last))
    )
    entries = "".join(_entry(number, move) for number, move in enumerate(sorted(moves, key=lambda move: move.day), 1))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_SPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>DEMO</MsgId><CreDtTm>{last}T20:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>DEMO-{last}</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balances}{entries}</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def _amount(value: Decimal) -> str:
    sign = "CRDT" if value >= 0 else "DBIT"
    return f'<Amt Ccy="EUR">{abs(value)}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def _entry(number: int, move: Move) -> str:
    role = "Dbtr" if move.amount > 0 else "Cdtr"
    name = f"<RltdPties><{role}><Pty><Nm>{escape(move.party)}</Nm></Pty></{role}></RltdPties>" if move.party else ""
    return (
        f"\n<Ntry>{_amount(move.amount)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{move.day}</Dt></BookgDt>"
        f"<ValDt><Dt>{move.day}</Dt></ValDt><AcctSvcrRef>B{number}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{escape(move.end_to_end)}</EndToEndId></Refs>"
        f"{name}<RmtInf><Ustrd>{escape(move.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _send(stage: Stage, client: Client, data: bytes) -> dict[str, Any]:
    """Announce a file, put it where the answer says, and have it read."""
    digest = hashlib.sha256(data).hexdigest()
    ticket = client.post("/bank-statements/files", {"filename": "releve.xml", "size": len(data), "sha256": digest}).body
    request = urllib.request.Request(ticket["url"], data, ticket["headers"], method="PUT")  # noqa: S310
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except OSError as error:
        raise Unexpected(f"PUT {ticket['url']}: the file was not taken ({error})") from error
    path = f"/bank-statements/files/{ticket['file']['id']}"
    client.post(f"{path}/reading", expect=(201, 202))
    read: dict[str, Any] = until(lambda: client.get(path), lambda came: came.body["state"] == "read", path).body
    return read


def _match(stage: Stage, client: Client, entry: Mapping[str, Any], invoice: Mapping[str, Any]) -> None:
    """Take the proposal that names the invoice; where none does, as for a part of it, say which invoice it is."""
    if entry["state"] == "matched":
        stage.tell(f"{money(entry['amount'])}: matched already")
        return
    path = f"/bank-entries/{entry['id']}"
    found = client.get(f"{path}/proposals").body
    reasons = [reason["en"] for proposal in found["proposals"][:1] for reason in proposal["reasons"]]
    stage.tell(f"{money(entry['amount'])}: {', '.join(reasons) or 'nothing is proposed'}")
    amount = entry["left"]["amount"]
    asked = {"customer": invoice["customer"], "allocations": [{"invoice": invoice["id"], "amount": amount}]}
    matched = client.post(f"{path}/matches", asked, (201,)).body
    stage.tell(f"  paid of {invoice['number']}: {money(matched['payments'][0]['amount'])}")


def _match_transfer(stage: Stage, client: Client, entry: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    """Accept what is proposed for a transfer that the bank made: its reference leaves no doubt."""
    if entry["state"] == "matched":
        stage.tell(f"{money(entry['amount'])}: matched already")
        return
    path = f"/bank-entries/{entry['id']}"
    found = client.get(f"{path}/proposals").body
    [part] = found["proposals"][0]["parts"]
    stage.check(f"Proposed for {money(entry['amount'])}", sent["end_to_end"], part["transfer"]["end_to_end"])
    stage.check("It leaves no doubt", True, found["certain"])
    told = {"invoice": part["document"], "amount": part["amount"]["amount"], "end_to_end": sent["end_to_end"]}
    matched = client.post(f"{path}/supplier-matches", {"allocations": [told]}, (201,)).body
    stage.tell(f"  paid of {part['number']}: {money(matched['payments'][0]['amount'])}")


def _match_dollars(stage: Stage, client: Client, entry: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    """Say what the bank booked in euros for a transfer in dollars: the product converts nothing by itself."""
    if entry["state"] == "matched":
        stage.tell(f"{money(entry['amount'])}: matched already")
        return
    path = f"/bank-entries/{entry['id']}/supplier-matches"
    told = {"invoice": sent["document"], "amount": sent["amount"], "end_to_end": sent["end_to_end"]}
    untold = client.post(path, {"allocations": [told]}, (422,))
    stage.refused(f"Matching {money(entry['amount'])} with dollars, without saying so", untold, "other_currency")
    booked = f"{abs(DOLLARS_BOOKED)}"
    matched = client.post(path, {"allocations": [told], "booked": booked}, (201,)).body
    stage.check("The entry that paid dollars", "matched", matched["state"])
    payment = client.get(f"/payments/{matched['payments'][0]['payment']}").body
    stage.tell(f"{money(payment['amount'])} paid of {sent['number']}, booked as {money(payment['booked'])}")


def _foresee(stage: Stage, client: Client, account: str) -> None:
    """The cash to come, by week, on the account and in all, once the sums have followed (TRS-11)."""

    def expects(came: Answer) -> bool:
        of_account = [one for one in came.body["accounts"] if one["account"] == account]
        return any(Decimal(week["movement"]["amount"]) for one in of_account for week in one["weeks"])

    with stage.step("The cash to come"):
        path = "/cash-forecast"
        whole = until(lambda: client.get(path), expects, path).body["total"]
        opening = whole["opening"]["amount"]
        stage.check("The forecast begins with the bank balance", stage.record.bank["balance"], opening)
        moving = [week for week in whole["weeks"] if Decimal(week["movement"]["amount"])]
        for week in moving:
            stage.tell(f"week {week['number']}: {money(week['movement'])}, {money(week['balance'])} at its end")
        stage.tell(f"{whole['weather']}: {whole['trough'] or 'no trough in sight'}")
        shown = [{"week": each["week"], **{what: each[what]["amount"] for what in _TOLD}} for each in moving]
        stage.record.bank["forecast"] = {"weather": whole["weather"], "trough": whole["trough"], "weeks": shown}


_TOLD = ("movement", "balance")


def _conclude(stage: Stage, client: Client, account: str, balance: Decimal) -> None:
    stands = client.get(f"/bank-accounts/{account}").body
    stage.check("Balance of the bank account", str(balance), stands["balance"]["amount"])
    stage.check("Missing to what the bank tells", "0.00", stands["missing"]["amount"])
    waiting = list(client.every(f"/bank-accounts/{account}/entries", unmatched="true"))
    stage.record.bank = {
        "account": stands["account"]["iban"],
        "balance": stands["balance"]["amount"],
        "entries": stands["entries"],
        "unmatched": len(waiting),
    }
