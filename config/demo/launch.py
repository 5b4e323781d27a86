"""Runs a command so that it dies with its parent and, on request, not as root. Stands alone.

Linux only does both; elsewhere the command is simply run. Every child of the supervisor goes
through here.

    python launch.py [--parent PID] [--signal NUMBER] [--drop namespace|capabilities] -- COMMAND...

PostgreSQL refuses to run as root, and its files may lie where no other user gets in (a clone in
/root). `namespace` shows the process as `nobody` in its own user namespace: outside it is still
root, so it owns and reaches root's files. `capabilities` really becomes `nobody` but keeps the
right to reach any file; it works where containers forbid user namespaces, and the data must belong
to `nobody`.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    """Prepares this process as the options say, then becomes the command; 71 if refused."""
    split = arguments.index("--")
    options = dict(zip(arguments[:split:2], arguments[1:split:2], strict=True))
    command = arguments[split + 1 :]
    try:
        if drop := options.get("--drop"):
            {"namespace": enter_namespace, "capabilities": keep_capabilities}[drop]()
        if sys.platform == "linux":
            die_with_parent(int(options.get("--signal", 15)), int(options.get("--parent", 0)))
    except OSError as error:
        print(f"launch: {error}", file=sys.stderr)
        sys.exit(71)
    os.execv(command[0], command)


def die_with_parent(signal: int, parent: int) -> None:
    """Asks the kernel for `signal` when the parent dies; a switch of user would undo it."""
    _call("prctl", PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if parent and os.getppid() != parent:
        sys.exit("launch: the parent is gone already")


def nobody() -> tuple[int, int]:
    """User and group number of `nobody`; initdb wants a user that has a name."""
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def enter_namespace() -> None:
    """Makes a user namespace in which this user is called `nobody`. OSError where forbidden."""
    inside, outside = nobody(), (os.geteuid(), os.getegid())
    _call("unshare", CLONE_NEWUSER)
    for path, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside[0]} {outside[0]} 1"),
        ("gid_map", f"{inside[1]} {outside[1]} 1"),
    ):
        with open(f"/proc/self/{path}", "w") as file:
            file.write(line)


def keep_capabilities() -> None:
    """Becomes `nobody` for good, but keeps the right to reach all files; OSError if forbidden."""
    user, group = nobody()
    _call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    bits = 1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0))
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
