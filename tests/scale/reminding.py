"""What reminding and mailing cost: a letter of 1, 10 and 40 invoices, its PDF, its mail, and who is to be reminded.

The real commands run as the API, the render and the mail functions run them, on real boto3 clients answered by
`loopback`; the buckets and the mail service are in memory, and their calls (a PUT each, a GET for each attachment, a
SendEmail) are not counted.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from comptoir.access.queries import Listing
from comptoir.documents.render import render_reminder
from comptoir.dunning.commands import WritePaymentReminder
from comptoir.dunning.model import PaymentReminder
from comptoir.dunning.queries import ListReminderProposals
from comptoir.dunning.tasks import reminder_rendered
from comptoir.kernel.text import sha256
from comptoir.mailing.model import MailSummary
from comptoir.mailing.queries import ListMails
from comptoir.runtime.clients import client
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.settings import setting
from comptoir.store.store import Store
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally, counted
from tests.scale.report import Size, fresh, note, table, tell, title
from tests.unit.dunning_support import Dunning, open_dunning
from tests.world import open_world

_COLUMNS = ("calls", "read units", "operations", "write units", "CPU ms")
_LATE = date(2027, 1, 20)


def worker(invoices: int) -> None:
    """One letter of so many invoices from proposal to mail, on a fresh company; prints the cost of each step."""
    told: dict[str, Mapping[str, float]] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        dunning, tally = open_dunning(open_world()), Tally()
        for number in range(invoices):
            dunning.invoice(f"{100 + number}")
        dunning.on(_LATE)
        world = dunning.world
        Loopback(world.services.store.backend, world.signer, tally).install()
        cursors = world.services.store._cursors
        store = Store(DynamoBackend(lambda: client("dynamodb"), setting("TABLE")), cursors)
        world.services = replace(world.services, store=store, renderer=None)
        # The first of all makes the clients.
        world.execute_as("manager", ListReminderProposals())
        told["who is to be reminded"] = counted(tally, lambda: world.execute_as("manager", ListReminderProposals()))
        told |= _letter(dunning, tally)
    tell(told)


def _letter(dunning: Dunning, tally: Tally) -> dict[str, dict[str, float]]:
    made: list[PaymentReminder] = []
    request, world = WritePaymentReminder(party=dunning.customer), dunning.world
    told = {"letter written": counted(tally, lambda: made.append(world.do(PaymentReminder, request)))}
    task = {"company": world.company, "reminder": made[0].id}

    def render() -> None:
        body = render_reminder(made[0].content)
        dunning.outbox.files.put("letter", body, "application/pdf", "a.pdf")
        reminder_rendered(world.services, task, "letter", sha256(body), len(body))

    told["PDF and mail written"] = counted(tally, render)
    [mail] = world.do(Listing[MailSummary], ListMails()).items
    send = {"task": "send_mail", "company": world.company, "mail": mail.id}
    told["mail handed over"] = counted(tally, lambda: dunning.outbox.render(send))
    return told


def show(size: Size) -> None:
    """Print what each step costs, by the number of invoices."""
    title("Reminding a customer and mailing the letter")
    rows = []
    for count in (1,) if size.tiny else (1, 10, 40):
        told = fresh(["-m", "tests.scale.reminding", str(count)]).told
        rows += [
            (f"{step}, {count} invoices", *(f"{cost[name]:,.0f}" for name in _COLUMNS)) for step, cost in told.items()
        ]
    table(("step", *_COLUMNS), rows)
    note("a letter marks each invoice once, and its mail carries as many PDFs as a server takes")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
