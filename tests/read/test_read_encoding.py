"""What bytes mean: marks, headers, the page's own word, a guess."""

import pytest

from dedup.read.encoding import html_as_utf8, text_as_utf8

GERMAN = "Über die Straße führen Äpfel, Öl und süße Früchte; größere Mühlen mahlen. " * 3
RUSSIAN = "Гавань замёрзла прошлой ночью, и паромы остались у причала. " * 3
JAPANESE = "昨夜港が凍りつき、毎朝湖を渡る連絡船は動けなくなりました。①～㈱ " * 3
CHINESE = "昨夜港口结冰,每天早晨渡湖的轮船都停在原处。" * 3
TAIWANESE = "昨夜港口結冰,每天早晨渡湖的輪船都停在原處。" * 3
KOREAN = "어젯밤 항구가 얼어붙어 배가 움직이지 못했습니다. 뷁 " * 3
THAI = "เมื่อคืนท่าเรือกลายเป็นน้ำแข็ง " * 3

# text, the codec that a browser uses, the label that a page bears
LABELLED = [
    (GERMAN, "cp1252", "ISO-8859-1"),
    (RUSSIAN, "cp1251", "windows-1251"),
    (RUSSIAN, "koi8-r", "koi8-r"),
    (JAPANESE, "cp932", "shift_jis"),
    (JAPANESE, "cp932", "x-sjis"),
    (JAPANESE.replace("①～㈱", ""), "euc_jp", "euc-jp"),
    (JAPANESE.replace("①～㈱", ""), "iso2022_jp", "iso-2022-jp"),
    (CHINESE, "gb18030", "gb2312"),
    (TAIWANESE, "big5", "big5"),
    (KOREAN, "cp949", "euc-kr"),
    (THAI, "cp874", "tis-620"),
]


def page(text, label=""):
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
    return f"<html><head>{meta}<title>x</title></head><body>{text}</body></html>"


@pytest.mark.parametrize(("text", "codec", "label"), LABELLED)
def test_labels_mean_what_browsers_take_them_for(text, codec, label):
    sent = html_as_utf8(page(text).encode(codec), f"text/html; charset={label}")
    assert sent.decode() == page(text)
    assert html_as_utf8(page(text, label).encode(codec)).decode() == page(text, label)


@pytest.mark.parametrize(
    ("text", "codec"),
    [(t, c) for t, c, label in LABELLED if label not in {"euc-kr", "iso-2022-jp"}],
)
def test_a_label_with_which_most_is_broken_is_not_believed(text, codec):
    data = page(text).encode(codec)
    assert html_as_utf8(data, "text/html; charset=utf-8").decode() == page(text)


@pytest.mark.parametrize("label", ["shift_jis", "gb2312", "big5", "euc-jp", "euc-kr"])
def test_utf_8_under_the_label_of_another_script_is_utf_8(label):
    assert html_as_utf8(page(RUSSIAN + THAI).encode(), f"text/html; charset={label}").decode() == (
        page(RUSSIAN + THAI)
    )


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", None])
def test_a_stray_byte_costs_one_sign_not_the_page(content_type):
    data = bytearray(page(GERMAN).encode())
    data[100] = 0xFF
    assert html_as_utf8(bytes(data), content_type).decode().count("\ufffd") == 1


def test_signs_that_were_broken_before_are_no_reason_to_doubt_the_label():
    data = page("\ufffd" * 100 + RUSSIAN).encode() + b"\xff"
    assert html_as_utf8(data, "text/html; charset=utf-8").decode()[:-1] == data[:-1].decode()


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_mark_comes_before_all_labels(codec):
    data = page(RUSSIAN, "koi8-r").encode(codec)
    assert html_as_utf8(data, "text/html; charset=gbk").decode() == page(RUSSIAN, "koi8-r")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_believed_from_the_server_only(codec):
    sent = html_as_utf8(page(RUSSIAN).encode(codec), f"text/html; charset={codec}")
    assert sent.decode() == page(RUSSIAN)
    assert html_as_utf8(page(RUSSIAN, codec).encode()).decode() == page(RUSSIAN, codec)
    assert html_as_utf8(b"<p>Ice</p>", f"text/html; charset={codec}") == b"<p>Ice</p>"


def test_the_declaration_of_xhtml_is_followed():
    text = '<?xml version="1.0" encoding="Shift_JIS"?>' + page(JAPANESE)
    assert html_as_utf8(text.encode("cp932")).decode() == text


def test_letters_after_much_ascii_are_guessed_by_themselves():
    text = "Ice and snow. " * 10_000 + GERMAN
    assert text_as_utf8(text.encode("cp1252")).decode() == text


def test_japanese_mail_without_a_label_is_read():
    text = JAPANESE.replace("①～㈱", "")
    assert text_as_utf8(text.encode("iso2022_jp")).decode() == text


@pytest.mark.parametrize("label", ["bogus", "utf-7", "hz-gb-2312", "x-user-defined", "base64"])
def test_labels_that_no_browser_follows_are_passed_over(label):
    sent = html_as_utf8(page(RUSSIAN).encode(), f"text/html; charset={label}")
    assert sent.decode() == page(RUSSIAN)
