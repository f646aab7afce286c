"""A transfer order as the elements of its pain.001 message, one profile per version (TRS-08, RULES §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from comptoir.banking.message import Node, node
from comptoir.banking.model import (
    Charges,
    Creditor,
    Debtor,
    MessageVersion,
    Transfer,
    TransferKind,
    TransferOrder,
    Urgency,
)
from comptoir.banking.postal import postal
from comptoir.banking.references import NOT_PROVIDED, creditor_reference, message_id, payment_id
from comptoir.banking.scribe import Change, Scribe
from comptoir.kernel.clock import PARIS
from comptoir.kernel.money import plain


@dataclass(frozen=True)
class Profile:
    """What a version has: how long names are, how it calls a BIC, whether it has addresses and a wrapped date."""

    name: int
    bic: str
    addresses: bool
    dated: bool


PROFILES = {
    MessageVersion.SEPA_2009: Profile(70, "BIC", addresses=False, dated=False),
    MessageVersion.GENERAL_2009: Profile(140, "BIC", addresses=True, dated=False),
    MessageVersion.GENERAL_2019: Profile(140, "BICFI", addresses=True, dated=True),
}
_REMITTANCE = 140


def preview(order: TransferOrder) -> list[Change]:
    """Every text that the message will carry otherwise than it was entered, with the reason."""
    scribe = Scribe(keeps=True)
    message = Message(order, scribe)
    message.head()
    message.payment()
    for _ in message.transfers():
        pass
    return scribe.changes


def charge_bearer(order: TransferOrder, transfer: Transfer | None = None) -> Charges:
    """Who pays the charges of a transfer: as the scheme says in SEPA, else as chosen, both by default."""
    if order.kind is TransferKind.SEPA and order.urgency is not Urgency.SAME_DAY:
        return Charges.SERVICE_LEVEL
    return (transfer.charges if transfer else None) or Charges.SHARED


class Message:
    """The elements of an order's message, in the order of the schema; transfers one at a time."""

    def __init__(self, order: TransferOrder, scribe: Scribe | None = None) -> None:
        self._order = order
        self._profile = PROFILES[order.version]
        self._scribe = scribe or Scribe()
        total = sum((transfer.amount.amount for transfer in order.transfers), Decimal(0))
        self._counted = (node("NbOfTxs", str(len(order.transfers))), node("CtrlSum", plain(total)))

    def head(self) -> Node | None:
        """`GrpHdr`: who sends what, when, how many and how much in all."""
        created = self._order.created.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M:%S")
        name = Scribe().text("", "", self._order.debtor.name, self._profile.name)
        return node(
            "GrpHdr",
            node("MsgId", message_id(self._order.id)),
            node("CreDtTm", created),
            *self._counted,
            node("InitgPty", node("Nm", name)),
        )

    def payment(self) -> list[Node | None]:
        """What `PmtInf` says of all transfers, before the first of them."""
        order, day = self._order, self._order.execution_date.isoformat()
        identifier = payment_id(order.id, order.label)
        if order.label:
            written = identifier.removeprefix(order.id).removeprefix("-")
            if written != order.label:
                self._scribe.shorten("/label", "PmtInfId", order.label, written)
        return [
            node("PmtInfId", identifier),
            node("PmtMtd", "TRF"),
            node("BtchBookg", None if order.batch_booking is None else str(order.batch_booking).lower()),
            *self._counted,
            self._type(),
            node("ReqdExctnDt", node("Dt", day) if self._profile.dated else day),
            self._debtor(order.debtor),
            node("DbtrAcct", node("Id", node("IBAN", order.debtor.iban)), node("Ccy", order.debtor.currency)),
            node("DbtrAgt", node("FinInstnId", self._debtor_bank(order.debtor))),
            None if self._charged_each() else node("ChrgBr", charge_bearer(order).value),
        ]

    def transfers(self) -> Iterator[Node | None]:
        """`CdtTrfTxInf` of each transfer."""
        for number, transfer in enumerate(self._order.transfers):
            yield self._transfer(f"/transfers/{number}", transfer)

    def _charged_each(self) -> bool:
        return charge_bearer(self._order) is not Charges.SERVICE_LEVEL

    def _type(self) -> Node | None:
        order = self._order
        sepa, fast = order.kind is TransferKind.SEPA, order.urgency in (Urgency.PRIORITY, Urgency.SAME_DAY)
        foreign = "URGP" if fast else "NURG"
        level = "SEPA" if sepa and order.urgency is not Urgency.SAME_DAY else foreign
        return node(
            "PmtTpInf",
            node("InstrPrty", "HIGH" if fast else None),
            node("SvcLvl", node("Cd", level)),
            node("LclInstrm", node("Cd", "INST" if order.urgency is Urgency.INSTANT else None)),
        )

    def _debtor(self, debtor: Debtor) -> Node | None:
        name = self._scribe.text("/debtor/name", "Dbtr/Nm", debtor.name, self._profile.name)
        address = debtor.address if self._profile.addresses else None
        where = postal(self._scribe, "/debtor/address", "Dbtr/PstlAdr", address, self._order.addresses)
        return node("Dbtr", node("Nm", name), where)

    def _debtor_bank(self, debtor: Debtor) -> Node | None:
        if debtor.bic:
            return node(self._profile.bic, debtor.bic)
        return node("Othr", node("Id", NOT_PROVIDED))

    def _transfer(self, at: str, transfer: Transfer) -> Node | None:
        creditor, profile = transfer.creditor, self._profile
        name = self._scribe.text(f"{at}/creditor/name", "Cdtr/Nm", creditor.name, profile.name)
        address = creditor.address if profile.addresses else None
        where = postal(self._scribe, f"{at}/creditor/address", "Cdtr/PstlAdr", address, self._order.addresses)
        reference = self._scribe.reference(f"{at}/end_to_end", "EndToEndId", transfer.end_to_end)
        amount = Node("InstdAmt", plain(transfer.amount.amount), transfer.amount.currency)
        bearer = charge_bearer(self._order, transfer).value if self._charged_each() else None
        return node(
            "CdtTrfTxInf",
            node("PmtId", node("InstrId", transfer.id), node("EndToEndId", reference or NOT_PROVIDED)),
            node("Amt", amount),
            node("ChrgBr", bearer),
            node("CdtrAgt", node("FinInstnId", *self._creditor_bank(f"{at}/creditor/bank", creditor))),
            node("Cdtr", node("Nm", name), where),
            node("CdtrAcct", node("Id", *self._account(creditor))),
            node("Purp", self._purpose(transfer.purpose)),
            node("RmtInf", self._remittance(at, transfer.remittance)),
        )

    def _creditor_bank(self, at: str, creditor: Creditor) -> list[Node | None]:
        bank = creditor.bank if self._profile.addresses else None
        nodes = [node(self._profile.bic, creditor.bic)]
        if bank is None:
            return nodes
        system = node("ClrSysId", node("Cd", bank.clearing_system))
        town = self._scribe.text(f"{at}/city", "CdtrAgt/FinInstnId/PstlAdr/TwnNm", bank.city, 35)
        return [
            *nodes,
            node("ClrSysMmbId", system, node("MmbId", bank.clearing_code)) if system else None,
            node("Nm", self._scribe.text(f"{at}/name", "CdtrAgt/FinInstnId/Nm", bank.name, 140)),
            node("PstlAdr", node("TwnNm", town), node("Ctry", bank.country)) if town and bank.country else None,
        ]

    def _account(self, creditor: Creditor) -> list[Node | None]:
        if creditor.iban:
            return [node("IBAN", creditor.iban)]
        return [node("Othr", node("Id", (creditor.account or "").replace(" ", "")))]

    def _purpose(self, purpose: str | None) -> Node | None:
        if purpose is None:
            return None
        coded = len(purpose) == 4 and purpose.isalpha() and purpose.isupper()
        return node("Cd" if coded else "Prtry", purpose)

    def _remittance(self, at: str, remittance: str | None) -> Node | None:
        if reference := creditor_reference(remittance):
            kind = node("Tp", node("CdOrPrtry", node("Cd", "SCOR")))
            return node("Strd", node("CdtrRefInf", kind, node("Ref", reference)))
        return node("Ustrd", self._scribe.text(f"{at}/remittance", "RmtInf/Ustrd", remittance, _REMITTANCE))
