"""Is a built layer complete, small enough, and for the right processor?"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.layers.target import Target

LAMBDA_LIMIT = 250 * 1024 * 1024
# What the Lambda runtime brings by itself, with the modules that hold it.
RUNTIME = {
    "boto3": "boto3",
    "botocore": "botocore",
    "jmespath": "jmespath",
    "python-dateutil": "dateutil",
    "s3transfer": "s3transfer",
    "six": "six",
    "urllib3": "urllib3",
}


def size(folders: Iterable[Path]) -> int:
    """Bytes of all the files under `folders`, as Lambda counts them: unzipped."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def missing(folders: Sequence[Path], target: Target) -> list[str]:
    """Requirements of the installed packages that neither these layers nor the runtime satisfy on the target."""
    found = {
        canonicalize_name(package.name): package.version
        for package in metadata.distributions(path=[str(folder) for folder in folders])
    }
    lacking = []
    for package in metadata.distributions(path=[str(folder) for folder in folders]):
        for text in package.requires or ():
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate(target.markers()):
                continue
            name = canonicalize_name(requirement.name)
            version = found.get(name)
            if version is None and name not in RUNTIME:
                lacking.append(f"{package.name} needs {text}, which is absent")
            elif version is not None and not requirement.specifier.contains(version, prereleases=True):
                lacking.append(f"{package.name} needs {text}, the layers have {version}")
    return sorted(lacking)


def foreign(folders: Sequence[Path], target: Target) -> list[Path]:
    """Extension modules built for another processor or another version of Python than the target's."""
    tag = f".cpython-{target.python.replace('.', '')}-"
    wrong = []
    for path in (path for folder in folders for path in folder.rglob("*.so*") if path.is_file()):
        header = path.read_bytes()[:20]
        right_machine = int.from_bytes(header[18:20], "little") == target.elf_machine
        right_version = ".cpython-" not in path.name or tag in path.name
        if header[:4] != b"\x7fELF" or not right_machine or not right_version:
            wrong.append(path)
    return wrong


def import_failure(function: Path, libraries: Sequence[Path]) -> str:
    """Error of importing `<function>.app` with nothing but its layers and boto3 at hand; empty when it works."""
    with tempfile.TemporaryDirectory() as runtime:
        _link_runtime(Path(runtime))
        (Path(runtime) / function.name).symlink_to(function)
        paths = [*map(str, libraries), runtime]
        code = (
            f"import sys; sys.path[:0] = {paths!r}; from {function.name}.app import handler; assert callable(handler)"
        )
        environment = {"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-3", "PATH": ""}
        command = [sys.executable, "-I", "-S", "-B", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stderr if done.returncode else ""


def _link_runtime(folder: Path) -> None:
    """Fill a folder with what the Lambda runtime brings, taken from this environment."""
    for module in RUNTIME.values():
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(module)
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (folder / source.name).symlink_to(source)
