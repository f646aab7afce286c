"""INV-07, FIS-04: no command of the product changes an issued document; archiving writes its status and file alone."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import chain
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import comptoir
from comptoir.access.execute import Command, execute
from comptoir.access.history import difference
from comptoir.invoicing.drafting import NotDraft
from comptoir.invoicing.editing import DeleteDraft, UpdateDraft
from comptoir.invoicing.model import TRANSITIONS, Document, DocumentStatus
from comptoir.invoicing.rules import NotInStatus, moved
from comptoir.invoicing.tasks import archive_document
from comptoir.kernel.errors import DomainError
from comptoir.ledger.model import ChainName
from comptoir.orders.model import LineInput
from comptoir.parties.commands import UpdateParty
from comptoir.parties.model import Party, PartyFields
from comptoir.store import keys
from comptoir.store.record import Key
from tests.unit.invoicing_support import Shop, back, line, open_shop
from tests.unit.orders_support import customer_request
from tests.world import IDENTITY


def commands() -> list[Any]:
    """Every command of the library: the classes of `Command` that nothing specialises further."""
    for module in pkgutil.walk_packages(comptoir.__path__, "comptoir."):
        if module.name.split(".")[1] != "documents" and not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(kind: Any) -> Iterator[Any]:
        yield kind
        yield from chain.from_iterable(map(below, kind.__subclasses__()))

    leaves = {kind for kind in below(Command) if kind.__module__.startswith("comptoir") and not kind.__subclasses__()}
    assert not any(map(inspect.isabstract, leaves))
    return sorted(leaves, key=lambda kind: kind.__name__)


COMMANDS = commands()
PLAIN: tuple[Any, ...] = (
    Decimal(1),
    1,
    date(2026, 11, 20),
    "x",
    "EUR",
    "FR",
    "ABC",
    "abc",
    "a@example.fr",
    "732829320",
    "QTtC",
    "0" * 64,
    b"A;B",
    True,
    "FR7630006000011234567890189",
    "2026-11",
    IDENTITY,
    (),
)


class NoVault:
    """A vault that takes everything."""

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        """Take it."""


class Filler:
    """Makes a request of any command, aimed at what is issued wherever a field can name it."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def model(self, kind: type[BaseModel]) -> Any:
        """An instance: what is named, what is required, defaults, and one more field where one of several is due."""
        values = {}
        for name, field in kind.model_fields.items():
            if name in self._names:
                values[name] = self._names[name]
            elif field.is_required():
                values[name] = self.value(Annotated[(field.annotation, *field.metadata, None)])
        optional = [name for name in kind.model_fields if name not in values]
        one_more = (values | {name: self.value(kind.model_fields[name].annotation)} for name in optional)
        one_less = ({other: value for other, value in values.items() if other != name} for name in values)
        for told in chain([values], one_more, one_less):
            try:
                return kind.model_validate(told)
            except ValidationError:
                continue
        raise LookupError(f"no {kind.__name__} is known to this test")

    def value(self, wanted: Any) -> Any:
        """A value of a type. Errors: `LookupError` when none is known; then one has to be added here."""
        adapter = TypeAdapter(wanted)
        for candidate in chain(PLAIN, self._names.values(), self._made(wanted)):
            try:
                return adapter.validate_python(candidate)
            except ValidationError:
                continue
        raise LookupError(f"no value of {wanted} is known to this test")

    def _made(self, wanted: Any) -> Iterator[Any]:
        plain = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
        if get_origin(plain) is tuple:
            part = self.value(get_args(plain)[0])
            yield from ((part,), (part, part))
        elif get_origin(plain) is Literal:
            yield from get_args(plain)
        elif inspect.isclass(plain) and issubclass(plain, BaseModel):
            yield self.model(plain)
        elif inspect.isclass(plain) and issubclass(plain, Enum):
            yield next(iter(plain))


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def protected(shop: Shop, documents: list[Document]) -> dict[Key, Any]:
    """What must never change: the heads and the chain entries."""
    company = shop.world.company
    wanted = [keys.document(company, one.id) for one in documents]
    wanted += [keys.chain_entry(company, ChainName.DOCUMENTS, one.sequence or 0) for one in documents]
    found = shop.world.services.store.backend.get(wanted)
    assert len(found) == len(wanted)
    return dict(found)


