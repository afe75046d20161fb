"""Postal addresses, taken out of what is said around them."""

import pytest

from chatwright.dialogue.extract.addresses import read_addresses
from chatwright.language.in_place import fold_in_place


@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        ("", "广东省深圳市南山区科技园路1号A座502室", ""), ("我的地址是", "北京市朝阳区建国路88号", "，谢谢"), ("寄到", "上海市浦东新区世纪大道100号环球金融中心20楼", "吧"),
        ("地址改成", "杭州市西湖区文三路478号3单元402", ""), ("", "香港九龙弥敦道100号5楼B室", ""), ("地址：", "台北市信義區市府路45號", "。"), ("请送到", "重庆市渝中区解放碑步行街12号", "，谢谢"),
        ("我住在", "天河区体育西路103号维多利广场A座18层", ""), ("", "江苏省苏州市工业园区星湖街328号创意产业园5栋3楼", "，电话13800138000"), ("不对，应该是", "人民路12弄3号501室", ""),
        ("还是得换，AB1234改地址，改到", "南京市鼓楼区中山路18号", ""), ("那单帮我改地址，送到", "长沙市岳麓区麓山南路1号", ""),
        ("deliver it to ", "8 Avenue de la Gare, 1003 Lausanne", " please"), ("an ", "Lindenallee 7, 50968 Köln", " please"), ("a ", "Calle Serrano 41, 28001 Madrid", ""),
        ("", "123 Main Street, Springfield, IL 62704", ""), ("send it to ", "Flat 3, 10 Downing Street, London SW1A 2AA", " please"), ("My address is ", "45 Queen's Road Central, Hong Kong", " and my phone is 1234"),
        ("", "221B Baker Street", ""), ("", "PO Box 123, Reno NV 89501", ""), ("I live at ", "5 Elm St. Apt 4, Boston, MA 02110", "."), ("change the address to ", "7 Oak Avenue, Leeds LS1 4AB", ""),
        ("It's ", "1600 Pennsylvania Avenue NW, Washington, DC 20500", ", thanks"), ("ship to ", "Unit 5, 88 Harbour Road, Wan Chai, Hong Kong", ""),
    ],
)  # fmt: skip
def test_addresses(before: str, address: str, after: str) -> None:
    text = before + address + after
    (reading,) = read_addresses(text, fold_in_place(text))
    assert (reading.value, reading.start) == (address, len(before))


@pytest.mark.parametrize("text", ["浦东新区张江镇", "Rose Cottage, Church Lane, Ambleside LA22 9AB", "深圳市南山区"])
def test_less_exact_ones_only_when_asked(text: str) -> None:
    assert read_addresses(text, fold_in_place(text)) == []
    (reading,) = read_addresses(text, fold_in_place(text), is_asked=True)
    assert reading.value == text
    assert reading.confidence < 0.8


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今天天气不错",
        "what is your address?",
        "我想退货",
        "二号线",
        "AB123456",
        "next Friday at 3",
        "你们在哪条路",
        "I want to return 3 items",
        "13800138000",
    ],
)
def test_no_address(text: str) -> None:
    assert read_addresses(text, fold_in_place(text), is_asked=True) == []
