"""The scripts of the runtime: what a function's process says to Lambda, and what its caller asks.

A script is a function over a `Runtime`; its name is that of the probe.
"""

import io
import json
import os
import signal
import sys
import threading
import time

from runtime_api import Runtime

LIMIT_BYTES = 6_291_556
INVOKE = "/2015-03-31/functions/function/invocations"
SCRIPTS = {}


def script(*front):
    """Registers a script with the caller's requests; without any, it is one with `{}`."""

    def register(function):
        name = function.__name__.strip("_").replace("_", " ")
        SCRIPTS[name] = (function, list(front) or [request()])
        return function

    return register


def request(body="{}", path=INVOKE, size_bytes=0, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"path": path, "headers": headers, "body": body, "size_bytes": size_bytes}


@script()
def an_answer(runtime):
    response, text = runtime.next()
    names = [name.lower() for name in response.headers]
    known = sorted(name for name in names if name.startswith("lambda-"))
    left_s = int(response.headers["Lambda-Runtime-Deadline-Ms"]) / 1000 - time.time()
    # A trace ID is sent only where a trace is.
    known = [name for name in known if name != "lambda-runtime-trace-id"]
    runtime.write("event", headers=known, body=text.decode(), deadline=0 < left_s < 5)
    runtime.finish(b'{"a":[1]}')


@script()
def two_answers(runtime):
    runtime.next()
    runtime.finish()
    runtime.finish(step="again")


@script()
def an_error_after_an_answer(runtime):
    runtime.next()
    runtime.finish()
    runtime.finish(kind="error", body=b"{}")


@script()
def an_answer_with_an_unknown_id(runtime):
    runtime.next()
    runtime.finish(identifier="00000000-0000-4000-8000-000000000000", step="unknown")
    runtime.finish()


@script()
def an_answer_before_the_first_event(runtime):
    runtime.finish(identifier="00000000-0000-4000-8000-000000000000", step="before")
    runtime.next()
    runtime.finish()


@script()
def next_twice(runtime):
    runtime.next()
    first = runtime.id
    runtime.next("again")
    runtime.write("id", same=runtime.id == first)
    runtime.finish()


@script()
def an_answer_of_the_largest_size(runtime):
    runtime.next()
    runtime.finish(b'"' + b"x" * (LIMIT_BYTES - 2) + b'"')


@script()
def an_answer_that_is_too_large(runtime):
    runtime.next()
    runtime.finish(b'"' + b"x" * (LIMIT_BYTES - 1) + b'"')


@script()
def an_empty_answer(runtime):
    runtime.next()
    runtime.finish(b"")


@script()
def an_answer_that_is_not_json(runtime):
    runtime.next()
    runtime.finish(b"no JSON")


@script()
def an_answer_that_is_cut_short(runtime):
    runtime.next()
    runtime.finish(b"123", cut=6)


@script()
def a_streamed_answer(runtime):
    runtime.next()
    mode = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
    runtime.finish(b'"abc"', headers=mode, trailers=None)


@script()
def a_streamed_answer_that_fails(runtime):
    runtime.next()
    mode = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
    trailers = (
        "Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n"
        "Lambda-Runtime-Function-Error-Body: e30=\r\n"
    )
    runtime.finish(b'"abc"', headers=mode, trailers=trailers)


@script()
def an_unknown_response_mode(runtime):
    runtime.next()
    runtime.finish(headers={"Lambda-Runtime-Function-Response-Mode": "telepathic"})


@script()
def an_error(runtime):
    runtime.next()
    body = b'{"errorType":"too_large","errorMessage":"m","stackTrace":["a"]}'
    headers = {"Lambda-Runtime-Function-Error-Type": "Function.Bad"}
    runtime.finish(body, kind="error", headers=headers)


@script()
def an_error_without_a_type(runtime):
    runtime.next()
    runtime.finish(b"{}", kind="error")


@script()
def an_error_that_is_not_json(runtime):
    runtime.next()
    runtime.finish(b"no JSON", kind="error")


@script()
def an_init_error(runtime):
    # Whether the process reads the answer before it is killed is left to chance.
    runtime.end()
    runtime.init_error()
    sys.exit(1)


