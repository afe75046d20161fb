"""The texts of the binary files of knowledge/, as values for make_files.py. All facts are invented."""
# ruff: noqa: E501  (sentences of the documents stay on one line)

from collections.abc import Sequence

Rows = Sequence[Sequence[str]]
Block = str | Rows  # "# x" is a heading, "- x" a list item, other strings are paragraphs, rows are a table

WARRANTY_EN: list[Block] = [
    "# Limited warranty",
    "Effective 1 September 2026. This warranty is given by Lumarron for products bought from our website, app or stores. "
    "It adds to your rights under the law of your country and does not limit them.",
    "# 1. Warranty periods",
    "The period starts on the day of delivery or, in a store, on the day of purchase.",
    [
        ["Product", "Mainland China, HK, Macau, Taiwan", "EU and UK", "Other countries"],
        ["Phones N5, N5 Pro", "12 months", "24 months", "12 months"],
        ["Tablets Quire 11", "12 months", "24 months", "12 months"],
        ["Earbuds Pip 2, Pip 2 Pro", "12 months", "24 months", "12 months"],
        ["Lull headphones", "18 months", "24 months", "18 months"],
        ["Eaves hub, Wren camera", "24 months", "24 months", "24 months"],
        ["Tallow bulbs", "24 months", "24 months", "24 months"],
        ["Wicket smart lock", "36 months", "not sold", "not sold"],
        ["Chargers CH-33, CH-65, pad WP-15", "18 months", "24 months", "18 months"],
        ["Power banks PW-10, PW-20", "12 months", "not sold", "not sold"],
        ["Stylus ST-2, keyboard KB-11", "6 months", "24 months", "6 months"],
        ["Cables and cases", "3 months", "24 months", "3 months"],
    ],
    "# 2. Batteries",
    "A built-in phone or tablet battery is replaced free of charge if its full capacity falls below 80% within 12 months "
    "or 500 charge cycles, whichever comes first. Outside those limits, loss of capacity is normal wear. "
    "The AA cells of the Wicket lock are not covered.",
    "# 3. Screens",
    "One bright or dark pixel is within tolerance. Three or more defective pixels on an N5 or Quire 11, or a single "
    "defective pixel on an N5 Pro, entitle you to a free screen within the warranty period.",
    "# 4. What is not covered",
    "- Drops, pressure, liquid beyond the stated protection rating, fire and lightning.",
    "- Water damage to an N5 Pro is covered only if the liquid indicators show fresh water; salt water, chlorine and "
    "soap are not covered even though the phone is IP68.",
    "- Opening or repair by anybody other than us or an authorised partner.",
    "- Altered system software, and damage caused by chargers without certification.",
    "- Wear of ear tips, cable jackets, keyboard fabric and stylus tips.",
    "- Loss of data. Please back up before service.",
    "# 5. Warranty across borders",
    "Goods bought in mainland China are not serviced in Hong Kong; please post them to our mainland repair centre. Goods "
    "bought overseas are not covered in mainland stores; they are repaired through the Singapore returns centre. "
    "The Hong Kong store serves goods bought in Hong Kong.",
    "# 6. After a repair",
    "A repaired part carries 90 days of warranty or the rest of the original period, whichever is longer. A replacement "
    "device continues the original period; it does not start a new one.",
    "# 7. How to claim",
    "Proof of purchase is the order record in your account or the store receipt. Without proof, the period is counted "
    "from the date of manufacture plus 60 days. The steps are described in repair.docx. The warranty stays with the "
    "device when you sell or give it away, provided that the proof of purchase goes with it.",
]

