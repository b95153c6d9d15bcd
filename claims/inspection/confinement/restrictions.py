"""The rights that a child process gives up before it touches a customer's bytes.

It runs inside the child, because `preexec_fn` would run in a copy of a parent that may have
threads, where Python code can deadlock. By then the child has imported its libraries, which needs
files, and has a single thread: the restrictions hold for that thread and for those it starts.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from claims.inspection.confinement import landlock, seccomp
from claims.inspection.limits import Limits

PR_SET_PDEATHSIG: Final = 1
PR_SET_SECCOMP: Final = 22
PR_SET_NO_NEW_PRIVS: Final = 38
SECCOMP_MODE_FILTER: Final = 2

OPEN_FILES: Final = 64


class Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(Instruction)))


def confine(limits: Limits, libraries: Iterable[str] = ()) -> None:
    """Limit this process's resources for good, and cut it off from network, processes and files.

    The process keeps its working folder and may read the system's libraries and the folders in
    `libraries`. Raises OSError if the kernel refuses any restriction; nothing may be decoded then.
    Only Linux can cut a process off: Landlock for files, and a machine that `seccomp` knows for the
    rest. Elsewhere only the resource limits hold.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, limits.output_bytes)
    # RLIMIT_NPROC counts every process and thread of the user, so its effect depends on what else
    # runs. The seccomp filter below refuses new processes, and the parent counts threads.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, limits.memory_bytes)
        _go_first()
        _die_with_parent()
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        landlock.close_files(libraries, ".")
        _refuse_system_calls()


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _prctl(option: int, value: int, pointer: int = 0) -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    if prctl(option, value, pointer, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"The kernel refuses prctl {option}: {os.strerror(error)}")


def _go_first() -> None:
    """Make the kernel kill this process before its worker when memory runs out."""
    with suppress(OSError):
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(score, b"1000")
        os.close(score)


def _die_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _refuse_system_calls() -> None:
    """Install the seccomp filter, which needs no privilege and works inside containers.

    A network namespace often can't be made in a container, and would leave open the sockets that
    have a path in the file system (a database's, a container engine's). On a machine whose system
    calls `seccomp` doesn't know, only the demuxers' lists of allowed formats and protocols remain.
    """
    instructions = [Instruction(*line) for line in seccomp.instructions_for(_machine())]
    if not instructions:
        return
    lines = (Instruction * len(instructions))(*instructions)
    program = Program(len(lines), lines)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def _machine() -> str:
    return os.uname().machine
