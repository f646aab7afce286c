"""Which open lines a bank entry pays: scored proposals that explain themselves (TRS-04).

An entry is matched by itself only when a reference or the document's number says so, the amount is
the very one, and nothing else comes near: never on the amount alone, never on a tie, never when
two entries claim the same line. Everything else is proposed and waits for somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from comptoir.banking.open_lines import OpenLine, OpenLines, key, name_words
from comptoir.banking.return_signs import told_by_bank, told_in_text
from comptoir.banking.statement import Entry
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, total

MOST = 10
"""Proposals that are kept of an entry."""
MARGIN = 5
"""How far the best proposal must be ahead of the next one to be alone."""
LEAST = 20
"""The score under which nothing is proposed: a date and a likeness of names are no reason."""


class Criterion(StrEnum):
    """What speaks for a match."""

    END_TO_END = "end_to_end"
    ORDER = "order"
    REFERENCE = "reference"
    NUMBER = "number"
    AMOUNT = "amount"
    IBAN = "iban"
    NAME = "name"
    DATE = "date"
    RETURN = "return"


POINTS = {
    Criterion.END_TO_END: 50,
    Criterion.ORDER: 50,
    Criterion.REFERENCE: 50,
    Criterion.NUMBER: 30,
    Criterion.AMOUNT: 25,
    Criterion.IBAN: 15,
    Criterion.NAME: 12,
    Criterion.DATE: 8,
    Criterion.RETURN: 20,
}
"""The most that each criterion gives; what identifies a document weighs more than all that resembles."""
_PROOFS = frozenset({Criterion.END_TO_END, Criterion.ORDER, Criterion.REFERENCE})
_PERSONAL = frozenset({Criterion.IBAN, Criterion.NAME})
_HALF = 10
"""What a word of the text gives for a return: half of what the bank's own mark does."""
_NEAR_DAYS = ((3, 8), (10, 5), (31, 2))
_ALIKE = 0.5


class Reason(Model):
    """A criterion that holds, its points, and the sentence that tells it."""

    criterion: Criterion
    points: int
    fr: str
    en: str


class Proposal(Model):
    """Lines that an entry may pay, together; `difference` is what the entry has more than they ask.

    With `returned`, it takes back the payment that the only line stands for.
    """

    lines: tuple[str, ...]
    score: int
    difference: Money
    reasons: tuple[Reason, ...]
    returned: bool = False


class Match(Model):
    """What is proposed for an entry, the best first; `automatic` when the first one needs nobody."""

    entry: int
    proposals: tuple[Proposal, ...] = ()
    automatic: bool = False
    tied: bool = False


def match(entries: Sequence[Entry], lines: Iterable[OpenLine]) -> list[Match]:
    """Proposals for each entry, in their order; no line is matched by itself to two entries."""
    index = OpenLines(lines)
    found = [_match(entry, index) for entry in entries]
    claims = Counter(line for each in found if each.automatic for line in each.proposals[0].lines)
    contested = {line for line, count in claims.items() if count > 1}
    return [
        each.change(automatic=False, tied=True)
        if each.automatic and contested.intersection(each.proposals[0].lines)
        else each
        for each in found
    ]


def _match(entry: Entry, index: OpenLines) -> Match:
    found = _proposals(entry, index)
    proposals = sorted(found, key=lambda proposal: (-proposal.score, proposal.returned, proposal.lines))[:MOST]
    if not proposals:
        return Match(entry=entry.index)
    best = proposals[0]
    tied = len(proposals) > 1 and best.score - proposals[1].score < MARGIN
    return Match(
        entry=entry.index,
        proposals=tuple(proposals),
        automatic=not tied and best.returned is bool(told_by_bank(entry)) and _certain(best),
        tied=tied,
    )


def _certain(best: Proposal) -> bool:
    """The very amount, and what identifies the document: a reference, or its number beside its party."""
    criteria = {reason.criterion for reason in best.reasons}
    if best.difference:
        return False
    return bool(criteria & _PROOFS) or (Criterion.NUMBER in criteria and bool(criteria & _PERSONAL))


def _proposals(entry: Entry, index: OpenLines) -> list[Proposal]:
    """One proposal a candidate line, and one for each set of lines that the entry pays together."""
    proven: dict[int, list[Reason]] = {}
    for place in index.of_end_to_end(entry.end_to_end):
        proven.setdefault(place, []).append(_reason(Criterion.END_TO_END, entry.end_to_end))
    for place in index.of_reference(entry.reference):
        proven.setdefault(place, []).append(_reason(Criterion.REFERENCE, entry.reference))
    numbered = index.in_text(entry.text, entry.end_to_end, entry.reference)
    for place in numbered:
        proven.setdefault(place, []).append(_reason(Criterion.NUMBER, index.lines[place].number))
    places = dict.fromkeys((*proven, *index.of_amount(entry)))
    found = [_single(entry, index, place, proven.get(place, [])) for place in places if _same_way(entry, index, place)]
    groups = (
        (Criterion.ORDER, entry.payment_id, index.of_payment(entry.payment_id)),
        (Criterion.END_TO_END, "", _of_details(entry, index)),
        (Criterion.NUMBER, "", numbered),
    )
    for criterion, told, group in groups:
        together = [place for place in group if _same_way(entry, index, place) and not index.lines[place].returned]
        if criterion is Criterion.ORDER or len(together) > 1:
            found += _together(entry, index, together, criterion, told)
    return [proposal for proposal in found if proposal.score >= LEAST]


