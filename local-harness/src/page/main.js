// Starts the page: asks for the facts of the harness, follows the feed, and hands each event to
// its part of the page. In: the contract's API. Out: nothing.

import { info } from "./api.js";
import { allowOrigin, byId } from "./dom.js";
import { takeFiles } from "./drop.js";
import { follow } from "./feed.js";
import { showQueue } from "./queue.js";
import { Sending } from "./sending.js";
import { showInfo, showTotals } from "./totals.js";
import { Trial } from "./trial.js";
import { Uploads } from "./uploads.js";

const LOST = "The connection to the harness is lost. The page tries again by itself. If the " +
  "harness was stopped, start it with: cargo harness up";

const trial = new Trial();
const sending = new Sending();
const uploads = new Uploads({
  tryRule: (upload) => {
    trial.use(upload);
    location.hash = "#/try";
  },
});
let s3 = null;
let isBacklog = true;

showTotals(null);
takeFiles((found) => {
  location.hash = "#/uploads";
  sending.add(found);
});
addEventListener("hashchange", showView);
showView();
await learn();
follow({
  upload: (upload) => {
    if (!uploads.add(upload, !isBacklog)) return;
    trial.add(upload);
    sending.ended(upload);
  },
  invocation: (event) => uploads.invocation(event),
  totals: (totals) => {
    showTotals(totals);
    isBacklog = false;
    uploads.settle();
    trial.settle();
  },
  queue: showQueue,
}, connection);

/** Asks for the facts until the harness answers; without them no picture may be shown. */
async function learn() {
  while (s3 === null) {
    try {
      const facts = await info();
      allowOrigin(facts.s3);
      s3 = facts.s3;
      showInfo(facts);
    } catch (error) {
      connectionLost(error.message);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

async function connection(state) {
  if (state === "lost") {
    isBacklog = true;
    uploads.forgetRunning();
    connectionLost(LOST);
    return;
  }
  byId("state").dataset.state = state;
  byId("state").textContent = "Live";
  byId("notice").hidden = true;
  const facts = await info().catch(() => null);
  if (facts !== null && facts.s3 !== s3) {
    notice("The harness was started again on other ports. Reload this page.");
  }
}

function connectionLost(sentence) {
  byId("state").dataset.state = "lost";
  byId("state").textContent = "Connection lost";
  notice(sentence);
}

function notice(sentence) {
  if (!byId("notice").hidden && byId("notice").textContent === sentence) return;
  byId("notice").textContent = sentence;
  byId("notice").hidden = false;
}

function showView() {
  const isTry = location.hash === "#/try";
  if (byId("try-view").hidden === isTry) scrollTo(0, 0);
  byId("uploads-view").hidden = isTry;
  byId("try-view").hidden = !isTry;
  mark("to-uploads", !isTry);
  mark("to-try", isTry);
}

function mark(id, isCurrent) {
  if (isCurrent) byId(id).setAttribute("aria-current", "page");
  else byId(id).removeAttribute("aria-current");
}
