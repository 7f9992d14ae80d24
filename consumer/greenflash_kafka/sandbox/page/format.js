// Numbers and times as people read them. Amounts stay text: JavaScript's numbers would round them.

const whole = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function count(number) {
  return whole.format(number);
}

/** "-1234567.50" as "-1,234,567.50"; digits are grouped, never calculated with. */
export function amount(text) {
  const [, sign, digits, rest] = /^(-?)(\d+)(.*)$/s.exec(text) ?? [null, "", "", text];
  return sign + digits.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
}

/** A part of a whole in percent; of amounts too, whose texts are exact while a share needn't be. */
export function percent(part, whole) {
  const share = Number(whole) ? (100 * Number(part)) / Number(whole) : 0;
  return share > 0 && share < 1 ? "under 1 %" : `${Math.round(share)} %`;
}

/** Minutes as "12 min", "3 h" or "2 d". */
export function after(minutes) {
  if (minutes === null) return "";
  if (minutes < 90) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

export function time(iso) {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? iso : clock.format(moment);
}

export function dateTime(iso) {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? iso : date.format(moment);
}

/** JSON text with indentation and its numbers exactly as they came, where the browser can. */
export function pretty(text) {
  const exact = (_, value, context) =>
    typeof value === "number" && context?.source && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
  return JSON.stringify(JSON.parse(text, exact), null, 2);
}
