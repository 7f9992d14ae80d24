// What is seen. All that arrives is strangers' text: it only ever becomes textContent, attributes of ours, or a title.

import { amount, count, dateTime, time } from "./format.js";

const INFLUENCES = ["positive", "neutral", "negative"];
const MARKS = { positive: "▲", neutral: "●", negative: "▼" };
const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with a class and children; text children become text nodes. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function influenceOf(event) {
  return INFLUENCES.includes(event.influence) ? event.influence : "neutral";
}

export function mark(influence) {
  const sign = make("span", `mark ${influence}`, MARKS[influence]);
  sign.setAttribute("aria-hidden", "true");
  return sign;
}

export function drawTiles(stats) {
  for (const name of ["stored", "received", "duplicates", "rejected", "conflicts"]) {
    byId(name).textContent = count(stats[name]);
  }
  byId("conflicts").classList.toggle("bad", stats.conflicts > 0);
}

export function drawNotes(stats) {
  const notes = Object.entries(stats.faults).map(([kind, times]) => `fault ${kind}: ${count(times)}`);
  if (stats.unauthorized) notes.push(`key refused: ${count(stats.unauthorized)}`);
  if (stats.sampled_out) notes.push(`sampled out: ${count(stats.sampled_out)}`);
  if (stats.redirected) notes.push(`redirects followed: ${count(stats.redirected)}`);
  const shown = notes.map((text) => make("span", "", text));
  if (stats.conflicts) shown.push(make("span", "", "conflicts: same insertId, another content; see /_sandbox/conflicts"));
  byId("notes").replaceChildren(...shown);
  byId("notes").hidden = shown.length === 0;
}

/** Bars of the last seconds, scaled to the highest. */
export function drawSpark(rates, slots) {
  const most = Math.max(1, ...rates);
  const width = 120 / slots;
  const bars = rates.map((rate, at) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = rate ? Math.max(1.5, (rate / most) * 36) : 0;
    bar.setAttribute("x", String((slots - rates.length + at) * width));
    bar.setAttribute("y", String(36 - height));
    bar.setAttribute("width", String(width * 0.75));
    bar.setAttribute("height", String(height));
    return bar;
  });
  byId("spark").replaceChildren(...bars);
  byId("rate").textContent = count(Math.round(rates.at(-1) ?? 0));
}

export function drawMoney(money) {
  const sums = Object.entries(money).sort(([a], [b]) => a.localeCompare(b));
  const shown = sums.map(([currency, sum]) =>
    make("div", "", make("dt", "", currencyName(currency)), make("dd", "", amount(sum))),
  );
  byId("money").replaceChildren(...shown);
  byId("no-money").hidden = shown.length > 0;
}

function currencyName(currency) {
  return currency === "?" ? "no currency said" : currency;
}

function stack(bar, counts, rest) {
  const parts = INFLUENCES.filter((name) => counts[name]).map((name) => {
    const part = make("span", name);
    part.style.flexGrow = String(counts[name]);
    return part;
  });
  const filler = make("span", "rest");
  filler.style.flexGrow = String(rest);
  bar.replaceChildren(...parts, filler);
}

export function drawInfluence(counts) {
  stack(byId("influence-bar"), counts, 0);
  const shown = INFLUENCES.map((name) =>
    make("div", "", mark(name), make("dt", "", name), make("dd", "", count(counts[name]))),
  );
  byId("influence").replaceChildren(...shown);
}

export function drawTypes(types) {
  const sorted = Object.entries(types).sort(([a, one], [b, other]) => other.count - one.count || a.localeCompare(b));
  const most = sorted.length ? sorted[0][1].count : 1;
  const rows = sorted.map(([name, totals]) => {
    const head = make("th", "", name);
    head.scope = "row";
    const bar = make("div", "stack");
    bar.setAttribute("aria-hidden", "true");
    stack(bar, totals, most - totals.count);
    const said = INFLUENCES.filter((each) => totals[each]).map((each) => `${count(totals[each])} ${each}`);
    const influence = make("td", "wide", bar, make("span", "hidden-text", said.join(", ")));
    influence.title = said.join(", ");
    const money = Object.entries(totals.money).map(([currency, sum]) =>
      make("span", "", `${amount(sum)} ${currency === "?" ? "" : currency}`),
    );
    return make("tr", "", head, make("td", "number", count(totals.count)), influence, make("td", "number money-cell", ...money));
  });
  byId("types").replaceChildren(...rows);
  byId("nothing").hidden = rows.length > 0;
  byId("types-table").hidden = rows.length === 0;
  byId("last-section").hidden = rows.length === 0;
}

/** Offer every known type in the filter, keeping what is chosen. */
export function drawFilter(types) {
  const select = byId("filter");
  const known = new Set(Array.from(select.options, (option) => option.value));
  for (const name of Object.keys(types).sort()) {
    if (!known.has(name)) select.append(new Option(name, name));
  }
}

/** The newest events first; those from number `fresh` on light up. `open` is called with an event's number. */
export function drawLast(entries, fresh, open) {
  const rows = entries.map(({ number, event }) => {
    const currency = event.valueType === "currency" ? event.properties?.currency : undefined;
    const value = event.valueType === "currency" ? amount(event.value) : event.value;
    const button = make("button", "open", event.eventType);
    button.type = "button";
    button.addEventListener("click", () => open(number));
    button.dataset.number = String(number);
    const influence = influenceOf(event);
    const row = make(
      "tr",
      number >= fresh ? "fresh" : "",
      cell("", time(event.receivedAt)),
      make("td", "", mark(influence), " ", button, make("span", "hidden-text", ` (${influence})`)),
      cell("number text", typeof currency === "string" ? `${value} ${currency}` : value),
      cell("text", event.externalUserId ?? event.userId ?? ""),
      cell("text", event.externalConversationId ?? event.conversationId ?? ""),
      cell("", event.eventAt ? dateTime(event.eventAt) : "", event.eventAt),
      cell("id", event.insertId ?? ""),
    );
    return row;
  });
  const focused = document.activeElement?.dataset?.number;
  byId("last").replaceChildren(...rows);
  if (focused !== undefined) byId("last").querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
}

export function cell(className, text, title = text) {
  const made = make("td", className, text);
  if (title) made.title = title;
  return made;
}

export function drawState(state) {
  const words = { connecting: "Connecting", live: "Live", paused: "Paused", gone: "Not reachable" };
  const element = byId("state");
  // Only changes: a screen reader says every one of them.
  if (element.dataset.state !== state) {
    element.dataset.state = state;
    element.textContent = words[state];
  }
}
