"""The checks of the page, in the order in which they run. In: a `Run`. Out: nothing, or `Broken`
with a sentence. The docstring of a check is what it prints.
"""

import base64
import json

from inputs import HEIGHT, HOSTILE_NAMES, WIDTH
from probes import (LUMINANCE, POOR_CONTRAST, Broken, choose, complaint, entry, expect, fill, fits,
                    forgive, intercept, media, row, text_of)

S3_ERROR = ("<?xml version=\"1.0\"?><Error><Code>EntityTooLarge</Code>"
            "<Message>Your proposed upload exceeds the maximum allowed size</Message></Error>")


def connects(run):
    """The page connects and shows the facts of the harness, without layout shift."""
    tab = run.tab
    expect(tab.wait("document.querySelector('#state').dataset.state === 'live'"),
           "The state never becomes live.")
    expect(tab.wait("document.querySelector('#harness').innerText.includes('127.0.0.1')"),
           "The S3 endpoint is not shown.")
    expect("Per million" in text_of(run, "document.querySelector('#totals')"),
           "The totals are missing.")
    tab.listen(1)
    shifts = tab.evaluate("window.shifts")
    expect(shifts < 0.1, f"The layout shifts by {shifts:.3f} while the page loads.")


def uploads(run):
    """A chosen file is sent, and its upload appears with source, outcome and times."""
    tab, name = run.tab, run.inputs.picture.name
    tab.set_files("#files", [run.inputs.picture])
    expect(tab.wait(f"{entry(name)} !== undefined"), "The upload never appears in the list.")
    expect(tab.wait(f"!{entry(name)}.querySelector('.cell-billed').innerText.includes('–')"),
           "The billed time never appears.")
    said = text_of(run, entry(name))
    for part in ["PNG", f"{WIDTH} × {HEIGHT}", "Stored", "variant", "$", "ms"]:
        expect(part in said, f"The entry does not say {part!r}: {said!r}")
    expect(tab.wait(f"{entry(name)}.querySelector('img.thumb')?.naturalWidth > 0"),
           "The thumbnail does not load.")
    expect(tab.wait(f"{row(name)}?.dataset.state === 'done'"),
           "The file that was sent does not get its outcome.")


def opens(run):
    """Enter opens the details: timeline, variants, log."""
    tab, item = run.tab, entry(run.inputs.picture.name)
    tab.evaluate(f"{item}.querySelector('summary').focus()")
    tab.press("Enter", 13, "\r")
    expect(tab.wait(f"{item}.querySelector('details').open"), "Enter does not open the entry.")
    expect(tab.wait(f"{item}.querySelectorAll('.timeline tbody tr').length >= 7"),
           "The timeline has fewer than seven stages.")
    expect(tab.evaluate(f"[...{item}.querySelectorAll('.timeline tbody td svg')].every((bar) => "
                        "bar.getAttribute('aria-label'))"), "A bar has no text alternative.")
    rows = tab.evaluate(f"{item}.querySelectorAll('.variants tbody tr').length")
    expect(rows >= 1, "No variant is listed.")
    expect("%" in text_of(run, f"{item}.querySelector('.variants')"), "No savings are shown.")
    expect("upload" in text_of(run, f"{item}.querySelector('.log')"), "The log is empty.")


def slides(run):
    """The arrow keys move the slider, and both pictures load at the same size."""
    tab, item = run.tab, entry(run.inputs.picture.name)
    for name in ["before", "after"]:
        expect(tab.wait(f"{item}.querySelector('.frame .{name}').naturalWidth > 0"),
               f"The picture {name!r} does not load.")
    size_of = "((node) => [node.offsetWidth, node.offsetHeight].join())"
    expect(tab.evaluate(f"{size_of}({item}.querySelector('.before')) === "
                        f"{size_of}({item}.querySelector('.after'))"), "The sizes differ.")
    tab.evaluate(f"{item}.querySelector('.slider-range').focus()")
    for _ in range(5):
        tab.press("ArrowRight", 39)
    expect(tab.evaluate(f"{item}.querySelector('.slider-range').value") == "55",
           "Five arrow keys do not move the slider from 50 to 55.")
    split = tab.evaluate(f"{item}.querySelector('.frame').style.getPropertyValue('--split')")
    expect(split == "55%", f"The frame is split at {split}.")
    run.shot("details")


