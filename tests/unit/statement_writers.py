"""The same statement written in every format, as banks write it; and statements to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from comptoir.banking.charset import latin
from comptoir.banking.statement import Balance, Entry, Statement, StatementFormat
from comptoir.kernel.money import Money, plain

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
IBAN = "FR7630006000011234567890189"
_UNPUNCHED = ("{ABCDEFGHI", "}JKLMNOPQR")


def statement(
    entries: tuple[Entry, ...], opening: str = "1000.00", currency: str = "EUR", day: str = "2026-11-02"
) -> Statement:
    """A statement of these entries that adds up."""
    start = Money.of(opening, currency)
    first = date.fromisoformat(day)
    days = [entry.booking_date for entry in entries] or [first]
    closing = start
    for entry in entries:
        closing += entry.amount
    return Statement(
        format=StatementFormat.CAMT_053,
        id="2026-11",
        account=IBAN,
        currency=currency,
        sequence="12",
        first_day=min(days),
        last_day=max(days),
        opening=Balance(amount=start, day=min(days) - timedelta(days=1)),
        closing=Balance(amount=closing, day=max(days)),
        entries=tuple(entry.change(index=number) for number, entry in enumerate(entries)),
    )


def entry(amount: str, day: str = "2026-11-02", currency: str = "EUR", **more: object) -> Entry:
    """A booked movement."""
    booked = date.fromisoformat(day)
    fields = {"index": 0, "amount": Money.of(amount, currency), "booking_date": booked, "value_date": booked}
    return Entry.model_validate(fields | more)


def _sign(amount: Decimal) -> str:
    return "CRDT" if amount >= 0 else "DBIT"


def camt(of: Statement, version: str) -> bytes:
    """camt.053.001 of a version, "02" or "08"."""
    blocks = []
    for code, balance in (("OPBD", of.opening), ("CLBD", of.closing)):
        assert balance is not None
        blocks.append(
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="{of.currency}">{plain(abs(balance.amount.amount))}</Amt>'
            f"<CdtDbtInd>{_sign(balance.amount.amount)}</CdtDbtInd><Dt><Dt>{balance.day}</Dt></Dt></Bal>"
        )
    blocks += [_camt_entry(each, version) for each in of.entries]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{SPACE}{version}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-30T05:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{of.id}</Id><ElctrncSeqNb>{of.sequence}</ElctrncSeqNb><Acct><Id><IBAN>{of.account}</IBAN></Id>"
        f"<Ccy>{of.currency}</Ccy></Acct>\n" + "\n".join(blocks) + "</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def _element(tag: str, text: str | None) -> str:
    return f"<{tag}>{escape(text)}</{tag}>" if text else ""


def _camt_entry(each: Entry, version: str) -> str:
    amount, status = each.amount.amount, "BOOK" if version == "02" else "<Cd>BOOK</Cd>"
    role = "Dbtr" if (amount >= 0) != each.reversal else "Cdtr"
    name = _element("Nm", each.counterparty)
    party = f"<{role}>{name if version == '02' else f'<Pty>{name}</Pty>'}</{role}>" if name else ""
    account = (
        f"<{role}Acct><Id><IBAN>{each.counterparty_iban}</IBAN></Id></{role}Acct>" if each.counterparty_iban else ""
    )
    reference = f"<Strd><CdtrRefInf><Ref>{each.reference}</Ref></CdtrRefInf></Strd>" if each.reference else ""
    end_to_end = escape(each.end_to_end or "NOTPROVIDED")
    reason = f"<RtrInf><Rsn><Cd>{each.return_reason}</Cd></Rsn></RtrInf>" if each.return_reason else ""
    return (
        f'<Ntry><Amt Ccy="{each.amount.currency}">{plain(abs(amount))}</Amt><CdtDbtInd>{_sign(amount)}</CdtDbtInd>'
        f"{'<RvslInd>true</RvslInd>' if each.reversal else ''}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{each.booking_date}</Dt></BookgDt><ValDt><Dt>{each.value_date}</Dt></ValDt>"
        f"{_element('AcctSvcrRef', each.bank_reference)}{_camt_code(each.code)}<NtryDtls><TxDtls>"
        f"<Refs>{_element('PmtInfId', each.payment_id)}<EndToEndId>{end_to_end}</EndToEndId></Refs>"
        f"<RltdPties>{party}{account}</RltdPties><RmtInf>{_element('Ustrd', each.text)}{reference}</RmtInf>"
        f"{reason}</TxDtls></NtryDtls></Ntry>"
    )


def _camt_code(code: str | None) -> str:
    """An operation as ISO 20022 codes it: domain, family and sub-family."""
    if not code:
        return ""
    domain, family, part = code.split("-")
    inner = f"<Fmly><Cd>{family}</Cd><SubFmlyCd>{part}</SubFmlyCd></Fmly>"
    return f"<BkTxCd><Domn><Cd>{domain}</Cd>{inner}</Domn></BkTxCd>"


def _punched(amount: Decimal, decimals: int) -> str:
    digits = f"{int(abs(amount).scaleb(decimals)):014d}"
    return digits[:-1] + _UNPUNCHED[amount < 0][int(digits[-1])]


def cfonb(of: Statement, ends: str = "\r\n", decimals: int = 2) -> bytes:
    """CFONB 120, in Latin-1, its records ended by `ends`."""
    assert of.opening is not None
    assert of.closing is not None
    bank, branch, account = of.account[4:9], of.account[9:14], of.account[14:25]
    place = f"{bank}    {branch}{of.currency}{decimals} {account}"

    def record(kind: str, code: str, day: date | None, rest: str) -> str:
        assert day is not None
        return f"{kind}{place}{code:2}{day:%d%m%y}{rest}".ljust(120)

    def balance(kind: str, of: Balance) -> str:
        return record(kind, "", of.day, f"{'':50}{_punched(of.amount.amount, decimals)}")

    records = [balance("01", of.opening)]
    for each in of.entries:
        assert each.value_date is not None
        value = f"  {each.value_date:%d%m%y}"
        label = latin(each.text)[:31]
        amount = _punched(each.amount.amount, decimals)
        reference = (each.bank_reference or "")[:16]
        records.append(
            record("04", "05", each.booking_date, f"{value}{label:31}  {each.index:07d}  {amount}{reference:16}")
        )
        party = "NPY" if each.amount.amount >= 0 else "NBE"
        details = [("LCC", latin(each.text)[31:101]), (party, each.counterparty or ""), ("RCN", each.end_to_end or "")]
        details.append(("LCS", each.reference or ""))
        records += [
            record("05", "05", each.booking_date, f"     {name}{text[:70]:70}") for name, text in details if text
        ]
    records.append(balance("07", of.closing))
    return "".join(line + ends for line in records).encode("latin-1", "replace")


def mt940(of: Statement) -> bytes:
    """MT940 with code words between slashes in field 86."""
    assert of.opening is not None
    assert of.closing is not None

    def balance(tag: str, of: Balance) -> str:
        assert of.day is not None
        amount = of.amount.amount
        return f":{tag}:{'C' if amount >= 0 else 'D'}{of.day:%y%m%d}{of.amount.currency}{_comma(amount)}"

    lines = [f":20:{of.id}", f":25:{of.account}", f":28C:{of.sequence}/1", balance("60F", of.opening)]
    for each in of.entries:
        assert each.value_date is not None
        credit = each.amount.amount >= 0
        mark = ("RD" if credit else "RC") if each.reversal else ("C" if credit else "D")
        lines.append(
            f":61:{each.value_date:%y%m%d}{each.booking_date:%m%d}{mark}{_comma(each.amount.amount)}NTRF"
            f"{(each.end_to_end or 'NONREF')[:16]}//{(each.bank_reference or '')[:16]}"
        )
        words = [("EREF", each.end_to_end), ("ORDP//NAME", each.counterparty), ("IBAN", each.counterparty_iban)]
        told = "".join(f"/{name}/{text}" for name, text in [*words, ("REMI", latin(each.text))] if text)
        lines.append(":86:" + "\r\n".join(re.findall(".{1,65}", told)))
    lines.append(balance("62F", of.closing))
    return ("\r\n".join(lines) + "\r\n-\r\n").encode("latin-1", "replace")


def _comma(amount: Decimal) -> str:
    whole, _, decimals = plain(abs(amount)).partition(".")
    return f"{whole},{decimals}"


def table(of: Statement) -> bytes:
    """A French CSV: newest first, debit and credit apart, decimal commas, a running balance."""
    assert of.opening is not None
    balance = of.opening.amount
    rows = []
    for each in of.entries:
        balance += each.amount
        amount = _comma(each.amount.amount).rstrip(",")
        debit, credit = ("", amount) if each.amount.amount >= 0 else (amount, "")
        sign = "-" if balance.amount < 0 else ""
        text = latin(each.text).replace('"', "")
        rows.append(
            f"{each.booking_date:%d/%m/%Y};{each.value_date:%d/%m/%Y};{text};{debit};{credit};"
            f"{sign}{_comma(balance.amount).rstrip(',')};{each.end_to_end or ''};{each.counterparty or ''}"
        )
    head = "Date opération;Date valeur;Libellé;Débit (EUR);Crédit (EUR);Solde;Référence de bout en bout;Tiers"
    return ("\r\n".join([f"Compte : {of.account}", "", head, *reversed(rows)]) + "\r\n").encode("cp1252", "replace")


WRITERS: dict[str, Callable[[Statement], bytes]] = {
    "camt.053.001.02": lambda of: camt(of, "02"),
    "camt.053.001.08": lambda of: camt(of, "08"),
    "cfonb120": cfonb,
    "cfonb120 without line ends": lambda of: cfonb(of, ends=""),
    "mt940": mt940,
    "csv": table,
}

_WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ", max_size=40).map(lambda text: " ".join(f"V {text}".split()))
_REFERENCES = st.one_of(st.none(), st.from_regex("[A-Z][A-Z0-9-]{2,13}[A-Z0-9]", fullmatch=True))


@st.composite
def statements(draw: st.DrawFn, least: int = 0, currency: str = "EUR") -> Statement:
    """Statements that add up, in the order of their days, with equal movements of one day among them."""
    places = {"XPF": 0, "TND": 3}.get(currency, 2)
    day = date(2026, 11, 2)
    found = []
    for _ in range(draw(st.integers(least, 12))):
        day += timedelta(days=draw(st.integers(0, 2)))
        units = draw(st.one_of(st.sampled_from([1000, -1000]), st.integers(-(10**9), 10**9).filter(bool)))
        found.append(
            Entry(
                index=0,
                amount=Money.of(Decimal(units).scaleb(-places), currency),
                booking_date=day,
                value_date=day + timedelta(days=draw(st.integers(-3, 3))),
                text=draw(_WORDS),
                end_to_end=draw(_REFERENCES),
                bank_reference=draw(_REFERENCES),
                counterparty=draw(st.one_of(st.none(), _WORDS)),
            )
        )
    opening = Decimal(draw(st.integers(-(10**8), 10**8))).scaleb(-places)
    return statement(tuple(found), plain(opening), currency)