WARRANTY_ZH: list[Block] = [
    "# 保修条款",
    "自 2026 年 9 月 1 日起生效。适用于在栗光数码官网、应用和直营门店购买的商品。本条款不影响您依法享有的三包权利。",
    "# 一、保修期限",
    "保修期从签收之日起算，门店购买的从购买之日起算。",
    [
        ["商品", "大陆与港澳台", "欧盟、英国", "其他国家"],
        ["手机 N5、N5 Pro", "12 个月", "24 个月", "12 个月"],
        ["平板 Quire 11", "12 个月", "24 个月", "12 个月"],
        ["小啾 2、小啾 2 Pro", "12 个月", "24 个月", "12 个月"],
        ["静界头戴式耳机", "18 个月", "24 个月", "18 个月"],
        ["中枢 Eaves、摄像头小瞳", "24 个月", "24 个月", "24 个月"],
        ["微光灯泡", "24 个月", "24 个月", "24 个月"],
        ["守门智能门锁", "36 个月", "不销售", "不销售"],
        ["充电器 CH-33、CH-65，充电板 WP-15", "18 个月", "24 个月", "18 个月"],
        ["充电宝 PW-10、PW-20", "12 个月", "不销售", "不销售"],
        ["手写笔 ST-2、键盘 KB-11", "6 个月", "24 个月", "6 个月"],
        ["数据线、保护壳", "3 个月", "24 个月", "3 个月"],
    ],
    "# 二、电池",
    "手机、平板的内置电池，12 个月内或充电循环 500 次以内（以先到者为准），最大容量低于 80% 的，免费更换。"
    "超出上述范围的容量下降属于正常损耗。门锁的 5 号电池不在保修范围内。",
    "# 三、屏幕",
    "一个亮点或暗点属于允许范围。N5、Quire 11 出现三个及以上坏点，N5 Pro 出现一个坏点，保修期内免费换屏。",
    "# 四、不在保修范围的情况",
    "- 摔落、挤压、火灾、雷击，以及超出防护等级的进水。",
    "- N5 Pro 虽为 IP68，但海水、泳池水、肥皂水造成的损坏不保修，只有淡水进水可以保修。",
    "- 由本店和授权维修点以外的人拆机或维修。",
    "- 刷入非官方系统，使用没有认证的充电器造成的损坏。",
    "- 耳塞套、线材外皮、键盘面料、手写笔笔尖的磨损。",
    "- 数据丢失。送修前请自行备份。",
    "# 五、跨地区保修",
    "大陆购买的商品，香港门店不受理，请寄回大陆维修中心。海外购买的商品在大陆门店不享受保修，须寄新加坡退货中心。"
    "香港门店只受理香港购买的商品。",
    "# 六、维修后的保修",
    "更换的零件保修 90 天或至原保修期结束，以较长者为准。换新的整机沿用原保修期，不重新计算。",
    "# 七、怎样申请保修",
    "凭账户里的订单记录或门店电子小票。没有购买凭证的，从出厂日期加 60 天起算。步骤见《维修流程》。"
    "商品转让后保修继续有效，但须一并转交购买凭证。",
]

REPAIR_ZH: list[Block] = [
    "# 维修流程",
    "本文说明送修的步骤、时间和收费。是否免费，看《保修条款》；买了栗光守护的意外损坏，另付服务费。",
    "# 一、送修方式",
    "- 寄修：在应用“售后—维修”填写故障，预约上门取件。保修期内大陆地址免运费；保修期外单程 15 元。",
    "- 到店：苏州旗舰店、上海静安店现场换屏约 2 小时，换电池约 1 小时；深圳南山店换屏两个工作日；杭州拱墅店只代收。",
    "- 香港：观塘店只收香港购买的商品，一般 7 个工作日。",
    "# 二、五个步骤",
    "- 登记：核对序列号和购买凭证，填写故障单。",
    "- 检测：收到后 2 个工作日内完成。保修期外检测费 50 元，同意维修的免收；金栗会员免收。",
    "- 报价：短信发送报价单，7 天内有效。7 天内没有回复的，原样寄回，收取检测费和运费。",
    "- 维修：零件有货的 3 个工作日内修好，缺件的最长 15 个工作日。",
    "- 寄回：修好当天或次日寄出。寄修全程一般 5 至 7 个工作日。",
    "# 三、常见维修价格（保修期外，含工费）",
    [
        ["项目", "N5", "N5 Pro", "Quire 11"],
        ["更换屏幕", "469 元", "799 元", "689 元"],
        ["更换电池", "149 元", "169 元", "199 元"],
        ["更换后盖", "99 元", "189 元", "不提供"],
        ["更换充电接口", "129 元", "159 元", "149 元"],
        ["更换后置摄像头", "259 元", "459 元", "199 元"],
        ["更换主板", "899 元", "1499 元", "1099 元"],
    ],
    "小啾 2 单只耳机 99 元，充电仓 119 元；小啾 2 Pro 单只 189 元，充电仓 199 元。静界换头梁 129 元，耳罩一对 59 元。",
    "# 四、备用机",
    "手机维修预计超过 3 个工作日的，苏州、上海、深圳门店可以借备用机，押金 500 元，归还后即时退还，最多借 20 天。平板没有备用机。",
    "# 五、数据与隐私",
    "更换主板会清除全部数据。请在送修前备份并退出账户锁。维修人员不会索要锁屏密码，检测需要时请您现场解锁。",
    "# 六、无人认领",
    "修好后连续 90 天无人领取、三次通知无回应的，按每天 2 元收取保管费，满一年按无主物处理。",
]

