#!/usr/bin/env python3
"""Checks the harness's page in Chromium: page.py URL FOLDER-FOR-SCREENSHOTS

It uploads files of its own, so the harness must run with its built-in configuration or one that
takes every key. Each check prints a sentence. The status is 0 if all hold, else 1.
"""

import argparse
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from checks import CHECKS  # noqa: E402
from chromium import Chromium  # noqa: E402
from inputs import Inputs  # noqa: E402
from probes import Broken  # noqa: E402

# Runs before the page's own scripts, and is not subject to its CSP.
OBSERVER = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def main():
    parser = argparse.ArgumentParser(description="Checks the harness's page in Chromium.")
    parser.add_argument("url", help="where the page is, such as http://127.0.0.1:9003/")
    parser.add_argument("folder", help="where screenshots go")
    options = parser.parse_args()
    folder = pathlib.Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as inputs, Chromium() as browser:
        tab = browser.tab()
        tab.call("Page.addScriptToEvaluateOnNewDocument", source=OBSERVER)
        size(tab, 1440, 900)
        tab.open(options.url)
        run = Run(tab, folder, Inputs(inputs, f"check-{int(time.time())}"), options.url)
        failures = sum(not holds(check, run) for check in CHECKS)
    print(f"{len(CHECKS) - failures} of {len(CHECKS)} checks hold.")
    return 1 if failures else 0


def holds(check, run):
    """Runs one check; its docstring is the sentence."""
    sentence = check.__doc__.strip()
    try:
        check(run)
    except (Broken, RuntimeError) as error:
        run.tab.screenshot(run.folder / f"failed-{check.__name__}.png")
        print(f"FAILED: {sentence} {error}")
        return False
    print(f"ok: {sentence}")
    return True


def size(tab, width, height, is_phone=False):
    """Sets the size of the window."""
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
             deviceScaleFactor=2 if is_phone else 1, mobile=is_phone)


class Run:
    """What every check gets: the tab, the folder for screenshots, the input files, the URL."""

    def __init__(self, tab, folder, inputs, url):
        self.tab, self.folder, self.inputs, self.url = tab, folder, inputs, url
        self.forgiven, self.violations = [], []

    def size(self, width, height, is_phone=False):
        size(self.tab, width, height, is_phone)

    def shot(self, name, whole=False):
        self.tab.screenshot(self.folder / f"{name}.png", whole)


if __name__ == "__main__":
    sys.exit(main())
