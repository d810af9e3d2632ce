"""What each HTML element means for the tree of a page, as tables that a kernel can look up.

The groups are those of the HTML standard's rules for tree construction (section 13.2.6).
"""

import numpy as np
import numpy.typing as npt

from dedup.segment.tags import SIZE, fill_table, hash_name

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

# groups of start tags in a body, some of one element alone
(
    OTHER,
    HTML,
    HEAD,
    BODY,
    METADATA,
    RAW_METADATA,
    TITLE,
    NOSCRIPT,
    TEMPLATE,
    BLOCK,
    P,
    HEADING,
    PRE,
    FORM,
    LI,
    DD,
    BUTTON,
    A,
    FORMATTING,
    NOBR,
    MARKED,
    TABLE,
    VOID,
    BR,
    INPUT,
    PARAM,
    HR,
    TEXTAREA,
    XMP,
    RAW,
    SELECT,
    OPTGROUP,
    OPTION,
    RB,
    RTC,
    RUBY_TEXT,
    FOREIGN,
    CAPTION,
    COL,
    COLGROUP,
    ROWS,
    ROW,
    CELL,
    UNSURE,
) = range(44)

_GROUPS = {
    HTML: "html",
    HEAD: "head",
    BODY: "body",
    METADATA: "base basefont bgsound link meta",
    RAW_METADATA: "noframes script style",
    TITLE: "title",
    NOSCRIPT: "noscript",
    TEMPLATE: "template",
    BLOCK: "address article aside blockquote center details dialog dir div dl fieldset figcaption "
    "figure footer header hgroup main menu nav ol search section summary ul",
    P: "p",
    HEADING: "h1 h2 h3 h4 h5 h6",
    PRE: "pre listing",
    FORM: "form",
    LI: "li",
    DD: "dd dt",
    BUTTON: "button",
    A: "a",
    FORMATTING: "b big code em font i s small strike strong tt u",
    NOBR: "nobr",
    MARKED: "applet marquee object",
    TABLE: "table",
    VOID: "area embed img keygen wbr",
    BR: "br",
    INPUT: "input",
    PARAM: "param source track",
    HR: "hr",
    TEXTAREA: "textarea",
    XMP: "xmp",
    RAW: "iframe noembed",
    SELECT: "select",
    OPTGROUP: "optgroup",
    OPTION: "option",
    RB: "rb",
    RTC: "rtc",
    RUBY_TEXT: "rp rt",
    FOREIGN: "svg math",
    CAPTION: "caption",
    COL: "col",
    COLGROUP: "colgroup",
    ROWS: "tbody tfoot thead",
    ROW: "tr",
    CELL: "td th",
    # what takes in the rest of the page, or its place, is filled from elsewhere, or renamed
    UNSURE: "frameset frame plaintext selectedcontent image",
}

SPECIAL = 1 << 8
SCOPE = 1 << 9
"""Nothing outside of it is seen from inside."""
IMPLIED = 1 << 10
"""Its end tag may be left out."""
LIST = 1 << 11
TABLE_SCOPE = 1 << 12
PASSED = 1 << 13
"""A special one past which an item is looked for that a new one closes."""
BUTTON_SCOPE = 1 << 14
GROUP = 255

_SCOPE = "applet caption html table td th marquee object select template"
_FLAGS = {
    SPECIAL: "address applet area article aside base basefont bgsound blockquote body br button "
    "caption center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer "
    "form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input keygen li "
    "link listing main marquee menu meta nav noembed noframes noscript object ol p param plaintext "
    "pre script search section select source style summary table tbody td template textarea tfoot "
    "th thead title tr track ul wbr xmp",
    SCOPE: _SCOPE,
    IMPLIED: "dd dt li optgroup option p rb rp rt rtc",
    LIST: "ol ul",
    TABLE_SCOPE: "html table template",
    PASSED: "address div p",
    BUTTON_SCOPE: f"{_SCOPE} button",
}

RUBY = np.uint64(hash_name(b"ruby")).view(np.int64)


def tree_table() -> tuple[Hashes, Ints]:
    """Make the table.

    Returns
    -------
    names: uint64[SIZE], 0 where a slot is free; kinds: int64[SIZE], a group and flags.
    """
    kinds: dict[str, int] = {}
    for some in (_GROUPS, _FLAGS):
        for kind, names in some.items():
            for name in names.split():
                kinds[name] = kinds.get(name, 0) | kind
    return fill_table(kinds, SIZE)
