"""Supplier requests in step with the order's lines and status, and the year's total by supplier (OFF-09, PTY-03)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from comptoir.access.context import Context
from comptoir.access.history import difference, record
from comptoir.access.items import COMPANY
from comptoir.catalogue.incoterms import place_breaches
from comptoir.catalogue.pricing import totals
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.money import Money
from comptoir.orders.items import ORDERED, SUPPLIER, load_requests, request_keys
from comptoir.orders.margins import by_currency
from comptoir.orders.model import Order, OrderLine, OrderStatus
from comptoir.orders.purchases import by_supplier, computed, fixed, own_costs, place_of
from comptoir.orders.supplier_model import MAX_SUPPLIERS, Ordered, SupplierRequest
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.rules import archived_breaches, is_supplier
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentTerm

Changes = dict[str, object]


def opened(ctx: Context, order: Order, supplier: Party, rank: int, accounts: Sequence[BankAccount]) -> SupplierRequest:
    """A request as it begins: what the supplier's party holds (PTY-03), and no product yet.

    When the company has one bank account only, it is the one that payment terms without any take.
    """
    sole = accounts[0] if len(accounts) == 1 else None
    return SupplierRequest(
        order=order.id,
        number=order.number,
        rank=rank,
        supplier=supplier.id,
        supplier_name=supplier.name,
        vat_treatment=supplier.vat_treatment,
        status=order.status,
        created_on=ctx.today,
        currency=supplier.currency,
        contact=next((contact.name for contact in supplier.contacts), None),
        language=supplier.language,
        incoterm=supplier.incoterm,
        incoterm_place=supplier.incoterm_place,
        terms=tuple(_domiciled(term, sole) for term in supplier.terms),
        totals=totals((), supplier.currency),
    )


def _domiciled(term: PaymentTerm, account: BankAccount | None) -> PaymentTerm:
    return term.change(bank_account=account) if account and term.bank_account is None else term


def follow(
    tx: Transaction, ctx: Context, order: Order, before: Sequence[OrderLine], after: Sequence[OrderLine]
) -> Order:
    """Create or update the requests of the suppliers whose lines changed (OFF-09); the head that names them.

    Errors: `Refused` with every line that its supplier's request cannot take.
    """
    old, new = by_supplier(before), by_supplier(after)
    touched = [supplier for supplier in {**new, **old} if old.get(supplier) != new.get(supplier)]
    if not touched:
        return order
    requests, found = _requests(tx, ctx, order, touched, after)
    refuse_if([*found, *_currencies(requests, after), *_places(requests, after)])
    changes: Changes = {}
    for supplier, request in requests.items():
        changes |= keep(tx, ctx, order, computed(request, new.get(supplier, ())))
    told(tx, ctx, order, "supplier_requests_computed", changes)
    return naming(order, requests)


def naming(order: Order, requests: Iterable[str]) -> Order:
    """The head that names these suppliers too."""
    new = tuple(supplier for supplier in requests if supplier not in order.suppliers)
    return order.change(suppliers=(*order.suppliers, *new)) if new else order


def _requests(
    tx: Transaction, ctx: Context, order: Order, suppliers: Sequence[str], lines: Sequence[OrderLine]
) -> tuple[dict[str, SupplierRequest], list[Breach]]:
    """The requests of suppliers, opened where there is none, and the lines that no request can take."""
    new = [supplier for supplier in suppliers if supplier not in order.suppliers]
    wanted = [key for one in suppliers for key in request_keys(ctx.company, order, one)]
    parties = [keys.party(ctx.company, supplier) for supplier in new]
    tx.prefetch([*wanted, *parties, *([keys.company(ctx.company)] if new else [])])
    first = {line.supplier: number for number, line in reversed(list(enumerate(lines)))}
    requests, found = {}, []
    for supplier in suppliers:
        if supplier in order.suppliers:
            requests[supplier] = tx.require(SUPPLIER, keys.supplier_request(ctx.company, order.id, supplier))
            continue
        party = tx.require(PARTY, keys.party(ctx.company, supplier))
        if not is_supplier(party):
            fr, en = f"« {party.name} » n'est pas un fournisseur.", f'"{party.name}" is not a supplier.'
            at = f"/lines/{first[supplier]}/supplier"
            found.append(Breach(code="not_a_supplier", fr=fr, en=en, pointer=at, link=f"/parties/{supplier}"))
        found += archived_breaches(party, f"/lines/{first[supplier]}/supplier")
        requests[supplier] = opened(ctx, order, party, len(order.suppliers) + new.index(supplier) + 1, _banks(tx, ctx))
    if len(order.suppliers) + len(new) > MAX_SUPPLIERS:
        fr, en = f"Au plus {MAX_SUPPLIERS} fournisseurs par commande.", f"At most {MAX_SUPPLIERS} suppliers an order."
        found.append(Breach(code="too_many_suppliers", fr=fr, en=en, pointer="/lines"))
    return requests, found


def _banks(tx: Transaction, ctx: Context) -> Sequence[BankAccount]:
    return tx.require(COMPANY, keys.company(ctx.company)).identity.bank_accounts


def _currencies(requests: Mapping[str, SupplierRequest], lines: Sequence[OrderLine]) -> list[Breach]:
    """A request has one currency: the one that is fixed already, else that of its first priced line."""
    known = {supplier: request.currency for supplier, request in requests.items() if fixed(request)}
    found = []
    for number, line in enumerate(lines):
        if not (line.supplier and line.supplier in requests and line.purchase_currency):
            continue
        currency = known.setdefault(line.supplier, line.purchase_currency)
        if line.purchase_currency != currency:
            fr = f"Les achats à ce fournisseur sont en {currency} : une demande n'a qu'une devise."
            en = f"Purchases from this supplier are in {currency}: a request has one currency."
            at = f"/lines/{number}/purchase_currency"
            found.append(Breach(code="purchase_currency_differs", fr=fr, en=en, pointer=at))
    return found


def _places(requests: Mapping[str, SupplierRequest], lines: Sequence[OrderLine]) -> list[Breach]:
    """A purchase incoterm names its place, or is the one of the supplier's request (RULES §10)."""
    found = []
    for number, line in enumerate(lines):
        if line.supplier and line.supplier in requests:
            code, place = line.purchase_incoterm, line.purchase_incoterm_place
            known = place or place_of(requests[line.supplier], code)
            found += place_breaches(code, known, f"/lines/{number}/purchase_")
    return found


