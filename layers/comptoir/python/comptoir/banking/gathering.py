"""From chosen lines of what is owed to a transfer order, with every reason why not at once (TRS-06 to TRS-08)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from comptoir.access.codes import CODE
from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.access.model import Identity
from comptoir.banking.accounts import ACCOUNT, OwnAccount, account_id
from comptoir.banking.model import Debtor, Transfer, TransferKind, TransferOrder
from comptoir.banking.offering import account_missing, line_breaches, transfer_of, unknown_line
from comptoir.banking.ordered import PaidLine, StoredTransferOrder, TransferFields, WantedTransfer
from comptoir.banking.references import known_reference, plain_reference
from comptoir.banking.rules import judge
from comptoir.banking.target import target_day
from comptoir.banking.zones import decide
from comptoir.kernel.banks import ForeignAccount
from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import BankAccount
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.payments.rules import TEST_MODE
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.purchasing.model import SupplierDocument
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import TreasuryLine

_PLACE = re.compile(r"^/transfers/([0-9]+)")


@dataclass(frozen=True)
class Chosen:
    """A line to be paid, with all that its transfer is made of; `number` is its place among those that were asked."""

    number: int
    wanted: WantedTransfer
    document: SupplierDocument
    sheet: Key
    line: TreasuryLine
    party: Party
    account: BankAccount | ForeignAccount | None = None


@dataclass
class Gathered:
    """What became of a request: an order where one can be made, where its lines lie, and everything that is wrong."""

    breaches: list[Breach] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)
    order: StoredTransferOrder | None = None


def gather(tx: Transaction, ctx: Context, asked: TransferFields) -> Gathered:
    """The order that pays the lines asked for; nothing is written."""
    found = Gathered()
    company = tx.require(COMPANY, keys.company(ctx.company))
    found.breaches += [TEST_MODE] if company.test_mode else []
    for chosen, breaches in _choices(tx, ctx.company, asked.transfers):
        found.breaches += breaches
        found.chosen += [chosen] if chosen else []
    account = _debited(tx, ctx.company, found)
    payable = [each for each in found.chosen if each.account]
    if account is None or not payable:
        return found
    order = _order(tx, ctx, asked, company.identity, account, payable)
    found.breaches += [_moved(breach, payable) for breach in judge(order, ctx.today)]
    found.order = StoredTransferOrder(
        id=order.id,
        account=account.id,
        order=order,
        paid=tuple(_paid(each) for each in payable),
        operator=ctx.operator.id,
        prepared_by=ctx.operator.name,
    )
    return found


def _choices(
    tx: Transaction, company: str, wanted: Sequence[WantedTransfer]
) -> Iterator[tuple[Chosen | None, list[Breach]]]:
    """Each line with its supplier and the account to pay, and what is wrong with it; in two reads."""
    documents = tx.several(
        SUPPLIER_DOCUMENT, {each.document: keys.supplier_document(company, each.document) for each in wanted}
    )
    sheets = {name: sheet_of(company, document) for name, document in documents.items()}
    parties = {document.supplier: keys.party(company, document.supplier) for document in documents.values()}
    numbers = {known_reference(plain_reference(document.number)) for document in documents.values()}
    held = [keys.end_to_end(company, known) for known in sorted(numbers)]
    tx.prefetch([*sheets.values(), *parties.values(), *held])
    for number, each in enumerate(wanted):
        document = documents.get(each.document)
        sheet = tx.get(TREASURY, sheets[each.document]) if document else None
        lines = sheet.lines if sheet else ()
        line = next((line for line in lines if line.id == each.line and line.document == each.document), None)
        if document is None or line is None:
            yield None, [unknown_line(f"/transfers/{number}/line")]
            continue
        party = tx.require(PARTY, parties[document.supplier])
        account, wrong = _account(number, each, party)
        chosen = Chosen(number, each, document, sheets[each.document], line, party, account)
        yield chosen, [*line_breaches(line, document.id, f"/transfers/{number}"), *wrong]


def _account(
    number: int, wanted: WantedTransfer, party: Party
) -> tuple[BankAccount | ForeignAccount | None, list[Breach]]:
    """The account of the supplier to pay: the one that is named, or the only one (TRS-07)."""
    known = {account.iban: account for account in party.bank_accounts} | {
        _compact(account.number): account for account in party.foreign_accounts
    }
    at = f"/transfers/{number}/account"
    if not known and wanted.account is None:
        return None, [account_missing(party, at)]
    if wanted.account:
        found = known.get(_compact(wanted.account))
        code, fr, en = "unknown_account", "Ce compte n'est pas du fournisseur.", "This is no account of the supplier."
    else:
        found = next(iter(known.values())) if len(known) == 1 else None
        code, fr, en = "account_to_choose", "Le fournisseur a plusieurs comptes.", "The supplier has several accounts."
    if found:
        return found, []
    return None, [Breach(code=code, fr=fr, en=en, pointer=at, link=f"/parties/{party.id}")]


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _debited(tx: Transaction, company: str, found: Gathered) -> OwnAccount | None:
    """The one account of the company that all lines are paid from; it must be open, as its bank's terms are its own."""
    paying = [(each.number, each.line.bank_account) for each in found.chosen if each.line.bank_account]
    if not paying:
        return None
    first = paying[0][1]
    for number, account in paying:
        if account.iban != first.iban:
            fr = "Un ordre débite un seul compte : faites un ordre par compte."
            en = "An order debits one account: make an order for each."
            at = f"/transfers/{number}/bank_account"
            found.breaches.append(Breach(code="several_accounts", fr=fr, en=en, pointer=at))
    opened = tx.get(ACCOUNT, keys.bank_account(company, account_id(company, first.iban)))
    if opened is None:
        fr = f"Le compte {first.iban} n'est pas ouvert : ouvrez-le pour dire ce qui est convenu avec sa banque."
        en = f"The account {first.iban} is not open: open it to say what was agreed with its bank."
        at = f"/transfers/{paying[0][0]}/bank_account"
        found.breaches.append(Breach(code="bank_account_not_open", fr=fr, en=en, pointer=at, link="/bank-accounts"))
    return opened


