"""Start an installed mukiau with its demo in an empty folder, wait for the issues, look at one page, stop it."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

MUKIAU = shutil.which("mukiau") or sys.exit("mukiau is not installed")
LIMIT_SECONDS = 180


def status(data: str) -> dict:
    shown = subprocess.run([MUKIAU, "status", "--data", data, "--json"], capture_output=True, text=True, check=False)
    return json.loads(shown.stdout) if shown.returncode == 0 else {}


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = tempfile.mkdtemp()
    server = subprocess.Popen([MUKIAU, "serve", "--data", data, "--port", str(port), "--demo"])
    try:
        until = time.monotonic() + LIMIT_SECONDS
        seen: dict = {}
        while time.monotonic() < until and not (seen.get("issues", 0) >= 100 and seen.get("pending") == 0):
            time.sleep(1)
            seen = status(data)
        print("From the wheel:", seen)
        assert seen.get("issues", 0) >= 100, "the demo did not become issues"
        site = f"http://127.0.0.1:{port}"
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', read(f"{site}/"))
        assert sheets, "the page names no style sheet"
        assert "--surface" in "".join(read(site + sheet) for sheet in sheets), "the style sheets hold no colours"
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=15) == 0, "mukiau did not stop by itself"
        shutil.rmtree(data, ignore_errors=True)


main()
