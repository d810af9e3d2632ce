"""Keys and sketches of real texts."""

import numpy as np
import pyarrow as pa
import pytest
import reference
from datasketch import MinHash
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.errors import SketchMismatch
from dedup.settings import PASSAGE_WORDS, MatchSettings
from dedup.sketch import (
    anchors,
    block_keys,
    check_same,
    from_datasketch,
    shingle,
    sign,
    sketch,
    sketch_schema,
    text_keys,
    to_datasketch,
)
from dedup.sketch.anchor_shape import anchor_shape
from dedup.sketch.characters import SPACELESS
from dedup.sketch.runs import hash_runs, most_shingles

SENTENCES = {
    "English": "The harbour froze over last night and the ferries that cross the lake each morning "
    "stayed where they were while half of the town walked out on the ice with hot tea and skates",
    "German": "Der Hafen ist über Nacht zugefroren und die Fähren blieben am Morgen liegen während "
    "die halbe Stadt mit Schlittschuhen heißem Tee und alten Schlitten auf das Eis hinauslief",
    "Russian": "Гавань замёрзла прошлой ночью и паромы остались у причала а половина города вышла "
    "на лёд с коньками горячим чаем и старыми санками чтобы посмотреть на это редкое чудо",
    "Arabic": "تجمد الميناء الليلة الماضية وبقيت العبارات في مكانها بينما خرج نصف سكان المدينة إلى "
    "الجليد حاملين الشاي الساخن والزلاجات القديمة ليشاهدوا هذا المنظر النادر قبل أن يذوب",
    "Hindi": "बंदरगाह पिछली रात जम गया और नावें वहीं रुकी रहीं जबकि आधा शहर गर्म चाय और पुरानी स्लेज "
    "लेकर बर्फ पर निकल आया ताकि यह दुर्लभ दृश्य पिघलने से पहले देख सके और याद रख सके",
    "Korean": "어젯밤 항구가 얼어붙어 아침마다 호수를 건너던 여객선이 멈춰 섰고 마을 사람들의 절반은 "
    "따뜻한 차와 낡은 썰매를 들고 얼음 위로 나와 이 드문 풍경을 구경하며 하루를 보냈다",
    "Chinese": "昨夜港口结冰每天早晨渡湖的轮船都停在原处半个镇子的人带着热茶和旧雪橇走到冰面上观看这难得一见的景象"
    "港务长预计星期四风向转南时冰雪开始融化并请大家在此之前远离防波堤",
    "Japanese": "昨夜港が凍りつき毎朝湖を渡る連絡船は動けなくなり町の人々の半分は熱いお茶と古いそりを持って氷の上に"
    "出てこの珍しい景色を眺めながら一日を過ごした港長は木曜日に風が南に変わると見ている",
    "Thai": "เมื่อคืนท่าเรือกลายเป็นน้ำแข็งเรือข้ามฟากที่ข้ามทะเลสาบทุกเช้าหยุดอยู่กับที่ผู้คนครึ่งเมืองเดินออกไปบนน้ำแข็ง"
    "พร้อมชาร้อนและเลื่อนเก่าเพื่อชมภาพที่หาดูได้ยากก่อนที่มันจะละลาย",
    "Khmer": "យប់មិញកំពង់ផែបានកកហើយសាឡាងដែលឆ្លងបឹងរាល់ព្រឹកបានឈប់នៅកន្លែងដដែលមនុស្សពាក់កណ្តាលទីក្រុង"
    "បានដើរចេញទៅលើទឹកកកជាមួយតែក្តៅនិងរទេះចាស់ៗដើម្បីមើលទិដ្ឋភាពដ៏កម្រនេះ",
    "Lao": "ເມື່ອຄືນນີ້ທ່າເຮືອກາຍເປັນນ້ຳກ້ອນເຮືອຂ້າມຟາກທີ່ຂ້າມທະເລສາບທຸກເຊົ້າຢຸດຢູ່ບ່ອນເກົ່າຄົນເຄິ່ງເມືອງຍ່າງອອກໄປເທິງນ້ຳກ້ອນ"
    "ພ້ອມກັບຊາຮ້ອນເພື່ອເບິ່ງພາບທີ່ຫາຍາກກ່ອນທີ່ມັນຈະລະລາຍ",
    "Burmese": "မနေ့ညကဆိပ်ကမ်းရေခဲသွားပြီးမနက်တိုင်းရေကန်ကိုဖြတ်ကူးသောသင်္ဘောများရပ်နားနေရသည်မြို့သူမြို့သားတစ်ဝက်က"
    "လက်ဖက်ရည်ပူပူနှင့်ရေခဲပြင်ပေါ်သို့ထွက်လာပြီးရှားပါးသောမြင်ကွင်းကိုကြည့်ရှုကြသည်",
}
OTHER_NEWS = {
    "Chinese": "中央银行昨天宣布把基准利率下调零点二五个百分点经济学家认为这项决定将帮助中小企业获得更便宜的贷款",
    "Japanese": "中央銀行は昨日政策金利を引き下げると発表し経済学者はこの決定が中小企業の資金調達を助けるだろうと話している",
    "Thai": "ธนาคารกลางประกาศลดอัตราดอกเบี้ยนโยบายเมื่อวานนี้นักเศรษฐศาสตร์เห็นว่าการตัดสินใจครั้งนี้จะช่วยให้ธุรกิจขนาดเล็กกู้เงินได้ถูกลง",
    "Khmer": "ធនាគារកណ្តាលបានប្រកាសបន្ថយអត្រាការប្រាក់ម្សិលមិញអ្នកសេដ្ឋកិច្ចយល់ថាការសម្រេចនេះនឹងជួយសហគ្រាសតូចៗ",
}


