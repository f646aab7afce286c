"""What accounting exports took, read along a source."""

from __future__ import annotations

from comptoir.accounting.exporting import Mark, Posted, Rates
from comptoir.accounting.items import POSTED
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.store import Store


class Reader:
    """Marks as they are read along a source: one block is read once."""

    def __init__(self, store: Store, company: str) -> None:
        self._store, self._company = store, company
        self._key: Key | None = None
        self._block = Posted()

    def of(self, source: str, sequence: int) -> Mark | None:
        """The mark of an entry; None when no export took it."""
        key = keys.posted(self._company, source, sequence)
        if key != self._key:
            found = self._store.get(POSTED, key)
            self._key, self._block = key, found.value if found else Posted()
        return self._block.marks.get(sequence)


def posted_rates(store: Store, company: str, source: str, sequence: int) -> Rates | None:
    """The rates at which an entry went into the books; None when it did not yet."""
    mark = Reader(store, company).of(source, sequence)
    return mark.rates if mark else None
