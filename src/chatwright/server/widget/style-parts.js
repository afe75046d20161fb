/** Rules of what is said: messages, sources, cards and the document panel. Names are those of style.js. */

export const PARTS = `
.intro { display: grid; justify-items: center; gap: 12px; padding: 4vh 0 6px; text-align: center; }
.intro .logo { inline-size: 64px; block-size: 64px; border-radius: 21px; box-shadow: var(--shadow); }
.intro .logo svg { inline-size: 34px; block-size: 34px; }
.intro .big { font-size: 24px; font-weight: 680; letter-spacing: -.01em; line-height: 1.3; text-wrap: balance; }
.messages, .notices { display: flex; flex-direction: column; gap: 22px; }
.messages:empty, .notices:empty, .suggestions:empty { display: none; }

.message { display: flex; gap: 12px; animation: appear .22s ease-out; }
@keyframes appear { from { opacity: 0; translate: 0 6px; } }
.message.user { justify-content: flex-end; }
.body { display: flex; flex-direction: column; gap: 8px; min-inline-size: 0; max-inline-size: min(100%, 660px); }
.user .body { max-inline-size: 82%; align-items: flex-end; }
.avatar { inline-size: 32px; block-size: 32px; border-radius: 11px; margin-block-start: 4px; }
.avatar svg { inline-size: 20px; block-size: 20px; }
[data-narrow] .avatar { display: none; }
.bubble { position: relative; border-radius: var(--radius); padding: 11px 16px; overflow-wrap: anywhere; min-inline-size: 0; max-inline-size: 100%; }
.assistant .bubble { align-self: flex-start; background: var(--surface); border: 1px solid var(--line); border-start-start-radius: 6px; }
.user .bubble { background: var(--said); color: var(--on-said); border-end-end-radius: 6px; white-space: pre-wrap; }
.user .unseen { white-space: nowrap; }
.user ::selection { background: var(--on-said); color: var(--said); }

.text > * + * { margin-block-start: .6em; }
.text ul, .text ol { padding-inline-start: 1.35em; }
.text ul { list-style: disc; }
.text li + li { margin-block-start: .25em; }
.facts { display: grid; grid-template-columns: minmax(5em, auto) 1fr; gap: 0; margin: 0; border: 1px solid var(--line); border-radius: 12px; overflow: hidden; font-size: 15px; }
.facts > * { padding: 6px 12px; margin: 0; min-inline-size: 0; }
.facts dt { color: var(--muted); background: var(--ground); overflow-wrap: break-word; max-inline-size: 17em; }
.facts > :nth-child(n+3) { border-block-start: 1px solid var(--line); }
.text .heading { font-weight: 680; }
.text a { color: var(--accent); text-underline-offset: 3px; }
.text code { font: .9em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--ground); border-radius: 6px; padding: .12em .36em; }
.text pre { margin: 0; padding: 12px 14px; background: var(--ground); border-radius: 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
.text pre code { padding: 0; background: none; }
sup { line-height: 0; vertical-align: baseline; position: relative; inset-block-start: -.32em; }
.marker { display: inline-grid; place-items: center; min-inline-size: 20px; block-size: 20px; margin-inline: 2px; padding: 0 5px; border-radius: 7px; background: var(--accent-soft); color: var(--accent); font-size: 11.5px; font-weight: 700; line-height: 1; position: relative; }
sup.marker { display: inline-grid; }
button.marker::after { content: ""; position: absolute; inset: -12px; }
button.marker:hover { background: var(--accent); color: var(--on-accent); }
.typing { display: flex; align-items: center; gap: 10px; color: var(--muted); }
.dots { display: inline-flex; gap: 4px; }
.dots i { inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--accent); animation: beat 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
@keyframes beat { 0%, 60%, 100% { opacity: .3; translate: 0 0; } 30% { opacity: 1; translate: 0 -3px; } }

.after { display: flex; flex-direction: column; align-items: flex-start; gap: 8px; max-inline-size: 100%; }
.after:empty { display: none; }
.small-title { font-size: 12.5px; font-weight: 600; color: var(--muted); }
.tag { display: inline-flex; align-items: center; gap: 6px; padding: 3px 10px; border-radius: 999px; background: var(--warn-soft); color: var(--warn); font-size: 12.5px; font-weight: 600; }
.tag svg { inline-size: 15px; block-size: 15px; }
.sources { inline-size: 100%; }
.sources ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 8px; margin-block-start: 6px; }
.sources li { max-inline-size: 100%; min-inline-size: 0; }
.chip { display: flex; align-items: center; gap: 10px; inline-size: 100%; min-block-size: 52px; padding: 7px 14px 7px 10px; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; text-align: start; transition: border-color .15s, background .15s; }
.chip { position: relative; }
.chip b { display: grid; place-items: center; flex: none; min-inline-size: 24px; block-size: 24px; border-radius: 8px; background: var(--accent-soft); color: var(--accent); font-size: 12px; }
.chip > span:not(.unseen) { display: block; min-inline-size: 0; }
.chip .name, .chip .quote { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; line-height: 1.4; }
.chip .name { font-size: 13.5px; font-weight: 600; }
.chip .quote { font-size: 12.5px; color: var(--muted); }
.chip:hover { border-color: var(--accent); background: var(--accent-soft); }
.rating { display: flex; align-items: center; gap: 2px; margin-inline-start: -6px; }
.icon-button.small { min-inline-size: 36px; min-block-size: 36px; padding: 0; }
.icon-button.small svg { inline-size: 18px; block-size: 18px; }
[data-narrow] .icon-button.small { min-inline-size: 42px; min-block-size: 42px; }
.icon-button[aria-pressed="true"] { color: var(--accent); background: var(--accent-soft); }
.icon-button[aria-pressed="true"] svg { fill: color-mix(in srgb, currentColor 28%, transparent); }
.note { margin-inline-start: 8px; font-size: 12.5px; color: var(--muted); }
.comment { display: grid; gap: 8px; inline-size: min(100%, 420px); padding: 12px; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; }
.comment textarea { inline-size: 100%; resize: vertical; padding: 8px 12px; background: var(--ground); border: 1px solid var(--line-strong); border-radius: 10px; font-size: 15px; }
[data-narrow] .comment textarea { font-size: 16px; }
.comment div, .offer { display: flex; flex-wrap: wrap; gap: 8px; }

.primary, .plain { min-block-size: 42px; padding: 0 18px; border-radius: 999px; font-size: 14.5px; font-weight: 600; transition: filter .15s, background .15s; }
.primary { background: var(--accent); color: var(--on-accent); }
.primary:hover:not(:disabled) { filter: brightness(1.1); }
.primary:disabled { background: var(--line); color: var(--muted); }
.plain { border: 1px solid var(--line-strong); background: var(--surface); }
.plain:hover { background: var(--accent-soft); }
.suggestions { display: flex; flex-wrap: wrap; gap: 8px; padding-inline-start: 44px; }
[data-narrow] .suggestions { padding: 0; }
.suggestions .small-title { inline-size: 100%; }
.suggestion { min-block-size: 42px; padding: 8px 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 21px; font-size: 14.5px; line-height: 1.4; text-align: start; transition: border-color .15s, background .15s; }
.suggestion:hover { border-color: var(--accent); background: var(--accent-soft); }

.card { display: flex; flex-wrap: wrap; align-items: center; gap: 12px; padding: 14px 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 16px; animation: appear .22s ease-out; }
.card > div:not(.offer) { flex: 1 1 200px; min-inline-size: 0; overflow-wrap: anywhere; }
.card .title { font-weight: 650; line-height: 1.4; }
.card .detail { font-size: 14px; color: var(--muted); line-height: 1.5; }
.card.failure { background: var(--warn-soft); border-color: transparent; }
.card.failure > svg, .card.failure .title { color: var(--warn); }
.card.failure .detail { color: var(--ink); }
.card.waiting { background: var(--accent-soft); border-color: transparent; }
.card.waiting > svg, .card.person > svg { color: var(--accent); }

.panel { display: flex; flex-direction: column; inline-size: min(460px, 42%); background: var(--surface); border-inline-start: 1px solid var(--line); animation: slide .24s ease-out; }
@keyframes slide { from { opacity: 0; translate: 24px 0; } }
.panel .head { display: flex; align-items: flex-start; gap: 12px; padding: 18px 12px 14px 22px; border-block-end: 1px solid var(--line); }
.panel .head > div { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; }
.panel h2 { font-size: 18px; font-weight: 680; line-height: 1.35; }
.source-name { font-size: 13px; color: var(--muted); }
.document-note { padding: 10px 22px; font-size: 13px; color: var(--muted); border-block-end: 1px solid var(--line); }
.document-note::before { content: ""; display: inline-block; inline-size: 10px; block-size: 10px; margin-inline-end: 8px; border-radius: 3px; background: var(--mark); border: 1px solid var(--mark-line); }
.document-text { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 18px 22px 40px; font-size: 15px; line-height: 1.7; overflow-wrap: anywhere; white-space: pre-wrap; scrollbar-color: var(--line) transparent; }
.document-text:focus-visible { outline-offset: -3px; }
.document-text > * + * { margin-block-start: .7em; }
.document-text h3 { font-size: 15.5px; font-weight: 680; margin-block-start: 1.3em; line-height: 1.4; }
.document-text .row { padding: 8px 12px; background: var(--ground); border-radius: 10px; font-size: 14px; line-height: 1.6; }
mark { background: var(--mark); color: inherit; border-radius: 4px; padding: .12em 0; box-shadow: 0 0 0 2px var(--mark); box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.backdrop { position: absolute; inset: 0; background: #0b0f1273; animation: fade .2s ease-out; }
@keyframes fade { from { opacity: 0; } }
[data-narrow] .panel { position: absolute; inset: auto 0 0; inline-size: 100%; block-size: 82%; border: 0; border-radius: 22px 22px 0 0; box-shadow: var(--shadow); animation-name: rise; }
@keyframes rise { from { translate: 0 40px; opacity: 0; } }
[data-narrow] .panel::before { content: ""; align-self: center; inline-size: 38px; block-size: 4px; margin-block: 8px -6px; border-radius: 2px; background: var(--line); flex: none; }
`;