def refuses(run):
    """A file that is no picture is shown as refused, with what to do."""
    tab, name = run.tab, run.inputs.text.name
    tab.set_files("#files", [run.inputs.text])
    expect(tab.wait(f"{entry(name)}?.dataset.kind === 'refused'"), "It is not shown as refused.")
    tab.evaluate(f"{entry(name)}.querySelector('summary').click()")
    expect(tab.wait(f"{entry(name)}.innerText.includes('What to do')"), "It says not what to do.")
    expect("Not an image" in text_of(run, entry(name)), "It does not say why.")
    tab.evaluate(f"{entry(name)}.querySelector('summary').click()")


def says_s3_refused(run):
    """An upload that S3 refuses says why, and can be sent again."""
    tab, name = run.tab, run.inputs.other.name
    headers = [{"name": "Access-Control-Allow-Origin", "value": "*"},
               {"name": "Content-Type", "value": "application/xml"}]
    body = base64.b64encode(S3_ERROR.encode()).decode()
    intercept(run, lambda request: ("Fetch.fulfillRequest", {
        "requestId": request, "responseCode": 400, "responseHeaders": headers, "body": body}))
    tab.set_files("#files", [run.inputs.other])
    expect(tab.wait(f"{row(name)}?.dataset.state === 'error'"), "No error is shown.")
    said = text_of(run, row(name))
    expect("EntityTooLarge" in said, f"The reason is missing: {said!r}")
    tab.evaluate(f"{row(name)}.scrollIntoView({{ block: 'center' }})")
    run.shot("s3-error")
    intercept(run, None)


def says_s3_is_away(run):
    """An unreachable S3 is named, and sending again works once it is back."""
    tab, name = run.tab, run.inputs.other.name
    intercept(run, lambda request: ("Fetch.failRequest", {
        "requestId": request, "errorReason": "ConnectionRefused"}))
    tab.evaluate(f"{row(name)}.querySelector('button').click()")
    expect(tab.wait(f"{row(name)}.innerText.includes('does not answer')"), "It is not named.")
    intercept(run, None)
    tab.evaluate(f"{row(name)}.querySelector('button').click()")
    expect(tab.wait(f"{row(name)}.dataset.state === 'done'"), "Sending again does not work.")


def isolates(run):
    """Hostile keys are escaped and isolated, run nothing, and do not break the layout."""
    tab = run.tab
    tab.set_files("#files", run.inputs.hostile)
    count = len(HOSTILE_NAMES)
    finished = ("[...document.querySelectorAll('#sending-list > li')].slice(-%d).every((item) => "
                "['done', 'error'].includes(item.dataset.state))" % count)
    expect(tab.wait(f"document.querySelectorAll('#sending-list > li').length >= {count} && "
                    f"{finished}", 40), "Not every hostile name gets an end.")
    expect(tab.evaluate("window.attacked === undefined"), "A key ran a script.")
    expect(tab.evaluate("document.querySelectorAll('[onerror], [onload], img[src=x]').length "
                        "=== 0"), "A key became markup.")
    keys = "[...document.querySelectorAll('.key, .sending-name')].map((node) => node.textContent)"
    expect(tab.evaluate(f"!/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\n\\t]/.test({keys}.join(''))"),
           "An invisible character is shown as it is.")
    expect(tab.evaluate(f"{keys}.some((key) => key.includes('\\\\u{{202e}}'))"),
           "A direction override is not made visible.")
    expect(tab.evaluate("[...document.querySelectorAll('.upload > summary')].every((node) => "
                        "node.offsetHeight < 100)"), "A key makes its entry high.")
    fits(run, "hostile keys")


