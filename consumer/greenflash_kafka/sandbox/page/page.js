// Asks the sandbox for its numbers and newest events twice a second, and draws them.

import { drawConversations } from "./conversations.js";
import * as draw from "./draw.js";
import { pretty } from "./format.js";

const EVERY_MS = 500;
const KEPT = 200;
const SHOWN = 25;
const SLOTS = 60;

const page = { epoch: null, number: 0, events: [], rates: [], stored: null, at: 0, paused: false };

function begin(epoch) {
  Object.assign(page, { epoch, number: 0, events: [], rates: [], stored: null });
}

async function look() {
  if (page.paused || document.hidden) return;
  try {
    const known = `after=${page.number}&epoch=${page.epoch ?? ""}`;
    const answer = await fetch(`_sandbox/live?${known}`, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const live = await answer.json();
    // It may have been paused while the answer was on its way.
    if (page.paused) return;
    show(live);
    draw.drawState("live");
  } catch {
    if (!page.paused) draw.drawState("gone");
  }
}

function show(live) {
  if (live.epoch !== page.epoch) begin(live.epoch);
  const fresh = page.number;
  const first = page.stored === null;
  page.number = live.number;
  page.events.push(...live.events.map((event, at) => ({ number: live.first + at, event })));
  page.events.splice(0, page.events.length - KEPT);
  measure(live.stats.stored);
  draw.drawTiles(live.stats);
  draw.drawNotes(live.stats);
  draw.drawSpark(page.rates, SLOTS);
  drawConversations(live.conversations);
  if (first || live.number !== fresh) {
    draw.drawMoney(live.stats.money);
    draw.drawInfluence(live.stats.influence);
    draw.drawTypes(live.types);
    draw.drawFilter(live.types);
    drawLast(first ? live.number : fresh);
  }
  draw.byId("key").textContent = live.any_key ? "with any bearer key" : "with the key it was started with";
}

/** Events a second since the last look, as the newest bar. */
function measure(stored) {
  const now = performance.now();
  if (page.stored !== null && now > page.at) {
    page.rates.push(((stored - page.stored) * 1000) / (now - page.at));
    page.rates.splice(0, page.rates.length - SLOTS);
  }
  page.stored = stored;
  page.at = now;
}

function drawLast(fresh) {
  const wanted = draw.byId("filter").value;
  const entries = page.events.filter(({ event }) => !wanted || event.eventType === wanted);
  draw.drawLast(entries.slice(-SHOWN).reverse(), fresh, open);
}

async function open(number) {
  try {
    const answer = await fetch(`_sandbox/events?after=${number}&limit=1`);
    // The list's brackets are taken off as text, so that numbers keep every digit.
    const text = (await answer.text()).trim().slice(1, -1);
    draw.byId("detail-title").textContent = `Event ${number + 1}`;
    draw.byId("detail-text").textContent = pretty(text);
    draw.byId("detail").showModal();
  } catch {
    draw.drawState("gone");
  }
}

function togglePause() {
  page.paused = !page.paused;
  draw.byId("pause").setAttribute("aria-pressed", String(page.paused));
  if (page.paused) draw.drawState("paused");
  else look();
}

const base = `${location.origin}/api/v1`;
draw.byId("address").textContent = base;
draw.byId("example").textContent =
  `curl ${base}/events -H 'Authorization: Bearer test' -H 'Content-Type: application/json' \\\n` +
  `  -d '{"eventType": "trial_started", "productId": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "value": "pro"}'`;
draw.byId("filter").addEventListener("change", () => drawLast(page.number));
draw.byId("pause").addEventListener("click", togglePause);
draw.byId("close").addEventListener("click", () => draw.byId("detail").close());
document.addEventListener("visibilitychange", look);

async function run() {
  await look();
  setTimeout(run, EVERY_MS);
}

run();
