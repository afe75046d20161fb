/** Where the visitor writes. Enter sends, Shift+Enter is a new line, Enter that ends an input method's word does not. */

import { element, icon } from "./dom.js";

const MAX_CHARS = 4000;
const WARN_FROM = 3500;

export class Composer {
  /**
   * @param {import("./texts.js").Words} words
   * @param {{send: (text: string) => void, stop: () => void}} actions
   */
  constructor(words, actions) {
    this.words = words;
    this.actions = actions;
    this.isAnswering = false;
    this.field = element("textarea", {
      rows: 1, maxlength: MAX_CHARS, enterkeyhint: "send", autocomplete: "off", class: "field", id: "message",
      on: { keydown: (event) => this.#key(event), input: () => this.#changed() },
    });
    words.word(this.field, "ask", { as: ["placeholder"] });
    const label = words.word(element("label", { for: "message", class: "unseen" }), "message");
    this.button = element("button", { type: "submit", class: "send" });
    this.left = element("span", { class: "left", role: "status" });
    this.root = element("form", {
      class: "composer", on: { submit: (/** @type {Event} */ event) => this.#submit(event) },
    }, label, this.field, this.left, this.button);
    this.setAnswering(false);
  }

  /** While an answer comes, the button stops it. @param {boolean} isAnswering */
  setAnswering(isAnswering) {
    this.isAnswering = isAnswering;
    this.button.replaceChildren(icon(isAnswering ? "stop" : "send"));
    this.words.word(this.button, isAnswering ? "stop" : "send", { as: ["aria-label", "title"] });
    this.#changed();
  }

  /** Gives a text back to the visitor to change. @param {string} text */
  restore(text) {
    if (this.field.value.trim()) return; // something new has been written meanwhile
    this.field.value = text;
    this.#changed();
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // 229: Safari ends a composition before it reports the Enter that did it.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    if (!this.isAnswering) this.#send();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    if (this.isAnswering) this.actions.stop();
    else this.#send();
  }

  #send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.#changed();
    this.actions.send(text);
    this.focus();
  }

  #changed() {
    const { field } = this;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
    this.button.disabled = !this.isAnswering && !field.value.trim();
    const left = MAX_CHARS - field.value.length;
    this.left.hidden = field.value.length < WARN_FROM;
    if (!this.left.hidden) this.words.word(this.left, "too_long", { values: { left } });
  }
}
