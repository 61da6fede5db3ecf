"""Finds what travels with the code: migrations, configs and the demo's seeds."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """The file or folder `name` (such as `configs/labeling.xml`) of this installation.

    A wheel carries them in `factcheck/bundled/`; in a checkout they stand at its top.
    """
    installed = _PACKAGE / "bundled"
    top = installed if installed.is_dir() else _PACKAGE.parents[1]
    found = top / name
    if not found.exists():
        raise FileNotFoundError(f"{name} is missing from this installation of factcheck")
    return found
