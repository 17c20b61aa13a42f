"""Checkpoints that people have, one file per format.

Each has `is_one(path)`, whether a path looks like its format, and `read(path)`, its `Checkpoint` or BadInput. A path
that looks like no format is read as a plain file, which says what is wrong with it.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from checks.saes.checkpoints.plain import Checkpoint


def read(path: Path) -> Checkpoint:
    """Read an SAE of any format. Raises BadInput if the path is missing, or is not what it looks like."""
    from checks.saes.checkpoints import plain

    modules = [importlib.import_module(each.name) for each in pkgutil.iter_modules(__path__, __name__ + ".")]
    fitting = [module for module in modules if module.is_one(path)]
    found: Checkpoint = (fitting[0] if fitting else plain).read(path)
    return found
