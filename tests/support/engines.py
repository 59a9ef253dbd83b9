"""Firefox and WebKit as Debian ships them, driven by their own protocols.

Playwright drives neither: it wants builds of its own.
"""

import contextlib
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Opens an address, runs a script there with what else is given, and returns
# what the script returns.
Ask = Callable[..., Any]
SIZE = {"x": 0, "y": 0, "width": 1280, "height": 900}
PATIENCE = 30  # seconds for a browser to start


def free_port() -> int:
    """Return a port that nobody listens to now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], **variables: str) -> Iterator[None]:
    """Run a program as long as it is needed, and whatever it started."""
    program = subprocess.Popen(
        command,
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, 15)
        program.wait()


def until(ready: Callable[[], Any]) -> Any:
    """Return what a call gives as soon as it can be made."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return ready()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextlib.contextmanager
def webkit() -> Iterator[Ask]:
    """Drive the small browser of WebKitGTK, on a display of its own."""
    port = free_port()
    [browser] = glob.glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")

    def send(path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/session{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    options = {"binary": browser, "args": ["--automation"]}
    wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
    driver = ["xvfb-run", "-a", "WebKitWebDriver", f"--port={port}"]
    with running(driver):
        made = until(lambda: send("", capabilities=wanted))
        session = f"/{made['sessionId']}"
        send(f"{session}/window/rect", **SIZE)

        def ask(address: str, script: str, *given: Any) -> Any:
            send(f"{session}/url", url=address)
            return send(f"{session}/execute/async", script=script, args=given)

        yield ask


@contextlib.contextmanager
def firefox() -> Iterator[Ask]:
    """Drive Firefox by its Marionette, without a display."""
    port = free_port()
    browser = shutil.which("firefox-esr") or "firefox"
    with contextlib.ExitStack() as stack:
        profile = stack.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        settings = f'user_pref("marionette.port", {port});\n'
        Path(profile, "user.js").write_text(settings, "utf-8")
        program = [browser, "-marionette", "-profile", profile]
        stack.enter_context(running(program, MOZ_HEADLESS="1"))
        line = until(lambda: socket.create_connection(("127.0.0.1", port)))
        stack.enter_context(line)
        line.settimeout(60)
        stream = stack.enter_context(line.makefile("rwb"))

        def receive() -> Any:
            length = b""
            while (one := stream.read(1)) != b":":
                length += one
            return json.loads(stream.read(int(length)))

        def send(name: str, **body: Any) -> Any:
            text = json.dumps([0, 1, name, body]).encode()
            stream.write(b"%d:%s" % (len(text), text))
            stream.flush()
            _, _, error, result = receive()
            if error:
                raise RuntimeError(f"{name}: {error['message']}")
            return result

        receive()  # its greeting
        send("WebDriver:NewSession")
        send("WebDriver:SetWindowRect", **SIZE)

        def ask(address: str, script: str, *given: Any) -> Any:
            send("WebDriver:Navigate", url=address)
            answer = send(
                "WebDriver:ExecuteAsyncScript", script=script, args=given
            )
            return answer["value"]

        yield ask
