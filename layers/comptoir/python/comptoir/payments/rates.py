"""Setting and certifying the exchange rates of treasury lines (TRS-05, CRN-07)."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import difference, record
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.items import DOCUMENT
from comptoir.kernel.errors import Conflict, NotFound, refuse_if
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import Id
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Certification, TreasuryLine
from comptoir.treasury.published import published, rate_breach
from comptoir.treasury.rates import rate_breaches
from comptoir.treasury.settling import replaced
from comptoir.treasury.transferring import require_free


class RateCertified(Conflict):
    """A certified rate no longer changes."""

    code = "rate_certified"
    fr = "Le taux de cette ligne est certifié : il ne change plus."
    en = "The rate of this line is certified: it no longer changes."


class RateMissing(Conflict):
    """There is no rate to certify."""

    code = "rate_missing"
    fr = "Cette ligne n'a pas de taux de change à certifier."
    en = "This line has no exchange rate to certify."


class OfLine(Command):
    """Base of the commands about one treasury line; If-Match is its sheet's.

    Errors: `LineTransferred` while a transfer pays it, `NotFound`.
    """

    guarded: ClassVar[bool] = True
    event: ClassVar[str]

    line: Id

    @abstractmethod
    def sheet(self, tx: Transaction, company: str) -> Key:
        """Where the line lies. Errors: `NotFound`."""

    @abstractmethod
    def made(self, tx: Transaction, ctx: Context, line: TreasuryLine) -> tuple[TreasuryLine, ...]:
        """What takes the place of the line. Errors: why it cannot change."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = self.sheet(tx, ctx.company)
        before = tx.require(TREASURY, key)
        line = next((each for each in before.lines if each.id == self.line), None)
        if line is None:
            raise NotFound()
        ctx.expect(tx, key)
        require_free([line])
        after = before.change(lines=replaced(before.lines, {line.id: self.made(tx, ctx, line)}))
        tx.put(TREASURY, key, after)
        changes = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
        record(tx, ctx, key.pk, self.event, changes)
        return Reply.of(after, tx.next_version(key))


class SetRate(OfLine):
    """Set the exchange rate of a line in another currency than the company's, until it is certified (TRS-05).

    Without `rate` it is the one published for the day on which the line was paid, else for today.
    """

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    event: ClassVar[str] = "rate_set"

    rate: ExchangeRate | None = None

    def made(self, tx: Transaction, ctx: Context, line: TreasuryLine) -> tuple[TreasuryLine, ...]:
        if line.certified:
            raise RateCertified()
        currency = tx.require(COMPANY, keys.company(ctx.company)).currency
        rate = self.rate
        if rate is None and line.amount.currency != currency:
            rate = self._published(tx, ctx, line)
        refuse_if(rate_breaches(line, rate, currency))
        return (line.change(rate=rate),)

    def _published(self, tx: Transaction, ctx: Context, line: TreasuryLine) -> ExchangeRate | None:
        own, day = line.amount.currency, line.actual_date or ctx.today
        rate = published(tx, ctx.company, own, day)
        missing = rate_breach(rate, own, day, "/rate")
        refuse_if([missing] if missing else [])
        return rate


class CertifyRate(OfLine):
    """Certify the exchange rate of a line: it no longer changes (TRS-05)."""

    permission: ClassVar[Permission] = Permission.CERTIFY_RATES
    event: ClassVar[str] = "rate_certified"

    def made(self, tx: Transaction, ctx: Context, line: TreasuryLine) -> tuple[TreasuryLine, ...]:
        if line.certified:
            raise RateCertified()
        if line.rate is None:
            raise RateMissing()
        seal = Certification(operator=ctx.operator.id, name=ctx.operator.name, at=ctx.now)
        return (line.change(certified=seal),)


class OfOrder(OfLine):
    """A line of an order's customer request."""

    order: Id

    def sheet(self, tx: Transaction, company: str) -> Key:
        return keys.order_treasury(company, self.order)


class OfInvoice(OfLine):
    """A line of an invoice's request, credit notes on it included."""

    invoice: Id

    def sheet(self, tx: Transaction, company: str) -> Key:
        return treasury_key(company, tx.require(DOCUMENT, keys.document(company, self.invoice)))


class OfSupplier(OfLine):
    """A line of a supplier request."""

    order: Id
    supplier: Id

    def sheet(self, tx: Transaction, company: str) -> Key:
        return keys.supplier_treasury(company, self.order, self.supplier)


class SetOrderRate(OfOrder, SetRate):
    """Set the exchange rate of a line of an order's treasury (TRS-05)."""


class SetInvoiceRate(OfInvoice, SetRate):
    """Set the exchange rate of a line of an invoice's treasury (TRS-05)."""


class SetSupplierRate(OfSupplier, SetRate):
    """Set the exchange rate of a line of a supplier request's treasury (TRS-05)."""


class CertifyOrderRate(OfOrder, CertifyRate):
    """Certify the exchange rate of a line of an order's treasury (TRS-05)."""


class CertifyInvoiceRate(OfInvoice, CertifyRate):
    """Certify the exchange rate of a line of an invoice's treasury (TRS-05)."""


class CertifySupplierRate(OfSupplier, CertifyRate):
    """Certify the exchange rate of a line of a supplier request's treasury (TRS-05)."""
