/** Every word of the interface in Chinese and English, and how a shown word follows a change of language. */

/** @typedef {"zh" | "en"} Language */

/** @type {Record<string, {zh: string, en: string}>} */
const TEXTS = {
  assistant: { zh: "AI 助手", en: "AI assistant" },
  grounded: { zh: "只根据资料回答", en: "answers from our documents" },
  notice: { zh: "AI 可能出错，重要信息请核对来源。", en: "AI can make mistakes; check the sources." },
  conversation: { zh: "对话内容", en: "Conversation" },
  you: { zh: "您", en: "You" },
  person: { zh: "转人工", en: "Talk to a person" },
  restart: { zh: "新对话", en: "New conversation" },
  switch_language: { zh: "Switch to English", en: "切换到中文" },
  other_language: { zh: "EN", en: "中文" },
  to_dark: { zh: "深色模式", en: "Dark mode" },
  to_light: { zh: "浅色模式", en: "Light mode" },
  open: { zh: "打开聊天", en: "Open chat" },
  close: { zh: "关闭", en: "Close" },
  ask: { zh: "请输入您的问题", en: "Type your question" },
  message: { zh: "消息", en: "Message" },
  send: { zh: "发送", en: "Send" },
  stop: { zh: "停止回答", en: "Stop answering" },
  keys: { zh: "Enter 发送，Shift + Enter 换行", en: "Enter to send, Shift + Enter for a new line" },
  too_long: { zh: "还可以输入 {left} 个字", en: "{left} characters left" },
  suggestions: { zh: "您可以这样问", en: "You could ask" },
  looking: { zh: "正在查找资料…", en: "Looking through our documents…" },
  sources: { zh: "来源", en: "Sources" },
  num_sources: { zh: "{count} 条来源", en: "Sources: {count}" },
  source: { zh: "来源", en: "Source" },
  open_source: { zh: "打开来源 {number}：{title}", en: "Open source {number}: {title}" },
  abstained: { zh: "资料中没有找到", en: "Not found in our documents" },
  refused: { zh: "未处理的请求", en: "Not answered" },
  stopped: { zh: "已停止", en: "Stopped" },
  helpful: { zh: "有帮助", en: "Helpful" },
  unhelpful: { zh: "没有帮助", en: "Not helpful" },
  comment: { zh: "哪里可以改进？（选填）", en: "What could be better? (optional)" },
  comment_up: { zh: "哪里做得好？（选填）", en: "What was good? (optional)" },
  comment_send: { zh: "提交", en: "Submit" },
  comment_skip: { zh: "跳过", en: "Skip" },
  thanks: { zh: "感谢您的反馈", en: "Thank you for your feedback" },
  feedback_failed: { zh: "反馈没有提交成功，请再试一次", en: "The feedback was not saved; please try again" },
  offer: { zh: "需要为您转接人工客服吗？", en: "Shall I pass you to a colleague?" },
  offer_yes: { zh: "好的，转人工", en: "Yes, please" },
  offer_no: { zh: "不用了", en: "No, thanks" },
  waiting: { zh: "已转接人工客服", en: "A colleague has been asked" },
  waiting_detail: { zh: "同事会看到这段对话并尽快回复您，您可以继续补充信息。", en: "They will see this conversation and reply as soon as they can. You can keep writing meanwhile." },
  retry: { zh: "重试", en: "Try again" },
  retry_in: { zh: "{seconds} 秒后可重试", en: "Try again in {seconds} s" },
  offline: { zh: "网络已断开", en: "You are offline" },
  offline_detail: { zh: "消息已保留，网络恢复后会自动发送。", en: "Your message is kept and goes out once you are back online." },
  unreachable: { zh: "暂时连不上服务器", en: "The server cannot be reached" },
  unreachable_detail: { zh: "消息已保留，请稍后重试，不会重复发送。", en: "Your message is kept. Trying again will not send it twice." },
  rate: { zh: "发送得有点快", en: "That was a bit fast" },
  rate_detail: { zh: "请稍等片刻再试，您的消息已保留。", en: "Please wait a moment; your message is kept." },
  busy: { zh: "现在咨询的人较多", en: "We are busy right now" },
  busy_detail: { zh: "请稍后重试，您的消息已保留。", en: "Please try again shortly; your message is kept." },
  broken: { zh: "回答中断了", en: "The answer was interrupted" },
  broken_detail: { zh: "重试会接着处理同一个问题，不会重复发送。", en: "Trying again continues with the same question; nothing is sent twice." },
  rejected: { zh: "这条消息无法发送", en: "This message cannot be sent" },
  gone: { zh: "这段对话已失效", en: "This conversation has ended" },
  gone_detail: { zh: "请开始新的对话。", en: "Please start a new one." },
  denied: { zh: "无法访问这个助手", en: "This assistant is not open to you" },
  document: { zh: "来源文档", en: "Source document" },
  loading: { zh: "正在打开…", en: "Opening…" },
  quoted: { zh: "引用的原文已标出", en: "The quoted passage is highlighted" },
  moved: { zh: "文档已更新，下面是当时引用的原文。", en: "The document has changed since. This is the passage as it was quoted." },
  no_document: { zh: "文档暂时打不开，下面是引用的原文。", en: "The document cannot be opened now. This is the quoted passage." },
  latest: { zh: "回到最新消息", en: "Jump to the latest message" },
};

/** Speaks one language at a time, and re-words what it has worded when the language changes. */
export class Words {
  /** @param {Language} language */
  constructor(language) {
    this.language = language;
  }

  /**
   * The text called `key`, with `{name}` replaced by values.
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  say(key, values = {}) {
    return TEXTS[key][this.language].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  /**
   * Gives an element its words: as text, or as the attributes named (`aria-label`, `placeholder`, `title`).
   * @template {HTMLElement} E
   * @param {E} target
   * @param {string} key
   * @param {{values?: Record<string, string | number>, as?: string[]}} [options]
   * @returns {E}
   */
  word(target, key, { values = {}, as = [] } = {}) {
    target.dataset[as.length ? "sayAs" : "say"] = JSON.stringify({ key, values, as });
    this.#apply(target, { key, values, as });
    return target;
  }

  /** Words everything under `root` again. @param {ParentNode} root */
  reword(root) {
    for (const target of root.querySelectorAll("[data-say], [data-say-as]")) {
      const { say, sayAs } = /** @type {HTMLElement} */ (target).dataset;
      for (const stored of [say, sayAs]) {
        if (stored) this.#apply(/** @type {HTMLElement} */ (target), JSON.parse(stored));
      }
    }
  }

  /**
   * @param {HTMLElement} target
   * @param {{key: string, values: Record<string, string | number>, as: string[]}} wording
   */
  #apply(target, { key, values, as }) {
    const text = this.say(key, values);
    if (as.length === 0) target.textContent = text;
    for (const attribute of as) target.setAttribute(attribute, text);
  }
}

/**
 * The language to begin with: what the visitor chose before, what the page asks for, what the browser prefers.
 * @param {string | null} remembered
 * @param {string | null} wanted
 * @returns {Language}
 */
export function firstLanguage(remembered, wanted) {
  for (const candidate of [remembered, wanted, ...navigator.languages]) {
    const short = candidate?.slice(0, 2).toLowerCase();
    if (short === "zh" || short === "en") return short;
  }
  return "en";
}
