"""Opening the companies as the deployer does, creating operators through the API, and signing them in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from infra.company import CompanyError, Deployment, open_company, opening_of
from infra.local.demo.client import Client, Unexpected, sign_in
from infra.local.demo.stage import Stage
from infra.local.supervisor import ROOT, LocalAwsError

SAMPLES = ROOT / "tests" / "samples"
# Of an emulator that only this machine reaches; on AWS operators choose theirs from the invitation.
PASSWORD = "Comptoir-demo-2026"  # noqa: S105
_PROFILES = ("manager", "sales", "logistics", "accountant", "assistant")
_STRANGER: dict[str, Any] = {
    "name": "NÉGOCE DU LEVANT",
    "trade_name": None,
    "siren": "908172638",
    "siret": None,
    "bank_accounts": [],
    "vat_number": "FR65908172638",
}


@dataclass(frozen=True)
class House:
    """The company, its signed-in operators by profile, and the administrator of another company."""

    company: str
    operators: Mapping[str, Client]
    stranger: Client

    def __getitem__(self, profile: str) -> Client:
        return self.operators[profile]


def open_house(stage: Stage) -> House:
    """The company with its operators, made or found again."""
    sent = json.loads((SAMPLES / "company.json").read_text("utf-8"))
    with stage.step("Open the company"):
        administrator = administrator_of(stage, sent)
        company = administrator.get("/company").body
        stage.record.company = {
            "id": company["id"],
            "name": company["identity"]["name"],
            "siren": sent["identity"]["siren"],
        }
        known = {one["email"]: one for one in administrator.every("/operators")}
        stage.record.found = len(known) > 1
        stage.tell(f"{company['identity']['name']} {'was found again' if stage.record.found else 'is open'}")
    with stage.step("Create operators and sign them in"):
        operators = {"administrator": administrator}
        wanted = {one["profile"]: one for one in sent["operators"]}
        for profile in _PROFILES:
            operators[profile] = operator_of(stage, administrator, wanted[profile], known)
        for client in operators.values():
            me = client.get("/me").body
            stage.record.operators.append({name: me[name] for name in ("profile", "name", "email")})
        stage.tell(", ".join(f"{one['name']} ({one['profile']})" for one in stage.record.operators))
    with stage.step("Open another company"):
        stranger = administrator_of(stage, _other(sent))
        stage.tell(f"{stranger.get('/company').body['identity']['name']} must see nothing of the first")
    return House(company["id"], operators, stranger)


def _other(sent: Mapping[str, Any]) -> dict[str, Any]:
    administrator = {"profile": "administrator", "name": "Inès Haddad", "email": "administrator@levant.example"}
    return {**sent, "identity": {**sent["identity"], **_STRANGER}, "operators": [administrator]}


def administrator_of(stage: Stage, sent: Mapping[str, Any]) -> Client:
    """The first administrator, signed in; the company is opened when nobody can sign in to it yet."""
    cloud = stage.cloud
    try:
        opening = opening_of(sent)
        with suppress(Unexpected):
            return _sign_in(stage, opening.administrator_email)
        open_company(Deployment(cloud.client, cloud.settings["COMPTOIR_WRITER_FUNCTION"], cloud.user_pool), opening)
    except CompanyError as error:
        raise LocalAwsError(str(error)) from error
    return _admit(stage, opening.administrator_email)


def operator_of(stage: Stage, administrator: Client, one: Mapping[str, str], known: Mapping[str, Any]) -> Client:
    if one["email"] in known:
        with suppress(Unexpected):
            return _sign_in(stage, one["email"])
    # Sent again with its key, a creation that was cut short goes on to the invitation.
    administrator.post("/operators", one, (201,), key=f"demo-{one['profile']}")
    return _admit(stage, one["email"])


def _admit(stage: Stage, email: str) -> Client:
    """Set the password as the deployer may, in place of the invitation's, and sign in."""
    stage.cloud.client("cognito-idp").admin_set_user_password(
        UserPoolId=stage.cloud.user_pool, Username=email, Password=PASSWORD, Permanent=True
    )
    return _sign_in(stage, email)


def _sign_in(stage: Stage, email: str) -> Client:
    token = sign_in(stage.cloud.endpoint, stage.cloud.user_client, email, PASSWORD)
    return Client(stage.cloud.api_url, token, email)
