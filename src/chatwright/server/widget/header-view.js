/** The bar at the top: whose assistant this is, that it is an AI, and the controls of the page. */

import { element, icon } from "./dom.js";

/** @typedef {{person: () => void, restart: () => void, language: () => void, theme: () => void, close: () => void}} HeaderActions */

export class HeaderView {
  /** @param {import("./texts.js").Words} words @param {HeaderActions} actions */
  constructor(words, actions) {
    this.words = words;
    this.title = element("h1", {});
    const grounded = words.word(element("span", { class: "grounded" }), "grounded");
    const about = element("p", { class: "about" }, words.word(element("span"), "assistant"), grounded);
    this.person = this.#button("person", "person", actions.person, "person-button");
    this.person.append(words.word(element("span", { class: "label" }), "person"));
    this.theme = this.#button("moon", "to_dark", actions.theme, "theme-button");
    const language = element("button", { type: "button", class: "icon-button", on: { click: actions.language } });
    language.append(words.word(element("span", { "aria-hidden": "true" }), "other_language"));
    this.language = words.word(language, "switch_language", { as: ["aria-label", "title"] });
    const restart = this.#button("restart", "restart", actions.restart, "restart-button");
    const close = this.#button("close", "close", actions.close, "close-button");
    const names = element("div", { class: "names" }, this.title, about);
    this.root = element(
      "header", { class: "bar" }, element("span", { class: "logo" }, icon("chat")), names,
      this.person, this.language, this.theme, restart, close,
    );
  }

  /** @param {boolean} isDark  what is shown now: the button offers the other */
  setDark(isDark) {
    this.theme.replaceChildren(icon(isDark ? "sun" : "moon"));
    this.words.word(this.theme, isDark ? "to_light" : "to_dark", { as: ["aria-label", "title"] });
  }

  /** @param {Parameters<typeof icon>[0]} picture @param {string} key @param {() => void} click @param {string} kind */
  #button(picture, key, click, kind) {
    const made = element("button", { type: "button", class: `icon-button ${kind}`, on: { click } }, icon(picture));
    return this.words.word(made, key, { as: ["aria-label", "title"] });
  }
}
