"""Requests of a function's process to the Runtime API, each with a line in a transcript.

In: AWS_LAMBDA_RUNTIME_API. Out: answers; status and error type of each in the transcript.
"""

import http.client
import io
import json
import os


class Runtime:
    """The Runtime API, and the transcript."""

    def __init__(self, transcript):
        self.transcript = transcript
        self.id = "none"

    def write(self, step, **answer):
        self.transcript.write(json.dumps({"step": step, **answer}) + "\n")
        self.transcript.flush()

    def send(self, step, method, path, body=b"", headers=None, cut=0, trailers=""):
        """A request, and its status and error type; `cut` bytes are promised and not sent."""
        host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
        connection = http.client.HTTPConnection(host, int(port))
        connection.putrequest(method, path)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if trailers is None or trailers:
            connection.putheader("Transfer-Encoding", "chunked")
            for line in (trailers or "").splitlines():
                connection.putheader("Trailer", line.partition(":")[0])
            connection.endheaders()
            data = b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, (trailers or "").encode())
        else:
            connection.putheader("Content-Length", str(len(body) + cut))
            connection.endheaders()
            data = body
        try:
            connection.send(data)
            if cut:
                connection.sock.shutdown(1)
        except OSError:
            pass
        try:
            response = connection.getresponse()
            text = response.read()
        except OSError as error:
            self.write(step, error=type(error).__name__)
            return None, b""
        answer = {"status": response.status}
        try:
            answer["error type"] = json.loads(text)["errorType"]
        except (ValueError, KeyError, TypeError):
            pass
        self.write(step, **answer)
        return response, text

    def next(self, step="next"):
        response, text = self.send(step, "GET", "/2018-06-01/runtime/invocation/next")
        if response.status == 200:
            self.id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        return response, text

    def finish(self, body=b"1", kind="response", step=None, identifier=None, **more):
        path = f"/2018-06-01/runtime/invocation/{identifier or self.id}/{kind}"
        return self.send(step or kind, "POST", path, body, **more)

    def init_error(self, body=b'{"errorType":"Function.NoConfig","errorMessage":"m"}', **more):
        path = "/2018-06-01/runtime/init/error"
        return self.send("init error", "POST", path, body, **more)

    def register(self, body=b'{"events":["INVOKE"]}', name="watcher", step="register"):
        headers = {"Lambda-Extension-Name": name} if name else {}
        path = "/2020-01-01/extension/register"
        return self.send(step, "POST", path, body, headers=headers)

    def event(self, identifier, step="event"):
        headers = {"Lambda-Extension-Identifier": identifier} if identifier else {}
        return self.send(step, "GET", "/2020-01-01/extension/event/next", headers=headers)

    def end(self):
        """What comes after this is not compared."""
        self.write("end")
        self.transcript = io.StringIO()
