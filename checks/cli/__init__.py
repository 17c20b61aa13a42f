"""The command line: one file per command, found by scanning.

Nothing heavy is imported by any of them: each command imports what it runs when it runs.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pkgutil import iter_modules
from threading import Timer
from types import FrameType

from checks.cli.app import app, unwrapped

for _found in iter_modules(__path__):
    if not _found.name.startswith("_"):
        import_module(f"{__name__}.{_found.name}")
for _command in app.registered_commands:  # lines of help are as long as the terminal's, not as those of the source
    _command.help = unwrapped(_command.callback.__doc__ or "")


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Unicode shows ?
    sys.unraisablehook = _raise_once_more
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell has it ignored
        signal.signal(signal.SIGINT, _interrupt)
    app(prog_name="saelaws")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; later, if compiled code has called Python for the type of what it returns.

    Numba does not look whether that call failed: SystemError would come out in place of an interrupt.
    """
    while frame is not None:
        if frame.f_globals.get("__name__") == "numba.core.serialize":
            return _interrupt_later()
        frame = frame.f_back
    raise KeyboardInterrupt


def _raise_once_more(lost: sys.UnraisableHookArgs) -> None:
    """Raise an interrupt anew that fell into a callback of a compiler or a destructor, where Python drops it."""
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        return sys.__unraisablehook__(lost)
    _interrupt_later()


def _interrupt_later() -> None:
    """Interrupt when the callback has returned; if it has not, this happens once more."""
    again = Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    again.daemon = True
    again.start()
