"""A company in memory with operators of the ready-made profiles: what most tests stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from comptoir.access.commands import CreateOperator, OpenCompany, open_company
from comptoir.access.context import Caller, Services
from comptoir.access.execute import Call, Reply, Request, execute
from comptoir.access.model import Company, Identity, LegalForm, Operator, Terms
from comptoir.access.permissions import READY_MADE
from comptoir.banking.cash import count
from comptoir.kernel.clock import FixedClock
from comptoir.kernel.identity import Address, BankAccount
from comptoir.kernel.ids import SequentialIds, derived_id
from comptoir.kernel.model import Model
from comptoir.ledger.events import ChainedEvents
from comptoir.ledger.payments import ChainedPayments
from comptoir.store.backend import Backend
from comptoir.store.codec import Item, decode_key
from comptoir.store.cursor import CursorSigner
from comptoir.store.indexing import Indexer, changes
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from comptoir.treasury.items import TREASURY
from tests.signing import LocalSigner

M = TypeVar("M", bound=Model)
START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
COMPANY = derived_id("company", "ponant")

IDENTITY = Identity(
    name="COMPTOIR DU PONANT",
    legal_form=LegalForm.SAS,
    capital=Decimal(80_000),
    siren="732829320",
    siret="73282932000074",
    registry="RCS Brest",
    vat_number="FR44732829320",
    address=Address(lines=("12 quai de la Douane",), postcode="29200", city="Brest"),
    phone="+33 2 98 00 00 00",
    email="contact@ponant.example",
    bank_accounts=(BankAccount(iban="FR7630006000011234567890189", bic="AGRIFRPP", holder="COMPTOIR DU PONANT"),),
)
TERMS = Terms(penalty_rate=Decimal("12.40"))


@dataclass
class World:
    """One company: its services, its clock, and the operator of each profile by the profile's code."""

    services: Services
    clock: FixedClock
    signer: LocalSigner
    company: str = COMPANY
    operators: dict[str, str] = field(default_factory=dict)

    def call(
        self, profile: str, request: Request, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Call:
        """The call of the operator that has this profile."""
        return Call(Caller(self.company, self.operators[profile]), request, if_match, idempotency_key)

    def execute_as(
        self, profile: str, request: Request, if_match: int | None = None, idempotency_key: str | None = None
    ) -> Reply:
        """Execute a request as the operator that has this profile."""
        return execute(self.call(profile, request, if_match, idempotency_key), self.services)

    def do(self, kind: type[M], request: Request, profile: str = "manager", **headers: Any) -> M:
        """The answer of a request as a model."""
        return kind.model_validate_json(self.execute_as(profile, request, **headers).body)

    def wait(self, **duration: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**duration))


def _follow(indexer: Indexer, store: Store, images: Sequence[tuple[Item | None, Item | None]]) -> None:
    indexer.index(list(changes(images)))
    count(store, [decode_key(now) for _, now in images if now and now["t"]["S"] == TREASURY.name])


def services_on(backend: Backend, clock: FixedClock, signer: LocalSigner, first_id: int = 1) -> Services:
    """Services over a table, with a local key and identifiers in order; in memory what follows does so at once."""
    store = Store(backend, CursorSigner(lambda: b"secret of tests"), sleep=lambda _: None, jitter=lambda: 0.5)
    if isinstance(backend, MemoryBackend) and backend.stream is None:
        backend.stream = partial(_follow, Indexer(backend, clock, lambda _: None), store)
    return Services(
        store=store,
        clock=clock,
        ids=SequentialIds(first_id),
        events=ChainedEvents(signer),
        payments=ChainedPayments(signer),
        pause=lambda _: None,
    )


def open_world(
    services: Services | None = None,
    clock: FixedClock | None = None,
    signer: LocalSigner | None = None,
    company: str = COMPANY,
    identity: Identity = IDENTITY,
) -> World:
    """A company opened through the product, with one operator of each ready-made profile."""
    clock, signer = clock or FixedClock(START), signer or LocalSigner()
    services = services or services_on(MemoryBackend(), clock, signer)
    world = World(services, clock, signer, company)
    administrator = derived_id("operator", company, "administrator")
    opening = OpenCompany(
        company=company,
        identity=identity,
        terms=TERMS,
        administrator=administrator,
        administrator_email="administrator@ponant.example",
        administrator_name="Anne Le Goff",
    )
    opened: Company = open_company(opening, services)
    world.operators["administrator"] = administrator
    for profile in (code for code in READY_MADE if code != "administrator"):
        request = CreateOperator(email=f"{profile}@ponant.example", name=f"Opérateur {profile}", profile=profile)
        world.operators[profile] = world.do(Operator, request, "administrator").id
    assert opened.id == company
    return world


def another_company(world: World) -> World:
    """A second company in the same table (ACC-05)."""
    identity = IDENTITY.change(name="NÉGOCE DU LEVANT", siren="552100554", siret=None, vat_number="FR96552100554")
    return open_world(replace(world.services), world.clock, world.signer, derived_id("company", "levant"), identity)
