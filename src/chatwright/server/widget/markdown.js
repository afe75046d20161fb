/** Shows untrusted text with a little Markdown: paragraphs, line breaks, lists, headings, code, bold, links, the
 * numbers of sources, and table rows as the index writes them ("Column: value; Column: value").
 * In: text. Out: DOM nodes built one by one; what is not understood stays the text it is.
 */

import { element } from "./dom.js";

/** @typedef {(number: number) => Node | null} Marker  the node for source `[number]`, null when there is none */

// Every repetition is bounded, so that no text makes the search slow.
const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]{1,1000})`",
    "\\*\\*(?=\\S)(?<bold>[^*\\n]{1,1000})\\*\\*",
    "\\[(?<label>[^\\[\\]\\n]{1,300})\\]\\((?<target>[^()\\s]{1,2000})\\)",
    "\\[(?<number>\\d{1,2})\\]",
    "(?<url>https?:\\/\\/[^\\s<>\"'`，。；、！？）】》」]{1,2000}(?<![.,:;!?)\\]]))",
    "(?<email>[\\w.+-]{1,64}@[\\w-]{1,63}(?:\\.[\\w-]{1,63}){1,8})",
  ].join("|"),
  "gu",
);
const LIST_ITEM = /^\s{0,8}(?:[-*•]|(\d{1,3})[.)、])\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;

/**
 * The text as nodes.
 * @param {string} text
 * @param {Marker} [marker]
 * @returns {DocumentFragment}
 */
export function renderText(text, marker = () => null) {
  const fragment = document.createDocumentFragment();
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; ) {
    const [block, next] = readBlock(lines, at, marker);
    if (block) fragment.append(block);
    at = next;
  }
  return fragment;
}

/**
 * The block that begins at a line, and the line after it.
 * @param {string[]} lines @param {number} at @param {Marker} marker
 * @returns {[Node | null, number]}
 */
function readBlock(lines, at, marker) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  if (line.startsWith("```")) return readCode(lines, at);
  if (LIST_ITEM.test(line)) return readList(lines, at, marker);
  const heading = HEADING.exec(line);
  const facts = readFacts(line);
  if (facts) return [factList(facts, marker), at + 1];
  if (heading) return [withInline(element("p", { class: "heading" }), heading[1], marker), at + 1];
  const paragraph = element("p");
  let end = at;
  for (; end < lines.length && isProse(lines[end]); end += 1) {
    if (end > at) paragraph.append(element("br"));
    withInline(paragraph, lines[end], marker);
  }
  return [paragraph, end];
}

/** @param {string} line */
function isProse(line) {
  return line.trim() !== "" && !line.startsWith("```") && !LIST_ITEM.test(line) && !HEADING.test(line) && !readFacts(line);
}

/**
 * Columns and values of a table's row, null for other lines. A part without a column belongs to the value before it.
 * @param {string} line
 */
function readFacts(line) {
  /** @type {[string, string][]} */
  const facts = [];
  for (const part of line.split(/(?<=[;；])/)) {
    const [, column, value] = /^\s*([^:：;；[\]]{1,60})(?::\s|：)(.*)$/.exec(part) ?? [];
    if (column) facts.push([column, value]);
    else if (facts.length) facts[facts.length - 1][1] += part;
    else return null;
  }
  return facts.length < 2 ? null : facts;
}

/** @param {[string, string][]} facts @param {Marker} marker */
function factList(facts, marker) {
  const list = element("dl", { class: "facts" });
  facts.forEach(([column, value], at) => {
    const shown = at < facts.length - 1 ? value.replace(/[;；]$/, "") : value;
    list.append(element("dt", {}, column), withInline(element("dd"), shown, marker));
  });
  return list;
}

/** @param {string[]} lines @param {number} at @returns {[Node, number]} */
function readCode(lines, at) {
  const close = lines.findIndex((line, index) => index > at && line.startsWith("```"));
  const end = close === -1 ? lines.length : close;
  return [element("pre", {}, element("code", {}, lines.slice(at + 1, end).join("\n"))), end + 1];
}

/** @param {string[]} lines @param {number} at @param {Marker} marker @returns {[Node, number]} */
function readList(lines, at, marker) {
  const first = /** @type {RegExpExecArray} */ (LIST_ITEM.exec(lines[at]));
  const list = first[1] ? element("ol", { start: Number(first[1]) }) : element("ul");
  let end = at;
  for (; end < lines.length; end += 1) {
    const item = LIST_ITEM.exec(lines[end]);
    if (!item || Boolean(item[1]) !== Boolean(first[1])) break;
    list.append(withInline(element("li"), item[2], marker));
  }
  return [list, end];
}

/**
 * Appends one line's text, bold, code, links and source numbers.
 * @template {HTMLElement} E
 * @param {E} parent @param {string} text @param {Marker} marker
 * @returns {E}
 */
function withInline(parent, text, marker) {
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const node = inlineNode(/** @type {Record<string, string>} */ (match.groups), marker);
    if (!node) continue;
    parent.append(text.slice(done, match.index), node);
    done = match.index + match[0].length;
  }
  parent.append(text.slice(done));
  return parent;
}

/** @param {Record<string, string>} found @param {Marker} marker @returns {Node | null} */
function inlineNode({ code, bold, label, target, number, url, email }, marker) {
  if (code) return element("code", {}, code);
  if (bold) return withInline(element("strong"), bold, marker);
  if (label) return link(target, label);
  if (number) return marker(Number(number));
  if (url) return link(url, url);
  return link(`mailto:${email}`, email);
}

/**
 * A link that may be followed, null for every scheme but http, https and mailto and for what is not absolute.
 * @param {string} target @param {string} label
 */
function link(target, label) {
  const url = URL.canParse(target) ? new URL(target) : null;
  if (!url || !["http:", "https:", "mailto:"].includes(url.protocol)) return null;
  return element("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}
