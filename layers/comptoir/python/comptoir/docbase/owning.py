"""What owns documents, and the requests on the documents of each (DOC-01)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from comptoir.docbase.model import Owner
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.store import keys
from comptoir.store.record import Key

HEADS: dict[Owner, Callable[[str, str], Key]] = {
    Owner.ORDER: keys.order,
    Owner.PARTY: keys.party,
    Owner.DOCUMENT: keys.document,
    Owner.PURCHASE: keys.purchase,
    Owner.CONTRACT: keys.contract,
}
"""Where lies what owns documents."""


class Owned(Model):
    """A request on the documents of something."""

    owner: ClassVar[Owner]

    @property
    @abstractmethod
    def owned(self) -> str:
        """The identifier of what owns the documents."""

    def head(self, company: str) -> Key:
        """Where lies what owns the documents."""
        return HEADS[self.owner](company, self.owned)


class OfOrder(Owned):
    """A request on the documents of an order."""

    owner: ClassVar[Owner] = Owner.ORDER
    order: Id

    @property
    def owned(self) -> str:
        return self.order


class OfParty(Owned):
    """A request on the documents of a party."""

    owner: ClassVar[Owner] = Owner.PARTY
    party: Id

    @property
    def owned(self) -> str:
        return self.party


class OfContract(Owned):
    """A request on the documents of a contract."""

    owner: ClassVar[Owner] = Owner.CONTRACT
    contract: Id

    @property
    def owned(self) -> str:
        return self.contract


class OfDocument(Owned):
    """A request on the documents of an invoice or credit note."""

    owner: ClassVar[Owner] = Owner.DOCUMENT
    document: Id

    @property
    def owned(self) -> str:
        return self.document


class OfPurchase(Owned):
    """A request on the documents of a purchase that no order made."""

    owner: ClassVar[Owner] = Owner.PURCHASE
    purchase: Id

    @property
    def owned(self) -> str:
        return self.purchase
