/** The look of the chat, as sheets that a Content-Security-Policy without inline styles lets through.
 *
 * A page may set `--chatwright-accent` and `--chatwright-font` on the element; everything else follows.
 */

import { PARTS } from "./style-parts.js";

const FRAME = `
:host {
  color-scheme: light dark;
  --accent: var(--chatwright-accent, light-dark(#0f6b62, #5cc9ba));
  --on-accent: light-dark(#ffffff, #06211d);
  --said: light-dark(var(--accent), color-mix(in oklab, var(--accent), #101418 64%));
  --on-said: light-dark(var(--on-accent), #eef7f5);
  --accent-soft: light-dark(#e3f1ee, #16312e);
  --ground: light-dark(#f6f5f2, #101418);
  --surface: light-dark(#ffffff, #181e24);
  --raised: light-dark(#ffffff, #1f262d);
  --line: light-dark(#e4e1da, #2b343d);
  --line-strong: light-dark(#8d918f, #6b7783);
  --ink: light-dark(#1d2326, #e8ecee);
  --muted: light-dark(#5b6468, #a3aeb6);
  --mark: light-dark(#ffe9a8, #5c4a12);
  --mark-line: light-dark(#b07d00, #e0b341);
  --warn: light-dark(#8a4b08, #f0b678);
  --warn-soft: light-dark(#fdf1e2, #33261a);
  --shadow: 0 1px 2px light-dark(#1d232610, #00000040), 0 8px 28px light-dark(#1d232614, #00000050);
  --radius: 18px;
  --font: var(--chatwright-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif);
  display: block;
  block-size: 100%;
  min-block-size: 20rem;
  font: 16px/1.6 var(--font);
  color: var(--ink);
}
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; }
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
p, h1, h2, h3, ul, ol { margin: 0; padding: 0; }
ul { list-style: none; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; border-radius: 12px; }
button:disabled { cursor: not-allowed; }
:focus-visible { outline: 2.5px solid var(--accent); outline-offset: 2px; }
svg { inline-size: 22px; block-size: 22px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }

.app { display: flex; flex-direction: column; block-size: 100%; background: var(--ground); overflow: hidden; position: relative; }
.middle { flex: 1; display: flex; min-block-size: 0; position: relative; }
.main { flex: 1; display: flex; flex-direction: column; min-inline-size: 0; }
.log-frame { flex: 1; position: relative; min-block-size: 0; }
.log { block-size: 100%; overflow-y: auto; overscroll-behavior: contain; scrollbar-gutter: stable both-edges; scrollbar-color: var(--line) transparent; }
.log:focus-visible { outline-offset: -3px; }
.column { max-inline-size: 780px; margin: 0 auto; padding: 28px 20px 20px; display: flex; flex-direction: column; gap: 22px; }

.bar { display: flex; align-items: center; gap: 6px; padding: 10px 16px; background: var(--surface); border-block-end: 1px solid var(--line); }
.names { flex: 1; min-inline-size: 0; margin-inline: 8px; }
.names h1, .names p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.names h1 { font-size: 16px; font-weight: 650; line-height: 1.35; min-block-size: 1.35em; }
.names p { font-size: 12.5px; line-height: 1.4; color: var(--muted); }
.logo, .avatar { display: grid; place-items: center; flex: none; background: linear-gradient(140deg, var(--accent), color-mix(in oklab, var(--accent), var(--ink) 28%)); color: var(--on-accent); }
.logo svg { inline-size: 24px; block-size: 24px; }
.grounded::before { content: " · "; white-space: pre; }
[data-narrow] .grounded { display: none; }
.logo { inline-size: 40px; block-size: 40px; border-radius: 13px; }
.icon-button { display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-inline-size: 42px; min-block-size: 42px; padding: 0 10px; color: var(--muted); font-size: 14px; font-weight: 600; transition: background .15s, color .15s; }
.icon-button:hover:not(:disabled) { background: var(--accent-soft); color: var(--accent); }
.icon-button:disabled { opacity: .45; }
.person-button { border: 1px solid var(--line); color: var(--ink); margin-inline-end: 4px; }
.close-button { display: none; }
[data-narrow] .person-button { border: 0; margin: 0; color: var(--muted); }
[data-narrow] .person-button .label, [data-narrow] .theme-button { display: none; }
[data-narrow] .bar { padding: 8px 6px 8px 12px; gap: 0; }
[data-narrow] .icon-button { padding: 0; }
[data-narrow] .names h1 { font-size: 15.5px; }
[data-narrow] .bar .logo { inline-size: 36px; block-size: 36px; border-radius: 12px; }
[data-narrow] .column { padding: 20px 14px 14px; gap: 18px; }

.foot { inline-size: 100%; max-inline-size: 780px; margin: 0 auto; padding: 4px 20px max(14px, env(safe-area-inset-bottom)); }
[data-narrow] .foot { padding-inline: 12px; }
.small { display: flex; justify-content: space-between; gap: 16px; padding: 8px 8px 0; font-size: 12.5px; color: var(--muted); line-height: 1.4; }
[data-narrow] .small { justify-content: center; text-align: center; }
[data-narrow] .keys { display: none; }
.composer { position: relative; display: flex; align-items: flex-end; gap: 8px; padding: 7px 7px 7px 8px; background: var(--raised); border: 1px solid var(--line-strong); border-radius: 26px; box-shadow: var(--shadow); transition: border-color .15s; }
.composer:focus-within { border-color: var(--accent); outline: 1.5px solid var(--accent); }
.field { flex: 1; min-inline-size: 0; resize: none; border: 0; background: none; padding: 8px 10px; line-height: 1.5; max-block-size: 190px; overflow-y: auto; outline: none; scrollbar-width: thin; }
.field::placeholder { color: var(--muted); opacity: 1; }
.left { align-self: center; font-size: 12.5px; color: var(--muted); white-space: nowrap; }
.send { display: grid; place-items: center; flex: none; inline-size: 42px; block-size: 42px; border-radius: 50%; background: var(--accent); color: var(--on-accent); transition: transform .12s, background .15s; }
.send:hover:not(:disabled) { transform: scale(1.05); }
.send:disabled { background: var(--line); color: var(--muted); }
[data-phase="answering"] .send svg { fill: currentColor; }
.latest { position: absolute; inset-block-end: 12px; inset-inline-start: calc(50% - 21px); display: grid; place-items: center; inline-size: 42px; block-size: 42px; border-radius: 50%; background: var(--raised); border: 1px solid var(--line); box-shadow: var(--shadow); }

.launch { display: none; }
:host([launcher]) { position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; block-size: auto; min-block-size: 0; }
:host([launcher]) .app { display: none; }
:host([launcher]) .launch { display: grid; place-items: center; inline-size: 60px; block-size: 60px; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: var(--shadow); }
:host([launcher]) .launch svg { inline-size: 28px; block-size: 28px; }
:host([launcher][open]) .launch { display: none; }
:host([launcher][open]) .app { display: flex; inline-size: 410px; block-size: min(680px, 100dvh - 40px); border: 1px solid var(--line); border-radius: 22px; box-shadow: var(--shadow); }
:host([launcher]) .close-button { display: inline-flex; }
@media (max-width: 480px) {
  :host([launcher][open]) { inset: 0; }
  :host([launcher][open]) .app { inline-size: 100%; block-size: 100dvh; border: 0; border-radius: 0; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
@media (forced-colors: active) {
  .send, .launch, .primary, .chip, .marker { border: 1px solid ButtonText; }
  mark { background: Mark; color: MarkText; }
}
`;

/** @param {string} rules */
function sheet(rules) {
  const made = new CSSStyleSheet();
  made.replaceSync(rules);
  return made;
}

export const SHEETS = [sheet(FRAME), sheet(PARTS)];
