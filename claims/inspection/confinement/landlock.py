"""The limits on the files that a process may open, by Linux's Landlock. It needs no privilege.

The structures and numbers are those of linux/landlock.h, the same on every machine.
"""

import ctypes
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

CREATE_RULESET: Final = 444
ADD_RULE: Final = 445
RESTRICT_SELF: Final = 446
ASK_FOR_VERSION: Final = 1
PATH_BENEATH: Final = 1

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
READ_FILE: Final = 1 << 2
READ_FOLDER: Final = 1 << 3
MAKE_FILE: Final = 1 << 8
TRUNCATE: Final = 1 << 14

# The count of file rights that each version of the interface knows, and so can take away.
RIGHTS_BY_VERSION: Final = (0, 13, 14, 15, 15, 16)
CONNECTS_SINCE: Final = 4
SCOPES_SINCE: Final = 6
BIND_AND_CONNECT: Final = 0b11
"""The rights to bind and to connect TCP sockets. Landlock refuses them even on a machine whose
system calls `seccomp` doesn't know."""
ABSTRACT_SOCKETS_AND_SIGNALS: Final = 0b11

READ: Final = EXECUTE | READ_FILE | READ_FOLDER
WORK: Final = READ_FILE | READ_FOLDER | WRITE_FILE | MAKE_FILE | TRUNCATE
FILE_ONLY: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE

SYSTEM_LIBRARIES: Final = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")
# The processor count (for thread pools), random bytes, and the null device.
HARMLESS: Final = ("/sys/devices/system/cpu", "/dev/urandom", "/dev/null")


class Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version of the kernel's interface; 0 if it is absent or switched off."""
    return max(0, _call(CREATE_RULESET, None, 0, ASK_FOR_VERSION))


def close_files(libraries: Iterable[str], folder: str) -> None:
    """Let this process read `libraries`, work in `folder`, and open nothing else from now on.

    Does nothing on a kernel without Landlock. Raises OSError if the kernel knows Landlock and
    refuses. Needs PR_SET_NO_NEW_PRIVS.
    """
    known = version()
    if not known:
        return
    handled = (1 << RIGHTS_BY_VERSION[min(known, len(RIGHTS_BY_VERSION) - 1)]) - 1
    ruleset = Ruleset(
        handled,
        BIND_AND_CONNECT if known >= CONNECTS_SINCE else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if known >= SCOPES_SINCE else 0,
    )
    # Older kernels know a shorter structure, and accept a longer one if the rest is zero.
    descriptor = _done(_call(CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0))
    _allow(descriptor, (*SYSTEM_LIBRARIES, *HARMLESS, *libraries), READ & handled)
    _allow(descriptor, (folder,), WORK & handled)
    _done(_call(RESTRICT_SELF, descriptor, 0))
    os.close(descriptor)


def _allow(ruleset: int, paths: Sequence[str], rights: int) -> None:
    for path in paths:
        # A path that doesn't exist needs no right.
        with suppress(FileNotFoundError, NotADirectoryError):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            is_folder = os.path.isdir(path)  # noqa: PTH112  # pathlib costs the child its time
            rule = Rule(rights if is_folder else rights & FILE_ONLY, place)
            _done(_call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0))
            os.close(place)


def _call(number: int, *arguments: object) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    # The kernel reads whole registers, so each integer is passed as a `long`.
    whole = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    answer: int = call(ctypes.c_long(number), *whole)
    return answer


def _done(answer: int) -> int:
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"The kernel refuses Landlock: {os.strerror(error)}")
    return answer
