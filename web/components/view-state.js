/**
 * The view of a page, stored in its URL, so that it can be shared and reloaded. Pure functions.
 *
 *   readView("?from=-7d&metric=co2&sensor_id=s-1&sensor_id=s-2")
 *       { from: "-7d", to: undefined, metric: "co2", sensors: ["s-1", "s-2"], locations: [], figure: undefined, order: "desc", cursor: undefined }
 *   addressOfView(view)          "?from=-7d&…", without defaults
 *   spanOf(view, now)            { from, to } in milliseconds since 1970
 *   localTime(time)              "2026-11-28T09:00:00", in the browser's time zone
 *   moved(view, now, 0.5, 1)     half a period later; moved(view, now, 0, 2): with twice the period
 */

import { isFigure } from "./chart-figures.js";

const UNITS = { s: 1000, m: 60000, h: 3600000, d: 86400000, w: 604800000 };
const USUAL = { from: "-24h", order: "desc" };
/** The limits of the API: its shortest interval is ten seconds, and its data spans a century at most. */
const SHORTEST = 60000;
const LONGEST = 36500 * UNITS.d;

export function readView(search) {
  const query = new URLSearchParams(search);
  return {
    from: query.get("from") || USUAL.from,
    to: query.get("to") || undefined,
    metric: query.get("metric") || undefined,
    sensors: query.getAll("sensor_id"),
    locations: query.getAll("location"),
    figure: isFigure(query.get("figure")) ? query.get("figure") : undefined,
    order: query.get("order") === "asc" ? "asc" : USUAL.order,
    cursor: query.get("cursor") || undefined,
  };
}

export function addressOfView({ from, to, metric, sensors, locations, figure, order, cursor }) {
  const query = new URLSearchParams();
  const add = (name, value) => value !== undefined && value !== USUAL[name] && query.append(name, value);
  add("from", from);
  add("to", to);
  add("metric", metric);
  sensors.forEach((name) => add("sensor_id", name));
  locations.forEach((name) => add("location", name));
  add("figure", figure);
  add("order", order);
  add("cursor", cursor);
  return query.size > 0 ? `?${query}` : "?";
}

/** Only a view that ends now is updated automatically. */
export const isLive = ({ to, cursor }) => to === undefined && cursor === undefined;

/** NaN if it is not a time, or out of range for Date. */
export function timeOf(text, now) {
  const [, count, unit] = /^-(\d+)([smhdw])$/.exec(text) ?? [];
  const time = count === undefined ? Date.parse(text) : now - count * UNITS[unit];
  return new Date(time).getTime();
}

/** In the format of <input type="datetime-local">. */
export function localTime(time) {
  const date = new Date(time);
  return Number.isNaN(time) ? "" : new Date(time - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

export const spanOf = ({ from, to }, now) => ({ from: timeOf(from, now), to: to === undefined ? now : timeOf(to, now) });

export const withSpan = (view, from, to) => ({ ...view, from: new Date(Math.round(from)).toISOString(), to: new Date(Math.round(to)).toISOString(), cursor: undefined });

/**
 * Never moves into the future.
 *
 * @param part fraction of its period to move by
 * @param factor by which its period is multiplied
 */
export function moved(view, now, part, factor) {
  const { from, to } = spanOf(view, now);
  if (Number.isNaN(to - from)) {
    return view;
  }
  const length = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * factor));
  const middle = (from + to) / 2 + part * (to - from);
  const end = Math.min(now, middle + length / 2);
  return withSpan(view, end - length, end);
}
