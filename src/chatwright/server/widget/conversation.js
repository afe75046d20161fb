/** One visitor's conversation: what has been said, what is being answered, what failed. Knows nothing of the page.
 *
 * A question keeps its Idempotency-Key until it is answered or stopped: a retry and a reload send the same one.
 */

import { ChatError } from "./api.js";

/**
 * @typedef {import("./api.js").Reply} Reply
 * @typedef {import("./api.js").Question} Question
 * @typedef {{role: "user" | "assistant", text: string, status: "streaming" | "done" | "stopped",
 *   reply?: Reply, rating?: "up" | "down" | null}} Entry
 * @typedef {{
 *   cleared: () => void, added: (entry: Entry) => void, changed: (entry: Entry) => void,
 *   removed: (entry: Entry) => void, state: () => void,
 * }} Observer
 * @typedef {{error: ChatError, question: Question | null}} Failure  question null: the conversation could not begin
 */

const MOST_WAITS = 60;

export class Conversation {
  /** @type {Entry[]} */
  entries = [];
  /** @type {"loading" | "ready" | "answering"} */
  phase = "loading";
  /** @type {Failure | null} */
  failure = null;
  isWaiting = false;
  #stop = new AbortController();
  #opening = Promise.resolve();
  #silence = 0;

  /**
   * @param {import("./api.js").ChatApi} api @param {import("./memory.js").Memory} memory @param {Observer} observer
   */
  constructor(api, memory, observer) {
    this.api = api;
    this.memory = memory;
    this.observer = observer;
  }

  get bot() {
    return this.memory.conversation?.bot ?? null;
  }

  /** Which conversation this is; there is one in every phase but "loading". */
  get ticket() {
    const kept = this.memory.conversation;
    if (!kept) throw new ChatError("gone");
    return kept.ticket;
  }

  get hasQuestions() {
    return this.entries.some((entry) => entry.role === "user");
  }

  /** Goes on with this tab's conversation, or begins one. @param {"zh" | "en"} language */
  open(language) {
    this.#opening = this.#open(language);
    return this.#opening;
  }

  /** @param {"zh" | "en"} language */
  async #open(language) {
    this.#reset();
    try {
      if (!(await this.#restore())) await this.#begin(language);
      this.phase = "ready";
    } catch (error) {
      this.failure = { error: chatError(error), question: null };
    }
    this.observer.state();
    const pending = this.memory.conversation?.pending;
    if (this.phase === "ready" && pending) await this.#resume(pending);
  }

  /** Leaves this conversation for a new one. @param {"zh" | "en"} language */
  async restart(language) {
    this.stop();
    this.memory.conversation = null;
    await this.open(language);
  }

  /**
   * Asks a new question, once there is a conversation; false when it was not taken.
   * @param {string} text @param {string} shown  what the visitor sees of it: the title of the button that sends it
   */
  async send(text, shown = text) {
    if (this.phase === "loading") await this.#opening;
    if (this.phase !== "ready") return false;
    const question = { key: newKey(), text };
    this.#add({ role: "user", text: shown, status: "done" });
    await this.#ask(question);
    return true;
  }

  /** Sends what failed again, with the same key. @param {"zh" | "en"} language */
  async retry(language) {
    const question = this.failure?.question;
    if (question) await this.#ask(question);
    else if (this.failure) await this.open(language);
  }

  /** Ends the answer that is being written; what has come stays. */
  stop() {
    this.#stop.abort();
  }

  /** Raises ChatError. @param {Entry} entry @param {"up" | "down"} rating @param {string} comment */
  async rate(entry, rating, comment = "") {
    if (!entry.reply) return;
    await this.api.rate(this.ticket, entry.reply.turn, rating, comment);
    entry.rating = rating;
  }

  /** Asks for a person. Raises ChatError. */
  async askForPerson() {
    await this.api.person(this.ticket);
    this.isWaiting = true;
    this.observer.state();
  }

  /** Whether the visitor may still take the offer made with this entry. @param {Entry} entry */
  isOfferOpen(entry) {
    const { reply } = entry;
    const declined = this.memory.conversation?.declined ?? [];
    const isLast = this.entries.at(-1) === entry;
    return Boolean(reply?.offers_person) && isLast && !this.isWaiting && !declined.includes(reply?.turn ?? 0);
  }

  /** The choices that came with the last message, while nothing else has been said. */
  get choices() {
    return (this.phase === "ready" && this.entries.at(-1)?.reply?.buttons) || [];
  }

  /** @param {Entry} entry */
  decline(entry) {
    const declined = this.memory.conversation?.declined ?? [];
    this.memory.update({ declined: [...declined, entry.reply?.turn ?? 0] });
    this.observer.changed(entry);
  }

  /** One timer, set anew by every word; the server knows what is due. @param {number | null | undefined} seconds */
  #waitForWord(seconds) {
    clearTimeout(this.#silence);
    if (typeof seconds === "number") this.#silence = setTimeout(() => void this.#tellSilence(), seconds * 1000 + 200);
  }

  async #tellSilence() {
    if (this.phase !== "ready") return;
    const { reply, wait_s } = await this.api.silence(this.ticket).catch(() => ({ reply: null, wait_s: null }));
    if (this.phase !== "ready") return;
    if (reply) {
      this.#add({ role: "assistant", text: reply.answer, status: "done", reply });
      this.observer.state();
    }
    this.#waitForWord(wait_s);
  }

