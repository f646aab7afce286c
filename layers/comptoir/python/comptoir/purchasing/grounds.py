"""What a supplier's document stands on: its supplier, the request that it invoices, its file (SUP-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comptoir.access.codes import CodeTaken
from comptoir.access.context import Context
from comptoir.docbase.items import FILED
from comptoir.docbase.model import Filed, Owner
from comptoir.kernel.errors import Breach, Refused
from comptoir.orders.items import ORDER, SUPPLIER, load_lines, request_dates
from comptoir.orders.model import Order
from comptoir.orders.purchases import bought
from comptoir.orders.supplier_model import PurchaseLine, SupplierRequest
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.rules import is_supplier
from comptoir.purchasing.items import REGISTER
from comptoir.purchasing.model import Register
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import PaymentTerm, Treasury
from comptoir.treasury.rules import Dates

_REGISTER = "supplier-documents"


class AlreadyRecorded(CodeTaken):
    """The seller's number of that year was recorded before (RULES §8)."""

    code = "already_recorded"
    fr = "Ce numéro de ce fournisseur est déjà enregistré pour cette année."
    en = "This number of this supplier is already recorded for that year."
    pointer = "/number"


@dataclass(frozen=True)
class Grounds:
    """What was found; `breaches` is what was not."""

    party: Party
    order: Order | None = None
    request: SupplierRequest | None = None
    products: Mapping[str, PurchaseLine] = field(default_factory=dict)
    file: Filed | None = None
    breaches: tuple[Breach, ...] = ()

    @staticmethod
    def keys(company: str, supplier: str, order: str | None) -> Sequence[Key]:
        """What is read of it, in one call."""
        own = [keys.party(company, supplier), keys.counter(company, _REGISTER), keys.periods(company)]
        if order is None:
            return own
        of_order = [keys.order(company, order), keys.supplier_request(company, order, supplier)]
        return [*own, *of_order, keys.supplier_treasury(company, order, supplier)]

    @property
    def terms(self) -> tuple[PaymentTerm, ...]:
        """When the supplier is paid: as the request says, else as is usual with it."""
        return self.request.terms if self.request else self.party.terms

    @property
    def dates(self) -> Dates:
        """The milestones that terms may hang on."""
        return request_dates(self.order, self.request) if self.order and self.request else {}

    def place(self, company: str, document: str) -> Key:
        """Where its money lies."""
        return keys.supplier_sheet(company, self.order.id if self.order else None, self.party.id, document)

    def sheet(self, tx: Transaction, ctx: Context, document: str) -> Treasury:
        """Its money as it stands: none yet without a request."""
        found = tx.get(TREASURY, self.place(ctx.company, document)) if self.order else None
        return found or Treasury()


def grounds(
    tx: Transaction, ctx: Context, supplier: str, order: str | None, currency: str, file: str | None
) -> Grounds:
    """What a document of a supplier stands on. Errors: `Refused` for an unknown supplier."""
    party = tx.get(PARTY, keys.party(ctx.company, supplier))
    if party is None or not is_supplier(party):
        raise Refused([_UNKNOWN_SUPPLIER])
    filed = _file(tx, ctx, supplier, order, file) if file else None
    missing = [_UNKNOWN_FILE] if file and filed is None else []
    if order is None:
        return Grounds(party, file=filed, breaches=tuple(missing))
    head = tx.get(ORDER, keys.order(ctx.company, order))
    request = tx.get(SUPPLIER, keys.supplier_request(ctx.company, order, supplier))
    if head is None or request is None:
        return Grounds(party, file=filed, breaches=(*missing, _UNKNOWN_REQUEST))
    if head.confirmation is None:
        missing.append(_NOT_CONFIRMED)
    if request.currency != currency:
        fr, en = f"La demande est en {request.currency}.", f"The request is in {request.currency}."
        missing.append(Breach(code="other_currency", fr=fr, en=en, pointer="/currency"))
    lines = bought(request, load_lines(tx, ctx.company, head))
    # The products are lines of the order: its head's version says that they are still those that were read.
    tx.check(keys.order(ctx.company, order))
    return Grounds(party, head, request, {line.id: line for line in lines}, filed, tuple(missing))


def _file(tx: Transaction, ctx: Context, supplier: str, order: str | None, file: str) -> Filed | None:
    """The document's file, in the base of the supplier or of the order."""
    owners = [(Owner.PARTY, supplier), *([(Owner.ORDER, order)] if order else [])]
    places = [keys.filed(ctx.company, owner, owned, file) for owner, owned in owners]
    tx.prefetch(places)
    return next((filed for place in places if (filed := tx.get(FILED, place))), None)


def next_sequence(tx: Transaction, company: str) -> int:
    """The next place in the register of what is recorded of suppliers."""
    key = keys.counter(company, _REGISTER)
    register = tx.get(REGISTER, key) or Register()
    after = register.change(last=register.last + 1)
    tx.put(REGISTER, key, after)
    return after.last


_UNKNOWN_SUPPLIER = Breach(
    code="unknown_supplier", fr="Fournisseur inconnu.", en="Unknown supplier.", pointer="/supplier"
)
_UNKNOWN_REQUEST = Breach(
    code="unknown_request",
    fr="Cette commande n'a pas de demande à ce fournisseur.",
    en="This order has no request to this supplier.",
    pointer="/order",
)
_NOT_CONFIRMED = Breach(
    code="order_not_confirmed",
    fr="La commande n'est pas validée : ses factures fournisseurs ne s'enregistrent pas encore.",
    en="The order is not confirmed: its supplier invoices cannot be recorded yet.",
    pointer="/order",
)
_UNKNOWN_FILE = Breach(
    code="unknown_file",
    fr="Ce fichier n'est ni dans la base du fournisseur ni dans celle de la commande.",
    en="This file is in the document base of neither the supplier nor the order.",
    pointer="/file",
)
