/** Speaks to the server's native API. Knows addresses, headers and what an error means; nothing of the page. */

import { readEvents } from "./sse.js";

/**
 * @typedef {{source: string, title: string, start: number, end: number, quote: string, score: number}} Citation
 * @typedef {"answered" | "abstained" | "refused" | "handed_over" | "flow"} Outcome
 * @typedef {{answer: string, outcome: Outcome, citations: Citation[], language: "zh" | "en", turn: number,
 *   offers_person: boolean, buttons?: {title: string, payload: string}[], finish_reason: string}} Reply
 * @typedef {{name: string, languages: string[], titles: Record<string, string>,
 *   suggestions?: Record<string, string[]>, silence_after_s?: number | null}} BotInfo
 * @typedef {{role: "user" | "assistant", text: string, turn: number, at: string | null, reply?: Reply,
 *   rating?: "up" | "down" | null, is_interrupted?: boolean}} Said
 * @typedef {{source: string, title: string, text: string, headings?: [number, number, string][]}} DocumentText
 * @typedef {{id: string, token: string}} Ticket  which conversation, and the proof that it is one's own
 * @typedef {{key: string, text: string}} Question  the same key is the same question, however often it is sent
 */

/** What went wrong, as the page must tell it apart. `retryAfterS`: seconds to wait, 0 when not known. */
export class ChatError extends Error {
  /**
   * @param {string} kind  a key of texts.js: offline, unreachable, rate, busy, broken, rejected, gone, denied
   * @param {{message?: string, code?: string, retryAfterS?: number}} [details]
   */
  constructor(kind, { message = "", code = "", retryAfterS = 0 } = {}) {
    super(message || kind);
    this.kind = kind;
    this.code = code;
    this.detail = message;
    this.retryAfterS = retryAfterS;
  }
}

export class ChatApi {
  /** @param {string} server  origin, without a slash at the end @param {string} bot */
  constructor(server, bot) {
    this.root = `${server}/api/bots/${encodeURIComponent(bot)}`;
  }

  /**
   * A new conversation with its greeting.
   * @param {"zh" | "en"} language
   * @returns {Promise<{ticket: Ticket, greeting: string, bot: BotInfo}>}
   */
  async start(language) {
    const response = await this.#fetch("/conversations", { method: "POST", body: { language } });
    const { id, greeting, bot, token } = await response.json();
    return { ticket: { id, token: response.headers.get("X-Conversation-Token") ?? token ?? "" }, greeting, bot };
  }

  /**
   * What was said, and in how many seconds the bot wants to know of silence.
   * @param {Ticket} ticket @returns {Promise<{messages: Said[], is_waiting: boolean, silence_in_s?: number | null}>}
   */
  async history(ticket) {
    return (await this.#fetch(this.#path(ticket), { ticket })).json();
  }

  /**
   * Asks; yields text as it comes and returns the reply. Raises ChatError.
   * @param {Ticket} ticket @param {Question} question @param {AbortSignal} signal
   * @returns {AsyncGenerator<string, Reply>}
   */
  async *ask(ticket, { key, text }, signal) {
    const headers = { "Idempotency-Key": key, Accept: "text/event-stream" };
    const response = await this.#fetch(`${this.#path(ticket)}/messages`, {
      method: "POST", body: { text }, headers, ticket, signal,
    });
    if (!response.body) throw new ChatError("broken");
    try {
      for await (const { name, data } of readEvents(response.body)) {
        if (name === "delta") yield data.text;
        if (name === "reply") return data;
        if (name === "error") throw new ChatError("broken", data);
      }
    } catch (error) {
      if (error instanceof ChatError || signal.aborted) throw error;
      throw new ChatError(navigator.onLine ? "broken" : "offline");
    }
    throw new ChatError("broken");
  }

  /** @param {Ticket} ticket @param {number} turn @param {"up" | "down"} rating @param {string} comment */
  async rate(ticket, turn, rating, comment) {
    await this.#fetch(`${this.#path(ticket)}/feedback`, { method: "POST", body: { turn, rating, comment }, ticket });
  }

  /** Asks for a person; twice is once. @param {Ticket} ticket */
  async person(ticket) {
    await this.#fetch(`${this.#path(ticket)}/person`, { method: "POST", body: {}, ticket });
  }

  /**
   * Tells that nothing was said for a while; the server decides whether the bot says something to that.
   * @param {Ticket} ticket @returns {Promise<{reply: Reply | null, wait_s: number | null}>}
   */
  async silence(ticket) {
    return (await this.#fetch(`${this.#path(ticket)}/silence`, { method: "POST", body: {}, ticket })).json();
  }

  /** The text that citations count in. @param {Ticket} ticket @param {string} source @returns {Promise<DocumentText>} */
  async document(ticket, source) {
    const query = new URLSearchParams({ source, conversation: ticket.id });
    return (await this.#fetch(`/documents?${query}`, { ticket })).json();
  }

  /** @param {Ticket} ticket */
  #path(ticket) {
    return `/conversations/${encodeURIComponent(ticket.id)}`;
  }

  /**
   * @param {string} path
   * @param {{method?: string, body?: object, headers?: Record<string, string>, ticket?: Ticket, signal?: AbortSignal}} [options]
   */
  async #fetch(path, { method = "GET", body, headers = {}, ticket, signal } = {}) {
    const sent = { ...headers };
    if (body) sent["Content-Type"] = "application/json";
    if (ticket?.token) sent["X-Conversation-Token"] = ticket.token;
    let response;
    try {
      response = await fetch(this.root + path, { method, headers: sent, body: body && JSON.stringify(body), signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ChatError(navigator.onLine ? "unreachable" : "offline");
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

/** @param {Response} response */
async function errorOf(response) {
  const { error } = await response.json().catch(() => ({ error: {} })); // a proxy's own page, not our envelope
  const details = { ...error, retryAfterS: Number(response.headers.get("Retry-After")) || 0 };
  return new ChatError(kindOf(response.status, error?.code ?? ""), details);
}

/** @param {number} status @param {string} code */
function kindOf(status, code) {
  if (code === "idempotency_in_progress") return "in_progress";
  if (status === 429) return code === "rate_limit_exceeded" ? "rate" : "busy";
  if (status >= 500) return "busy";
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "gone";
  return "rejected";
}
