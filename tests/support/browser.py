"""A real browser without a window, driven over a pipe: what it says of pages, and what people do to them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import RawIOBase
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")
"""Tests may run as root in a container, where the sandbox cannot start; the pages are our own."""
KEYS = {"Escape": 27, "/": 191, "n": 78, "p": 80}


def found() -> str | None:
    """The path of a browser of the Chromium family, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page in it. The DevTools protocol: JSON, each message ended by a zero byte."""

    def __init__(self, reading: RawIOBase, writing: RawIOBase) -> None:
        self._reading, self._writing = reading, writing
        self._rest = b""
        self._number = 0
        self._session = ""
        self.complaints: list[str] = []
        """What the browser logged: a breach of the page's policy, an error of its script."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, file: Path, fragment: str = "", *, width: int = 1200) -> None:
        """Load a file, and wait until its script has run."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self._call("Page.navigate", url="about:blank")
        self._call("Page.navigate", url=f"{file.as_uri()}{fragment}")
        self.wait("document.readyState === 'complete'")

    def ask(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page; it is the browser's own, so no policy bars it."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until a condition holds, five seconds at most."""
        looked = f"new Promise(done => {{ let n = 0; const look = () => ({condition}) || n++ > 250 ? done({condition})"
        assert self.ask(f"{looked} : setTimeout(look, 20); look(); }})"), condition

    def click(self, selector: str) -> None:
        """Press the mouse on the middle of an element."""
        one = f"document.querySelector({json.dumps(selector)})"
        self.ask(f"{one}.scrollIntoView({{block: 'center'}})")
        box = self.ask(f"(box => [box.x + box.width / 2, box.y + box.height / 2])({one}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self._call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press one key."""
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=KEYS[key])

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._number, "method": method, "params": parameters, **session}
        self._writing.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return dict(answer["result"])
            if answer.get("method") == "Log.entryAdded":
                self.complaints.append(answer["params"]["entry"]["text"])
            elif answer.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(str(answer["params"]["exceptionDetails"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._reading.read(65536)
            assert more, "the browser is gone"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    to_read, theirs_to_write = os.pipe()
    theirs_to_read, to_write = os.pipe()
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        quiet = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, theirs_to_read, 3), (os.POSIX_SPAWN_DUP2, theirs_to_write, 4)]
        argv = [path, *FLAGS, f"--user-data-dir={profile}"]
        child = os.posix_spawn(path, argv, os.environ, file_actions=actions, setpgroup=0)
        for ours in (theirs_to_read, theirs_to_write, quiet):
            os.close(ours)
        try:
            with os.fdopen(to_read, "rb", buffering=0) as reading, os.fdopen(to_write, "wb", buffering=0) as writing:
                yield Browser(reading, writing)
        finally:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
