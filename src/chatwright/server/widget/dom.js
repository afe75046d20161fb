/** Builds elements. Text goes in as text nodes only: nothing in this folder parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {string | Node | null | undefined | false} Child
 * @typedef {{class?: string, on?: Record<string, (event: any) => void>, [attribute: string]: any}} Properties
 */

/**
 * An element with attributes, listeners and children. `true` sets an empty attribute; false and null leave it out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) made.addEventListener(type, listener);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  for (const child of children) {
    if (child) made.append(child);
  }
  return made;
}

/** 24-unit strokes, one path each. */
const PATHS = {
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M8 8h8v8H8z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
  restart: "M12 20.5a8.5 8.5 0 1 0-7.600-4.700L3.5 20.5l4.700-.9c1.100.6 2.400.9 3.800.9zM12 8.5v6M9 11.5h6",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.600 5.600l1.100 1.100M17.3 17.3l1.100 1.100M5.600 18.400l1.100-1.100M17.3 6.700l1.100-1.100",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  close: "M6 6l12 12M18 6 6 18",
  document: "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 15.5h5",
  up: "M7.5 10.5v9.5H4.5v-9.5zM7.5 11l3.5-7.5c1.400 0 2.3 1 2.3 2.3V9.5h4.900c1.100 0 1.900 1 1.700 2.100l-1.2 6.700c-.2 1-1 1.700-2 1.700H7.5",
  down: "M16.5 13.5V4h3v9.5zM16.5 13 13 20.5c-1.400 0-2.3-1-2.3-2.3v-3.700H5.800c-1.100 0-1.900-1-1.700-2.100l1.2-6.700c.2-1 1-1.700 2-1.700h9.2",
  alert: "M12 8v5M12 16.2v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chat: "M4.5 7.5A3 3 0 0 1 7.5 4.5h9a3 3 0 0 1 3 3v6.2a3 3 0 0 1-3 3h-4.3l-4.7 3.6v-3.6a3 3 0 0 1-3-3zM8.6 10.6v.1M12 10.6v.1M15.4 10.6v.1",
  arrow: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
};

/**
 * A picture that says nothing to a screen reader: whatever holds it has the words.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
