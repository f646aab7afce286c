"""Entry point of the CDK app: `python -m infra.app`, started by the CDK command line or by hand.

By hand the cloud assembly goes to `build/cdk.out`, and `COMPTOIR_INFRA_<NAME>` gives the settings.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

from aws_cdk import App, Environment, Tags

from infra.constructs.functions import Sources
from infra.operations import OperationsStack
from infra.settings import ROOT, Settings, SettingsError, cdk_context, load
from infra.stack import CoreStack


@dataclass(frozen=True)
class Stacks:
    """The app and its stacks; there are no operations on the local emulator."""

    app: App
    core: CoreStack
    operations: OperationsStack | None


def build(app: App, settings: Settings, sources: Sources | None = None) -> Stacks:
    """Put the stacks of one installation into `app`."""
    environment = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=settings.region)
    common: dict[str, Any] = {"env": environment, "termination_protection": settings.protect and not settings.local}
    core = CoreStack(
        app, settings.prefix, settings, sources or Sources.of(settings), description="Comptoir: the product", **common
    )
    operations = None
    if not settings.local:
        operations = OperationsStack(
            app, f"{settings.prefix}-operations", settings, core, description="Comptoir: watching over it", **common
        )
    Tags.of(app).add("application", "comptoir")
    Tags.of(app).add("stage", settings.stage)
    return Stacks(app, core, operations)


def main() -> None:
    """Synthesise; wrong settings and missing layers end with a sentence, not with a traceback."""
    app = App(context=cdk_context(), outdir=os.environ.get("CDK_OUTDIR", str(ROOT / "build" / "cdk.out")))
    context = {name: app.node.try_get_context(name) for name in Settings.__dataclass_fields__}
    try:
        build(app, load({name: value for name, value in context.items() if value is not None}))
    except (SettingsError, FileNotFoundError) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
