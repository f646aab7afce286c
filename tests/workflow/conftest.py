"""What the workflow tests share: fonts cut once, and the validation with everything around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.layers.fonts import build
from tests.workflow.validation_support import Rig, open_rig


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Freshly cut fonts: documents are really rendered."""
    folder = tmp_path_factory.mktemp("fonts")
    build(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPTOIR_FONTS", str(folder))
        yield


@pytest.fixture
def rig(fonts: None, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A company whose validations run on the real definition and the real handlers."""
    return open_rig(monkeypatch)
