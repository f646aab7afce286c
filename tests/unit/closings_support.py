"""What the tests of closings stand on: documents and payments of any day, closings, an independent recomputation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from comptoir.closings.calendar import name_of
from comptoir.closings.closing import close_periods
from comptoir.closings.items import CLOSING
from comptoir.closings.model import Block, ClosedPeriod, Closing, PeriodKind
from comptoir.invoicing.model import Document
from comptoir.kernel.clock import paris_date
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.ledger.chain import Fact, extend
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Entry, Periods
from comptoir.ledger.periods import closed_periods, require_open
from comptoir.ledger.verify import KeyRing, Verdict, verify
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from tests.unit.invoicing_support import Shop, open_shop

DAILY, MONTHLY, ANNUAL = PeriodKind.DAILY, PeriodKind.MONTHLY, PeriodKind.ANNUAL


class Paid(Model):
    """A payment's frozen content, as far as closings read it."""

    kind: str
    date: date
    means: str | None
    amount: Money


@dataclass
class Books:
    """The ledger of one company with a shop."""

    shop: Shop

    @property
    def company(self) -> str:
        """The company."""
        return self.shop.world.company

    @property
    def today(self) -> date:
        """The business day."""
        return paris_date(self.shop.world.clock.now())

    def noon(self, day: date) -> None:
        """Let it be noon (UTC) of a day to come."""
        clock = self.shop.world.clock
        clock.advance(datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - clock.now())

    def pay(self, amount: str, day: date | None = None, kind: str = "payment", means: str | None = "transfer") -> None:
        """Chain a payment dated `day`, refused where that is closed."""
        dated, world = day or self.today, self.shop.world
        paid = Paid(kind=kind, date=dated, means=means, amount=Money.of(amount, "EUR"))

        def work(tx: Transaction) -> None:
            require_open(tx, world.company, dated)
            extend(tx, world.company, ChainName.PAYMENTS, [Fact(kind, paid)], world.clock.now(), world.signer)

        world.services.store.transact(work)

    def close(self, kind: PeriodKind = ANNUAL, end: date | None = None) -> int:
        """Close what is over, up to a period, as the clock does; how many closings were made."""
        end = end or self.today - timedelta(days=1)
        asked = {"company": self.company, "kind": kind, "end": end.isoformat(), "operator_name": "Horloge"}
        return self.run(asked)

    def run(self, event: Mapping[str, Any]) -> int:
        """Run the writer's task until it is done; how many closings were made."""
        made = 0
        while True:
            answer = close_periods(self.shop.world.services, self.shop.world.signer, event)
            made += int(answer["closed"])
            if answer["outcome"] == "done":
                return made

    def closing(self, kind: PeriodKind, end: date) -> Closing:
        """A closing."""
        return self.stored(kind, end).closing

    def stored(self, kind: PeriodKind, end: date) -> ClosedPeriod:
        """A closing with its place in the chain."""
        key = keys.closing(self.company, kind, name_of(kind, end))
        return self.shop.world.services.store.require(CLOSING, key).value

    @property
    def periods(self) -> Periods:
        """How far periods are closed."""
        return self.shop.world.services.store.transact(lambda tx: closed_periods(tx, self.company))

    def entries(self, chain: ChainName = ChainName.CLOSINGS) -> list[Entry]:
        """Every entry of a chain."""
        store = self.shop.world.services.store
        head = store.get(HEAD, keys.chain_head(self.company, chain))
        wanted = [keys.chain_entry(self.company, chain, n + 1) for n in range(head.value.sequence if head else 0)]
        found = store.backend.get(wanted)
        return [ENTRY.load(found[key]) for key in wanted]

    def closings(self) -> list[Closing]:
        """Every closing, in the order of the chain."""
        return [Closing.model_validate_json(entry.payload) for entry in self.entries()]

    def verified(self, chain: ChainName) -> Verdict:
        """What verification with the public key alone says of a chain."""
        signer = self.shop.world.signer
        lines = [entry.model_dump_json() for entry in self.entries(chain)]
        return verify(lines, KeyRing({signer.key_id: signer.pem()}))


Rows = Mapping[Decimal, tuple[Decimal, Decimal]]


def recomputed(documents: Iterable[Document]) -> tuple[int, Decimal, Rows]:
    """Documents counted, what they come to without their sign, and bases and VAT by rate, from the documents alone."""
    count, absolute, rates = 0, Decimal(0), defaultdict[Decimal, list[Decimal]](lambda: [Decimal(0), Decimal(0)])
    for document in documents:
        count += 1
        absolute += document.totals.gross.amount
        for row in document.totals.rows:
            rates[row.rate][0] += document.kind.sign * row.base.amount
            rates[row.rate][1] += document.kind.sign * row.vat.amount
    return count, absolute, {rate: (base, vat) for rate, (base, vat) in rates.items() if base or vat}


def told(block: Block) -> tuple[int, Decimal, Rows]:
    """The same as a closing tells it; its sums must be those of its rates."""
    balance = block.balance
    assert (balance.net, balance.vat) == (sum(r.base for r in balance.rates), sum(r.vat for r in balance.rates))
    assert balance.gross == balance.net + balance.vat
    return balance.count, block.absolute.gross, {r.rate: (r.base, r.vat) for r in balance.rates if r.base or r.vat}


def open_books(shop: Shop | None = None) -> Books:
    """Books of a company, a new one by default."""
    return Books(shop or open_shop())