  #reset() {
    this.#waitForWord(null);
    this.entries = [];
    this.failure = null;
    this.isWaiting = false;
    this.phase = "loading";
    this.observer.cleared();
    this.observer.state();
  }

  /** @param {"zh" | "en"} language */
  async #begin(language) {
    const { ticket, greeting, bot } = await this.api.start(language);
    this.memory.conversation = { ticket, greeting, bot };
    this.#add({ role: "assistant", text: greeting, status: "done" });
  }

  /** Shows what was said before; false when there is nothing to go on with. */
  async #restore() {
    const kept = this.memory.conversation;
    if (!kept) return false;
    try {
      const { messages, is_waiting, silence_in_s } = await this.api.history(kept.ticket);
      this.isWaiting = is_waiting;
      this.#add({ role: "assistant", text: kept.greeting, status: "done" });
      withoutAbandoned(messages).forEach((said) => this.#add(entryOf(said)));
      this.#waitForWord(silence_in_s);
      return true;
    } catch (error) {
      if (!(error instanceof ChatError) || error.kind !== "gone") throw error;
      this.memory.conversation = null; // the server no longer has it
      return false;
    }
  }

  /** Asks what a reload cut off, unless its answer had come after all. @param {Question} pending */
  async #resume(pending) {
    const lastUser = this.entries.findLastIndex((entry) => entry.role === "user");
    const [question, answer] = this.entries.slice(lastUser === -1 ? this.entries.length : lastUser);
    if (question?.text !== pending.text) {
      this.#add({ role: "user", text: pending.text, status: "done" });
    } else if (answer?.status === "stopped") {
      this.#remove(answer);
    } else if (answer) {
      this.memory.update({ pending: null });
      return;
    }
    await this.#ask(pending);
  }

  /** @param {Question} question */
  async #ask(question) {
    this.#waitForWord(null);
    this.failure = null;
    this.phase = "answering";
    this.memory.update({ pending: question });
    this.#stop = new AbortController();
    const entry = this.#add({ role: "assistant", text: "", status: "streaming" });
    this.observer.state();
    try {
      await this.#receive(entry, question, this.#stop.signal);
    } catch (error) {
      this.#end(entry, question, error);
    }
    if (entry.status !== "streaming") this.memory.update({ pending: null });
    if (this.phase === "answering") this.phase = "ready";
    if (entry.status === "done") this.#waitForWord(this.bot?.silence_after_s);
    this.observer.state();
  }

  /** @param {Entry} entry @param {Question} question @param {AbortSignal} signal */
  async #receive(entry, question, signal) {
    for (let waits = 0; ; waits += 1) {
      try {
        entry.reply = await this.#stream(entry, question, signal);
        break;
      } catch (error) {
        const isStillAnswered = error instanceof ChatError && error.kind === "in_progress" && waits < MOST_WAITS;
        if (!isStillAnswered) throw error;
        await pause((error.retryAfterS || 1) * 1000, signal);
      }
    }
    entry.text = entry.reply.answer;
    entry.status = "done";
    if (entry.reply.outcome === "handed_over") this.isWaiting = true;
    this.observer.changed(entry);
  }

  /** @param {Entry} entry @param {Question} question @param {AbortSignal} signal */
  async #stream(entry, question, signal) {
    entry.text = "";
    const pieces = this.api.ask(this.ticket, question, signal);
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return value;
      entry.text += value;
      this.observer.changed(entry);
    }
  }

  /** @param {Entry} entry @param {Question} question @param {unknown} error */
  #end(entry, question, error) {
    if (this.#stop.signal.aborted) {
      entry.status = "stopped";
      this.observer.changed(entry);
      return;
    }
    this.#remove(entry);
    this.failure = { error: chatError(error), question };
    // What the visitor must change is not sent again by a reload.
    if (this.failure.error.kind === "rejected") this.memory.update({ pending: null });
  }

  /** @param {Entry} entry */
  #add(entry) {
    this.entries.push(entry);
    this.observer.added(entry);
    return entry;
  }

  /** @param {Entry} entry */
  #remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.observer.removed(entry);
  }
}

/** A question asked again after its answer broke off is shown once. @param {import("./api.js").Said[]} messages */
export function withoutAbandoned(messages) {
  return messages.filter((said, at) => {
    const asked = said.role === "user" ? at : at - 1;
    const isUnanswered = said.role === "user" ? !messages[at + 1]?.reply : Boolean(said.is_interrupted);
    const again = messages.slice(at + 1).find((later) => later.role === "user");
    return !(isUnanswered && again && again.text === messages[asked]?.text);
  });
}

/** @param {import("./api.js").Said} said @returns {Entry} */
function entryOf(said) {
  const status = said.is_interrupted ? "stopped" : "done";
  return { role: said.role, text: said.text, status, reply: said.reply, rating: said.rating };
}

/** @param {unknown} error @returns {ChatError} */
function chatError(error) {
  if (error instanceof ChatError) return error;
  console.error(error);
  return new ChatError("broken");
}

/** 128 random bits; `crypto.randomUUID` is missing on pages served without TLS. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {number} milliseconds @param {AbortSignal} signal */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}
