"""The forwarder's own log: one JSON object a line on standard output, where Lambda takes it from.

It never holds a record's text, so a subscription that reaches it by mistake does not carry errors around in a circle.
"""

import json
import sys

from mukiau.core.event import JSONValue


def say(level: str, message: str, **fields: JSONValue) -> None:
    """Write a line; `message` is a fixed sentence, what varies is in the fields."""
    line = {"level": level, "service": "mukiau-forwarder", "message": message, **fields}
    sys.stdout.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n")
    sys.stdout.flush()