def takes_drops(run):
    """A dropped file whose key has 1,024 bytes gets an end, and the list keeps its width."""
    name = "W" * 1020 + ".png"
    run.tab.evaluate("""(async (name) => {
      const canvas = new OffscreenCanvas(64, 48);
      canvas.getContext("2d").fillRect(0, 0, 32, 48);
      const file = new File([await canvas.convertToBlob()], name, { type: "image/png" });
      const transfer = new DataTransfer();
      transfer.items.add(file);
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
    })(%s)""" % json.dumps(name))
    forgive(run, lambda: expect(
        run.tab.wait(f"['done', 'error'].includes({row(name[:200])}?.dataset.state)"),
        "It gets no end."))
    run.shot("hostile")
    fits(run, "a long key")


def tries(run):
    """A rule is composed, tried on a picture, and its variants are shown."""
    tab = run.tab
    tab.evaluate("document.querySelector('#to-try').click()")
    choose(run, run.inputs.picture.name)
    for name, value in [("widths", "100, 200"), ("width", "150"), ("height", "150"),
                        ("name", "square"), ("quality-jpeg", "70")]:
        fill(run, name, value)
    toml = tab.evaluate("document.querySelector('#toml').textContent")
    for line in ["[[rule]]\n", "widths = [100, 200]\n", "[[rule.variant]]\n", "width = 150\n",
                 'fit = "cover"\n', "jpeg = 70"]:
        expect(line in toml, f"The rule lacks {line!r}: {toml!r}")
    expect(tab.evaluate("document.querySelector('.crop-edge') !== null"), "No window is drawn.")
    tab.evaluate("""(() => {
      const frame = document.querySelector(".crop-frame");
      const { left, top, width, height } = frame.getBoundingClientRect();
      frame.dispatchEvent(new MouseEvent("click", { bubbles: true,
        clientX: left + 0.75 * width, clientY: top + 0.5 * height }));
    })()""")
    toml = tab.evaluate("document.querySelector('#toml').textContent")
    expect("gravity = [0.75, 0.50]\n" in toml, f"A click sets no gravity: {toml!r}")
    tab.evaluate("document.querySelector('#try').click()")
    expect(tab.wait("document.querySelectorAll('.gallery img').length >= 3", 60),
           "No variants appear: " + text_of(run, "document.querySelector('#try-state')"))
    expect(tab.wait("[...document.querySelectorAll('.gallery img')].every((image) => "
                    "image.naturalWidth > 0)"), "A variant does not load.")
    said = text_of(run, "document.querySelector('.gallery')")
    expect("150 × 150" in said and "square" in said, f"The square is missing: {said!r}")
    run.shot("try", whole=True)


