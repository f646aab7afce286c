"""Open a company in a Comptoir that is deployed: `python -m infra.company FILE [--aws]`.

FILE is JSON, as `tests/samples/company.json`: `identity`, `terms` and `numbering` as in `GET /company` of the API, and
`operators`, of which the first with the profile `administrator` (`name`, `email`) is the first to sign in; the others
are created through the API. The company's identifier comes from its SIREN, or is given as `company`.

Without `--aws` the company is opened in what `make run` keeps up on this machine. With it, in the AWS account and
region of the shell's credentials, in the stack named `--stack`; this needs the rights cloudformation:DescribeStacks,
lambda:InvokeFunction on the writer, cognito-idp:AdminCreateUser and AdminGetUser on the pool. The administrator gets a
temporary password by mail. Doing it again changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from infra.local import supervisor
from infra.settings import ROOT, load

# Run from the clone, where the library lies in the layer that is made of it.
sys.path.append(str(ROOT / "layers" / "comptoir" / "python"))

from comptoir.access.commands import OpenCompany
from comptoir.access.model import Operator
from comptoir.kernel.errors import Breach, DomainError
from comptoir.kernel.explain import breaches
from comptoir.kernel.ids import derived_id
from comptoir.runtime.adapters import Clients, CognitoDirectory, invoke


class CompanyError(Exception):
    """The company can't be opened; the message is for the person at the keyboard."""


@dataclass(frozen=True)
class Deployment:
    """Where companies live: AWS clients, the writer function and the user pool."""

    clients: Clients
    writer: str
    user_pool: str

    @classmethod
    def of_stack(cls, clients: Clients, stack: str) -> Deployment:
        """What the stack of this name tells of itself. Raises `CompanyError` when there is none."""
        try:
            found = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", ())
            outputs = {item["OutputKey"]: item["OutputValue"] for item in found}
            return cls(clients, outputs["WriterFunction"], outputs["UserPoolId"])
        except (BotoCoreError, ClientError, KeyError) as error:
            raise CompanyError(f"No Comptoir is deployed as {stack} there: {error}") from error


def opening_of(sent: Mapping[str, Any]) -> OpenCompany:
    """The company to open, checked before anything is sent. Raises `CompanyError` with all that is wrong."""
    operators = [one for one in sent.get("operators", ()) if one.get("profile") == "administrator"]
    if not operators:
        raise CompanyError('"operators" must hold one with the profile "administrator", its name and its email')
    company = sent.get("company") or derived_id("company", str(sent.get("identity", {}).get("siren")))
    administrator = {
        "administrator": derived_id("operator", company, "administrator"),
        "administrator_email": operators[0].get("email"),
        "administrator_name": operators[0].get("name"),
    }
    settings = {name: value for name, value in sent.items() if name not in {"operators", "company"}}
    try:
        return OpenCompany.model_validate_json(json.dumps({"company": company, **administrator, **settings}))
    except ValidationError as error:
        raise CompanyError(_told("The company can't be opened like this:", breaches(error))) from error


def open_company(deployment: Deployment, opening: OpenCompany) -> dict[str, Any]:
    """Open the company and invite its first administrator; the company as it is stored. Raises `CompanyError`.

    A company that is open already stays as it is.
    """
    asked = {"open_company": opening.model_dump(mode="json")}
    try:
        company: dict[str, Any] = invoke(deployment.writer, asked, deployment.clients)
        administrator = Operator(
            id=opening.administrator,
            email=opening.administrator_email,
            name=opening.administrator_name,
            profile="administrator",
        )
        users = CognitoDirectory(deployment.user_pool, deployment.clients)
        users.invite(opening.company, administrator)
    except DomainError as error:
        raise CompanyError(_told(f"{error.fr} / {error.en}", getattr(error, "breaches", ()))) from error
    except (BotoCoreError, ClientError, RuntimeError) as error:
        raise CompanyError(f"The company can't be opened: {error}") from error
    return company


def _told(sentence: str, found: Any) -> str:
    lines: list[Breach] = list(found)
    return "\n".join([sentence, *(f"  {breach.pointer or ''}: {breach.fr} / {breach.en}" for breach in lines)])


def main(arguments: list[str] | None = None) -> int:
    """Entry point; 0 when the company is open, 1 with one clear message when not."""
    parser = argparse.ArgumentParser(prog="python -m infra.company", description="Open a company in Comptoir.")
    parser.add_argument("file", type=Path, help="JSON of the company, as tests/samples/company.json")
    parser.add_argument("--aws", action="store_true", help="in the AWS account of the shell, not on this machine")
    parser.add_argument("--stack", help="name of the stack; by default that of the settings")
    options = parser.parse_args(arguments)
    try:
        opening = opening_of(json.loads(options.file.read_text("utf-8")))
        stack = options.stack or load({} if options.aws else {"stage": "local"}).prefix
        deployment = Deployment.of_stack(_on_aws() if options.aws else _here(), stack)
        company = open_company(deployment, opening)
    except (CompanyError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{company['identity']['name']} is open as {company['id']}; {opening.administrator_email} can sign in.")
    return 0


def _on_aws() -> Clients:
    return cache(boto3.Session().client)


def _here() -> Clients:
    port = os.environ.get("COMPTOIR_PORT") or supervisor.DEFAULT_PORT
    return lambda service: supervisor.client(f"http://127.0.0.1:{port}", service)


if __name__ == "__main__":
    sys.exit(main())
