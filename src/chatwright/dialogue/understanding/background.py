"""Things visitors of any business say that begin no flow: questions, answers, small talk, in both languages.

They stand against the flows' own examples in `flow_choice.py`: a message that is nearer to these than to any flow
begins none. Three kinds: what asks for information (`QUESTIONS`), what only has a meaning after something was said
(`ANSWERS`), and what names a subject without saying what is wanted (`VAGUE`), where the bot must ask.
"""

# ruff: noqa: E501 - lists read best in few lines

QUESTIONS: tuple[str, ...] = (
    "When are you open?", "Are you open on public holidays?", "How much does it cost?", "What does shipping cost?",
    "Is there a fee for that?", "Where are you located?", "How do I get to you by bus?", "Can I leave my car somewhere near you?",
    "What is the difference between these two models?", "Which of them would you recommend?", "Do you have this in blue?",
    "Is this product waterproof?", "What material is it made of?", "How long is the guarantee?", "What are your terms?",
    "What are the conditions for a discount?", "Do you accept credit cards?", "Can I pay by instalments?",
    "How many days does that normally take?", "Who pays for that?", "Is it possible on weekends?", "What do I need to bring?",
    "What happens to my data?", "Do you also serve other cities?", "Which things are excluded?", "Tell me more about your company",
    "How does it work?", "What is the deadline?", "Am I allowed to do that?", "Where can I find that number?",
    "你们几点营业", "节假日休息吗", "这个多少钱", "邮费怎么算", "这个要不要手续费", "你们在什么位置", "坐地铁怎么过去", "附近能停车吗",
    "这两款有什么区别", "哪一款比较好", "有没有别的颜色", "防水吗", "是什么材质的", "质保几年", "有什么规定", "有打折活动吗", "能刷信用卡吗",
    "可以分期付款吗", "正常需要几个工作日", "费用由谁出", "周末也可以吗", "需要带什么证件", "我的信息会泄露吗", "外地能不能送", "哪些情况不行",
    "介绍一下你们公司", "具体流程是什么", "最晚什么时候截止", "为什么会这样", "编号在哪儿能找到",
)  # fmt: skip

ANSWERS: tuple[str, ...] = (
    "Hi", "Good morning", "Thank you so much", "Yes", "No", "OK", "Right", "I don't know", "I am not sure",
    "Let me have a look", "Just a moment", "Because it was late", "I already told you",
    "That is not what I said", "Please repeat that", "What do you mean?", "I would like to talk to a person", "Never mind",
    "What a lovely day", "Tell me a joke", "Who won the match yesterday?", "Write a poem about the sea", "You are great",
    "你好", "早上好", "非常感谢", "是的", "不是", "好的", "对", "我不知道", "我不确定", "我看一下", "稍等",
    "因为太晚了", "我刚才说过了", "我不是这个意思", "请再说一次", "什么意思", "我要找人工", "算了", "今天天气真好", "讲个笑话", "昨天比赛谁赢了",
    "写一首关于大海的诗", "你真棒",
)  # fmt: skip

VAGUE: tuple[str, ...] = (
    "My order", "It's about my order", "I have a question about my order", "There is something with my package",
    "I have a problem", "I need help", "Can you help me?", "It's about my account", "My booking", "About my appointment",
    "Regarding my payment", "My bill", "An issue with the product", "I have an issue", "My delivery", "Something is not right",
    "我的订单", "订单的事", "关于我的订单", "订单有问题", "我的快递有点事", "包裹的问题", "我有个问题", "我需要帮助", "能帮帮我吗",
    "关于我的账户", "我的预约", "预约的事情", "付款的问题", "我的账单", "产品有点情况", "出了点问题", "关于配送", "想咨询个事",
)  # fmt: skip
