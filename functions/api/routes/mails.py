"""Documents sent by mail, and what became of each mail."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.mailing import commands, queries, texts
from comptoir.mailing.model import MailProposal, MailSummary, MailView

from ..routing import Route

_BASES = (
    ("/orders/{order}/documents", commands.MailOrderFile, queries.ProposeOrderMail),
    ("/parties/{party}/files", commands.MailPartyFile, queries.ProposePartyMail),
    ("/contracts/{contract}/files", commands.MailContractFile, queries.ProposeContractMail),
    ("/documents/{document}/files", commands.MailDocumentFile, queries.ProposeDocumentMail),
    ("/purchases/{purchase}/files", commands.MailPurchaseFile, queries.ProposePurchaseMail),
)
_VERSIONS = (
    (
        "/orders/{order}/supplier-requests/{supplier}/purchase-orders/{version}/mails",
        commands.MailPurchaseOrder,
    ),
    ("/purchases/{purchase}/purchase-orders/{version}/mails", commands.MailOwnPurchaseOrder),
)
MAIL_EXAMPLE = {"to": ["achats@fournisseur.example"], "message": "Bonjour,\n\nVeuillez trouver ci-joint le document."}
TEXT_EXAMPLE = {
    "use": "purchase_order",
    "language": "fr",
    "subject": "Notre commande {number}",
    "message": "Merci de nous confirmer la commande {number} sous huit jours.",
}
_MAIL = "/mails/{id}"
_WAITING = {202: MailView}

ROUTES = (
    *(
        route
        for at, sent, proposed in _BASES
        for route in (
            Route("GET", f"{at}/{{file}}/mail-proposal", proposed, MailProposal),
            Route("POST", f"{at}/{{file}}/mails", sent, MailView, 201, _MAIL, _WAITING, example=MAIL_EXAMPLE),
        )
    ),
    *(
        Route("POST", at, sent, MailView, 201, _MAIL, _WAITING, example={"to": MAIL_EXAMPLE["to"]})
        for at, sent in _VERSIONS
    ),
    Route("GET", "/mail-texts", texts.ReadMailTexts, texts.MailTexts),
    Route("PUT", "/mail-texts", texts.SaveMailTexts, texts.MailTexts, example={"texts": [TEXT_EXAMPLE]}),
    Route("GET", "/mails", queries.ListMails, Listing[MailSummary]),
    Route("GET", "/mails/{mail}", queries.ReadMail, MailView),
    Route("GET", "/mails/{mail}/copy", queries.ReadMailCopy, queries.MailCopy),
    Route("GET", "/mails/{mail}/history", queries.ReadMailHistory, Listing[HistoryEntry]),
    Route("POST", "/mails/{mail}/sending", commands.SendAgain, MailView, 201, _MAIL, _WAITING),
)
