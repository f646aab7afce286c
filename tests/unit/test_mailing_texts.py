"""The company's own words in mails and reminders: braces that are known, in each language (QUO-06, SUP-01, INV-12)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.docbase.model import FileKind
from comptoir.dunning.model import Tone
from comptoir.dunning.words import USES
from comptoir.kernel.errors import Forbidden, Refused, VersionMismatch
from comptoir.mailing.commands import MailOrderFile
from comptoir.mailing.model import MailProposal, MailView
from comptoir.mailing.queries import ProposeOrderMail
from comptoir.mailing.texts import FIELDS, MailText, MailTexts, ReadMailTexts, SaveMailTexts, TextUse, text_breaches
from comptoir.parties.snapshot import Language
from tests.unit.dunning_support import late, open_dunning
from tests.unit.mailing_support import open_post_room, text_of
from tests.world import World


def text(use: TextUse = TextUse.QUOTE, language: Language = Language.FRENCH, **said: Any) -> MailText:
    """A text of the company's."""
    return MailText(use=use, language=language, **said)


def save(world: World, *texts: MailText) -> MailTexts:
    """The texts of the company, replaced."""
    version = world.execute_as("administrator", ReadMailTexts()).version
    return world.do(MailTexts, SaveMailTexts(texts=texts), "administrator", if_match=version)


def test_quo_06_a_quote_goes_out_in_the_company_s_own_words(world: World) -> None:
    """QUO-06: subject and body; greeting, signature and footer stay."""
    room = open_post_room(world)
    order, _ = room.trade.quoted()
    quote = room.filed(order, FileKind.QUOTE)
    save(world, text(subject="Votre projet ({number})", message="Voici notre {title}, {{sans}} engagement."))
    mail = world.do(MailView, MailOrderFile(order=order.id, file=quote.id, to=("a@x.example",)))
    assert mail.subject == f"Votre projet ({quote.number}) — COMPTOIR DU PONANT"
    assert text_of(room.post.last).startswith(
        f"Bonjour,\n\nVoici notre {quote.title}, {{sans}} engagement.\n\nCordialement,"
    )


def test_another_language_and_another_use_keep_the_ready_words(world: World) -> None:
    room = open_post_room(world)
    order, issued = room.ordered()
    filed = room.filed(order, FileKind.PURCHASE_ORDER)
    save(world, text(TextUse.PURCHASE_ORDER, Language.FRENCH, message="Commande."), text(message="Devis."))
    proposed = world.do(MailProposal, ProposeOrderMail(order=order.id, file=filed.id))
    assert f"Please find attached our purchase order {issued.number}." in proposed.message
    save(world, text(TextUse.PURCHASE_ORDER, Language.ENGLISH, message="Order {number}, please."))
    proposed = world.do(MailProposal, ProposeOrderMail(order=order.id, file=filed.id))
    assert f"Order {issued.number}, please." in proposed.message
    assert proposed.subject.startswith(f"Purchase order {issued.number}")


def test_inv_12_a_reminder_is_worded_by_the_company_and_the_law_s_words_stay() -> None:
    dunning = open_dunning()
    save(dunning.world, text(TextUse.REMINDER_FIRM, subject="Impayé", message="Payez avant le {day}."))
    dunning.invoice()
    dunning.on(late(16))
    content = dunning.write().content
    assert content.message
    assert content.message.startswith("Payez avant le 14/01/2027. S'y ajoutent")
    assert "L441-10" in content.message
    assert dunning.outbox.post.last["Subject"] == "Impayé — COMPTOIR DU PONANT"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((text(),), [("text_missing", "/texts/0/message")]),
        ((text(message="a"), text(message="b")), [("duplicate_text", "/texts/1")]),
        ((text(message="{prix}"),), [("unknown_field", "/texts/0/message")]),
        ((text(subject="{number"),), [("unknown_field", "/texts/0/subject")]),
        ((text(message="{number.__class__}"),), [("unknown_field", "/texts/0/message")]),
        ((text(message="{number[0]}"),), [("unknown_field", "/texts/0/message")]),
        ((text(message="{number!r}"),), [("unknown_field", "/texts/0/message")]),
        ((text(message="{number:>99}"),), [("unknown_field", "/texts/0/message")]),
        ((text(message="{}"),), [("unknown_field", "/texts/0/message")]),
        ((text(TextUse.REMINDER_FIRM, message="{number}"),), [("unknown_field", "/texts/0/message")]),
        ((text(message="{title}" * 16),), [("text_too_long", "/texts/0/message")]),
        ((text(TextUse.CONTRACT, subject="{name}" * 33),), [("text_too_long", "/texts/0/subject")]),
    ],
)
def test_a_text_that_could_not_be_filled_is_refused(
    world: World, texts: tuple[MailText, ...], found: list[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as refusal:
        save(world, *texts)
    assert [(breach.code, breach.pointer) for breach in refusal.value.breaches] == found
    assert all(breach.fr != breach.en for breach in refusal.value.breaches)
    assert world.do(MailTexts, ReadMailTexts()).texts == ()


def test_inv_12_the_longest_words_that_can_be_entered_go_out() -> None:
    """A letter that was written always gets its PDF and its mail, whatever stands around what was entered."""
    dunning = open_dunning()
    save(dunning.world, text(TextUse.REMINDER_FIRM, subject="x" * 200, message="{day}" * 5 + "x" * 1900))
    dunning.invoice()
    for days, message in ((5, "x" * 4000), (16, None)):
        dunning.on(late(days))
        assert dunning.write(message=message).mail
    assert len(dunning.outbox.post.taken) == 2


@given(st.sampled_from(TextUse), st.text(st.sampled_from("{}ab nu.[]!:0_"), min_size=1, max_size=12).map(str.strip))
def test_whatever_is_accepted_can_be_filled(use: TextUse, said: str) -> None:
    """No text that was saved breaks a mail later."""
    if not said:
        return
    own = MailText.model_construct(use=use, language=Language.FRENCH, subject=None, message=said)
    if not text_breaches([own]):
        said.format(**dict.fromkeys(FIELDS[use], "x"))


def test_only_an_administrator_words_them_and_each_tone_has_its_use(world: World) -> None:
    with pytest.raises(Forbidden):
        world.execute_as("manager", SaveMailTexts(texts=()), 0)
    save(world, text(message="Voici."))
    with pytest.raises(VersionMismatch):
        world.execute_as("administrator", SaveMailTexts(texts=()), 0)
    version = world.execute_as("administrator", ReadMailTexts()).version
    save(world, text(message="Voici."))
    assert world.execute_as("administrator", ReadMailTexts()).version == version
    assert set(USES) == set(Tone)
    assert {use.value for use in TextUse} & {kind.value for kind in FileKind} == {
        *("quote", "proforma", "amendment", "purchase_order", "invoice", "credit_note", "cancellation")
    }
