/** What a browser remembers: one conversation for each tab and bot, and the visitor's language and colours for good.
 * Where storage is refused (a sandboxed frame, private settings) everything works and lasts as long as the page.
 */

/**
 * @typedef {{ticket: import("./api.js").Ticket, greeting: string, bot: import("./api.js").BotInfo,
 *   pending?: import("./api.js").Question | null, declined?: number[]}} Kept
 */

export class Memory {
  #name;
  /** @type {Map<string, string>} */
  #own = new Map();

  /** @param {string} server @param {string} bot */
  constructor(server, bot) {
    this.#name = `chatwright:${server}:${bot}`;
  }

  /** The conversation of this tab, null when there is none. @returns {Kept | null} */
  get conversation() {
    const text = this.#read("session", this.#name);
    try {
      const kept = text && JSON.parse(text);
      return kept?.ticket?.id && kept.bot ? kept : null;
    } catch {
      return null; // not written by us
    }
  }

  /** @param {Kept | null} kept */
  set conversation(kept) {
    this.#write("session", this.#name, kept && JSON.stringify(kept));
  }

  /** Changes part of what is kept of the conversation. @param {Partial<Kept>} changes */
  update(changes) {
    const kept = this.conversation;
    if (kept) this.conversation = { ...kept, ...changes };
  }

  /** @param {"language" | "theme"} name */
  preference(name) {
    return this.#read("local", `chatwright:${name}`);
  }

  /** @param {"language" | "theme"} name @param {string} value */
  setPreference(name, value) {
    this.#write("local", `chatwright:${name}`, value);
  }

  /** @param {"local" | "session"} life @param {string} name */
  #read(life, name) {
    try {
      const kept = (life === "local" ? localStorage : sessionStorage).getItem(name);
      if (kept !== null) return kept;
    } catch {
      // storage is refused here
    }
    return this.#own.get(name) ?? null;
  }

  /** @param {"local" | "session"} life @param {string} name @param {string | null} value */
  #write(life, name, value) {
    this.#own.delete(name);
    try {
      const storage = life === "local" ? localStorage : sessionStorage;
      if (value === null) storage.removeItem(name);
      else storage.setItem(name, value);
    } catch {
      if (value !== null) this.#own.set(name, value);
    }
  }
}
