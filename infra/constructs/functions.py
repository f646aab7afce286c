"""The eight functions, split by privilege and weight, each with its own role."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.nag import justify
from infra.layers.target import USED
from infra.settings import ROOT, Settings

# Seconds. An HTTP API waits 30 s at most, so the API function gives up before.
TIMEOUTS = {
    "api": 29,
    "steps": 20,
    "issue": 30,
    "render": 900,
    "bank": 300,
    "mail": 60,
    "schedule": 120,
    "stream": 60,
}
RETENTIONS = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    731: logs.RetentionDays.TWO_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}
_NOT_CODE = ["**/__pycache__", "**/*.pyc", "tests"]


@dataclass(frozen=True)
class Sources:
    """Where the code of functions and layers lies: `functions/<name>/app.py` and `layers/<name>/`."""

    functions: Path
    layers: Path

    @classmethod
    def of(cls, settings: Settings) -> Sources:
        """The project's own folders; layers are those built for the target."""
        return cls(ROOT / "functions", ROOT / "build" / "layers" / ("local" if settings.local else "aws"))

    def layer(self, name: str) -> Path:
        """Folder of a built layer; `FileNotFoundError` says how to build it."""
        path = self.layers / name
        if not path.is_dir():
            raise FileNotFoundError(
                f"The layer {name!r} is not built ({path}): run python -m infra.layers build {self.layers.name}"
            )
        return path


def architecture(settings: Settings) -> lambda_.Architecture:
    """arm64 on AWS; the host's own locally, because that is what the emulator runs."""
    arm = not settings.local or platform.machine() in {"aarch64", "arm64"}
    return lambda_.Architecture.ARM_64 if arm else lambda_.Architecture.X86_64


def runtime(settings: Settings) -> lambda_.Runtime:
    """Python 3.13 on AWS; the host's own locally, because layers are built for it."""
    if not settings.local:
        return lambda_.Runtime.PYTHON_3_13
    return lambda_.Runtime(f"python{sys.version_info.major}.{sys.version_info.minor}", lambda_.RuntimeFamily.PYTHON)


class Function(Construct):
    """One function with its role, its log group and X-Ray; nothing else is granted here."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        settings: Settings,
        sources: Sources,
        layers: dict[str, lambda_.LayerVersion],
        snap_start: bool = False,
    ) -> None:
        super().__init__(scope, name.capitalize())
        physical = f"{settings.prefix}-{name}"
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{physical}",
            retention=RETENTIONS[settings.log_retention_days],
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.role.add_to_principal_policy(
            iam.PolicyStatement(
                sid="WriteLogs",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[self.log_group.log_group_arn],
            )
        )
        reserved = getattr(settings, f"reserved_{name}", 0)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=physical,
            runtime=runtime(settings),
            architecture=architecture(settings),
            # The folder stays a package, so that `app` imports its neighbours the same way here and in tests.
            handler=f"{name}.app.handler",
            code=lambda_.Code.from_asset(
                str(sources.functions), exclude=[*_NOT_CODE, *(f"{other}/**" for other in TIMEOUTS if other != name)]
            ),
            layers=[layers[layer] for layer in USED[name]],
            memory_size=getattr(settings, f"memory_{name}"),
            timeout=Duration.seconds(TIMEOUTS[name]),
            reserved_concurrent_executions=reserved or None,
            role=self.role,
            log_group=self.log_group,
            tracing=lambda_.Tracing.ACTIVE,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
            environment={"COMPTOIR_VERSION": settings.version},
        )
        justify(self.role, "AwsSolutions-IAM5[Resource::*]", "X-Ray has no resources: traces can only be sent to *.")
        justify(self.function, "AwsSolutions-L1", "The runtime is the one that the layers are built for.")

    def allow(self, *statements: iam.PolicyStatement) -> None:
        """Add statements to the role's policy."""
        for statement in statements:
            self.role.add_to_principal_policy(statement)

    def know(self, **environment: str) -> None:
        """Set `COMPTOIR_<NAME>` in the function's environment."""
        for name, value in environment.items():
            self.function.add_environment(f"COMPTOIR_{name}", value)


class Functions(Construct):
    """`api`, `steps`, `issue`, `render`, `bank`, `mail`, `schedule`, `stream` and their layers."""

    def __init__(self, scope: Construct, id: str, settings: Settings, sources: Sources) -> None:
        super().__init__(scope, id)
        names = sorted({name for used in USED.values() for name in used})
        layers = {name: self._layer(name, settings, sources) for name in names}
        snap_start = settings.snap_start and not settings.local
        self.api = Function(self, "api", settings, sources, layers, snap_start=snap_start)
        self.steps = Function(self, "steps", settings, sources, layers)
        self.issue = Function(self, "issue", settings, sources, layers)
        self.render = Function(self, "render", settings, sources, layers)
        self.bank = Function(self, "bank", settings, sources, layers)
        self.mail = Function(self, "mail", settings, sources, layers)
        self.schedule = Function(self, "schedule", settings, sources, layers)
        self.stream = Function(self, "stream", settings, sources, layers)

    @property
    def all(self) -> tuple[Function, ...]:
        """Every function, for what holds for all of them."""
        return (self.api, self.steps, self.issue, self.render, self.bank, self.mail, self.schedule, self.stream)

    def _layer(self, name: str, settings: Settings, sources: Sources) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            f"Layer-{name}",
            layer_version_name=f"{settings.prefix}-{name}",
            code=lambda_.Code.from_asset(str(sources.layer(name))),
            compatible_runtimes=[runtime(settings)],
            compatible_architectures=[architecture(settings)],
        )