def texts_batch(texts, scopes=None):
    n = len(texts)
    array = pa.array(texts, pa.string())
    keys, _ = text_keys(array)
    columns = [pa.array(keys), pa.array(scopes or [0] * n, pa.int64())]
    columns += [pa.array(range(n), pa.int64()), array]
    return pa.RecordBatch.from_arrays(columns, schema=schema.TEXTS)


def shingle_sets(texts, **options):
    made = shingle(texts_batch(texts), MatchSettings(**options))
    return [set(row) for row in made.column("shingles").to_pylist()]


def jaccard(a, b):
    return len(a & b) / len(a | b)


def test_key_is_of_the_words_alone():
    keys, n_words = text_keys(pa.array(["Hello, world!", " hello\tWORLD… ", "hello worlds"]))
    assert keys[0] == keys[1] != keys[2]
    assert n_words.tolist() == [2, 2, 2]


def test_word_bounds_count():
    keys, _ = text_keys(pa.array(["ab c", "a bc", "abc", "a b c"]))
    assert len(set(keys.tolist())) == 4


def test_texts_without_words_are_told_apart():
    keys, n_words = text_keys(pa.array(["***", "---", "", "***"]))
    assert n_words.tolist() == [0, 0, 0, 0]
    assert keys[0] == keys[3]
    assert len(set(keys.tolist())) == 3


def test_short_texts_have_nothing_to_be_compared_by():
    texts = texts_batch(["cat", "dog", "one two three four"])
    assert shingle(texts, MatchSettings()).column("shingles").to_pylist() == [[], [], []]
    assert sketch(texts, MatchSettings()).column("signature").to_pylist() == [b"", b"", b""]
    assert anchors(texts.column("text"), MatchSettings(containment=0.9)).to_pylist() == [[], [], []]


@pytest.mark.parametrize("language", SENTENCES)
def test_one_word_in_twenty_changed_costs_the_same_in_every_language(language):
    text = SENTENCES[language]
    joiner = " " if " " in text else ""
    units = text.split(" ") if joiner else list(text)
    edited = [*units]
    edited[10::20] = ["Xyz" if joiner else "岩"] * len(edited[10::20])
    same, near = shingle_sets([text, joiner.join(edited)], ngram=3)
    # 3 of 20 shingles are lost and 3 others come: 17 / 23; short texts lose a little more
    assert 0.65 <= jaccard(same, near) <= 0.85


@pytest.mark.parametrize("language", OTHER_NEWS)
def test_other_news_in_the_same_script_is_unrelated(language):
    for ngram, at_most in ((3, 0.06), (5, 0.02)):
        one, other = shingle_sets([SENTENCES[language], OTHER_NEWS[language]], ngram=ngram)
        assert jaccard(one, other) <= at_most


def test_all_languages_are_unrelated():
    sets = shingle_sets(list(SENTENCES.values()), ngram=5)
    assert all(sets)
    assert max(jaccard(a, b) for i, a in enumerate(sets) for b in sets[:i]) == 0


@given(st.lists(st.text("ab c語ไ.é", max_size=120), max_size=6))
@settings(max_examples=40)
def test_shingles_and_anchors_equal_their_twins(texts):
    how = MatchSettings(ngram=3, containment=0.9)
    n_words, window = anchor_shape(how)
    sets = shingle(texts_batch(texts), how).column("shingles").to_pylist()
    chosen = anchors(pa.array(texts, pa.string()), how).to_pylist()
    for values, anchored, text in zip(sets, chosen, texts, strict=True):
        hashes = reference.shingle_hashes(reference.word_hashes(text), 3)
        assert unsigned(values) == sorted(set(hashes))
        long = reference.shingle_hashes(reference.word_hashes(text), n_words)
        assert unsigned(anchored) == sorted(set(reference.anchors(long, window)))


