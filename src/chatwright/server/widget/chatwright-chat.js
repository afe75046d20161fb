/** The custom element `<chatwright-chat bot="support" server="" language="auto">`: puts the parts of the chat together.
 *
 * Attributes: `bot` (its name), `server` (origin of the chatwright server; without it, where this file came from),
 * `language` (auto, zh, en), `launcher` (a round button at the corner of the page that opens the chat). Loaded as
 * `chatwright-chat.js?bot=support` it adds itself to the page with a launcher.
 */

import { ChatApi } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { DocumentView } from "./document-view.js";
import { element, icon } from "./dom.js";
import { HeaderView } from "./header-view.js";
import { LogView } from "./log-view.js";
import { Memory } from "./memory.js";
import { failureCard, personCard, waitingCard } from "./notices.js";
import { SHEETS } from "./style.js";
import { firstLanguage, Words } from "./texts.js";

const NARROW_PX = 860;
const HERE = new URL(import.meta.url);

export class ChatwrightChat extends HTMLElement {
  /** @type {HTMLElement | null} */
  #openedFrom = null;
  #hasBegun = false;
  /** @type {{isWaiting: boolean, failure: import("./conversation.js").Failure | null}} */
  #noticed = { isWaiting: false, failure: null };
  /** @type {Memory} */ memory;
  /** @type {ChatApi} */ api;
  /** @type {Words} */ words;
  /** @type {Conversation} */ conversation;
  /** @type {HeaderView} */ header;
  /** @type {LogView} */ log;
  /** @type {Composer} */ composer;
  /** @type {DocumentView} */ panel;
  /** @type {HTMLElement} */ main;
  /** @type {HTMLElement} */ backdrop;
  /** @type {HTMLElement} */ app;
  /** @type {HTMLButtonElement} */ launch;

