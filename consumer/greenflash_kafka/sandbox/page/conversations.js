// Which conversations made money, which cost some, and why the rest of the outcomes has none.

import { byId, cell, make, mark } from "./draw.js";
import { after, amount, count, percent } from "./format.js";

const LINES = 8;
const OF_THE_FIRST = 4;
const SIDES = { made: "positive", lost: "negative" };

let drawn = "";

export function drawConversations(told) {
  const some = told.found > 0 || told.made.length > 0 || told.lost.length > 0;
  byId("conversations-section").hidden = !some;
  const now = JSON.stringify(told);
  if (!some || now === drawn) return;
  drawn = now;
  drawShares(told);
  for (const [side, influence] of Object.entries(SIDES)) {
    byId(`${side}-money`).replaceChildren(...told.money.filter((each) => each.side === side).map(followed));
    byId(side).replaceChildren(...listed(told[side]).map((line) => row(line, influence)));
    byId(`${side}-side`).hidden = told[side].length === 0;
  }
}

function drawShares(told) {
  // What its own message told needed no search, and nobody's chat can be searched for: neither is part of the share.
  const known = told.found + told.no_chat;
  byId("linked-share").textContent = percent(told.found, known);
  byId("linked-count").textContent = `${count(told.found)} of ${count(known)} whose user is known`;
  bar(byId("linked-bar"), told.found, known);
  const chance = told.by_chance;
  byId("chance").hidden = chance === null;
  if (chance !== null) {
    byId("chance-share").textContent = percent(chance.linked, chance.of);
    byId("chance-count").textContent = `${count(chance.linked)} of ${count(chance.of)}, had they happened at another time`;
    bar(byId("chance-bar"), chance.linked, chance.of);
  }
  const reasons = [
    [told.no_chat, "had no chat in the time that their rule looks back"],
    [told.no_user, "don't say whose they are"],
    [told.told, "name their conversation themselves, or have no property attribution: = conversation.method"],
  ];
  byId("unlinked").replaceChildren(
    ...reasons.filter(([times]) => times).map(([times, why]) => make("li", "", make("b", "", count(times)), ` ${why}`)),
  );
}

function bar(element, part, whole) {
  const filled = make("span", "filled");
  filled.style.width = `${whole ? (100 * Number(part)) / Number(whole) : 0}%`;
  element.replaceChildren(filled);
}

function followed(each) {
  const shown = make("span", "share-bar");
  shown.setAttribute("aria-hidden", "true");
  bar(shown, each.linked, each.total);
  const words = make("span", "", make("b", "", amount(each.linked)), ` of ${amount(each.total)} ${currency(each.currency)}`);
  return make("li", "", words, make("span", "quiet", percent(each.linked, each.total)), shown);
}

/** The first lines of the currency that most conversations have, and the first of each other one. */
function listed(lines) {
  const taken = {};
  return lines
    .filter((line) => {
      taken[line.currency] = (taken[line.currency] ?? 0) + 1;
      return taken[line.currency] <= (line.currency === lines[0].currency ? OF_THE_FIRST : 1);
    })
    .slice(0, LINES);
}

function row(line, influence) {
  const what = line.event_type + (line.events > 1 ? ` +${count(line.events - 1)}` : "");
  return make(
    "tr",
    "",
    make("td", "text", line.conversation, " ", make("span", "quiet who", line.user), make("span", "quiet what", what)),
    make("td", "", mark(influence), ` ${what}`),
    cell("number", `${amount(line.amount)} ${currency(line.currency)}`),
    cell("number", after(line.minutes)),
  );
}

function currency(name) {
  return name === "?" ? "" : name;
}
