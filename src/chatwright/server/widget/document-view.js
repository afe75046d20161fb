/** The panel with a source's text, its quoted span marked and in view. In: a document and a citation. Never fetches.
 *
 * Citations count Unicode code points; JavaScript counts UTF-16 units, so every offset is converted.
 */

import { element, icon } from "./dom.js";

/** @typedef {import("./api.js").Citation} Citation @typedef {import("./api.js").DocumentText} DocumentText */

export class DocumentView {
  /** @param {import("./texts.js").Words} words @param {() => void} onClose */
  constructor(words, onClose) {
    this.words = words;
    const close = element("button", { type: "button", class: "icon-button", on: { click: onClose } }, icon("close"));
    this.close = words.word(close, "close", { as: ["aria-label", "title"] });
    this.title = element("h2", { id: "document-title" });
    this.source = element("p", { class: "source-name" });
    this.note = element("p", { class: "document-note", role: "status" });
    this.content = element("div", { class: "document-text", tabindex: 0, role: "region", "aria-labelledby": "document-title" });
    const kind = words.word(element("p", { class: "small-title" }), "document");
    const head = element("div", { class: "head" }, element("div", {}, kind, this.title, this.source), this.close);
    this.root = element(
      "section", { class: "panel", role: "dialog", "aria-labelledby": "document-title", hidden: true }, head, this.note, this.content,
    );
  }

  /** Opens with what is known already. @param {Citation} citation */
  open(citation) {
    this.title.textContent = citation.title || citation.source;
    this.source.textContent = citation.source;
    this.words.word(this.note, "loading");
    this.content.replaceChildren();
    this.content.setAttribute("aria-busy", "true");
    this.root.hidden = false;
    this.close.focus({ preventScroll: true });
  }

  /** Shows the text, or the quotation alone when there is no text (any more). @param {DocumentText | null} document @param {Citation} citation */
  show(document, citation) {
    const toUnits = document ? unitOffsets(document.text) : null;
    const start = toUnits?.(citation.start) ?? 0;
    const end = toUnits?.(citation.end) ?? 0;
    const isSame = document !== null && document.text.slice(start, end) === citation.quote;
    this.content.setAttribute("aria-busy", "false");
    if (!document || !toUnits || !isSame) {
      this.words.word(this.note, document ? "moved" : "no_document");
      this.content.replaceChildren(...markedLines(citation.quote, 0, citation.quote.length, new Set()));
      return;
    }
    this.words.word(this.note, "quoted");
    const headings = new Set((document.headings ?? []).map(([at]) => toUnits(at)));
    this.content.replaceChildren(...markedLines(document.text, start, end, headings));
    this.content.querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  hide() {
    this.root.hidden = true;
  }
}

/**
 * From code points to UTF-16 units, for one text.
 * @param {string} text
 * @returns {(codePoints: number) => number}
 */
export function unitOffsets(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (codePoints) => codePoints;
  const units = [0];
  for (const character of text) units.push(units[units.length - 1] + character.length);
  return (codePoints) => units[Math.min(codePoints, units.length - 1)];
}

/**
 * Lines of a text as paragraphs, with [start, end) marked. Together the marks hold exactly the quotation's lines.
 * @param {string} text @param {number} start @param {number} end @param {Set<number>} headings  where headings begin
 */
function* markedLines(text, start, end, headings) {
  let at = 0;
  for (const line of text.split("\n")) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, line.length);
    const isMarked = from < to;
    if (line.trim() || isMarked) {
      const isHeading = headings.has(at);
      const made = element(isHeading ? "h3" : "p", { class: looksLikeRow(line) ? "row" : "line" });
      if (isMarked) made.append(line.slice(0, from), element("mark", {}, line.slice(from, to)), line.slice(to));
      else made.append(line);
      yield made;
    }
    at += line.length + 1;
  }
}

/** A table's row is one line "Column: value; Column: value". @param {string} line */
function looksLikeRow(line) {
  return /^[^:：;；]{1,40}[:：][^;；]*[;；][^:：;；]{1,80}[:：]/.test(line);
}
