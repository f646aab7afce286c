"""What a mail says of a contract before it renews, in the contract's language (CTR-05)."""

from __future__ import annotations

from datetime import date, timedelta

from comptoir.contracts.items import ContractAction
from comptoir.contracts.model import Contract, ReminderEvent
from comptoir.contracts.periods import current_end, rolls_on
from comptoir.mailing.texts import MailText, filled
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording, written_day

SUBJECT = Wording(
    "Contrat {number} : {name}", "Contract {number}: {name}", "Contrato {number}: {name}", "Vertrag {number}: {name}"
)
RENEWED = Wording(
    "Le contrat « {name} » ({number}) qui nous lie sera reconduit le {day}.",
    "The contract “{name}” ({number}) between us will be renewed on {day}.",
    "El contrato «{name}» ({number}) que nos vincula se renovará el {day}.",
    "der zwischen uns bestehende Vertrag „{name}“ ({number}) verlängert sich am {day}.",
)
ENDING = Wording(
    "Le contrat « {name} » ({number}) qui nous lie arrive à son terme le {day}. Merci de nous dire si vous souhaitez "
    "le renouveler.",
    "The contract “{name}” ({number}) between us comes to its end on {day}. Please tell us whether you wish to "
    "renew it.",
    "El contrato «{name}» ({number}) que nos vincula llega a su término el {day}. Le rogamos que nos diga si desea "
    "renovarlo.",
    "der zwischen uns bestehende Vertrag „{name}“ ({number}) endet am {day}. Bitte teilen Sie uns mit, ob Sie ihn "
    "verlängern möchten.",
)
GOES_ON = Wording(
    "La prochaine période du contrat « {name} » ({number}) qui nous lie commence le {day}.",
    "The next period of the contract “{name}” ({number}) between us begins on {day}.",
    "El próximo período del contrato «{name}» ({number}) que nos vincula comienza el {day}.",
    "die nächste Laufzeit des zwischen uns bestehenden Vertrags „{name}“ ({number}) beginnt am {day}.",
)
NOTICE = Wording(
    "Le contrat « {name} » ({number}) qui nous lie peut être dénoncé jusqu'au {day} inclus ; sans nouvelles d'ici là, "
    "il est reconduit.",
    "Notice of the end of the contract “{name}” ({number}) between us may be given until {day} inclusive; without it "
    "the contract is renewed.",
    "El contrato «{name}» ({number}) que nos vincula puede denunciarse hasta el {day} inclusive; en su defecto se "
    "renueva.",
    "der zwischen uns bestehende Vertrag „{name}“ ({number}) kann bis einschließlich {day} gekündigt werden; "
    "andernfalls verlängert er sich.",
)
LAST_NOTICE = Wording(
    "Le contrat « {name} » ({number}) qui nous lie peut être dénoncé jusqu'au {day} inclus.",
    "Notice of the end of the contract “{name}” ({number}) between us may be given until {day} inclusive.",
    "El contrato «{name}» ({number}) que nos vincula puede denunciarse hasta el {day} inclusive.",
    "der zwischen uns bestehende Vertrag „{name}“ ({number}) kann bis einschließlich {day} gekündigt werden.",
)


def subject_of(contract: Contract, text: MailText | None, language: Language) -> str:
    """What the mail is about."""
    told = {"number": contract.number, "name": contract.name, "day": ""}
    return filled(text.subject if text else None, SUBJECT, language, **told)[:200]


def sentence_of(contract: Contract, action: ContractAction, text: MailText | None, language: Language) -> str:
    """What comes on the day of the action's event."""
    wording, day = _said(contract, action)
    told = {"number": contract.number, "name": contract.name, "day": written_day(day, language)}
    return filled(text.message if text else None, wording, language, **told)


def _said(contract: Contract, action: ContractAction) -> tuple[Wording, date]:
    if action.event is ReminderEvent.NOTICE:
        return NOTICE if rolls_on(contract) else LAST_NOTICE, action.event_day
    if current_end(contract) is None:
        return GOES_ON, action.event_day
    if rolls_on(contract):
        return RENEWED, action.event_day
    return ENDING, action.event_day - timedelta(days=1)
