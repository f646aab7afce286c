"""The signed chains, for anyone of the company who wants to verify them."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.ledger.attestation import AttestationLink, MakeAttestation
from comptoir.ledger.commands import ListVerifications, ReadVerification, VerifyChains
from comptoir.ledger.model import Head
from comptoir.ledger.queries import (
    ChainedEventPage,
    Entries,
    ListTechnicalEvents,
    PublicKeys,
    ReadEntries,
    ReadHead,
    ReadPublicKeys,
)
from comptoir.ledger.verification import VerificationReport

from ..routing import Route

ATTESTATION_EXAMPLE = {"signatory": "Anne Le Goff", "acquired_on": "2026-01-02", "used_since": "2026-01-05"}

ROUTES = (
    Route("GET", "/ledger/keys", ReadPublicKeys, PublicKeys),
    Route("POST", "/attestations", MakeAttestation, AttestationLink, 201, example=ATTESTATION_EXAMPLE),
    Route("GET", "/ledger/technical-events", ListTechnicalEvents, ChainedEventPage),
    Route("GET", "/ledger/verifications", ListVerifications, Listing[VerificationReport]),
    Route(
        "POST",
        "/ledger/verifications",
        VerifyChains,
        VerificationReport,
        201,
        "/ledger/verifications/{id}",
        {202: VerificationReport},
    ),
    Route("GET", "/ledger/verifications/{verification}", ReadVerification, VerificationReport),
    Route("GET", "/ledger/{chain}/head", ReadHead, Head),
    Route("GET", "/ledger/{chain}/entries", ReadEntries, Entries),
)
