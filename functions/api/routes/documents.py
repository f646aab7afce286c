"""The document base of whatever has one; uploads; images of the company and of the catalogue."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.docbase import commands, queries
from comptoir.docbase.items import Portrait
from comptoir.docbase.model import FiledView, FileLink, Image, ImageLink, Ticket, Upload

from ..routing import Route

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_PDF = {
    "filename": "devis-signe.pdf",
    "media_type": "application/pdf",
    "size": 48213,
    "sha256": _DIGEST,
    "kind": "signed_quote",
}
_LOGO = {"filename": "logo.png", "media_type": "image/png", "size": 18230, "sha256": _DIGEST, "title": "Logo"}

_PICTURE = {"filename": "palan.jpg", "media_type": "image/jpeg", "size": 91344, "sha256": _DIGEST}

_BASES = (
    (
        "/orders/{order}/documents",
        (
            queries.ListOrderFiles,
            queries.OpenOrderFile,
            commands.AnnounceOrderFile,
            commands.CompleteOrderFile,
        ),
    ),
    (
        "/parties/{party}/files",
        (
            queries.ListPartyFiles,
            queries.OpenPartyFile,
            commands.AnnouncePartyFile,
            commands.CompletePartyFile,
        ),
    ),
    (
        "/contracts/{contract}/files",
        (
            queries.ListContractFiles,
            queries.OpenContractFile,
            commands.AnnounceContractFile,
            commands.CompleteContractFile,
        ),
    ),
    (
        "/documents/{document}/files",
        (
            queries.ListDocumentFiles,
            queries.OpenDocumentFile,
            commands.AnnounceDocumentFile,
            commands.CompleteDocumentFile,
        ),
    ),
    (
        "/purchases/{purchase}/files",
        (
            queries.ListPurchaseFiles,
            queries.OpenPurchaseFile,
            commands.AnnouncePurchaseFile,
            commands.CompletePurchaseFile,
        ),
    ),
)

ROUTES = (
    *(
        route
        for at, (listed, opened, announced, completed) in _BASES
        for route in (
            Route("GET", at, listed, Listing[FiledView]),
            Route("GET", f"{at}/{{file}}", opened, FileLink),
            Route("POST", f"{at}/uploads", announced, Ticket, 201, example=_PDF),
            Route("POST", f"{at}/uploads/{{upload}}/completion", completed, Upload, 201, also={202: Upload}),
        )
    ),
    Route("GET", "/images", queries.ListImages, Listing[Image]),
    Route("POST", "/images/uploads", commands.AnnounceImage, Ticket, 201, example=_LOGO),
    Route("POST", "/images/uploads/{upload}/completion", commands.CompleteImage, Upload, 201, also={202: Upload}),
    Route("POST", "/references/pictures/uploads", commands.AnnouncePicture, Ticket, 201, example=_PICTURE),
    Route(
        "POST",
        "/references/pictures/uploads/{upload}/completion",
        commands.CompletePicture,
        Upload,
        201,
        also={202: Upload},
    ),
    Route("GET", "/references/{reference}/picture", queries.ReadReferencePicture, ImageLink),
    Route("GET", "/operators/{operator}/picture", queries.ReadPortrait, Portrait),
    Route("PUT", "/operators/{operator}/picture", commands.SetPortrait, Portrait, example={"image": None}),
)
