"""Sentences, the evidence they are said to rest on, and whether it supports them. Written by hand, both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    sentence: str
    evidence: str
    is_supported: bool
    why: str
    question: str = ""


RETURN = "You may return most items within 30 days of delivery for any reason."
REFUND = "We inspect returns within 5 working days of arrival and issue the refund to the original card the same day."
EARBUDS = (
    "No. Pip 2 and Pip 2 Pro cannot be returned for a change of mind once the hygiene seal is broken. "
    "Lull headphones can. Faulty earbuds are always refunded or replaced."
)
HONG_KONG = "Region: Hong Kong; Charge: ¥35; Free from: ¥800; Time: 2–4 days; Notes: by road; power banks allowed"
TAIWAN_JAPAN = "Standard delivery to Taiwan costs ¥65 and takes 4–7 days, and to Macau it costs ¥40 and takes 3–5 days."
WARRANTY = "The N5 has a 12-month warranty, and the Lull headphones have an 18-month warranty."
WIRELESS = "The N5 does not support wireless charging; the N5 Pro supports wireless charging at up to 15 W."
STORE = "The Shenzhen store is open Monday to Friday 10:00–21:30 and the Hong Kong store 11:00–20:30."
SIGN = "Orders worth more than $300 need a signature on delivery."
POWER = "Power banks travel by road only and are not sent to Taiwan or overseas."
PASSWORD = "After five wrong attempts the account is locked for 30 minutes."
EXPRESS = "Express delivery costs ¥20 extra per order, and orders paid by 12:00 are delivered the next day."
PRO = "The N5 Pro is sold with a 65 W charger."
MIN = "Points can be used from 500 points upwards and pay for up to 20% of the order."
UPDATES = "The N5 Pro gets security updates until March 2031."

ZH_RETURN = "自签收次日零时起 7 天内，商品完好、配件齐全、不影响二次销售的，可以申请无理由退货。"
ZH_GOLD = "金栗会员的期限延长到 15 天。"
ZH_EARBUDS = "入耳式的小啾 2 和小啾 2 Pro 撕开卫生封条后不能无理由退货；头戴式静界可以试听后在 7 天内退。"
ZH_HK = "地区：香港；运费：35 元；免运费门槛：满 800 元；送达时间：2–4 天；说明：陆运，可寄充电宝"
ZH_SHIP = "寄往台湾运费 65 元，4–7 天送达；寄往澳门运费 40 元，3–5 天送达。"
ZH_REFUND = "信用卡：5 至 7 个工作日；"
ZH_INVOICE = "确认收货后 24 小时内，电子发票自动发到您的邮箱，也可以在“我的订单—发票”下载。"
ZH_WIRELESS = "N5 不支持无线充电；N5 Pro 支持最高 15 W 无线充电。"
ZH_WARRANTY = "N5 手机保修 12 个月，静界耳机保修 18 个月。"
ZH_SIGN = "单价 2000 元以上的商品须本人或您指定的代收人签收。"
ZH_PRICE = "签收后 15 天内，同一商品在官网降价的，可以申请退差价，每件商品限一次。"
ZH_COUPON = "每单限用一张，不能与其他优惠券叠加，可以与积分同用。"
ZH_STORE = "深圳门店营业时间为 10:00–21:30，香港门店营业时间为 11:00–20:30。"
ZH_POINTS = "100 积分抵 1 元，最多抵订单金额的 20%，单次至少使用 500 积分。"
ZH_DISCOUNT = "一次购买 50 台以上打九五折，20 台以上打九七折。"
ZH_PHONE = "拨打 400-000-5217，每天 9:00–21:00；也可以发邮件到 care@lumarron.example。"
ZH_PASSWORD = "连续输错 5 次会锁定 30 分钟。"
ZH_SPRING = "春节期间 2027 年 2 月 4 日至 2 月 10 日停止发货，2 月 11 日恢复发货。"

CASES = [
    # English, supported
    Case("You can return most items within 30 days of delivery.", RETURN, True, "shorter"),
    Case("Most items may be returned within thirty days of delivery.", RETURN, True, "number in words"),
    Case("According to our policy, you may return most items within 30 days of delivery.", RETURN, True, "framing"),
    Case("We inspect returns within 5 working days of arrival.", REFUND, True, "first half"),
    Case("Returns are inspected within five business days of arrival.", REFUND, True, "working = business days"),
    Case("Lull headphones can be returned.", EARBUDS, True, "the clause that allows"),
    Case("No, Pip 2 and Pip 2 Pro cannot be returned once the hygiene seal is broken.", EARBUDS, True, "denial kept"),
    Case("The charge for Hong Kong is ¥35.", HONG_KONG, True, "table row"),
    Case("Delivery to Macau costs ¥40 and takes 3–5 days.", TAIWAN_JAPAN, True, "one of two"),
    Case("The N5 has a 12-month warranty.", WARRANTY, True, "one of two"),
    Case("The warranty of the Lull headphones is 18 months.", WARRANTY, True, "one of two, turned"),
    Case("The N5 does not support wireless charging.", WIRELESS, True, "denial kept"),
    Case("The N5 Pro supports wireless charging at up to 15 W.", WIRELESS, True, "copied"),
    Case("The Hong Kong store is open 11:00–20:30.", STORE, True, "one of two"),
    Case("Orders over $300 need a signature.", SIGN, True, "more than = over"),
    Case("Power banks are not sent to Taiwan.", POWER, True, "denial kept"),
    Case("The account is locked for 30 minutes after 5 wrong attempts.", PASSWORD, True, "turned round"),
    Case("Express delivery costs an extra ¥20 per order.", EXPRESS, True, "first half"),
    Case("The N5 Pro gets security updates until March 2031.", UPDATES, True, "copied"),
    Case("You can pay for up to 20% of the order with points.", MIN, True, "limit kept"),
    # English, not supported
    Case("You can return most items within 14 days of delivery.", RETURN, False, "wrong number"),
    Case("You can return most items within 30 weeks of delivery.", RETURN, False, "wrong unit"),
    Case("You can return most items within 30 working days of delivery.", RETURN, False, "another kind of day"),
    Case("You cannot return most items within 30 days of delivery.", RETURN, False, "added denial"),
    Case("You may return items after at least 30 days of delivery.", RETURN, False, "at least for within"),
    Case("You may always return all items for any reason, guaranteed.", RETURN, False, "always, all, guaranteed"),
    Case("You can return opened earbuds within 30 days of delivery.", RETURN, False, "earbuds come from the question",
         "Can I return opened earbuds?"),
    Case("Yes, you get your money back within 60 days.", RETURN, False, "the question's number", "60 days, right?"),
    Case("The refund is issued after 5 days.", REFUND, False, "days for working days"),
    Case("Pip 2 can be returned once the hygiene seal is broken.", EARBUDS, False, "dropped denial"),
    Case("Lull headphones cannot be returned.", EARBUDS, False, "denial of the neighbour"),
    Case("Faulty earbuds are never refunded.", EARBUDS, False, "turned round"),
    Case("The charge for Hong Kong is ¥800.", HONG_KONG, False, "number of another column"),
    Case("The charge for Macau is ¥35.", HONG_KONG, False, "another place"),
    Case("Delivery to Hong Kong is free.", HONG_KONG, False, "condition lost"),
    Case("The charge for Hong Kong is $35.", HONG_KONG, False, "another currency"),
    Case("Delivery to Macau costs ¥65.", TAIWAN_JAPAN, False, "swapped"),
    Case("Delivery to Taiwan takes 3–5 days.", TAIWAN_JAPAN, False, "swapped"),
    Case("The N5 has an 18-month warranty.", WARRANTY, False, "swapped"),
    Case("The Lull headphones have a 12-month warranty.", WARRANTY, False, "swapped"),
    Case("The N5 supports wireless charging.", WIRELESS, False, "dropped denial"),
    Case("The N5 Pro does not support wireless charging.", WIRELESS, False, "denial of the neighbour"),
    Case("The Shenzhen store is open until 20:30.", STORE, False, "swapped"),
    Case("The Shanghai store is open Monday to Friday 10:00–21:30.", STORE, False, "another name"),
    Case("The Shenzhen store is open Monday to Sunday 10:00–21:30.", STORE, False, "another day"),
    Case("Orders worth less than $300 need a signature.", SIGN, False, "limit turned"),
    Case("Orders worth $300 need a signature.", SIGN, False, "limit lost"),
    Case("Power banks are sent to Taiwan.", POWER, False, "dropped denial"),
    Case("The account is locked for 5 minutes after 30 wrong attempts.", PASSWORD, False, "numbers exchanged"),
    Case("Express delivery is available in every zone.", EXPRESS, False, "invented"),
    Case("The N5 is sold with a 65 W charger.", PRO, False, "Pro dropped"),
    Case("You can use at most 500 points.", MIN, False, "limit turned"),
    Case("You must pay at least 20% of the order.", MIN, False, "limit turned"),
    Case("The N5 Pro gets security updates until March 2030.", UPDATES, False, "wrong year"),
    Case("We hope you enjoy your new phone and our award-winning service.", RETURN, False, "invented"),
    Case("No.", RETURN, False, "bare denial"),
    Case("Opened earbuds can be returned within 7 days.",
         "You can return goods within 7 days of delivery. Opened earbuds cannot be returned.", False, "number of another clause"),
    # Chinese, supported
    Case("签收次日起7天内可以申请无理由退货。", ZH_RETURN, True, "shorter"),
    Case("您好，根据资料，七天内可以申请无理由退货。", ZH_RETURN, True, "framing, number in words"),
    Case("金栗会员的期限延长到15天。", ZH_GOLD, True, "copied"),
    Case("小啾 2 撕开卫生封条后不能无理由退货。", ZH_EARBUDS, True, "denial kept"),
    Case("静界可以试听后在7天内退货。", ZH_EARBUDS, True, "the clause that allows"),
    Case("香港的运费是35元。", ZH_HK, True, "table row"),
    Case("寄到香港的运费为 ¥35，送达时间2–4天。", ZH_HK, True, "two cells"),
    Case("寄往澳门的运费是40元，3至5天送达。", ZH_SHIP, True, "one of two"),
    Case("信用卡需要5–7个工作日。", ZH_REFUND, True, "range"),
    Case("电子发票会在确认收货后24小时内自动发到您的邮箱。", ZH_INVOICE, True, "turned"),
    Case("N5 不支持无线充电。", ZH_WIRELESS, True, "denial kept"),
    Case("N5 Pro 支持最高15W无线充电。", ZH_WIRELESS, True, "copied"),
    Case("静界耳机的保修期是18个月。", ZH_WARRANTY, True, "one of two"),
    Case("签收后15天内降价，可以申请退差价。", ZH_PRICE, True, "shorter"),
    Case("优惠券不能与其他优惠券叠加。", ZH_COUPON, True, "denial kept"),
    Case("深圳门店营业时间是10:00–21:30。", ZH_STORE, True, "one of two"),
    Case("单次至少使用500积分。", ZH_POINTS, True, "limit kept"),
    Case("您可以拨打400-000-5217，每天9:00至21:00。", ZH_PHONE, True, "phone and hours"),
    Case("连续输错五次会锁定30分钟。", ZH_PASSWORD, True, "number in words"),
    Case("2月11日恢复发货。", ZH_SPRING, True, "date"),
    # Chinese, not supported
    Case("签收次日起30天内可以申请无理由退货。", ZH_RETURN, False, "wrong number"),
    Case("7天内不可以申请无理由退货。", ZH_RETURN, False, "added denial"),
    Case("7个工作日内可以申请无理由退货。", ZH_RETURN, False, "another kind of day"),
    Case("7周内可以申请无理由退货。", ZH_RETURN, False, "wrong unit"),
    Case("金栗会员可以终身免费退货。", ZH_GOLD, False, "invented"),
    Case("小啾 2 撕开卫生封条后可以无理由退货。", ZH_EARBUDS, False, "dropped denial"),
    Case("静界不能退。", ZH_EARBUDS, False, "denial of the neighbour"),
    Case("香港的运费是800元。", ZH_HK, False, "number of another column"),
    Case("澳门的运费是35元。", ZH_HK, False, "another place"),
    Case("香港免运费。", ZH_HK, False, "condition lost"),
    Case("香港的运费是35美元。", ZH_HK, False, "another currency"),
    Case("寄往澳门运费65元。", ZH_SHIP, False, "swapped"),
    Case("寄往台湾3–5天送达。", ZH_SHIP, False, "swapped"),
    Case("信用卡5至7天到账。", ZH_REFUND, False, "days for working days"),
    Case("电子发票在下单后24小时内发到您的邮箱。", ZH_INVOICE, False, "another start"),
    Case("N5 支持无线充电。", ZH_WIRELESS, False, "dropped denial"),
    Case("N5 Pro 不支持无线充电。", ZH_WIRELESS, False, "denial of the neighbour"),
    Case("N5 手机保修18个月。", ZH_WARRANTY, False, "swapped"),
    Case("单价2000元以下的商品须本人签收。", ZH_SIGN, False, "limit turned"),
    Case("优惠券可以与其他优惠券叠加。", ZH_COUPON, False, "dropped denial"),
    Case("香港门店营业到21:30。", ZH_STORE, False, "swapped"),
    Case("广州门店营业时间为10:00–21:30。", ZH_STORE, False, "another name"),
    Case("单次最多使用500积分。", ZH_POINTS, False, "limit turned"),
    Case("购买20台打九五折。", ZH_DISCOUNT, False, "swapped, limit lost"),
    Case("连续输错30次会锁定5分钟。", ZH_PASSWORD, False, "numbers exchanged"),
    Case("2月10日恢复发货。", ZH_SPRING, False, "swapped date"),
    Case("支持30天退款，您放心购买。", ZH_RETURN, False, "the question's number", "30天可以退款对吧？"),
    Case("感谢您选择我们，我们还赠送精美礼品一份。", ZH_RETURN, False, "invented"),
    Case("刻字商品7天内可以退货。", "签收后 7 天内可以退货。刻字商品不能退货。", False, "number of another clause"),
    Case("可以联系 Amazon 客服退货。", ZH_RETURN, False, "another name"),
]  # fmt: skip
