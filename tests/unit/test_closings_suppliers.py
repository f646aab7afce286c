"""FIS-03, RULES §3.3: what is paid to suppliers is counted in closings, apart from what customers paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from comptoir.archives.lists import table
from comptoir.closings.closing import close_periods
from comptoir.closings.items import CLOSING
from comptoir.closings.model import Closing
from comptoir.ledger.model import ChainName
from comptoir.store import keys
from tests.unit.owing_support import Purse, open_purse
from tests.unit.payments_support import chain
from tests.unit.purchasing_support import TODAY, item


def closed(purse: Purse) -> Closing:
    """The closing of the day, once it is over."""
    world = purse.world
    world.wait(days=1)
    event = {"company": world.company, "kind": "daily", "end": TODAY.isoformat(), "operator_name": "Horloge"}
    close_periods(world.services, world.signer, event)
    return world.services.store.require(CLOSING, keys.closing(world.company, "daily", f"{TODAY}")).value.closing


def test_what_is_paid_to_suppliers_is_no_part_of_what_is_received() -> None:
    """Counted by kind and means under a name of its own, taken back with its counter-entry."""
    purse = open_purse()
    purse.pay(purse.record(), "120.00")
    second = purse.pay(purse.record(item("50.00"), number="F-2"), "60.00")
    purse.reverse(second)
    euro = closed(purse).period.euro
    assert (euro.received, euro.moved) == (Decimal(0), Decimal(0))
    told = {(each.kind, each.means): (each.count, each.amount) for each in euro.payments}
    assert told == {
        ("supplier_payment", "transfer"): (2, Decimal("-180.00")),
        ("supplier_counter_entry", "transfer"): (1, Decimal("60.00")),
    }


def test_the_list_of_an_archive_says_whose_payment_it_is() -> None:
    """FIS-05: readable by anybody: what, of whom, by which means."""
    purse = open_purse()
    purse.pay(purse.record(), "120.00")
    listed = table(ChainName.PAYMENTS, chain(purse.world), date(2026, 11, 1), date(2026, 11, 30))
    assert listed is not None
    [row] = listed.decode("utf-8-sig").splitlines()[1:]
    assert row == f"1;21/11/2026;Règlement fournisseur;{purse.france.name};transfer;EUR;-120,00;F-1"
