"""Lines that wait for their money, found by what a bank entry tells: references, numbers in its text, amount, party.

An entry asks a handful of indexes; nothing compares every entry with every line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from comptoir.banking.charset import latin
from comptoir.banking.statement import Entry
from comptoir.kernel.identity import Iban
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import plain_words

NEAREST = 20
"""Lines of one amount that are looked at when nothing but the amount is known: those due nearest."""
_MOST = 50
_SHORTEST = 4
_WORDS_JOINED = 5
_ORDER = 26
"""The length of the identifier that `PmtInfId` begins with."""
_CUT = 16
"""What MT940 has room for of a reference."""
_LEGAL = frozenset(
    "sa sas sasu sarl eurl snc sci ei gmbh ag kg bv nv ltd llc inc corp co plc srl spa sl oy ab as aps lda kk "
    "ste societe company cie et and the la le les de du des mr mme m".split()
)


class OpenLine(Model):
    """Money that is expected or owed: `amount` is positive when it will come in, negative when it will go out.

    `end_to_end` and `payment_id` are those of the transfer that pays it, when one was made;
    `reference` is a structured reference of its document, `number` the document's own. One that is `returned`
    moved on the day `due`: the entry takes it back.
    """

    id: str
    amount: Money
    number: str | None = None
    end_to_end: str | None = None
    payment_id: str | None = None
    reference: str | None = None
    party: str = ""
    ibans: tuple[Iban, ...] = ()
    due: date | None = None
    returned: bool = False


def key(text: str | None) -> str:
    """A reference or number without what is written otherwise here and there: capitals and digits."""
    return re.sub("[^A-Z0-9]", "", latin(text or "").upper())


def name_words(name: str) -> frozenset[str]:
    """The words of a name that tell it from others."""
    return frozenset(word for word in plain_words(name) if word not in _LEGAL and len(word) > 1)


class OpenLines:
    """Open lines under everything that an entry may tell of them."""

    def __init__(self, lines: Iterable[OpenLine]) -> None:
        self.lines = tuple(lines)
        self.words = [name_words(line.party) for line in self.lines]
        self._by_end_to_end: dict[str, list[int]] = defaultdict(list)
        self._by_payment: dict[str, list[int]] = defaultdict(list)
        self._by_reference: dict[str, list[int]] = defaultdict(list)
        self._by_number: dict[str, list[int]] = defaultdict(list)
        self._by_amount: dict[tuple[str, Decimal], list[int]] = defaultdict(list)
        self._by_word: dict[tuple[str, Decimal], dict[str, list[int]]] = {}
        for place in sorted(range(len(self.lines)), key=lambda place: _day(self.lines[place].due)):
            self._add(place, self.lines[place])

    def _add(self, place: int, line: OpenLine) -> None:
        if line.end_to_end:
            for known in {key(line.end_to_end), key(line.end_to_end[:_CUT])}:
                self._by_end_to_end[known].append(place)
        if line.payment_id:
            for known in {key(line.payment_id), key(line.payment_id)[:_CUT]}:
                self._by_payment[known].append(place)
        if line.reference:
            self._by_reference[key(line.reference)].append(place)
        number = key(line.number)
        if len(number) >= _SHORTEST and re.search("[0-9]", number):
            self._by_number[number].append(place)
        self._by_amount[line.amount.currency, line.amount.amount].append(place)

    def of_end_to_end(self, text: str | None) -> Sequence[int]:
        """Lines whose transfer has this end-to-end identifier."""
        return self._by_end_to_end.get(key(text), ()) if text else ()

    def of_payment(self, text: str | None) -> Sequence[int]:
        """Lines that one transfer order pays together; a label may follow the order's identifier, or MT940 cut it."""
        known = key(text)
        told = (known, known[:_ORDER]) if text else ()
        return next((found for each in told if (found := self._by_payment.get(each))), ())

    def of_reference(self, text: str | None) -> Sequence[int]:
        """Lines whose document has this structured reference."""
        return self._by_reference.get(key(text), ()) if text else ()

    def in_text(self, *texts: str | None) -> list[int]:
        """Lines whose document number stands in a text, however it is spaced or cut there."""
        found: dict[int, None] = {}
        for text in texts:
            words = re.findall("[A-Z0-9]+", latin(text or "").upper())
            for start in range(len(words)):
                joined = ""
                for word in words[start : start + _WORDS_JOINED]:
                    joined += word
                    found.update(dict.fromkeys(self._by_number.get(joined, ())[:_MOST]))
        return list(found)

    def of_amount(self, entry: Entry) -> list[int]:
        """Lines of the very amount of an entry: those of its party, and those due nearest to its day."""
        amount = entry.amount.currency, entry.amount.amount
        places = self._by_amount.get(amount, [])
        if len(places) <= NEAREST:
            return places
        found = dict.fromkeys(self._near(places, entry.booking_date))
        words = self._words_of(amount, places)
        told = name_words(f"{entry.counterparty or ''} {entry.text}")
        for word in sorted(told & words.keys(), key=lambda word: len(words[word]))[:3]:
            named = words[word]
            found.update(dict.fromkeys(self._near(named, entry.booking_date)))
        return list(found)

    def _near(self, places: list[int], day: date) -> list[int]:
        middle = bisect_left(places, _day(day), key=lambda place: _day(self.lines[place].due))
        start = max(0, min(middle - NEAREST // 2, len(places) - NEAREST))
        return places[start : start + NEAREST]

    def _words_of(self, amount: tuple[str, Decimal], places: list[int]) -> dict[str, list[int]]:
        if amount not in self._by_word:
            words: dict[str, list[int]] = defaultdict(list)
            for place in places:
                for word in self.words[place]:
                    words[word].append(place)
            self._by_word[amount] = words
        return self._by_word[amount]


def _day(day: date | None) -> int:
    return day.toordinal() if day else 0
