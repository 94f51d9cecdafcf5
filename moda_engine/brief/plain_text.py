"""What a shop typed, as plain text: without markup, phone numbers, prices, addresses and brand."""

import html
import re

#: Characters of one field that are read at most.
LONGEST_TEXT = 2_000
#: Markup is cut off before it is read; it may be many times as long as its text.
_LONGEST_MARKUP = 20_000
_UNSEEN = re.compile(r"<(script|style)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(r"<\s*/?\s*(br|p|div|li|ul|ol|tr|td|th|table|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(/?[a-z!][^<>]*)(>|\Z)", re.IGNORECASE)
#: All repetitions have an end, so that no text takes long.
_ADDRESS = re.compile(
    r"(https?://|www\.)\S{1,500}|(?<![^\s@])[^\s@]{1,64}@[^\s@]{1,100}\.\w{2,20}", re.IGNORECASE
)
_CURRENCY = r"(?:[$€£¥₹]|\b(?:rs|inr|eur|usd|gbp|chf|pln|sek|dkk)\b\.?)"
_AMOUNT = r"\d[\d.,]{0,12}"
_PRICE = re.compile(
    rf"{_CURRENCY}\s?{_AMOUNT}(/-)?(?!\w)|(?<![\w.,]){_AMOUNT}\s?{_CURRENCY}", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\w+])\+?\(?\d(?:[ ()./-]{0,2}\d){7,14}(?!\w)")
#: Control characters, halves of surrogate pairs and bytes that are no character.
_NO_LETTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[^\S\n]+")
#: Values that shops type for having none, or for saying it elsewhere.
_NO_FACT = re.compile(
    r"(n/?a|none|nil|null|no|yes|unknown|others?|various|misc|tb[ad]|default title|"
    r"not (applicable|available|specified|known|given)|"
    r"(please )?(see|refer|ask|as per|as shown|as in|contact|choose|check (the|with|our|size))\b.*)"
    r"[.!]*",
    re.IGNORECASE,
)
#: Before a brand that has words of ours: "a white shirt by White".
_MAKER = re.compile(r"\b(by|from)\s+\Z", re.IGNORECASE)


def plain_text(value: str) -> str:
    """`value` as a person reads it; blocks of HTML are lines. Empty if nothing is left."""
    text = html.unescape(html.unescape(value[:_LONGEST_MARKUP]))
    for pattern, replacement in (
        (_NO_LETTER, " "),
        (_SPACES, " "),
        (_UNSEEN, " "),
        (_BLOCK, "\n"),
        (_TAG, " "),
        (_ADDRESS, " "),
        (_PRICE, " "),
        (_PHONE, " "),
        (_SPACES, " "),
    ):
        text = pattern.sub(replacement, text)
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:LONGEST_TEXT]


def is_fact(value: str) -> bool:
    """Whether an attribute's value states something: "see chart" and "-" do not."""
    return any(map(str.isalnum, value)) and _NO_FACT.fullmatch(value.strip()) is None


def name_places(text: str, name: str) -> list[tuple[int, int]]:
    """Everywhere that `name` stands in `text`, however cased, as characters [start, end)."""
    if not any(map(str.isalnum, name)):
        return []
    spelt = r"[\s-]+".join(map(re.escape, name.split()))
    return [match.span() for match in re.finditer(rf"(?i)(?<!\w){spelt}(?!\w)", text)]


def brand_places(text: str, brand: str) -> list[tuple[int, int]]:
    """Where `brand` stands in `text` as a name.

    Of a brand of one word all places count but where "by" or "from" marks some: in "White shirt by
    White" the last is the name.
    """
    found = name_places(text, brand)
    if len(brand.split()) > 1 or len(found) < 2:
        return found
    named = [place for place in found if _MAKER.search(text, 0, place[0])]
    return named or found[:1]


def without_brand(text: str, brand: str) -> str:
    """`text` with each letter of the brand's name replaced by "x": places stay, words do not."""
    for start, end in brand_places(text, brand):
        text = f"{text[:start]}{'x' * (end - start)}{text[end:]}"
    return text