def _order(
    tx: Transaction,
    ctx: Context,
    asked: TransferFields,
    identity: Identity,
    account: OwnAccount,
    payable: Sequence[Chosen],
) -> TransferOrder:
    """The order as its message will tell it; SEPA when every transfer can be, in the version agreed (TRS-08)."""
    own, settings = account.account, account.settings
    transfers = tuple(_transfers(tx, ctx.company, payable))
    ways = {decide(each.amount.currency, each.creditor.bic, each.creditor.iban) for each in transfers}
    kind = TransferKind.SEPA if ways == {TransferKind.SEPA} else TransferKind.SWIFT
    urgency = settings.urgency(asked.urgent)
    debtor = Debtor(name=own.holder, iban=own.iban, bic=own.bic, currency=account.currency, address=identity.address)
    return TransferOrder(
        id=ctx.new_id(),
        kind=kind,
        version=settings.version(kind, urgency),
        debtor=debtor,
        transfers=transfers,
        execution_date=asked.execution_date or target_day(ctx.today),
        created=ctx.now,
        urgency=urgency,
        batch_booking=settings.batch_booking,
        label=asked.label,
        addresses=settings.addresses,
    )


def _transfers(tx: Transaction, company: str, payable: Sequence[Chosen]) -> Iterator[Transfer]:
    taken = _Taken(tx, company)
    for each in payable:
        if each.account is None:
            continue
        taken.line = each.line.id
        wanted = each.wanted
        reason = wanted.reason or each.document.payment_reference
        address, number = each.party.address, each.document.number
        made = transfer_of(each.line, each.account, address, number, reason, wanted.charges, wanted.purpose, taken)
        taken.known[known_reference(made.end_to_end)] = each.line.id
        yield made


class _Taken:
    """The references that other lines have, in this order and in every one before."""

    def __init__(self, tx: Transaction, company: str) -> None:
        self._tx, self._company = tx, company
        self.known: dict[str, str] = {}
        self.line = ""

    def __contains__(self, reference: object) -> bool:
        known = known_reference(str(reference))
        if known not in self.known:
            holder = self._tx.get(CODE, keys.end_to_end(self._company, known))
            if holder is None or holder.owner is None:
                return False
            self.known[known] = holder.owner
        return self.known[known] != self.line


def _paid(chosen: Chosen) -> PaidLine:
    document = chosen.document
    return PaidLine(
        document=document.id,
        number=document.number,
        supplier=document.supplier,
        supplier_name=document.supplier_name,
        line=chosen.line.id,
    )


def _moved(breach: Breach, payable: Sequence[Chosen]) -> Breach:
    """A breach of the order at the place of the request, which may have lines that the order has not."""
    found = _PLACE.match(breach.pointer or "")
    if not found or breach.pointer is None:
        return breach
    place = f"/transfers/{payable[int(found[1])].number}{breach.pointer[found.end() :]}"
    return Breach(code=breach.code, fr=breach.fr, en=breach.en, pointer=place, link=breach.link)
