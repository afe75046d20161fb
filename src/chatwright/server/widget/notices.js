/** The cards under the last message: what failed and how to go on, the question whether a person is wanted, and that
 * one has been asked. In: what to say and what a button does. Never fetches.
 */

import { element, icon } from "./dom.js";

/** @typedef {import("./texts.js").Words} Words */

/**
 * A failure with its retry; the button waits as long as the server asked for.
 * @param {Words} words
 * @param {import("./api.js").ChatError} error
 * @param {{retry: () => void, restart: () => void}} actions
 */
export function failureCard(words, error, { retry, restart }) {
  const detail = element("p", { class: "detail" });
  if (error.kind === "rejected" || error.kind === "denied") detail.textContent = error.detail;
  else words.word(detail, `${error.kind}_detail`);
  const title = words.word(element("p", { class: "title" }), error.kind);
  const card = element("div", { class: "card failure", role: "alert" }, icon("alert"), element("div", {}, title, detail));
  if (error.kind === "rejected" || error.kind === "denied") return card;
  const isGone = error.kind === "gone";
  const button = element("button", { type: "button", class: "primary", on: { click: isGone ? restart : retry } });
  card.append(words.word(button, isGone ? "restart" : "retry"));
  if (error.retryAfterS > 0) countDown(words, button, error.retryAfterS);
  return card;
}

/** @param {Words} words @param {HTMLButtonElement} button @param {number} seconds */
function countDown(words, button, seconds) {
  const end = performance.now() + seconds * 1000;
  button.disabled = true;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    if (left > 0) words.word(button, "retry_in", { values: { seconds: left } });
    else words.word(button, "retry");
    if (left > 0 && button.isConnected) setTimeout(tick, 250);
  };
  words.word(button, "retry_in", { values: { seconds } });
  setTimeout(tick, 250);
}

/**
 * Asks once more before a person is called.
 * @param {Words} words @param {{accept: () => void, decline: () => void}} actions
 */
export function personCard(words, { accept, decline }) {
  const yes = words.word(element("button", { type: "button", class: "primary", on: { click: accept } }), "offer_yes");
  const no = words.word(element("button", { type: "button", class: "plain", on: { click: decline } }), "offer_no");
  const title = words.word(element("p", { class: "title" }), "offer");
  const card = element(
    "div", { class: "card person", role: "group" }, icon("person"), element("div", {}, title), element("div", { class: "offer" }, yes, no),
  );
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    decline();
  });
  return card;
}

/** @param {Words} words */
export function waitingCard(words) {
  const title = words.word(element("p", { class: "title" }), "waiting");
  const detail = words.word(element("p", { class: "detail" }), "waiting_detail");
  return element("div", { class: "card waiting", role: "status" }, icon("check"), element("div", {}, title, detail));
}