REPAIR_EN: list[Block] = [
    "# How a repair works",
    "This document is for devices bought overseas or in Hong Kong. For mainland China, see the Chinese document.",
    "# 1. Ways to hand in a device",
    "- Overseas: by post to the Singapore returns centre, with a return number (RMA) from My orders. "
    "Allow 15 working days from arrival to dispatch.",
    "- Hong Kong: at the Kwun Tong store, for goods bought in Hong Kong; usually 7 working days.",
    "- There is no walk-in repair overseas and no loan phone outside mainland China.",
    "# 2. Steps",
    "- Registration: we check the serial number and the proof of purchase.",
    "- Diagnosis: within 3 working days. Outside the warranty it costs $10, waived if you accept the repair.",
    "- Quotation: by e-mail, valid for 14 days. Without an answer we return the device and charge diagnosis and postage.",
    "- Repair and test: 24 hours of burn-in for main boards, water-pressure test for the N5 Pro.",
    "- Return: by tracked post.",
    "# 3. Prices outside the warranty (US dollars, postage not included)",
    [
        ["Work", "N5", "N5 Pro", "Quire 11 Wi-Fi"],
        ["Screen", "$75", "$125", "$109"],
        ["Battery", "$29", "$32", "$36"],
        ["Back cover", "$18", "$32", "not offered"],
        ["Charging port", "$24", "$29", "$27"],
        ["Main board", "$139", "$229", "$169"],
    ],
    "Earbuds and headphones are replaced rather than repaired overseas: within the warranty free of charge, outside it "
    "at 30% below the current price.",
    "# 4. Parts and repair by yourself",
    "Screens, batteries and back covers for the N5 are sold to private customers as kits with tools, with a manual in "
    "English and German. Fitting them yourself does not end the warranty of the other parts. "
    "There are no kits for the N5 Pro, because its water seal needs a press.",
    "# 5. Data",
    "Replacing the main board erases everything. Back up and sign out first. We never ask for your screen lock code.",
]

MEMBERSHIP_EN: list[Block] = [
    "# Membership and points (overseas accounts)",
    "Accounts with an overseas delivery address join the same three tiers as in mainland China, with other thresholds "
    "and fewer benefits. Tiers are worked out every night from the last 12 months.",
    [
        ["Benefit", "Sprout", "Silver", "Gold"],
        ["Spend in 12 months", "none", "$300", "$900"],
        ["Points multiplier", "1×", "1.2×", "1.5×"],
        ["Birthday month", "2×", "2×", "3×"],
        ["Free delivery", "above the normal threshold", "threshold halved", "every order"],
        ["Priority e-mail", "no", "no", "yes, within 8 working hours"],
    ],
    "# Earning and using points",
    "You earn 7 points for every dollar paid. 700 points are worth $1. At least 1,400 points must be used at a time, and "
    "at most 20% of an order can be paid with points. Points expire 24 months after they were earned. They cannot be "
    "transferred between accounts, not even between your own mainland and overseas accounts.",
    "# What overseas members do not get",
    "The 15-day return, the free express delivery and the free diagnosis of Gold members are mainland China benefits. "
    "Overseas orders have 30 days for every tier.",
    "# Reviews and referrals",
    "A review with a photograph earns 150 points, at most one per order. There is no referral reward overseas.",
]

