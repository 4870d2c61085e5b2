"""A scripted runtime, which is the function's process.

It carries out the script that PROBE_SCRIPT names, and writes an answer in each line of
PROBE_TRANSCRIPT. A process that comes after the first one writes nothing. With `--list` it prints
all scripts and the requests of a caller that go with them, as JSON.
"""

import io
import json
import os
import sys

from runtime_api import Runtime
from scripts import SCRIPTS


def main():
    if sys.argv[1:] == ["--list"]:
        scripts = [{"name": name, "front": front} for name, (_, front) in SCRIPTS.items()]
        json.dump(scripts, sys.stdout)
        return
    try:
        transcript = open(os.environ["PROBE_TRANSCRIPT"], "x")
    except FileExistsError:
        transcript = io.StringIO()
    runtime = Runtime(transcript)
    SCRIPTS[os.environ["PROBE_SCRIPT"]][0](runtime)
    runtime.end()
    runtime.next()
    # A later event of a script that has one only.
    while True:
        runtime.finish()
        runtime.next()


main()
