"""tests/support/browser.py - Debian's Chromium, headless, driven by its own protocol over a pipe.

No driver, no port, no package: the DevTools protocol is JSON with a NUL after each message, on
descriptors 3 and 4 of the browser.  Whatever the page asks for or complains about is kept.
"""
import base64
import fcntl
import itertools
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time

from waiting import PATIENCE_S, wait_until

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
FLAGS = ("--headless", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu",
         "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-extensions", "--hide-scrollbars",
         "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
         "--force-color-profile=srgb", "--font-render-hinting=none")
KEYS = {"Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, ""),
        " ": ("Space", 32, " ")}


def find():
    """The browser's path, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="wd-browser-", dir="/tmp")
        self.numbers = itertools.count(1)
        self.answers = {}
        self.pages = {}
        self.lock = threading.Lock()
        ours, theirs = self._pipes()

        def ends():  # between fork and exec: 3 is read by the browser, 4 written
            os.dup2(theirs[0], 3)
            os.dup2(theirs[1], 4)

        self.process = subprocess.Popen(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--", find(), *FLAGS,
             f"--user-data-dir={self.home}"], preexec_fn=ends, pass_fds=(3, 4),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.home})
        for fd in theirs:
            os.close(fd)
        self.out, self.back = os.fdopen(ours[1], "wb"), os.fdopen(ours[0], "rb")
        threading.Thread(target=self._read, daemon=True).start()

    @staticmethod
    def _pipes():
        """((read, write) here, (read, write) there), all of them above 3 and 4."""
        down, up = os.pipe(), os.pipe()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 16) for fd in (up[0], down[1], down[0],
                                                                      up[1])]
        for fd in down + up:
            os.close(fd)
        return (high[0], high[1]), (high[2], high[3])

    def _read(self):
        pending = b""
        while chunk := self.back.read1(1 << 16):
            pending += chunk
            *whole, pending = pending.split(b"\0")
            for raw in whole:
                message = json.loads(raw)
                if "id" in message:
                    self.answers.pop(message["id"]).put(message)
                elif message.get("sessionId") in self.pages:
                    self.pages[message["sessionId"]].heard(message["method"], message["params"])

    def call(self, method, session=None, **params):
        number, answer = next(self.numbers), queue.Queue()
        self.answers[number] = answer
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        with self.lock:
            self.out.write(json.dumps(message).encode() + b"\0")
            self.out.flush()
        try:
            reply = answer.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"the browser does not answer {method}") from None
        assert "error" not in reply, f"{method}: {reply['error']}"
        return reply["result"]

    def page(self, width=1280, height=900, scheme="light", touch=False, bypass_csp=False):
        return Page(self, width, height, scheme, touch, bypass_csp)

    def close_pages(self):
        for page in list(self.pages.values()):
            self.call("Target.closeTarget", targetId=page.target)
            del self.pages[page.session]

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(timeout=10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class Page:
    """One tab.  `requests` are the URLs it asked for, `complaints` what went wrong in it."""

    def __init__(self, browser, width, height, scheme, touch, bypass_csp):
        self.browser = browser
        self.requests, self.complaints = [], []
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target,
                                    flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")
        self.call("Page.setBypassCSP", enabled=bypass_csp)
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.resize(width, height, touch)
        self.media(scheme)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def heard(self, method, params):
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description",
                                                                    details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"] + " " + params["entry"].get("url", ""))
        elif method == "Audits.issueAdded":
            issue = params["issue"]
            if "Policy" in issue["code"] or "Trusted" in issue["code"]:
                self.complaints.append(json.dumps(issue))

    def resize(self, width, height, touch=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=touch)

    def media(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def goto(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'", f"{url} is loaded")

    def js(self, expression):
        """The value of an expression; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, expression, what, seconds=PATIENCE_S):
        try:
            return wait_until(lambda: self.js(f"!!({expression})"), what, seconds)
        except AssertionError as e:
            raise AssertionError(f"{e}\ncomplaints: {self.complaints}") from None

    def key(self, key):
        name, code, text = KEYS.get(key, (key, ord(key.upper()[0]), key))
        key = "Space" if key == " " else key
        self.call("Input.dispatchKeyEvent", type="keyDown", key=" " if key == "Space" else key,
                  code=name, text=text, windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=name,
                  windowsVirtualKeyCode=code)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def click(self, selector):
        found = self.js(f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
                        "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect();"
                        "return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=found[0], y=found[1], button="left",
                      clickCount=1)

    def work_s(self):
        """Seconds that the page's own thread has worked so far: {task, script, layout, style}."""
        self.call("Performance.enable")
        found = {m["name"]: m["value"] for m in self.call("Performance.getMetrics")["metrics"]}
        return {name: found[key] for name, key in (
            ("task", "TaskDuration"), ("script", "ScriptDuration"), ("layout", "LayoutDuration"),
            ("style", "RecalcStyleDuration"))}

    def screenshot(self, path, settle_s=0.3):
        time.sleep(settle_s)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
