"""`python -m mukiau.supervisor ROLE`: one process of mukiau, as the supervisor starts it."""

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from mukiau import config, logs
from mukiau.supervisor.parent import end_with_parent
from mukiau.supervisor.roles import run_role

# Who sends must not wait, who reads should not; what is accepted can wait a second. Beside intake (0) the others take
# what it leaves, each kernel step being a fifth of the share, so nobody starves.
NICENESS = {"web": 3, "digest": 7, "demo": 7, "notify": 7, "lab": 12}


def main(arguments: Sequence[str]) -> int:
    """Read a child's command line, tie it to its parent and play its role."""
    parser = argparse.ArgumentParser(prog="mukiau role")
    parser.add_argument("role")
    parser.add_argument("--parent-pipe", type=int)
    parser.add_argument("--parent-pid", type=int)
    parser.add_argument("--listener", type=int)
    parser.add_argument("--no-quota", action="store_true")
    options = parser.parse_args(arguments)
    if options.parent_pipe is not None:
        end_with_parent(options.parent_pipe, options.parent_pid)
        with suppress(OSError):  # a sandbox may forbid it; then all are served alike
            os.nice(NICENESS.get(options.role, 0))
    settings = config.load(os.environ)
    logs.set_up(settings, options.role)
    if options.role != "intake":
        return run_role(options.role, settings)
    listener = None if options.listener is None else socket.socket(fileno=options.listener)
    return run_role("intake", settings, listener=listener, no_quota=options.no_quota)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