  connectedCallback() {
    if (this.shadowRoot) return; // moved in the page: everything goes on as it is
    const server = (this.getAttribute("server") || HERE.origin).replace(/\/+$/, "");
    const bot = this.getAttribute("bot") ?? "";
    this.memory = new Memory(server, bot);
    this.api = new ChatApi(server, bot);
    this.words = new Words(firstLanguage(this.memory.preference("language"), this.#wantedLanguage()));
    this.#build();
    this.conversation = new Conversation(this.api, this.memory, {
      cleared: () => {
        this.log.clear();
        this.#noticed = { isWaiting: false, failure: null };
      },
      added: (entry) => this.log.add(entry),
      changed: (entry) => this.log.change(entry),
      removed: (entry) => this.log.remove(entry),
      state: () => this.#showState(),
    });
    this.#showTheme();
    this.#showLanguage();
    if (!this.hasAttribute("launcher")) void this.#begin();
  }

  #wantedLanguage() {
    const wanted = this.getAttribute("language");
    return wanted && wanted !== "auto" ? wanted : this.dataset.pageLanguage ?? null;
  }

  #build() {
    this.log = new LogView(this.words, {
      openSource: (citation, from) => void this.#openSource(citation, from),
      rate: (entry, rating, comment) => this.conversation.rate(entry, rating, comment),
      acceptOffer: () => void this.#callPerson(),
      declineOffer: (entry) => (this.conversation.decline(entry), this.composer.focus()),
      isOfferOpen: (entry) => this.conversation.isOfferOpen(entry),
    });
    this.header = new HeaderView(this.words, {
      person: () => this.#offerPerson(),
      restart: () => void this.#restart(),
      language: () => void this.#switchLanguage(),
      theme: () => this.#switchTheme(),
      close: () => this.#setOpen(false),
    });
    this.composer = new Composer(this.words, {
      send: (text) => void this.#ask(text),
      stop: () => this.conversation.stop(),
    });
    this.panel = new DocumentView(this.words, () => this.#closeSource());
    const notice = this.words.word(element("p", { class: "notice" }), "notice");
    const keys = this.words.word(element("p", { class: "keys" }), "keys");
    const foot = element("div", { class: "foot" }, this.composer.root, element("div", { class: "small" }, notice, keys));
    // On somebody's page the chat is a part; on its own page it is the page.
    const kind = this.hasAttribute("launcher") ? "section" : "main";
    this.main = element(kind, { class: "main" }, this.log.root, foot);
    this.backdrop = element("div", { class: "backdrop", hidden: true, on: { click: () => this.#closeSource() } });
    const middle = element("div", { class: "middle" }, this.main, this.backdrop, this.panel.root);
    this.app = element("div", { class: "app" }, this.header.root, middle);
    const launch = element("button", { type: "button", class: "launch", on: { click: () => this.#setOpen(true) } }, icon("chat"));
    this.launch = this.words.word(launch, "open", { as: ["aria-label", "title"] });
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = SHEETS;
    shadow.append(this.app, this.launch);
    shadow.addEventListener("keydown", (event) => this.#key(/** @type {KeyboardEvent} */ (event)));
    addEventListener("online", () => this.#backOnline());
    new ResizeObserver(() => this.#measure()).observe(this.app);
  }

  async #begin() {
    this.#hasBegun = true;
    await this.conversation.open(this.words.language);
  }

  #showState() {
    const { phase, failure, isWaiting, bot } = this.conversation;
    this.app.dataset.phase = phase;
    this.composer.setAnswering(phase === "answering");
    this.header.person.disabled = isWaiting || phase === "loading";
    const title = bot?.titles[this.words.language] ?? Object.values(bot?.titles ?? {})[0] ?? "";
    this.header.title.textContent = title;
    this.log.intro.replaceChildren(element("span", { class: "logo" }, icon("chat")), element("p", { class: "big" }, title));
    this.log.intro.hidden = this.conversation.hasQuestions || !title;
    this.#showSuggestions();
    this.#showNotices(isWaiting, failure);
    this.log.dropClosedOffers();
    this.#tell("chatwright-language", { language: this.words.language, title });
  }

  /**
   * Cards that are there already stay: a new one would be announced again.
   * @param {boolean} isWaiting @param {import("./conversation.js").Failure | null} failure
   */
  #showNotices(isWaiting, failure) {
    if (this.#noticed.isWaiting === isWaiting && this.#noticed.failure === failure) return;
    this.#noticed = { isWaiting, failure };
    const cards = [];
    if (isWaiting) cards.push(waitingCard(this.words));
    if (failure) cards.push(this.#failureCard(failure));
    this.log.notices.replaceChildren(...cards);
    if (cards.length) this.log.follow();
  }

  /** @param {import("./conversation.js").Failure} failure */
  #failureCard({ error, question }) {
    if (error.kind === "rejected" && question) this.composer.restore(question.text);
    return failureCard(this.words, error, {
      retry: () => (this.composer.focus(), void this.conversation.retry(this.words.language)),
      restart: () => void this.#restart(),
    });
  }

  #showSuggestions() {
    const { bot, hasQuestions, phase } = this.conversation;
    const questions = (!hasQuestions && phase === "ready" && bot?.suggestions?.[this.words.language]) || [];
    const title = this.words.word(element("p", { class: "small-title" }), "suggestions");
    /** @param {string} text @param {string} shown */
    const button = (text, shown) => {
      const ask = () => (this.composer.focus(), void this.#ask(text, shown));
      return element("button", { type: "button", class: "suggestion", on: { click: ask } }, shown);
    };
    const choices = this.conversation.choices.map(({ title: shown, payload }) => button(payload, shown));
    const first = questions.map((text) => button(text, text));
    this.log.suggestions.replaceChildren(...choices, ...(first.length ? [title, ...first] : []));
  }

  /** @param {string} text @param {string} shown */
  async #ask(text, shown = text) {
    if (!(await this.conversation.send(text, shown))) this.composer.restore(shown);
  }

  async #restart() {
    this.#closeSource();
    this.composer.focus();
    await this.conversation.restart(this.words.language);
  }

  #offerPerson() {
    const offered = /** @type {HTMLElement | null} */ (this.log.root.querySelector(".offer .primary"));
    if (offered) {
      offered.focus();
      return;
    }
    const decline = () => (card.remove(), this.header.person.focus());
    const card = personCard(this.words, { accept: () => (card.remove(), void this.#callPerson()), decline });
    this.log.notices.append(card);
    this.log.follow();
    card.querySelector("button")?.focus();
  }

  #backOnline() {
    if (this.conversation.failure?.error.kind === "offline") void this.conversation.retry(this.words.language);
  }

  async #callPerson() {
    this.composer.focus();
    try {
      await this.conversation.askForPerson();
    } catch (error) {
      const retry = () => void this.#callPerson();
      const failed = /** @type {import("./api.js").ChatError} */ (error);
      this.log.notices.replaceChildren(failureCard(this.words, failed, { retry, restart: () => void this.#restart() }));
      this.log.follow();
    }
  }

  /** @param {import("./api.js").Citation} citation @param {HTMLElement} from */
  async #openSource(citation, from) {
    this.#openedFrom = from;
    this.app.dataset.panel = "open";
    this.panel.open(citation);
    this.#measure();
    const found = await this.api.document(this.conversation.ticket, citation.source).catch(() => null);
    if (this.#openedFrom === from) this.panel.show(found, citation);
  }

  #closeSource() {
    if (this.panel.root.hidden) return;
    this.panel.hide();
    delete this.app.dataset.panel;
    this.#measure();
    if (this.#openedFrom?.isConnected) this.#openedFrom.focus();
    else this.composer.focus();
    this.#openedFrom = null;
  }

  /** A narrow chat shows the document over itself; what is beneath must then not be reached. */
  #measure() {
    const isNarrow = this.app.clientWidth < NARROW_PX;
    const isCovered = isNarrow && !this.panel.root.hidden;
    this.app.toggleAttribute("data-narrow", isNarrow);
    this.backdrop.hidden = !isCovered;
    this.main.inert = isCovered;
    this.header.root.inert = isCovered;
    this.panel.root.setAttribute("aria-modal", String(isCovered));
  }

  async #switchLanguage() {
    this.words.language = this.words.language === "zh" ? "en" : "zh";
    this.memory.setPreference("language", this.words.language);
    this.#showLanguage();
    // A conversation that has not begun is greeted in the new language.
    if (this.conversation.phase === "ready" && !this.conversation.hasQuestions && !this.conversation.isWaiting) {
      await this.conversation.restart(this.words.language);
    }
  }

  #showLanguage() {
    this.app.lang = this.words.language === "zh" ? "zh-CN" : "en";
    this.words.reword(/** @type {ShadowRoot} */ (this.shadowRoot));
    this.#showState();
  }

  #switchTheme() {
    this.memory.setPreference("theme", this.#isDark() ? "light" : "dark");
    this.#showTheme();
  }

  #isDark() {
    const chosen = this.memory.preference("theme");
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  #showTheme() {
    const chosen = this.memory.preference("theme");
    if (chosen === "dark" || chosen === "light") {
      this.dataset.theme = chosen;
      this.#tell("chatwright-theme", { theme: chosen });
    }
    this.header.setDark(this.#isDark());
  }

  /** @param {boolean} isOpen */
  #setOpen(isOpen) {
    this.toggleAttribute("open", isOpen);
    if (isOpen && !this.#hasBegun) void this.#begin();
    if (isOpen) this.composer.focus();
    else this.launch.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (!this.panel.root.hidden) this.#closeSource();
    else if (this.hasAttribute("launcher")) this.#setOpen(false);
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("chatwright-chat", ChatwrightChat);

const named = HERE.searchParams.get("bot");
if (named && !document.querySelector("chatwright-chat")) {
  document.body.append(element(/** @type {any} */ ("chatwright-chat"), { bot: named, launcher: true }));
}