def copies(run):
    """Copy puts exactly the shown rule on the clipboard."""
    tab = run.tab
    tab.call("Browser.grantPermissions",
             permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    tab.call("Page.bringToFront")
    tab.evaluate("document.querySelector('#copy').click()")
    expect(tab.wait("document.querySelector('#copy').textContent === 'Copied'"),
           "The button does not say that it copied.")
    copied = tab.evaluate("navigator.clipboard.readText()")
    shown = tab.evaluate("document.querySelector('#toml').textContent")
    expect(copied == shown, f"Copied is {copied!r}, shown {shown!r}.")


def explains_problems(run):
    """A rule that is not valid gets the server's sentence, and its line is marked."""
    tab = run.tab
    fill(run, "width", "0")
    forgive(run, lambda: (
        tab.evaluate("document.querySelector('#try').click()"),
        expect(tab.wait("document.querySelector('#problems').innerText.includes('Line ')"),
               "No problem is shown.")))
    marked = text_of(run, "document.querySelector('#toml .problem')")
    expect("width = 0" in marked, f"The marked line is {marked!r}.")
    fill(run, "width", "150")


def survives_a_loss(run):
    """A lost connection is said, and the page connects again by itself."""
    tab = run.tab
    run.violations = tab.evaluate("window.violations")
    run.forgiven.append(len(tab.events))
    tab.call("Network.setBlockedURLs", urls=["*/api/feed*"])
    tab.open(run.url.split("#")[0] + "?lost#/uploads")
    expect(tab.wait("document.querySelector('#state').dataset.state === 'lost'"),
           "The loss is not shown.")
    run.shot("lost")
    tab.call("Network.setBlockedURLs", urls=[])
    expect(tab.wait("document.querySelector('#state').dataset.state === 'live'", 15),
           "It does not connect again.")
    expect(tab.evaluate("document.querySelector('#notice').hidden"), "The notice stays.")
    expect(tab.wait(f"{entry(run.inputs.picture.name)} !== undefined"),
           "The earlier uploads do not come back.")
    run.forgiven.append(len(tab.events))


def is_legible(run):
    """Light and dark colors follow the system, and text has a contrast of at least 4.5."""
    for scheme in ["light", "dark"]:
        media(run, scheme, "no-preference")
        light = run.tab.evaluate(LUMINANCE)
        expect((light > 0.5) == (scheme == "light"), f"The page is not {scheme}.")
        poor = run.tab.evaluate(POOR_CONTRAST)
        expect(not poor, f"In {scheme} colors, too little contrast: {poor[:5]}")
        run.shot(scheme)
    media(run, "light", "reduce")
    moving = run.tab.evaluate("document.getAnimations().length")
    expect(moving == 0, "Something moves although the system asks for reduced motion.")


def fits_a_phone(run):
    """At a width of 360 pixels nothing scrolls sideways, in both views and with open details."""
    tab = run.tab
    run.size(360, 740, is_phone=True)
    item = entry(run.inputs.picture.name)
    tab.evaluate(f"{item}.querySelector('details').open = true")
    tab.listen(0.5)
    fits(run, "open details on a phone")
    run.shot("phone", whole=True)
    tab.evaluate("location.hash = '#/try'")
    tab.listen(0.5)
    fits(run, "the form on a phone")
    run.shot("phone-try", whole=True)
    tab.evaluate("location.hash = '#/uploads'")
    run.size(1440, 900)


def is_labelled(run):
    """Every control has a name, and Tab reaches the list and shows where it is."""
    tab = run.tab
    nameless = []
    for node in tab.call("Accessibility.getFullAXTree")["nodes"]:
        role, name = (node.get(part, {}).get("value") for part in ["role", "name"])
        if role in ["button", "textbox", "spinbutton", "slider", "checkbox", "radio", "combobox",
                    "link", "image"] and not node["ignored"] and not name:
            nameless.append(role)
    expect(not nameless, f"Without a name: {nameless}")
    tab.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    seen = set()
    for _ in range(40):
        tab.press("Tab", 9)
        seen.add(tab.evaluate("document.activeElement.tagName + '#' + document.activeElement.id"))
        outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        expect(outline != "none", f"The focus is not visible on {max(seen)}.")
        if "SUMMARY#" in seen:
            return
    raise Broken(f"Tab never reaches the list: {sorted(seen)}")


def is_clean(run):
    """No violation of the CSP, no error in the console, no script of a key."""
    tab = run.tab
    violations = run.violations + tab.evaluate("window.violations")
    expect(not violations, f"Violations: {violations}")
    spans = list(zip(run.forgiven[0::2], run.forgiven[1::2]))
    errors = []
    for index, event in enumerate(tab.events):
        said = complaint(event)
        is_expected = any(start <= index < end for start, end in spans)
        if said and not (is_expected and "Failed to load resource" in said):
            errors.append(said)
    expect(not errors, f"Errors: {errors[:5]}")
    expect(tab.evaluate("window.attacked === undefined"), "A key ran a script.")


CHECKS = [connects, uploads, opens, slides, refuses, says_s3_refused, says_s3_is_away, isolates,
          takes_drops, tries, copies, explains_problems, survives_a_loss, is_legible,
          fits_a_phone, is_labelled, is_clean]
