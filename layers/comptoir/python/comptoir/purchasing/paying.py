"""How what is owed to a supplier will be paid, line by line: means, account, parts (TRS-06, TRS-10)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.identity import Iban
from comptoir.payments.rules import Positive
from comptoir.purchasing.rates import OfSupplierDocument
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentMeans, TreasuryLine, TreasuryStatus
from comptoir.treasury.transferring import cut, cut_breaches


class SetSupplierDocumentMeans(OfSupplierDocument):
    """Say how a line that is owed will be paid, and from which account of the company (TRS-06).

    Errors: `LineTransferred`, `LineSettled`, `Refused` for an account that is not the company's.
    """

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES
    event: ClassVar[str] = "means_set"

    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: Iban | None = None

    def made(self, tx: Transaction, ctx: Context, line: TreasuryLine) -> tuple[TreasuryLine, ...]:
        require_owed(line)
        own = tx.require(COMPANY, keys.company(ctx.company)).identity.bank_accounts
        found = next((account for account in own if account.iban == self.bank_account), None)
        refuse_if([_UNKNOWN_ACCOUNT] if self.bank_account and found is None else [])
        return (line.change(means=self.means, bank_account=found),)


class SplitSupplierDocumentLine(OfSupplierDocument):
    """Cut a line that is owed into parts, to pay them apart; together they stay the line, to the cent (TRS-10).

    The first part keeps the identifier. Errors: `LineTransferred`, `LineSettled`, `Refused`.
    """

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES
    event: ClassVar[str] = "line_split"

    parts: Annotated[tuple[Positive, ...], Field(min_length=2, max_length=20)]

    def made(self, tx: Transaction, ctx: Context, line: TreasuryLine) -> tuple[TreasuryLine, ...]:
        require_owed(line)
        refuse_if(cut_breaches(line, self.parts))
        return cut(line, self.parts, ctx.new_id)


_UNKNOWN_ACCOUNT = Breach(
    code="unknown_bank_account",
    fr="Ce compte n'est pas un compte de la société.",
    en="This is no account of the company.",
    pointer="/bank_account",
    link="/company",
)


class LineSettled(Conflict):
    """What is paid, covered or a credit note is no longer to be paid."""

    code = "line_settled"
    fr = "Cette ligne n'est plus due : elle ne se prépare pas au paiement."
    en = "This line is no longer owed: it is not prepared for payment."


def require_owed(line: TreasuryLine) -> None:
    """Errors: `LineSettled` unless the line is invoiced and waits to be paid."""
    if line.status is not TreasuryStatus.INVOICED:
        raise LineSettled(status=line.status.value)