@given(st.lists(st.text("aZ é語ไ.ขな\u00ad", max_size=200) | st.text(max_size=60), max_size=6))
@settings(max_examples=200)
def test_there_are_no_more_shingles_than_there_is_room_for(texts):
    array = pa.array(texts, pa.string())
    n_shingles = sum(int(runs.ends[-1]) for runs in hash_runs(array, 1))
    assert n_shingles <= most_shingles(array)


def test_a_character_that_is_a_word_has_three_bytes():
    # `most_shingles` counts on it
    assert min(len(chr(low).encode()) for low, _ in SPACELESS) == 3


@given(st.lists(st.text("ab c語ไ.é", max_size=60) | st.text(max_size=60), max_size=6))
@settings(max_examples=40)
def test_keys_that_come_with_signatures_are_the_same(texts):
    array = pa.array(texts, pa.string())
    keys, n_words = text_keys(array)
    made = sign(array, MatchSettings(ngram=3))
    assert made.keys.tolist() == keys.tolist()
    assert made.n_words.tolist() == n_words.tolist()
    assert made.signed.tolist() == [n >= 3 for n in n_words.tolist()]


def unsigned(values):
    return np.array(values, np.int64).view(np.uint64).tolist()


@given(
    st.lists(
        st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]),
        min_size=11,
        max_size=24,
    ),
    st.lists(st.sampled_from(["eta", "theta", "iota"]), max_size=30),
    st.lists(st.sampled_from(["kappa", "lambda"]), max_size=30),
    st.sampled_from([(3, 0.9), (3, 0.5), (5, 0.9), (5, 0.7), (1, 0.9)]),
)
@settings(max_examples=60)
def test_texts_that_share_enough_words_in_a_row_share_an_anchor(passage, before, after, how):
    ngram, containment = how
    n_words, window = anchor_shape(MatchSettings(ngram=ngram, containment=containment))
    # longer than what all of these settings ask for
    assert n_words + window - 1 <= 12
    passage = [*passage, "end"]
    texts = [" ".join(passage), " ".join([*before, *passage, *after])]
    made = anchors(pa.array(texts), MatchSettings(ngram=ngram, containment=containment))
    small, large = (set(row) for row in made.to_pylist())
    assert small & large


@given(st.integers(PASSAGE_WORDS, 150), st.data())
@settings(max_examples=150)
def test_a_contained_passage_shares_an_anchor_wherever_it_was_changed(n_words, data):
    how = MatchSettings(ngram=3, containment=0.9)
    passage = [f"w{i}" for i in range(n_words)]
    holder = list(passage)
    for number, at in enumerate(data.draw(st.lists(st.integers(0, n_words), max_size=8))):
        change = data.draw(st.sampled_from(["put in", "replace", "take out"]))
        new = [] if change == "take out" else [f"new{number}"]
        holder[at : at + (change != "put in")] = new
    around = [f"x{i}" for i in range(18)]
    texts = [" ".join(passage), " ".join([*around[:9], *holder, *around[9:]])]
    one, other = shingle_sets(texts, ngram=3)
    assume(len(one & other) >= 0.9 * len(one))
    small, large = (set(row) for row in anchors(pa.array(texts), how).to_pylist())
    assert small & large


@pytest.mark.parametrize(("num_perm", "seed"), [(128, 1), (64, 7)])
def test_signatures_are_datasketch_s_bit_for_bit(num_perm, seed):
    text = SENTENCES["English"]
    made = sketch(texts_batch([text]), MatchSettings(num_perm=num_perm, seed=seed))
    values = np.frombuffer(made.column("signature")[0].as_py(), "<u4")
    theirs = MinHash(num_perm=num_perm, seed=seed, hashfunc=lambda shingle: shingle)
    for value in shingle_sets([text])[0]:
        theirs.update((value % 2**64) >> 32)
    assert np.array_equal(values, theirs.hashvalues.astype(np.uint32))


def test_signatures_go_to_datasketch_and_back():
    made = sketch(texts_batch([*SENTENCES.values(), "short"]), MatchSettings())
    objects = to_datasketch(made)
    assert objects[-1] is None
    assert objects[0].jaccard(objects[0]) == 1
    assert from_datasketch(objects) == made.column("signature")


def test_fast_sketches_are_none_of_datasketch_s():
    fast = sketch(texts_batch([*SENTENCES.values()]), MatchSettings(sketch="fss"))
    with pytest.raises(SketchMismatch, match="fss"):
        to_datasketch(fast)
    with pytest.raises(SketchMismatch, match=r"scheme fss .* scheme affine32"):
        check_same(fast.schema, sketch_schema(MatchSettings()))


