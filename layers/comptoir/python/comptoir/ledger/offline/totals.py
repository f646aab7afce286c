"""What a period comes to: documents by kind, VAT by rate, payments by means, net and absolute (FIS-03, RULES §3.3).

Computed from the frozen content of chain entries alone. Everything adds up: a month is its days, a fiscal year its
months, the perpetual total all days since first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

EURO = "EUR"
SIGNS = {"invoice": 1, "credit_note": -1, "cancellation": -1, "replaced_invoice": -1}
"""What each kind of document does to the turnover; an invoice that another one replaces is taken back by it."""

SUPPLIER = "supplier_"
"""Begins the kind of what is paid to suppliers or comes back from them: counted, and no part of what is received."""

_NONE = Decimal(0)
Rated = tuple[str, str]
Rows = Iterable[Mapping[str, Any]]


def plain(value: Decimal) -> str:
    """A decimal as text without exponent."""
    return f"{value:f}"


@dataclass
class Amounts:
    """Documents counted, without VAT, VAT and with VAT; `rates`: (category, rate) → base and VAT."""

    count: int = 0
    net: Decimal = _NONE
    vat: Decimal = _NONE
    rates: dict[Rated, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def add(self, count: int, rows: Iterable[tuple[Rated, Decimal, Decimal]], sign: int = 1) -> None:
        """Add so many documents with these rows, or take them off."""
        self.count += count
        for rated, base, vat in rows:
            self.net += sign * base
            self.vat += sign * vat
            before = self.rates.get(rated, (_NONE, _NONE))
            self.rates[rated] = (before[0] + sign * base, before[1] + sign * vat)

    def rows(self) -> list[tuple[Rated, Decimal, Decimal]]:
        """The rows, highest rate first."""
        ranked = sorted(self.rates.items(), key=lambda entry: (-Decimal(entry[0][1]), entry[0][0]))
        return [(rated, base, vat) for rated, (base, vat) in ranked]

    def json(self) -> dict[str, Any]:
        """As it lies in a closing."""
        rates = [
            {"category": category, "rate": rate, "base": plain(base), "vat": plain(vat)}
            for (category, rate), base, vat in self.rows()
        ]
        gross = plain(self.net + self.vat)
        return {"count": self.count, "net": plain(self.net), "vat": plain(self.vat), "gross": gross, "rates": rates}


@dataclass
class Block:
    """Everything in one currency."""

    currency: str
    kinds: dict[str, Amounts] = field(default_factory=dict)
    absolute: Amounts = field(default_factory=Amounts)
    payments: dict[tuple[str, str], tuple[int, Decimal]] = field(default_factory=dict)
    received: Decimal = _NONE
    moved: Decimal = _NONE

    def document(self, kind: str, rows: list[tuple[Rated, Decimal, Decimal]]) -> None:
        """Count one document."""
        self.kinds.setdefault(kind, Amounts()).add(1, rows)
        self.absolute.count += 1
        self.absolute.net += abs(sum((base for _, base, _ in rows), _NONE))
        self.absolute.vat += abs(sum((vat for _, _, vat in rows), _NONE))

    def payment(self, kind: str, means: str, count: int, amount: Decimal) -> None:
        """Count payments of one kind and means; `amount` is signed, what goes out being negative."""
        before = self.payments.get((kind, means), (0, _NONE))
        self.payments[(kind, means)] = (before[0] + count, before[1] + amount)
        if not kind.startswith(SUPPLIER):
            self.received += amount

    def add(self, other: Block) -> None:
        """Add all of another block of the same currency."""
        for kind, amounts in other.kinds.items():
            self.kinds.setdefault(kind, Amounts()).add(amounts.count, amounts.rows())
        self.absolute.count += other.absolute.count
        self.absolute.net += other.absolute.net
        self.absolute.vat += other.absolute.vat
        for (kind, means), (count, amount) in other.payments.items():
            self.payment(kind, means, count, amount)
        self.moved += other.moved

    def balance(self) -> Amounts:
        """The turnover: invoices less what was credited, cancelled or replaced."""
        balance = Amounts()
        for kind, amounts in self.kinds.items():
            balance.add(amounts.count, amounts.rows(), SIGNS[kind])
        return balance

    def json(self) -> dict[str, Any]:
        """As it lies in a closing."""
        absolute = {name: value for name, value in self.absolute.json().items() if name != "rates"}
        return {
            "currency": self.currency,
            "kinds": [{"kind": kind, **self.kinds[kind].json()} for kind in SIGNS if kind in self.kinds],
            "balance": self.balance().json(),
            "absolute": absolute,
            "payments": [
                {"kind": kind, "means": means or None, "count": count, "amount": plain(amount)}
                for (kind, means), (count, amount) in sorted(self.payments.items())
            ],
            "received": plain(self.received),
            "moved": plain(self.moved),
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Block:
        """The block that a closing tells."""
        block = cls(told["currency"])
        for each in told["kinds"]:
            block.kinds[each["kind"]] = amounts = Amounts()
            amounts.add(each["count"], _rows(each["rates"], "base", "vat"))
        absolute = told["absolute"]
        block.absolute = Amounts(absolute["count"], Decimal(absolute["net"]), Decimal(absolute["vat"]))
        for each in told["payments"]:
            block.payment(each["kind"], each["means"] or "", each["count"], Decimal(each["amount"]))
        block.moved = Decimal(told["moved"])
        return block


class Totals:
    """Totals of a period, per currency and in euro.

    Documents in another currency are worth in euro what is frozen in them. Payments are only added up in the
    currency in which they were made: `received` is the sum of those of customers, `moved` that of
    their absolute amounts.
    """

    def __init__(self) -> None:
        self.currencies: dict[str, Block] = {}
        self.euro = Block(EURO)

    def document(self, payload: Mapping[str, Any]) -> None:
        """Count an issued document. Errors: `KeyError`, `ValueError` on content that it cannot count."""
        turnover = payload.get("turnover")
        parts = {payload["kind"]: (turnover or payload["totals"])["rows"]}
        if turnover and turnover["replaced"]:
            parts["replaced_invoice"] = turnover["replaced"]
        for kind, rows in parts.items():
            SIGNS[kind]
            self._block(payload["currency"]).document(kind, _rows(rows, "base", "vat"))
            told = ("base", "vat") if payload["currency"] == EURO else ("euro_base", "euro_vat")
            self.euro.document(kind, _rows(rows, *told))

    def payment(self, payload: Mapping[str, Any]) -> None:
        """Count an entry of the chain of payments."""
        amount, ours = Decimal(payload["amount"]["amount"]), payload.get("side", "customer") == "customer"
        kind = payload["kind"] if ours else f"{SUPPLIER}{payload['kind']}"
        for block in self._of(payload["amount"]["currency"]):
            block.payment(kind, payload.get("means") or "", 1, amount)
            block.moved += abs(amount) if ours else 0

    def add(self, other: Totals) -> None:
        """Add all of other totals."""
        for currency, block in other.currencies.items():
            self._block(currency).add(block)
        self.euro.add(other.euro)

    def _block(self, currency: str) -> Block:
        return self.currencies.setdefault(currency, Block(currency))

    def _of(self, currency: str) -> list[Block]:
        return [self._block(currency), *([self.euro] if currency == EURO else [])]

    def json(self) -> dict[str, Any]:
        """As they lie in a closing."""
        return {"currencies": [self.currencies[c].json() for c in sorted(self.currencies)], "euro": self.euro.json()}

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> Totals:
        """The totals that a closing tells; none when there is no closing."""
        totals = cls()
        if told:
            totals.currencies = {block["currency"]: Block.of(block) for block in told["currencies"]}
            totals.euro = Block.of(told["euro"])
        return totals


def _rows(rows: Rows, base: str, vat: str) -> list[tuple[Rated, Decimal, Decimal]]:
    return [((row["category"], _rate(row["rate"])), _amount(row[base]), _amount(row[vat])) for row in rows]


def _rate(rate: str) -> str:
    """20, 20.0 and 20.00 are one rate."""
    return plain(Decimal(rate).normalize())


def _amount(value: Any) -> Decimal:
    return Decimal(value["amount"] if isinstance(value, Mapping) else value)
