"""What a layer is built for: the Lambda runtime on AWS, or the interpreter at hand."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment

from infra.settings import ROOT

SOURCES = ROOT / "layers"
VENDORS = ("vendor-api", "vendor-documents")
LIBRARY = "comptoir"
# Layers of each function: only those that make or read documents carry what that takes.
USED = {
    "api": (LIBRARY, "vendor-api"),
    "steps": (LIBRARY, "vendor-api"),
    "issue": (LIBRARY, "vendor-api"),
    "render": (LIBRARY, "vendor-api", "vendor-documents"),
    "bank": (LIBRARY, "vendor-api", "vendor-documents"),
    "mail": (LIBRARY, "vendor-api"),
    "schedule": (LIBRARY, "vendor-api"),
    "stream": (LIBRARY, "vendor-api"),
}
# e_machine of an ELF header.
_MACHINES = {"aarch64": 0xB7, "arm64": 0xB7, "x86_64": 0x3E}


@dataclass(frozen=True)
class Target:
    """`python` is "3.13", `machine` "aarch64"; `platforms` are pip's, empty for this machine."""

    name: str
    python: str
    machine: str
    platforms: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its layers are built."""
        return ROOT / "build" / "layers" / self.name

    @property
    def elf_machine(self) -> int:
        """Processor that its extension modules must be for."""
        return _MACHINES[self.machine]

    def markers(self) -> dict[str, str]:
        """Values of the environment markers of requirements on this target, no extra asked for."""
        here = {name: str(value) for name, value in default_environment().items()}
        return here | {
            "extra": "",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_system": "Linux",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }

    def pip_options(self) -> list[str]:
        """What pip must be told to install for another machine than this one."""
        if not self.platforms:
            return []
        chosen = [option for name in self.platforms for option in ("--platform", name)]
        return [*chosen, "--implementation", "cp", "--python-version", self.python]

    def interpreter(self) -> str | None:
        """An interpreter on this machine that compiles for the target; `None` when there is none."""
        if not self.platforms:
            return sys.executable
        found = shutil.which(f"python{self.python}")
        if not found:
            return None
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        return found if told.stdout.startswith(f"Python {self.python}.") else None


LOCAL = Target("local", f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine())
# Amazon Linux 2023 has glibc 2.34, so that wheels for 2.17 and 2.28 run there.
AWS = Target("aws", "3.13", "aarch64", ("manylinux2014_aarch64", "manylinux_2_28_aarch64"))
TARGETS = {target.name: target for target in (LOCAL, AWS)}