def test_a_minhash_of_nothing_becomes_an_empty_signature():
    assert from_datasketch([MinHash(16), None]).to_pylist() == [b"", b""]


def test_sketches_of_other_settings_are_refused_by_name():
    one, other = (sketch_schema(MatchSettings(ngram=n)) for n in (3, 5))
    check_same(one, one)
    with pytest.raises(SketchMismatch, match=r"ngram 3 .* ngram 5"):
        check_same(one, other)
    with pytest.raises(SketchMismatch, match=r"ngram unknown .* ngram 5"):
        check_same(schema.SKETCHES.with_metadata({"scheme": "affine32"}), other)
    with pytest.raises(SketchMismatch, match="affine64"):
        from_datasketch([MinHash(16, scheme="affine64")])
    with pytest.raises(SketchMismatch, match="num_perm"):
        from_datasketch([MinHash(16), MinHash(32)])
    with pytest.raises(SketchMismatch, match="num_perm"):
        to_datasketch(sketch(texts_batch(["x"]), MatchSettings()).replace_schema_metadata({}))


@given(
    st.lists(
        st.text("ab c語é", max_size=80).map(lambda text: text * 2000)
        | st.text("ab c語ไ.é", max_size=60),
        max_size=12,
    )
)
@settings(max_examples=15)
def test_each_text_is_signed_as_if_it_were_alone(texts):
    # some texts are larger than a group that is hashed at once, some are empty
    for how in (MatchSettings(ngram=2, num_perm=16, sketch=kind) for kind in ("minhash", "fss")):
        made = sign(pa.array(texts, pa.string()), how)
        alone = [sign(pa.array([text], pa.string()), how) for text in texts]
        assert made.values.tolist() == [one.values[0].tolist() for one in alone]
        assert made.keys.tolist() == [one.keys[0] for one in alone]


def test_fast_sketches_depend_on_the_seed():
    texts = pa.array([*SENTENCES.values()])
    one, other = (sign(texts, MatchSettings(sketch="fss", seed=seed)).values for seed in (1, 2))
    assert (one == other).mean() < 0.01


def test_keys_of_blocks_are_those_of_their_texts():
    text = "Über uns\n\n昨夜港口结冰\n\n…"
    spans = []
    for part in text.split("\n\n"):
        start = text.encode().index(part.encode())
        spans.append({"start": start, "end": start + len(part.encode()), "path": "", "hints": "",
                      "link_bytes": 0, "n_links": 0, "n_tags": 0, "hidden": False})  # fmt: skip
    row = {"document": 7, "id": "a", "source": "s", "offset": 0, "site": "s", "kind": "text",
           "n_bytes": 1, "text": text, "blocks": spans}  # fmt: skip
    empty = row | {"document": 8, "text": "", "blocks": []}
    pages = pa.RecordBatch.from_pylist([empty, row, row], schema.PAGES).slice(0, 2)
    made = block_keys(pages)
    assert made.column("text").to_pylist() == text.split("\n\n")
    assert made.column("document").to_pylist() == [7, 7, 7]
    assert made.column("index").to_pylist() == [0, 1, 2]
    assert made.column("scope").to_pylist() == [0, 0, 0]
    keys, n_words = text_keys(made.column("text"))
    assert made.column("key").to_pylist() == keys.tolist()
    assert made.column("n_words").to_pylist() == n_words.tolist() == [2, 6, 0]


def test_an_apostrophe_of_either_kind_separates():
    keys, n_words = text_keys(pa.array(["don't go", "don’t go", "DON T GO"]))
    assert len(set(keys.tolist())) == 1
    assert n_words.tolist() == [3, 3, 3]


def test_a_slice_of_a_batch_is_sketched_like_the_whole():
    texts = [*SENTENCES.values(), "", "short"]
    how = MatchSettings(containment=0.9)
    for make in (sketch, shingle, lambda batch, how: anchors(batch.column("text"), how)):
        whole, part = make(texts_batch(texts), how), make(texts_batch(texts).slice(3, 5), how)
        assert part.equals(whole.slice(3, 5))
    assert sketch(texts_batch([]), MatchSettings()).num_rows == 0


def test_a_text_of_ten_million_words_is_sketched():
    texts = texts_batch(["one word after " * 3_333_334, "語" * 1_000_000])
    made = shingle(texts, MatchSettings())
    assert [len(row) for row in made.column("shingles").to_pylist()] == [3, 1]
    assert sign(texts.column("text"), MatchSettings()).n_words.tolist() == [
        9_999_999 + 3,
        1_000_000,
    ]