PRICES: dict[str, Rows] = {
    "手机平板 Phones & tablets": [
        [
            "型号 Model",
            "品名 Product",
            "价格 Price (¥)",
            "Price (US$)",
            "库存 Stock",
            "保修 Warranty (months, mainland)",
        ],
        ["N5-128", "栗光 N5 128 GB", "2399", "339", "有货 in stock", "12"],
        ["N5-256", "栗光 N5 256 GB", "2699", "379", "有货 in stock", "12"],
        ["N5P-256", "栗光 N5 Pro 256 GB", "3699", "519", "有货 in stock", "12"],
        ["N5P-512", "栗光 N5 Pro 512 GB", "4199", "589", "缺货，12 月 10 日到货 / back on 10 December", "12"],
        ["QR-11W", "Quire 11 Wi-Fi 128 GB", "2199", "309", "有货 in stock", "12"],
        ["QR-11C", "Quire 11 5G 256 GB", "2799", "399", "少量 low stock", "12"],
        ["QR-10", "Quire 10", "1599", "—", "停产 discontinued", "12"],
    ],
    "音频 Audio": [
        [
            "型号 Model",
            "品名 Product",
            "价格 Price (¥)",
            "Price (US$)",
            "库存 Stock",
            "保修 Warranty (months, mainland)",
        ],
        ["PB-20", "小啾 2 / Pip 2", "299", "42", "有货 in stock", "12"],
        ["PB-21P", "小啾 2 Pro / Pip 2 Pro", "599", "85", "有货 in stock", "12"],
        ["HP-10", "静界 / Lull", "899", "129", "少量 low stock", "18"],
    ],
    "智能家居 Smart home": [
        [
            "型号 Model",
            "品名 Product",
            "价格 Price (¥)",
            "Price (US$)",
            "库存 Stock",
            "保修 Warranty (months, mainland)",
        ],
        ["NH-1", "中枢 / Eaves hub", "349", "49", "有货 in stock", "24"],
        ["CM-2", "小瞳摄像头 / Wren camera", "269", "39", "有货 in stock", "24"],
        ["GB-1", "微光灯泡单只 / Tallow bulb", "59", "9", "有货 in stock", "24"],
        ["GB-4", "微光灯泡四只装 / Tallow pack of 4", "199", "29", "缺货，到货时间未定 / out of stock, no date", "24"],
        ["LK-3", "守门智能门锁 / Wicket lock", "1299", "—", "有货 in stock", "36"],
    ],
    "充电与配件 Power & accessories": [
        [
            "型号 Model",
            "品名 Product",
            "价格 Price (¥)",
            "Price (US$)",
            "库存 Stock",
            "保修 Warranty (months, mainland)",
        ],
        ["CH-33", "33 W 充电器 / charger", "79", "12", "有货 in stock", "18"],
        ["CH-65", "65 W 充电器 / charger", "149", "22", "有货 in stock", "18"],
        ["WP-15", "15 W 无线充电板 / wireless pad", "119", "17", "有货 in stock", "18"],
        ["PW-10", "充电宝 10000 mAh / power bank", "129", "—", "有货 in stock", "12"],
        ["PW-20", "充电宝 20000 mAh / power bank", "199", "—", "少量 low stock", "12"],
        ["CB-1", "USB-C 线 1 米 / cable 1 m", "29", "5", "有货 in stock", "3"],
        ["CB-2", "USB-C 线 2 米 / cable 2 m", "39", "6", "有货 in stock", "3"],
        ["ST-2", "手写笔 / stylus", "399", "57", "有货 in stock", "6"],
        ["ST-2T", "手写笔笔尖三支装 / stylus tips, 3", "39", "6", "有货 in stock", "—"],
        ["KB-11", "键盘保护套 / keyboard cover", "599", "85", "缺货，12 月 20 日到货 / back on 20 December", "6"],
        ["CS-N5", "N5 保护壳 / case", "69", "10", "有货 in stock", "3"],
        ["CS-N5P", "N5 Pro 保护壳 / case", "79", "11", "有货 in stock", "3"],
    ],
}

COMPLAINTS_ZH: list[tuple[str, list[str]]] = [
    ("投诉处理办法", ["栗光数码客户关怀部", "2026 年 9 月版"]),
    (
        "怎样投诉",
        [
            "应用“我的—意见与投诉”、热线 400-000-5217 转 9、邮箱 complaints@lumarron.example",
            "请提供订单号、经过和您的诉求；匿名投诉会登记，但无法回访",
            "收到后 4 个工作小时内首次回复，并给出 8 位受理编号",
        ],
    ),
    (
        "三级处理",
        [
            "一级：客服专员，2 个工作日内给出方案",
            "二级：客户关怀主管，5 个工作日内给出方案",
            "三级：客户关怀总监会同法务，10 个工作日内书面答复",
            "对方案不满意，可以在收到后 15 天内要求升级",
        ],
    ),
    (
        "补偿标准",
        [
            "发货延误超过承诺时间 48 小时：20 元优惠券",
            "发错、漏发商品：免费补发，另赠 30 元优惠券",
            "安装师傅失约：退还安装费，另赠 50 元优惠券",
            "客服首次回复超时：500 积分",
            "同一事件只按最高一项补偿",
        ],
    ),
    (
        "仍未解决",
        ["可以向苏州市消费者组织投诉，或依合同向苏州工业园区人民法院起诉", "投诉期间不影响退换货时限，时限自动中止"],
    ),
]

COMPLAINTS_EN: list[tuple[str, list[str]]] = [
    ("Handling complaints from overseas customers", ["Lumarron Customer Care", "September 2026"]),
    (
        "How to complain",
        [
            "Write to complaints@lumarron.example with your order number, what happened and what you would like us to do",
            "First reply within 1 working day, with an eight-digit case number",
            "Complaints are handled in English, Chinese and Japanese",
        ],
    ),
    (
        "Three levels",
        [
            "Level 1: support agent, proposal within 3 working days",
            "Level 2: customer care lead, proposal within 7 working days",
            "Level 3: head of customer care, written answer within 15 working days",
            "You may ask for the next level within 30 days of our proposal",
        ],
    ),
    (
        "Compensation",
        [
            "Dispatch more than 3 working days late: $5 coupon",
            "Wrong or missing item: sent free of charge, plus a $5 coupon",
            "A repair that takes longer than 30 working days: a replacement device of the same model",
            "Only the highest item applies to one event",
        ],
    ),
]