def archive(shop: Shop, document: Document) -> Document:
    event = {"company": shop.world.company, "document": document.id, "key": "k.pdf", "sha256": "0" * 64, "size": 9}
    archive_document(shop.world.services, NoVault(), event)
    return shop.read(document)


def issued(shop: Shop) -> tuple[list[Document], dict[str, str]]:
    """An archived invoice of an order, one only issued, a credit note, and what names them in requests."""
    product = LineInput(designation="Bouée", quantity=Decimal(4), unit_price=Decimal(10))
    order, [ordered] = shop.confirmed(product)
    [invoice] = shop.issued(shop.invoice_order(order))
    documents = [archive(shop, invoice), shop.invoice(line("5")), *shop.issued(shop.credit(invoice, back(1, "1")))]
    names = {"order": order.id, "line": ordered.id, "customer": shop.customer.id, "party": shop.customer.id}
    return documents, names | {"operator": shop.world.operators["manager"]}


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_inv_07_no_command_changes_what_is_issued(shop: Shop, kind: Any) -> None:
    """Aimed at each issued document, under every version that it could be meant for, by the administrator."""
    documents, names = issued(shop)
    before, numbers = protected(shop, documents), shop.numbers()
    for document in documents:
        told = {"document": document.id, "invoice": document.id, "origin": document.id, "credit_note": document.id}
        filler = Filler(names | told)
        request = filler.model(kind)
        for version in (None, 1, shop.version(document)):
            try:
                execute(shop.world.call("administrator", request, version), shop.world.services)
            except DomainError:
                continue
    assert protected(shop, documents) == before
    assert shop.numbers()[: len(numbers)] == numbers
    assert shop.verdict().intact


def test_inv_07_the_commands_of_drafts_say_why(shop: Shop) -> None:
    documents, _ = issued(shop)
    for document in documents:
        for request in (UpdateDraft(document=document.id, reason="x"), DeleteDraft(document=document.id)):
            with pytest.raises(NotDraft):
                shop.do(request, "administrator", if_match=shop.version(document))


def test_inv_07_archiving_writes_the_status_and_the_file_once(shop: Shop) -> None:
    [after] = shop.issued(shop.draft())
    archived = archive(shop, after)
    changed = difference(after.model_dump(mode="json"), archived.model_dump(mode="json"))
    assert sorted(changed) == ["/file", "/status"]
    version = shop.version(after)
    other = {"company": shop.world.company, "document": after.id, "key": "other.pdf", "sha256": "1" * 64, "size": 1}
    archive_document(shop.world.services, NoVault(), other)
    assert (shop.read(after), shop.version(after)) == (archived, version)


def test_inv_07_a_draft_cannot_be_archived(shop: Shop) -> None:
    shop.invoice()
    draft = shop.draft()
    with pytest.raises(NotInStatus):
        archive(shop, draft)
    assert shop.read(draft) == draft


@pytest.mark.parametrize("before", DocumentStatus)
@pytest.mark.parametrize("after", DocumentStatus)
def test_inv_07_only_the_transitions_of_the_table_exist(
    shop: Shop, before: DocumentStatus, after: DocumentStatus
) -> None:
    document = shop.draft().change(status=before)
    if after in TRANSITIONS[before]:
        assert moved(document, after).status is after
    else:
        with pytest.raises(NotInStatus):
            moved(document, after)


def test_inv_07_renaming_customer_and_company_leaves_the_snapshot(shop: Shop) -> None:
    """Copied, never joined again."""

    invoice = shop.invoice()
    before = shop.snapshot(invoice)
    fields = {name: getattr(customer_request(name="Autre nom"), name) for name in PartyFields.model_fields}
    shop.world.do(Party, UpdateParty(party=shop.customer.id, **fields), if_match=1)
    assert shop.snapshot(invoice) == before
    assert shop.snapshot(shop.invoice()).buyer.name == "Autre nom"
