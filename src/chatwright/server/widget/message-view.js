/** One message on the page: its bubble, its sources, its rating. In: an entry of the conversation. Never fetches. */

import { element, icon } from "./dom.js";
import { renderText } from "./markdown.js";

/**
 * @typedef {import("./conversation.js").Entry} Entry
 * @typedef {import("./api.js").Citation} Citation
 * @typedef {{
 *   openSource: (citation: Citation, from: HTMLElement) => void,
 *   rate: (entry: Entry, rating: "up" | "down", comment?: string) => Promise<void>,
 *   acceptOffer: () => void, declineOffer: (entry: Entry) => void, isOfferOpen: (entry: Entry) => boolean,
 * }} MessageActions
 */

export class MessageView {
  /** @param {Entry} entry @param {import("./texts.js").Words} words @param {MessageActions} actions */
  constructor(entry, words, actions) {
    this.entry = entry;
    this.words = words;
    this.actions = actions;
    this.text = element("div", { class: "text" });
    this.after = element("div", { class: "after" });
    const who = words.word(element("span", { class: "unseen" }), entry.role === "user" ? "you" : "assistant");
    this.bubble = element("div", { class: "bubble" }, who, this.text);
    this.root = element("article", { class: `message ${entry.role}` });
    if (entry.role === "assistant") this.root.append(element("span", { class: "avatar" }, icon("chat")));
    this.root.append(element("div", { class: "body" }, this.bubble, this.after));
    this.show();
  }

  /** Brings the page up to what the entry says now. */
  show() {
    const { entry } = this;
    if (entry.role === "user") {
      this.text.replaceChildren(entry.text);
      return;
    }
    if (entry.reply) this.root.lang = entry.reply.language === "zh" ? "zh-CN" : "en";
    this.root.dataset.status = entry.status;
    this.root.dataset.outcome = entry.reply?.outcome ?? "";
    const isEmpty = entry.status === "streaming" && !entry.text;
    this.text.replaceChildren(isEmpty ? this.#typing() : renderText(entry.text, (number) => this.#marker(number)));
    if (entry.status !== "streaming") this.after.replaceChildren(...this.#extras());
  }

  /** What a screen reader is told once the answer is there. */
  get announcement() {
    const { reply, text } = this.entry;
    const sources = reply?.citations.length ? this.words.say("num_sources", { count: reply.citations.length }) : "";
    return [this.words.say("assistant"), text, sources].filter(Boolean).join("\n");
  }

  #typing() {
    const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    return element("p", { class: "typing" }, dots, this.words.word(element("span"), "looking"));
  }

  /** @param {number} number  as in the text, from 1 */
  #marker(number) {
    const { reply, status } = this.entry;
    if (status === "streaming") return element("sup", { class: "marker" }, String(number));
    const citation = reply?.citations[number - 1];
    if (!citation) return null;
    const made = element("button", {
      type: "button", class: "marker", on: { click: () => this.actions.openSource(citation, made) },
    }, String(number));
    const values = { number, title: citation.title || citation.source };
    return element("sup", {}, this.words.word(made, "open_source", { values, as: ["aria-label", "title"] }));
  }

  #extras() {
    const { reply, status } = this.entry;
    const parts = [];
    if (status === "stopped") parts.push(this.words.word(element("p", { class: "tag" }), "stopped"));
    if (!reply) return parts;
    if (reply.outcome === "abstained" || reply.outcome === "refused") {
      parts.push(element("p", { class: "tag" }, icon("alert"), this.words.word(element("span"), reply.outcome)));
    }
    if (reply.citations.length) parts.push(this.#sources(reply.citations));
    if (this.actions.isOfferOpen(this.entry)) parts.push(this.#offer());
    parts.push(this.#rating());
    return parts;
  }

  /** @param {Citation[]} citations */
  #sources(citations) {
    const items = citations.map((citation, at) => {
      const chip = element("button", {
        type: "button", class: "chip", on: { click: () => this.actions.openSource(citation, chip) },
      });
      const kind = this.words.word(element("span", { class: "unseen" }), "source");
      const name = element("span", { class: "name" }, citation.title || citation.source);
      const quote = element("span", { class: "quote" }, citation.quote.slice(0, 120));
      chip.append(kind, element("b", {}, String(at + 1)), element("span", {}, name, quote));
      return element("li", {}, chip);
    });
    const title = this.words.word(element("p", { class: "small-title" }), "sources");
    return element("div", { class: "sources" }, title, element("ul", {}, ...items));
  }

  #offer() {
    const yes = element("button", { type: "button", class: "primary", on: { click: () => this.actions.acceptOffer() } });
    const no = element("button", {
      type: "button", class: "plain", on: { click: () => this.actions.declineOffer(this.entry) },
    });
    return element("div", { class: "offer" }, this.words.word(yes, "offer_yes"), this.words.word(no, "offer_no"));
  }

  #rating() {
    const thumbs = /** @type {const} */ (["up", "down"]).map((rating) => {
      const made = element("button", {
        type: "button", class: "icon-button small", "aria-pressed": String(this.entry.rating === rating),
        on: { click: () => void this.#rate(rating) },
      }, icon(rating));
      return this.words.word(made, rating === "up" ? "helpful" : "unhelpful", { as: ["aria-label", "title"] });
    });
    this.note = element("span", { class: "note", role: "status" });
    this.ratingRow = element("div", { class: "rating" }, ...thumbs, this.note);
    return this.ratingRow;
  }

  /** @param {"up" | "down"} rating */
  async #rate(rating) {
    const row = /** @type {HTMLElement} */ (this.ratingRow);
    try {
      await this.actions.rate(this.entry, rating);
    } catch {
      this.words.word(/** @type {HTMLElement} */ (this.note), "feedback_failed");
      return;
    }
    row.querySelectorAll("[aria-pressed]").forEach((thumb, at) => {
      thumb.setAttribute("aria-pressed", String((at === 0) === (rating === "up")));
    });
    this.words.word(/** @type {HTMLElement} */ (this.note), "thanks");
    this.root.querySelector(".comment")?.remove();
    row.after(this.#comment(rating));
  }

  /** @param {"up" | "down"} rating */
  #comment(rating) {
    const field = element("textarea", { rows: 2, maxlength: 2000 });
    this.words.word(field, rating === "up" ? "comment_up" : "comment", { as: ["aria-label", "placeholder"] });
    const send = this.words.word(element("button", { type: "submit", class: "primary" }), "comment_send");
    const skip = this.words.word(element("button", { type: "button", class: "plain" }), "comment_skip");
    const form = element("form", { class: "comment" }, field, element("div", {}, send, skip));
    const leave = () => {
      form.remove();
      /** @type {HTMLElement | null | undefined} */ (this.ratingRow?.querySelector('[aria-pressed="true"]'))?.focus();
    };
    skip.addEventListener("click", leave);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        if (field.value.trim()) await this.actions.rate(this.entry, rating, field.value.trim());
        leave();
      } catch {
        this.words.word(/** @type {HTMLElement} */ (this.note), "feedback_failed");
      }
    });
    return form;
  }
}
