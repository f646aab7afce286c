"""What a mail must have to be sent, and what follows from what the mail service tells of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from comptoir.kernel.errors import Breach
from comptoir.mailing.model import Attached, Delivery, Mail, MailFields, MailState, Outcome

MOST_ATTACHED_BYTES = 7_000_000
"""Of all documents together: in a mail they take a third more, and many servers take 10 MB at most."""
IN_TEST_MODE = Breach(
    code="company_in_test_mode",
    fr="La société est en mode TEST : rien n'est envoyé à un tiers.",
    en="The company is in TEST mode: nothing is sent to anybody.",
    link="/company",
)
TRANSITIONS: dict[MailState, frozenset[MailState]] = {
    MailState.QUEUED: frozenset({MailState.SENDING}),
    MailState.SENDING: frozenset(
        {
            MailState.QUEUED,
            MailState.SENT,
            MailState.DELIVERED,
            MailState.BOUNCED,
            MailState.REFUSED,
            MailState.UNCERTAIN,
        }
    ),
    MailState.SENT: frozenset({MailState.DELIVERED, MailState.BOUNCED, MailState.REFUSED}),
    MailState.DELIVERED: frozenset({MailState.BOUNCED}),
    MailState.BOUNCED: frozenset({MailState.QUEUED}),
    MailState.REFUSED: frozenset({MailState.QUEUED}),
    MailState.UNCERTAIN: frozenset(
        {MailState.QUEUED, MailState.SENT, MailState.DELIVERED, MailState.BOUNCED, MailState.REFUSED}
    ),
}
_RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


def mailable(address: str) -> str | None:
    """The address as mail servers take it, an international domain in its ASCII form; None when none would.

    Accented letters before the @ are refused: the mail service knows no SMTPUTF8 (RFC 6531). Domains follow IDNA 2008
    (RFC 5891): Python's own codec writes ß as ss, which is another domain.
    """
    local, _, domain = address.rpartition("@")
    plain = domain
    if not domain.isascii():
        import idna

        try:
            plain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            return None
    if len(local) > 64 or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(plain):
        return None
    return f"{local}@{plain}"


def distinct(to: Sequence[str], cc: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Each address once, whatever its letter case: nobody gets a mail twice, nor a copy of their own."""
    first: dict[str, str] = {}
    for address in (*to, *cc):
        first.setdefault(address.casefold(), address)
    main = {address.casefold() for address in to}
    return (
        tuple(address for folded, address in first.items() if folded in main),
        tuple(address for folded, address in first.items() if folded not in main),
    )


def mail_breaches(fields: MailFields, attached: Sequence[Attached], party: str | None) -> list[Breach]:
    """Everything for which a mail is not sent; `party` is where an address could be entered."""
    found = []
    if not fields.to:
        found.append(
            Breach(
                code="no_recipient",
                fr="Aucune adresse : le contact n'a pas d'adresse électronique, et aucune n'est indiquée.",
                en="No address: the contact has no e-mail address, and none is given.",
                pointer="/to",
                link=f"/parties/{party}" if party else None,
            )
        )
    for name in ("to", "cc"):
        for number, address in enumerate(getattr(fields, name)):
            if mailable(address) is None:
                fr = f"Aucun serveur de messagerie n'accepterait l'adresse « {address} »."
                en = f"No mail server would take the address “{address}”."
                found.append(Breach(code="address_not_mailable", fr=fr, en=en, pointer=f"/{name}/{number}"))
    size = sum(each.size for each in attached)
    if size > MOST_ATTACHED_BYTES:
        fr = f"Les pièces jointes font {size:,} octets ; {MOST_ATTACHED_BYTES:,} au plus.".replace(",", "\u202f")
        en = f"The attachments are {size:,} bytes; {MOST_ATTACHED_BYTES:,} at most."
        found.append(Breach(code="attachments_too_large", fr=fr, en=en, pointer="/attachments"))
    return found


def moved(mail: Mail, state: MailState, **fields: object) -> Mail:
    """The mail in its next state. Errors: `ValueError` where none leads there."""
    if state not in TRANSITIONS[mail.state]:
        raise ValueError(f"a mail that is {mail.state.value} does not become {state.value}")
    return mail.change(state=state, **fields)


def noted(mail: Mail, deliveries: Sequence[Delivery], sent_at: datetime, message_id: str) -> Mail:
    """The mail with what the service tells of some addresses, whatever came before; events come in any order.

    What it tells of a mail proves that it took it.
    """
    known = {compared(each.address): each for each in mail.deliveries}
    for each in deliveries:
        before = known.get(compared(each.address))
        known[compared(each.address)] = each if before is None else max(before, each, key=_weight)
    told = tuple(known[address] for address in sorted(known))
    after = mail.change(deliveries=told, sent_at=mail.sent_at or sent_at, message_id=mail.message_id or message_id)
    state = _standing(after)
    return after if state is mail.state else moved(after, state)


def _weight(delivery: Delivery) -> tuple[int, datetime, str]:
    return (_RANK[delivery.outcome], delivery.at, delivery.detail or "")


def _standing(mail: Mail) -> MailState:
    """Come back from one address, or with all, else on its way."""
    outcomes = {compared(each.address): each.outcome for each in mail.deliveries}
    if Outcome.BOUNCED in outcomes.values():
        return MailState.BOUNCED
    arrived = {address for address, outcome in outcomes.items() if _RANK[outcome] >= _RANK[Outcome.DELIVERED]}
    return MailState.DELIVERED if arrived.issuperset(_addresses(mail)) else MailState.SENT


def _addresses(mail: Mail) -> set[str]:
    return {compared(address) for address in mail.recipients}


def compared(address: str) -> str:
    """An address as two of them are compared: the mail service tells them in its own writing."""
    return (mailable(address) or address).lower()
