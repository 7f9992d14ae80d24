// Asks for the counts twice a second and draws them. What arrived is strangers' text: it only ever becomes textContent.
"use strict";

const SHOWN = 20;
const EVERY_MS = 500;
const number = new Intl.NumberFormat("en");
let before = null;

function byId(id) {
  return document.getElementById(id);
}

function cell(row, text, name) {
  const made = row.insertCell();
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function influenceOf(word) {
  return ["positive", "negative"].includes(word) ? word : "neutral";
}

function drawCounts(stats) {
  for (const name of ["received", "stored", "duplicates", "rejected"]) {
    byId(name).textContent = number.format(stats[name]);
  }
  const faults = Object.values(stats.faults).reduce((sum, count) => sum + count, 0);
  byId("faults").textContent = number.format(faults);
  const now = performance.now();
  if (before) {
    const rate = Math.max(0, stats.stored - before.stored) / ((now - before.at) / 1000);
    byId("rate").textContent = number.format(Math.round(rate));
  }
  before = { at: now, stored: stats.stored };
}

function drawTypes(types) {
  const rows = Object.entries(types).sort((a, b) => b[1].count - a[1].count);
  const most = rows.length ? rows[0][1].count : 1;
  const body = document.createElement("tbody");
  body.id = "types";
  for (const [name, facts] of rows) {
    const row = body.insertRow();
    cell(row, name);
    cell(row, facts.influence, influenceOf(facts.influence));
    cell(row, number.format(facts.count), "number");
    const meter = document.createElement("meter");
    meter.max = most;
    meter.value = facts.count;
    meter.setAttribute("aria-label", `${facts.count} events`);
    cell(row, "", "bar").append(meter);
    const money = Object.entries(facts.money).map(([currency, sum]) => `${sum} ${currency}`);
    cell(row, money.join("   "), "number");
  }
  byId("types").replaceWith(body);
  byId("nothing").hidden = rows.length > 0;
}

function drawLast(events) {
  const body = document.createElement("tbody");
  body.id = "last";
  for (const event of events.reverse()) {
    const row = body.insertRow();
    cell(row, new Date(event.receivedAt * 1000).toLocaleTimeString());
    cell(row, event.eventType, influenceOf(event.influence));
    const currency = event.valueType === "currency" && event.properties ? event.properties.currency : "";
    cell(row, currency ? `${event.value} ${currency}` : event.value, "number");
    cell(row, event.externalUserId || event.userId || "");
    cell(row, event.externalConversationId || event.conversationId || "");
    cell(row, event.eventAt || "");
    cell(row, event.insertId || "", "id").title = event.insertId || "";
  }
  byId("last").replaceWith(body);
}

function say(text, name) {
  const state = byId("state");
  if (state.textContent !== text) state.textContent = text;
  state.className = name;
}

async function look() {
  try {
    const stats = await (await fetch("_sandbox/stats")).json();
    const changed = !before || before.stored !== stats.stored;
    drawCounts(stats);
    if (changed) {
      drawTypes(stats.by_event_type);
      const after = Math.max(0, stats.stored - SHOWN);
      drawLast(await (await fetch(`_sandbox/events?after=${after}&limit=${SHOWN}`)).json());
    }
    say("live", "live");
  } catch {
    say("the sandbox has ended", "gone");
  }
  setTimeout(look, EVERY_MS);
}

byId("address").textContent = `${location.origin}/api/v1`;
look();
