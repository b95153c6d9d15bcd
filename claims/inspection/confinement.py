"""What a child process gives up before it touches a customer's bytes.

Runs inside the child, first of all. `preexec_fn` would run in a copy of a parent that may have
threads, where Python code can deadlock.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Final

from claims.inspection.limits import Limits

PR_SET_PDEATHSIG: Final = 1
PR_SET_SECCOMP: Final = 22
PR_SET_NO_NEW_PRIVS: Final = 38
SECCOMP_MODE_FILTER: Final = 2

# linux/filter.h and linux/seccomp.h
LOAD: Final = 0x20
JUMP_IF_EQUAL: Final = 0x15
JUMP_IF_AT_LEAST: Final = 0x35
JUMP_IF_BIT: Final = 0x45
RETURN: Final = 0x06
ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
FAIL_EPERM: Final = 0x00050000 | 1
FAIL_ENOSYS: Final = 0x00050000 | 38
NUMBER_AT: Final = 0
ARCHITECTURE_AT: Final = 4
FIRST_ARGUMENT_AT: Final = 16
X32_NUMBERS: Final = 0x40000000
CLONE_THREAD: Final = 0x00010000
CLONE3: Final = 435

# Audit architecture; clone; then what is refused, in this order: socket, socketpair,
# io_uring_setup (it can open sockets too), execve, execveat, fork, vfork, setsid, setpgid, ptrace,
# process_vm_readv, process_vm_writev, pidfd_getfd. A 64-bit ARM has no fork and vfork.
SYSTEM_CALLS: Final = {
    "x86_64": (0xC000003E, 56, (41, 53, 425, 59, 322, 57, 58, 112, 109, 101, 310, 311, 438)),
    "aarch64": (0xC00000B7, 220, (198, 199, 425, 221, 281, 157, 154, 117, 270, 271, 438)),
}


class Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(Instruction)))


def confine(limits: Limits) -> None:
    """Lower what this process may use, for good, and cut it off from network and processes.

    Raises OSError when the kernel refuses any of it: then nothing may be decoded here. The cut
    needs Linux on a machine in `SYSTEM_CALLS`; elsewhere only the limits hold.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 64)
    _limit(resource.RLIMIT_FSIZE, limits.output_bytes)
    # RLIMIT_NPROC counts every process and thread of the user, so what it would allow depends on
    # who else runs. New processes are refused below instead.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, limits.memory_bytes)
        _die_with_parent()
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


def _die_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _refuse_system_calls() -> None:
    """No sockets of any family, no programs, no processes, no look into other processes.

    A seccomp filter needs no privilege and works inside containers, where a network namespace
    often can't be made; and a namespace would leave the sockets that have a path in the file
    system (a database's, a container engine's) open. On a machine whose system calls aren't listed
    here, the demuxers' own lists of allowed formats and protocols remain.
    """
    calls = SYSTEM_CALLS.get(_machine())
    if calls is None:
        return
    instructions = [Instruction(*line) for line in _filter(*calls)]
    lines = (Instruction * len(instructions))(*instructions)
    program = Program(len(lines), lines)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def _filter(
    architecture: int, clone: int, refused: tuple[int, ...]
) -> Iterator[tuple[int, int, int, int]]:
    yield LOAD, 0, 0, ARCHITECTURE_AT
    yield JUMP_IF_EQUAL, 1, 0, architecture
    yield RETURN, 0, 0, KILL
    yield LOAD, 0, 0, NUMBER_AT
    yield JUMP_IF_AT_LEAST, 0, 1, X32_NUMBERS
    yield RETURN, 0, 0, FAIL_EPERM
    for number in refused:
        yield JUMP_IF_EQUAL, 0, 1, number
        yield RETURN, 0, 0, FAIL_EPERM
    # clone3 keeps its flags in memory, where a filter can't look. "Not implemented" makes the C
    # library fall back to clone, whose flags tell a thread (decoders need them) from a process.
    yield JUMP_IF_EQUAL, 0, 1, CLONE3
    yield RETURN, 0, 0, FAIL_ENOSYS
    yield JUMP_IF_EQUAL, 0, 3, clone
    yield LOAD, 0, 0, FIRST_ARGUMENT_AT
    yield JUMP_IF_BIT, 1, 0, CLONE_THREAD
    yield RETURN, 0, 0, FAIL_EPERM
    yield RETURN, 0, 0, ALLOW


def _machine() -> str:
    return os.uname().machine