def _of_details(entry: Entry, index: OpenLines) -> list[int]:
    return [place for detail in entry.details for place in index.of_end_to_end(detail.end_to_end)[:1]]


def _same_way(entry: Entry, index: OpenLines, place: int) -> bool:
    """Money that came in pays what was expected, money that went out what was owed, in the same currency."""
    line = index.lines[place].amount
    return line.currency == entry.amount.currency and (line.amount > 0) == (entry.amount.amount > 0)


def _single(entry: Entry, index: OpenLines, place: int, proven: list[Reason]) -> Proposal:
    line = index.lines[place]
    reasons = [*proven]
    if line.amount == entry.amount:
        reasons.append(_reason(Criterion.AMOUNT))
    if entry.counterparty_iban and entry.counterparty_iban in line.ibans:
        reasons.append(_reason(Criterion.IBAN, entry.counterparty_iban))
    reasons += _alike(entry, line.party, index.words[place])
    reasons += _returning(entry) if line.returned else []
    if not line.returned or len(reasons) > 1:
        reasons += _near(entry, line)
    return Proposal(
        lines=(line.id,),
        score=_score(reasons),
        difference=entry.amount - line.amount,
        reasons=tuple(reasons),
        returned=line.returned,
    )


def _returning(entry: Entry) -> list[Reason]:
    """What of an entry says that it returns something."""
    if told := told_by_bank(entry):
        return [_reason(Criterion.RETURN, told)]
    word = told_in_text(entry)
    return [_reason(Criterion.RETURN, word, _HALF)] if word else []


def _together(
    entry: Entry, index: OpenLines, places: Sequence[int], criterion: Criterion, told: str | None
) -> list[Proposal]:
    """Several lines paid at once, when they add up to the entry; or what remains between."""
    if not places:
        return []
    lines = [index.lines[place] for place in dict.fromkeys(places)]
    difference = entry.amount - total((line.amount for line in lines), entry.amount.currency)
    each_told = criterion is Criterion.END_TO_END and _each_told(entry, lines)
    if difference and criterion is not Criterion.ORDER and not each_told:
        return []
    shown = told or ", ".join(line.number or line.end_to_end or line.id for line in lines[:3])
    reasons = [_reason(criterion, shown)]
    if not difference:
        reasons.append(_reason(Criterion.AMOUNT))
    elif each_told:
        reasons.append(_reason(Criterion.AMOUNT, sentences=_EACH))
    if all(_alike(entry, line.party, name_words(line.party)) for line in lines):
        reasons += _alike(entry, lines[0].party, name_words(lines[0].party))
    return [
        Proposal(
            lines=tuple(line.id for line in lines),
            score=_score(reasons),
            difference=difference,
            reasons=tuple(reasons),
        )
    ]


def _each_told(entry: Entry, lines: Sequence[OpenLine]) -> bool:
    """Whether the details of a batch tell each of these lines to the cent: those that are not here make the rest."""
    told = {key(detail.end_to_end): detail.amount for detail in entry.details if detail.end_to_end}
    return all(told.get(key(line.end_to_end)) == line.amount for line in lines)


def _alike(entry: Entry, party: str, words: frozenset[str]) -> list[Reason]:
    """How much of the party's name the entry tells, as its counterparty or in its text."""
    told = name_words(entry.counterparty or entry.text)
    weight = sum(map(len, words))
    if not weight or not told:
        return []
    shared = sum(len(word) for word in words & told)
    least = min(weight, sum(map(len, told))) if entry.counterparty else weight
    likeness = shared / least
    if likeness < _ALIKE:
        return []
    return [_reason(Criterion.NAME, party, round(POINTS[Criterion.NAME] * min(1, likeness)))]


def _near(entry: Entry, line: OpenLine) -> list[Reason]:
    if line.due is None:
        return []
    apart = abs((entry.booking_date - line.due).days)
    points = next((points for days, points in _NEAR_DAYS if apart <= days), 0)
    sentences = _AFTER if line.returned else _SENTENCES[Criterion.DATE]
    return [_reason(Criterion.DATE, str(apart), points, sentences)] if points else []


def _score(reasons: Sequence[Reason]) -> int:
    return min(100, sum(reason.points for reason in reasons))


_SENTENCES = {
    Criterion.END_TO_END: ("référence de bout en bout {}", "end-to-end reference {}"),
    Criterion.ORDER: ("ordre de virement {}", "transfer order {}"),
    Criterion.REFERENCE: ("référence structurée {}", "structured reference {}"),
    Criterion.NUMBER: ("numéro de pièce {} dans le texte", "document number {} in the text"),
    Criterion.AMOUNT: ("montant exact", "the very amount"),
    Criterion.IBAN: ("compte {} du tiers", "account {} of the party"),
    Criterion.NAME: ("nom du tiers : {}", "name of the party: {}"),
    Criterion.DATE: ("à {} jours de l'échéance", "{} days from the due date"),
    Criterion.RETURN: ("retour signalé par la banque : {}", "a return, as the bank tells: {}"),
}
_EACH = "montant exact de chacun", "the very amount of each"
_AFTER = "{} jours après le règlement", "{} days after the payment"


def _reason(
    criterion: Criterion, told: str | None = "", points: int | None = None, sentences: tuple[str, str] | None = None
) -> Reason:
    fr, en = sentences or _SENTENCES[criterion]
    return Reason(
        criterion=criterion,
        points=POINTS[criterion] if points is None else points,
        fr=fr.format(told or ""),
        en=en.format(told or ""),
    )
