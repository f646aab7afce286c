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
from comptoir.purchasing.items import PURCHASE, REGISTER
from comptoir.purchasing.model import Register
from comptoir.purchasing.purchase import Purchase, PurchaseStatus, dates
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
    purchase: Purchase | None = None
    products: Mapping[str, PurchaseLine] = field(default_factory=dict)
    file: Filed | None = None
    breaches: tuple[Breach, ...] = ()

    @staticmethod
    def keys(company: str, supplier: str, order: str | None, purchase: str | None = None) -> Sequence[Key]:
        """What is read of it, in one call."""
        own = [keys.party(company, supplier), keys.counter(company, _REGISTER), keys.periods(company)]
        if purchase:
            own += [keys.purchase(company, purchase), keys.supplier_treasury(company, purchase, supplier)]
        if order is None:
            return own
        of_order = [keys.order(company, order), keys.supplier_request(company, order, supplier)]
        return [*own, *of_order, keys.supplier_treasury(company, order, supplier)]

    @property
    def terms(self) -> tuple[PaymentTerm, ...]:
        """When the supplier is paid: as the request or the purchase says, else as is usual with it."""
        return (self.request or self.purchase or self.party).terms

    @property
    def dates(self) -> Dates:
        """The milestones that terms may hang on."""
        if self.purchase:
            return dates(self.purchase)
        return request_dates(self.order, self.request) if self.order and self.request else {}

    def place(self, company: str, document: str) -> Key:
        """Where its money lies."""
        request = self.order or self.purchase
        return keys.supplier_sheet(company, request.id if request else None, self.party.id, document)

    def sheet(self, tx: Transaction, ctx: Context, document: str) -> Treasury:
        """Its money as it stands: none yet without a request."""
        found = tx.get(TREASURY, self.place(ctx.company, document)) if self.order or self.purchase else None
        return found or Treasury()


def grounds(
    tx: Transaction,
    ctx: Context,
    supplier: str,
    order: str | None,
    purchase: str | None,
    currency: str,
    file: str | None,
) -> Grounds:
    """What a document stands on; one of `order` and `purchase` at most. Errors: `Refused` for an unknown supplier."""
    party = tx.get(PARTY, keys.party(ctx.company, supplier))
    if party is None or not is_supplier(party):
        raise Refused([UNKNOWN_SUPPLIER])
    filed = _file(tx, ctx, (supplier, order, purchase), file) if file else None
    missing = [_UNKNOWN_FILE] if file and filed is None else []
    if purchase:
        return _of_purchase(tx, ctx, party, purchase, currency, filed, missing)
    if order is None:
        return Grounds(party, file=filed, breaches=tuple(missing))
    return _of_order(tx, ctx, party, order, currency, filed, missing)


def _of_purchase(
    tx: Transaction, ctx: Context, party: Party, purchase: str, currency: str, file: Filed | None, missing: list[Breach]
) -> Grounds:
    found = tx.get(PURCHASE, keys.purchase(ctx.company, purchase))
    if found is None or found.supplier != party.id:
        return Grounds(party, file=file, breaches=(*missing, _UNKNOWN_PURCHASE))
    if found.status not in (PurchaseStatus.VALIDATED, PurchaseStatus.RECEIVED):
        missing.append(_NOT_VALIDATED)
    missing += _other_currency(found.currency, currency)
    tx.check(keys.purchase(ctx.company, purchase))
    return Grounds(
        party, purchase=found, products={line.id: line for line in found.lines}, file=file, breaches=tuple(missing)
    )


def _other_currency(own: str, currency: str) -> list[Breach]:
    if own == currency:
        return []
    fr, en = f"La demande est en {own}.", f"The request is in {own}."
    return [Breach(code="other_currency", fr=fr, en=en, pointer="/currency")]


def _of_order(
    tx: Transaction, ctx: Context, party: Party, order: str, currency: str, file: Filed | None, missing: list[Breach]
) -> Grounds:
    head = tx.get(ORDER, keys.order(ctx.company, order))
    request = tx.get(SUPPLIER, keys.supplier_request(ctx.company, order, party.id))
    if head is None or request is None:
        return Grounds(party, file=file, breaches=(*missing, _UNKNOWN_REQUEST))
    if head.confirmation is None:
        missing.append(_NOT_CONFIRMED)
    missing += _other_currency(request.currency, currency)
    lines = bought(request, load_lines(tx, ctx.company, head))
    # The products are lines of the order: its head's version says that they are still those that were read.
    tx.check(keys.order(ctx.company, order))
    products = {line.id: line for line in lines}
    return Grounds(party, head, request, products=products, file=file, breaches=tuple(missing))


def _file(tx: Transaction, ctx: Context, owned: tuple[str | None, ...], file: str) -> Filed | None:
    """The document's file, in the base of the supplier, of the order or of the purchase."""
    owners = zip((Owner.PARTY, Owner.ORDER, Owner.PURCHASE), owned, strict=True)
    places = [keys.filed(ctx.company, owner, each, file) for owner, each in owners if each]
    tx.prefetch(places)
    return next((filed for place in places if (filed := tx.get(FILED, place))), None)


def next_sequence(tx: Transaction, company: str) -> int:
    """The next place in the register of what is recorded of suppliers."""
    key = keys.counter(company, _REGISTER)
    register = tx.get(REGISTER, key) or Register()
    after = register.change(last=register.last + 1)
    tx.put(REGISTER, key, after)
    return after.last


UNKNOWN_SUPPLIER = Breach(
    code="unknown_supplier", fr="Fournisseur inconnu.", en="Unknown supplier.", pointer="/supplier"
)
_UNKNOWN_REQUEST = Breach(
    code="unknown_request",
    fr="Cette commande n'a pas de demande à ce fournisseur.",
    en="This order has no request to this supplier.",
    pointer="/order",
)
_UNKNOWN_PURCHASE = Breach(
    code="unknown_purchase",
    fr="Ce fournisseur n'a pas cet achat.",
    en="This supplier has no such purchase.",
    pointer="/purchase",
)
_NOT_VALIDATED = Breach(
    code="purchase_not_validated",
    fr="L'achat n'est pas validé : ses factures ne s'enregistrent pas encore.",
    en="The purchase is not validated: its invoices cannot be recorded yet.",
    pointer="/purchase",
)
_NOT_CONFIRMED = Breach(
    code="order_not_confirmed",
    fr="La commande n'est pas validée : ses factures fournisseurs ne s'enregistrent pas encore.",
    en="The order is not confirmed: its supplier invoices cannot be recorded yet.",
    pointer="/order",
)
_UNKNOWN_FILE = Breach(
    code="unknown_file",
    fr="Ce fichier n'est dans la base ni du fournisseur, ni de la commande, ni de l'achat.",
    en="This file is in the document base of neither the supplier, the order nor the purchase.",
    pointer="/file",
)