def pinned(order: Order, before: Sequence[OrderLine], after: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """Once an order is confirmed, what is bought of a line no longer follows what is sold of it (CNF-05)."""
    if order.status is not OrderStatus.CONFIRMED:
        return tuple(after)
    old = {line.id: line for line in before}
    return tuple(_pinned(line, old[line.id]) for line in after)


def _pinned(line: OrderLine, was: OrderLine) -> OrderLine:
    unsaid = line.supplier and line.purchase_quantity is None
    if not unsaid or (line.quantity == was.quantity and was.purchase_quantity is None):
        return line
    return line.change(purchase_quantity=was.purchase_quantity or was.quantity)


def keep(tx: Transaction, ctx: Context, order: Order, request: SupplierRequest) -> Changes:
    """Store a request that changed, and move what the year has ordered from the supplier (PTY-03); what changed."""
    key = keys.supplier_request(ctx.company, order.id, request.supplier)
    before = tx.get(SUPPLIER, key)
    if before == request:
        return {}
    tx.put(SUPPLIER, key, request)
    if order.confirmation:
        _count(tx, ctx, order.confirmation.date.year, before, request)
    old = before.model_dump(mode="json") if before else {}
    return difference(old, request.model_dump(mode="json"), f"/suppliers/{request.supplier}")


def _count(tx: Transaction, ctx: Context, year: int, before: SupplierRequest | None, after: SupplierRequest) -> None:
    """Add what confirmed requests now weigh more or less."""
    amounts: dict[str, Money] = {}
    key = keys.ordered(ctx.company, after.supplier, year)
    stored = tx.get(ORDERED, key) or Ordered(supplier=after.supplier, year=year)
    for money in (*stored.amounts, *_weight(after), *(-money for money in _weight(before))):
        amounts[money.currency] = amounts.get(money.currency, Money.zero(money.currency)) + money
    moved = stored.change(amounts=tuple(money for _, money in sorted(amounts.items()) if money))
    if moved != stored:
        tx.put(ORDERED, key, moved)


def _weight(request: SupplierRequest | None) -> tuple[Money, ...]:
    counted = request and request.status in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED)
    return (request.totals.net,) if request and counted else ()


def told(tx: Transaction, ctx: Context, order: Order, event: str, changes: Changes) -> None:
    """One history entry for all the requests that a transaction changed (ACC-06)."""
    if changes:
        record(tx, ctx, keys.order(ctx.company, order.id).pk, event, changes)


def with_costs(tx: Transaction, ctx: Context, order: Order) -> Order:
    """The head with what its requests cost of their own, by currency: they weigh on the margin (OFF-05, IND-06)."""
    requests = load_requests(tx, ctx.company, order)
    return order.change(costs=by_currency([money for request in requests for money in own_costs(request)]))


def follow_status(tx: Transaction, ctx: Context, order: Order, status: OrderStatus | None = None) -> None:
    """Put every open request of an order in a status, its own unless told.

    What they weigh is counted in the year of the confirmation that `order` holds.
    """
    changes: Changes = {}
    for request in load_requests(tx, ctx.company, order):
        if request.open:
            changes |= keep(tx, ctx, order, request.change(status=status or order.status))
    told(tx, ctx, order, f"supplier_requests_{status or order.status}", changes)
