"""The publisher's individual attestation (CGI 286, I, 3° bis; BOI-LETTRE-000242), off unless the deployer says who
publishes: only a publisher may give it, and a false one is a crime (RULES §3.1)."""

from __future__ import annotations

from datetime import date

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Caller, Context, Publisher, Services
from comptoir.access.execute import Reply
from comptoir.access.items import COMPANY
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.identity import Address
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.settings import product_version
from comptoir.store.transaction import Transaction


class AttestationOff(Conflict):
    """The installation names no publisher who attests."""

    code = "attestation_off"
    fr = "L'éditeur n'a pas activé les attestations sur cette installation."
    en = "The publisher has not turned attestations on for this installation."


class Attestation(Model):
    """What the attestation says: nominative, of a major version and the minor ones under its root.

    `licence` is the company's identifier. `acquired_on` is when the company got the product, `used_since` since when
    it records the payments of its customers.
    """

    publisher: Publisher
    version: Label
    root: Label
    licence: Id
    company_name: Line
    company_address: Address
    siren: Label | None
    signatory: Line
    acquired_on: date
    used_since: date
    made_on: date


class AttestationLink(Model):
    """An attestation, and a short-lived link to its PDF, to be signed by both sides."""

    attestation: Attestation
    url: str | None = None


class MakeAttestation(Administration):
    """Make the attestation that the company shows to the tax administration. Errors: `AttestationOff`, `Refused`.

    `signatory` signs for the company. What it says is a technical event, so that the same can be made again.
    """

    signatory: Line
    acquired_on: date
    used_since: date

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        publisher = ctx.services.publisher
        if publisher is None:
            raise AttestationOff()
        refuse_if(_breaches(self.acquired_on, self.used_since, ctx.today))
        company, version = tx.require(COMPANY, keys.company(ctx.company)), product_version()
        attestation = Attestation(
            publisher=publisher,
            version=version,
            root=version.partition(".")[0],
            licence=ctx.company,
            company_name=company.identity.name,
            company_address=company.identity.address,
            siren=company.identity.siren,
            made_on=ctx.today,
            **self.model_dump(),
        )
        chain(tx, ctx, "attestation_made", attestation)
        return Reply.of(AttestationLink(attestation=attestation), None, 201)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        if services.renderer is None or services.files is None:
            return reply
        made = AttestationLink.model_validate_json(reply.body)
        content = made.attestation.model_dump(mode="json")
        task = {"task": "render_preview", "company": caller.company, "kind": "attestation", "content": content}
        url = services.files.link("files", services.renderer.render(task)["key"])
        return Reply.of(made.change(url=url), None, 201)


def _breaches(acquired: date, used: date, today: date) -> list[Breach]:
    found = []
    if used < acquired:
        fr, en = "Le logiciel n'est pas utilisé avant d'être acquis.", "Nothing is used before it is acquired."
        found.append(Breach(code="date_before_acquisition", fr=fr, en=en, pointer="/used_since"))
    for name, day in (("acquired_on", acquired), ("used_since", used)):
        if day > today:
            fr, en = "Cette date est à venir.", "This date is still to come."
            found.append(Breach(code="date_future", fr=fr, en=en, pointer=f"/{name}"))
    return found