@script()
def an_init_error_and_then_next(runtime):
    runtime.end()
    runtime.init_error()
    runtime.next()


@script()
def an_init_error_after_next(runtime):
    runtime.next()
    runtime.init_error()
    runtime.finish()


@script()
def an_exit_with_status_0_during_an_invocation(runtime):
    runtime.next()
    runtime.end()
    os._exit(0)


@script()
def an_exit_with_status_3_during_an_invocation(runtime):
    runtime.next()
    runtime.end()
    os._exit(3)


@script()
def a_death_by_a_signal(runtime):
    runtime.next()
    runtime.end()
    os.kill(os.getpid(), signal.SIGKILL)


@script()
def an_exit_before_next(runtime):
    runtime.end()
    os._exit(3)


@script()
def an_invocation_that_takes_too_long(runtime):
    runtime.next()
    runtime.end()
    time.sleep(60)


@script()
def unknown_paths(runtime):
    runtime.send("a path", "GET", "/2018-06-01/runtime")
    runtime.send("a method", "GET", "/2018-06-01/runtime/init/error")
    runtime.next()
    runtime.finish()


@script()
def extensions_that_may_not_register(runtime):
    runtime.register(name="", step="no name")
    runtime.register(b"[]", step="a list")
    runtime.register(b"no JSON", step="no JSON")
    runtime.register(b'{"events":["SHUTDOWN"]}', step="SHUTDOWN")
    runtime.register(b'{"events":["LUNCH"]}', step="LUNCH")
    runtime.next()
    runtime.finish()


@script()
def an_extension_and_its_events(runtime):
    response, text = runtime.register()
    answer = json.loads(text)
    runtime.write("registered", members=sorted(answer), version=answer.get("functionVersion"))
    runtime.register(step="again")
    extension = Runtime(io.StringIO())
    identifier = response.headers["Lambda-Extension-Identifier"]
    events = []
    waiting = threading.Thread(target=lambda: events.append(extension.event(identifier)))
    waiting.start()
    runtime.next()
    waiting.join()
    event = json.loads(events[0][1])
    members = sorted(name for name in event if name != "tracing")
    is_same = event.get("requestId") == runtime.id
    runtime.write("event", kind=event["eventType"], members=members, same=is_same)
    # The next event waits until the extension is ready again, too.
    threading.Thread(target=extension.event, args=[identifier], daemon=True).start()
    runtime.finish()


@script()
def an_extension_that_registers_after_next(runtime):
    runtime.next()
    runtime.register()
    runtime.finish()


@script()
def extensions_that_do_not_say_who_they_are(runtime):
    runtime.event(None, "no ID")
    runtime.event("me", "no UUID")
    runtime.event("00000000-0000-4000-8000-000000000000", "unknown")
    runtime.next()
    runtime.finish()


@script()
def subscriptions_to_telemetry_and_logs(runtime):
    runtime.send("telemetry", "PUT", "/2022-07-01/telemetry", b"{}")
    runtime.send("logs", "PUT", "/2020-08-15/logs", b"{}")
    runtime.next()
    runtime.finish()


@script(request("no JSON"))
def an_event_that_is_not_json(runtime):
    runtime.write("event", body=runtime.next()[1].decode())
    runtime.finish()


@script(request(""))
def an_empty_event(runtime):
    runtime.write("event", body=runtime.next()[1].decode())
    runtime.finish()


@script(request(size_bytes=(6 << 20) + 1))
def an_event_that_is_too_large(runtime):
    runtime.next()
    runtime.finish()


@script(request(X_Amz_Invocation_Type="Event"))
def an_asynchronous_event(runtime):
    runtime.next()
    runtime.finish()


@script(request(X_Amz_Invocation_Type="DryRun"))
def a_dry_run(runtime):
    runtime.next()
    runtime.finish()


@script(request(X_Amz_Invocation_Type="Sometime"))
def an_unknown_kind_of_invocation(runtime):
    runtime.next()
    runtime.finish()


@script(request(path="/2015-03-31/functions/other/invocations"))
def another_function(runtime):
    runtime.next()
    runtime.finish()
