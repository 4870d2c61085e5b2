"""What several checks ask of the page and do to it. In: a `Run`, names. Out: expressions of
JavaScript, or changes of the page; `expect` raises `Broken` with a sentence.
"""

import json


class Broken(Exception):
    """A check does not hold."""


def expect(condition, sentence):
    """Breaks off with the sentence unless the condition holds."""
    if not condition:
        raise Broken(sentence)


def entry(name):
    """The list item of the newest upload whose key contains the name, as an expression."""
    return ("[...document.querySelectorAll('#uploads > li')].find((item) => "
            f"item.querySelector('.key').textContent.includes({json.dumps(name)}))")


def row(name):
    """The newest file being sent whose name contains the name."""
    return ("[...document.querySelectorAll('#sending-list > li')].reverse().find((item) => "
            f"item.querySelector('.sending-name').textContent.includes({json.dumps(name)}))")


def text_of(run, expression):
    """The text of an element; empty if there is none."""
    return run.tab.evaluate(f"({expression})?.innerText ?? ''")


def intercept(run, answer):
    """Answers POSTs to S3 instead of it; the errors that the browser logs are expected."""
    tab = run.tab
    if answer is None:
        tab.call("Fetch.disable")
        tab.listen(0.3)
        run.forgiven.append(len(tab.events))
        return
    run.forgiven.append(len(tab.events))
    tab.on_paused = lambda paused: (
        answer(paused["requestId"]) if paused["request"]["method"] == "POST"
        and "/api/" not in paused["request"]["url"]
        else ("Fetch.continueRequest", {"requestId": paused["requestId"]}))
    tab.call("Fetch.enable", patterns=[{"resourceType": "XHR"}])


def forgive(run, action):
    """Runs something during which a failed request is no error of the page."""
    run.forgiven.append(len(run.tab.events))
    action()
    run.tab.listen(0.3)
    run.forgiven.append(len(run.tab.events))


def fits(run, what):
    """Breaks off if the page can be scrolled sideways."""
    wide = run.tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    expect(wide <= 0, f"With {what} the page is {wide} pixels too wide.")


def choose(run, name):
    """Chooses a picture of the form."""
    run.tab.evaluate("""((name) => {
      const choice = document.querySelector("#try-picture");
      choice.value = [...choice.options].find((one) => one.text.includes(name)).value;
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    })(%s)""" % json.dumps(name))


def fill(run, name, value):
    """Types into a field of the form."""
    run.tab.evaluate("""((name, value) => {
      const field = document.querySelector(`#rule-form [name="${name}"]`);
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    })(%s, %s)""" % (json.dumps(name), json.dumps(value)))


def media(run, scheme, motion):
    """Emulates the wishes of the system."""
    run.tab.call("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": motion}])
    run.tab.listen(0.5)


def complaint(event):
    """What an event of the protocol says is wrong, or None."""
    parameters = event["params"]
    if event["method"] == "Runtime.exceptionThrown":
        details = parameters["exceptionDetails"]
        return details.get("exception", {}).get("description", details["text"])
    if event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ["error", "assert"]:
        return json.dumps(parameters["args"])
    if event["method"] == "Log.entryAdded" and parameters["entry"]["level"] == "error":
        return f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}"
    return None


LUMINANCE = """(() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
})()"""

POOR_CONTRAST = """(() => {
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const color = numbers(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] > 0.5) return color;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim() !== "");
    if (!own || node.closest("svg, option, :disabled") || node.offsetParent === null) continue;
    const pair = [light(numbers(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) poor.add(`${node.className || node.tagName} ${ratio.toFixed(2)}`);
  }
  return [...poor];
})()"""
