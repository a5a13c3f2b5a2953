"""The supervisor: one command, one port, and the processes behind it.

It owns the listening socket, starts intake, digest and web, starts each again when it dies, and ends them with itself.
It stays small: it never imports Django or the HTTP server.
"""

from mukiau.supervisor.roles import run_role
from mukiau.supervisor.serve import serve

__all__ = ["run_role", "serve"]
