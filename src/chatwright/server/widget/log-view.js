/** The scrolling list of messages: it follows the newest one unless the visitor has scrolled up to read. */

import { element, icon } from "./dom.js";
import { MessageView } from "./message-view.js";

/** @typedef {import("./conversation.js").Entry} Entry */

const NEAR_PX = 80;

export class LogView {
  /** @type {Map<Entry, MessageView>} */
  #views = new Map();
  /** @type {Set<Entry>} */
  #dirty = new Set();
  #isFollowing = true;

  /** @param {import("./texts.js").Words} words @param {import("./message-view.js").MessageActions} actions */
  constructor(words, actions) {
    this.words = words;
    this.actions = actions;
    this.messages = element("div", { class: "messages" });
    this.intro = element("div", { class: "intro" });
    this.suggestions = element("div", { class: "suggestions" });
    this.notices = element("div", { class: "notices" });
    const column = element("div", { class: "column" }, this.intro, this.messages, this.suggestions, this.notices);
    this.log = element("div", {
      class: "log", role: "log", "aria-live": "off", tabindex: 0, on: { scroll: () => this.#scrolled() },
    }, column);
    words.word(this.log, "conversation", { as: ["aria-label"] });
    const latest = element("button", { type: "button", class: "latest", hidden: true, on: { click: () => this.follow() } });
    latest.append(icon("arrow"));
    this.latest = words.word(latest, "latest", { as: ["aria-label", "title"] });
    // Announces whole answers; the log itself is silent, or a reader would speak every piece of a streamed one.
    this.announcer = element("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.root = element("div", { class: "log-frame" }, this.log, this.latest, this.announcer);
    new ResizeObserver(() => this.#keepUp()).observe(column);
  }

  clear() {
    this.#views.clear();
    this.messages.replaceChildren();
    this.notices.replaceChildren();
    this.announcer.replaceChildren();
  }

  /** @param {Entry} entry */
  add(entry) {
    const view = new MessageView(entry, this.words, this.actions);
    this.#views.set(entry, view);
    this.messages.append(view.root);
    if (entry.role === "user") this.follow();
    this.dropClosedOffers();
  }

  /** Shows the entry again, at most once a frame. @param {Entry} entry */
  change(entry) {
    if (this.#dirty.size === 0) requestAnimationFrame(() => this.#refresh());
    this.#dirty.add(entry);
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.#views.get(entry)?.root.remove();
    this.#views.delete(entry);
  }

  /** An offer ends when it is taken, declined, or passed over. */
  dropClosedOffers() {
    for (const [entry, view] of this.#views) {
      if (!this.actions.isOfferOpen(entry)) view.root.querySelector(".offer")?.remove();
    }
  }

  /** Goes to the newest message and stays there. */
  follow() {
    this.#isFollowing = true;
    this.#keepUp();
  }

  #refresh() {
    for (const entry of this.#dirty) {
      const view = this.#views.get(entry);
      view?.show();
      if (view && entry.status !== "streaming") this.announcer.textContent = view.announcement;
    }
    this.#dirty.clear();
    this.dropClosedOffers();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.latest.hidden = this.#isFollowing;
  }

  #keepUp() {
    if (this.#isFollowing) this.log.scrollTop = this.log.scrollHeight;
  }
}
