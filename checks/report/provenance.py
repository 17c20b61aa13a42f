"""Where a result comes from: enough to obtain it again."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "sae-laws"
PACKAGES = ("numpy", "torch", "sympy", "hypothesis")


def provenance(*, seed: int | None = None, device: str | None = None, dtype: str = "float64") -> dict[str, object]:
    """Versions, seed, device, platform, commit and time. dtype is that of all verdicts. Unknown values are None."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{name: installed(name) for name in (*PACKAGES, DISTRIBUTION)},
        },
        "seed": seed,
        "dtype": dtype,
        "device": device,
        "platform": platform.platform(),
        "commit": commit(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def installed(distribution: str) -> str | None:
    """The version of an installed distribution, without importing it."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def commit(file: Path = Path(__file__)) -> str | None:
    """The commit of the code that runs, with "-dirty" if it was changed since; None if git does not track the code."""
    if _git(file, "ls-files", "--error-unmatch", file.name) is None:
        return None
    return _git(file, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _git(file: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(file.parent), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
