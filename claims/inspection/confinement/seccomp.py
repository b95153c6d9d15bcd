"""The system calls that a child may no longer make, and the seccomp filter that refuses them.

The numbers are from the kernel's tables for x86-64 and 64-bit ARM; None means no such call.
"""

import os
from collections.abc import Iterator
from typing import Final

Numbers = tuple[int | None, int | None]
Instruction = tuple[int, int, int, int]
"""An instruction of linux/filter.h: code, jump if true, jump if false, value."""

# By `uname`'s name of the machine: the audit architecture of linux/audit.h, and the index of its
# numbers in the pairs below.
MACHINES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# No sockets of any family, not even through a ring.
NETWORK: Final[dict[str, Numbers]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "io_uring_setup": (425, 425),
}

# No programs, no processes, and no way out of the process group that the parent kills.
PROCESSES: Final[dict[str, Numbers]] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "setsid": (112, 157),
    "setpgid": (109, 154),
}

# No access to other processes of the same user: memory, files, signals, limits, scheduling.
OTHERS: Final[dict[str, Numbers]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}

# No memory that the limits don't count or that outlives the process; no changes of the limits.
MEMORY: Final[dict[str, Numbers]] = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "setrlimit": (160, 164),
}

# No deleting or renaming (a file without a name would escape the parent's sum of the folder), and
# no changes of rights, owners, times or attributes, which Landlock doesn't cover.
FILES: Final[dict[str, Numbers]] = {
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "open_by_handle_at": (304, 265),
}

# No calls that change the system. Most need privileges, which a worker in a container may have;
# in the rest the kernel's own faults tend to be.
SYSTEM: Final[dict[str, Numbers]] = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "personality": (135, 92),
    "modify_ldt": (154, None),
}

REFUSED: Final[dict[str, Numbers]] = {
    **NETWORK,
    **PROCESSES,
    **OTHERS,
    **MEMORY,
    **FILES,
    **SYSTEM,
}

# These calls pass their arguments in memory, which a filter can't read. "Not implemented" makes the
# C library fall back to clone and openat.
NOT_THERE: Final[dict[str, Numbers]] = {"clone3": (435, 435), "openat2": (437, 437)}

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
X32_NUMBERS: Final = 0x40000000

CLONE_THREAD: Final = 0x00010000
UNNAMED_FILE: Final = 0o20000000
"""The bit of O_TMPFILE that no other flag has."""
PR_SET_PDEATHSIG: Final = 1
F_SETOWN: Final = 8
F_SETOWN_EX: Final = 15
OWN: Final = -1
"""A placeholder for the id of the confined process."""

# Calls that are refused by an argument: which half of it (each argument has a low and a high half
# of four bytes), the comparison, the value, and the result that is refused.
# The child may start threads, which decoders need, but no processes. It may signal itself, which is
# how a process aborts, and read its own limits. It can't choose to outlive its parent.
BY_ARGUMENT: Final[tuple[tuple[str, Numbers, int, int, int, bool], ...]] = (
    ("clone", (56, 220), 0, JUMP_IF_BIT, CLONE_THREAD, False),
    ("kill", (62, 129), 0, JUMP_IF_EQUAL, OWN, False),
    ("tgkill", (234, 131), 0, JUMP_IF_EQUAL, OWN, False),
    ("prlimit64", (302, 261), 0, JUMP_IF_EQUAL, 0, False),
    ("prlimit64", (302, 261), 4, JUMP_IF_EQUAL, 0, False),
    ("prlimit64", (302, 261), 5, JUMP_IF_EQUAL, 0, False),
    ("prctl", (157, 167), 0, JUMP_IF_EQUAL, PR_SET_PDEATHSIG, True),
    ("fcntl", (72, 25), 2, JUMP_IF_EQUAL, F_SETOWN, True),
    ("fcntl", (72, 25), 2, JUMP_IF_EQUAL, F_SETOWN_EX, True),
    ("open", (2, None), 2, JUMP_IF_BIT, UNNAMED_FILE, True),
    ("openat", (257, 56), 4, JUMP_IF_BIT, UNNAMED_FILE, True),
)


def instructions_for(machine: str) -> list[Instruction]:
    """Return the filter's program for a machine; empty if its call numbers aren't known here."""
    if machine not in MACHINES:
        return []
    architecture, column = MACHINES[machine]
    return [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (JUMP_IF_AT_LEAST, 0, 1, X32_NUMBERS),
        (RETURN, 0, 0, FAIL_EPERM),
        *_by_number(REFUSED, column, FAIL_EPERM),
        *_by_number(NOT_THERE, column, FAIL_ENOSYS),
        *_by_argument(column),
        (RETURN, 0, 0, ALLOW),
    ]


def _by_number(calls: dict[str, Numbers], column: int, answer: int) -> Iterator[Instruction]:
    for numbers in calls.values():
        number = numbers[column]
        if number is not None:
            yield JUMP_IF_EQUAL, 0, 1, number
            yield RETURN, 0, 0, answer


def _by_argument(column: int) -> Iterator[Instruction]:
    for _, numbers, half, compare, value, refused in BY_ARGUMENT:
        number = numbers[column]
        if number is None:
            continue
        yield JUMP_IF_EQUAL, 0, 4, number
        yield LOAD, 0, 0, 16 + 4 * half
        yield compare, int(not refused), int(refused), os.getpid() if value == OWN else value
        yield RETURN, 0, 0, FAIL_EPERM
        yield LOAD, 0, 0, NUMBER_AT
