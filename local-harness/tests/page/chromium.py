"""Drives headless Chromium over the DevTools protocol, with Python's standard library alone.

In: the program, commands. Out: a tab, what it evaluates, its errors, its screenshots.
"""

import base64
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
START_S = 30
ANSWER_S = 30


class Chromium:
    """A browser with a profile of its own; a context manager that ends it."""

    def __init__(self):
        named = os.environ.get("CHROMIUM")
        program = named or next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise SystemExit("Chromium is missing: install it, or set CHROMIUM to its path.")
        self.profile = tempfile.TemporaryDirectory(prefix="page-check-", ignore_cleanup_errors=True)
        options = ["--headless=new", "--remote-debugging-port=0", "--no-first-run",
                   "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                   "--disable-background-networking", f"--user-data-dir={self.profile.name}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.process = subprocess.Popen([program, *options, "about:blank"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    def tab(self):
        """A new tab, with the events of all domains that the checks need."""
        port = self._port()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/json/new", method="PUT")
        with urllib.request.urlopen(request, timeout=START_S) as answer:
            return Tab(json.load(answer)["webSocketDebuggerUrl"])

    def _port(self):
        path = pathlib.Path(self.profile.name) / "DevToolsActivePort"
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if path.exists() and "\n" in (text := path.read_text()):
                return int(text.split("\n")[0])
            if self.process.poll() is not None:
                raise SystemExit(f"Chromium ended with status {self.process.returncode}.")
            time.sleep(0.05)
        raise SystemExit(f"Chromium did not start within {START_S} seconds.")


class Tab:
    """A tab. `events` holds what the protocol reported, oldest first."""

    def __init__(self, url):
        self.socket = WebSocket(url)
        self.next_id = 0
        self.events = []
        self.on_paused = None
        for domain in ["Page", "Runtime", "Log", "DOM", "Network"]:
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """The result of a command."""
        number = self._send(method, parameters)
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            message = self._receive(end - time.monotonic())
            if message and message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
        raise RuntimeError(f"{method} got no answer within {ANSWER_S} seconds.")

    def evaluate(self, expression):
        """The value of an expression in the page; promises are awaited."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True, userGesture=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            said = details.get("exception", {}).get("description", details["text"])
            raise RuntimeError(f"{expression[:200]}: {said}")
        return result["result"].get("value")

    def wait(self, expression, seconds=20):
        """Waits until the expression is true, and returns its value; None when it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.evaluate(expression):
                return value
            self.listen(0.05)
        return None

    def listen(self, seconds):
        """Takes events for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._receive(left)

    def open(self, url):
        """Loads a page."""
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def set_files(self, selector, paths):
        """Chooses files, as the dialog of a file input does."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path) for path in paths], nodeId=node)

    def press(self, key, code, text=None):
        """Presses and releases a key."""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown",
                  **common, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def screenshot(self, path, whole=False):
        """Writes a PNG of what is visible, or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def _send(self, method, parameters):
        self.next_id += 1
        self.socket.send(json.dumps({"id": self.next_id, "method": method, "params": parameters}))
        return self.next_id

    def _receive(self, seconds):
        text = self.socket.receive(max(seconds, 0.001))
        if text is None:
            return None
        message = json.loads(text)
        if message.get("method") == "Fetch.requestPaused" and self.on_paused:
            self._send(*self.on_paused(message["params"]))
        elif "method" in message:
            self.events.append(message)
        return message


class WebSocket:
    """A client of RFC 6455, as far as DevTools needs it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=START_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\n"
                             "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        self.buffer = b""
        self.message = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(4096)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError("DevTools refused the WebSocket.")

    def send(self, text):
        """Sends a text message in one masked frame."""
        self._send_frame(1, text.encode())

    def receive(self, seconds):
        """The next text message, or None after the time."""
        end = time.monotonic() + seconds
        while True:
            frame = self._frame()
            if frame is None:
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self._read(left)
                continue
            is_final, opcode, payload = frame
            if opcode == 9:
                self._send_frame(10, payload)
            elif opcode == 8:
                raise RuntimeError("Chromium closed the tab.")
            elif opcode in (0, 1):
                self.message += payload
                if is_final:
                    text, self.message = self.message.decode(), b""
                    return text

    def _send_frame(self, opcode, payload):
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 128 | opcode, 128 | length)
        elif length < 65536:
            head = struct.pack("!BBH", 128 | opcode, 254, length)
        else:
            head = struct.pack("!BBQ", 128 | opcode, 255, length)
        self.socket.settimeout(ANSWER_S)
        self.socket.sendall(head + bytes(4) + payload)

    def _frame(self):
        data = self.buffer
        if len(data) < 2:
            return None
        length, start = data[1] & 127, 2
        if length == 126 and len(data) >= 4:
            length, start = struct.unpack("!H", data[2:4])[0], 4
        elif length == 127 and len(data) >= 10:
            length, start = struct.unpack("!Q", data[2:10])[0], 10
        elif length > 125:
            return None
        if len(data) < start + length:
            return None
        self.buffer = data[start + length:]
        return bool(data[0] & 128), data[0] & 15, data[start:start + length]

    def _read(self, seconds):
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            return
        if not data:
            raise RuntimeError("The connection to Chromium broke.")
        self.buffer += data
