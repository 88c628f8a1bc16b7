"""What a brief says besides what is to be seen: wishes, the kind of work, what it is for.

"Please create a birthday card for my sister with a cake" shows a cake. What may have meant more
than a picture ("birthday card", "for my sister") is kept for a note; "please create" is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.prompts.english.connectors import COLON, COMMA, CONNECTOR_WORDS, cut_at
from engine.prompts.english.shades import SHADES, known_colour
from engine.prompts.english.words import DETERMINERS, FILLERS, SIDES, Known, number_of, singular
from engine.prompts.grammar.nouns import Nouns
from engine.prompts.grammar.qualities import MOODS, PRAISE
from engine.prompts.grammar.style_words import STYLE_ADJECTIVES, STYLE_WORDS

_POLITE = frozenset((
    "please", "kindly", "hi", "hello", "hey", "thanks", "sure", "certainly", "okay", "ok",
    "absolutely",
))  # fmt: skip
_ASKING = frozenset(("can", "could", "would", "will"))
_PEOPLE = frozenset(("i", "we", "i'd", "we'd", "i'm", "we're", "i've", "we've"))
_WISHES = frozenset((
    "need", "needs", "want", "wants", "like", "love", "wish", "looking", "searching", "would",
))  # fmt: skip
_TASKS = frozenset((
    "create", "design", "draw", "make", "generate", "paint", "render", "produce", "show", "imagine",
    "give", "build", "craft", "illustrate", "sketch", "depict", "include", "add",
))  # fmt: skip
_ORDERS = frozenset((
    "create", "draw", "make", "generate", "imagine", "illustrate", "depict", "produce", "render",
))  # fmt: skip
_POINTING = frozenset(("there", "this", "here", "it"))
_IS = frozenset(("is", "are", "shows", "has", "should", "must", "will"))
# What may stand between a wish and the thing.
_LEADING = (
    _POLITE | _ASKING | _PEOPLE | _WISHES | _TASKS | _IS | {
        "you", "am", "to", "for", "have", "see", "get", "order", "me", "us", "just", "really",
        "also", "there", "there's", "here", "here's", "it", "it's", "something", "be", "contain",
        "feature", "let's", "let", "that", "which",
    }
)  # fmt: skip
# The kinds of work that a picture is asked for as.
_PICTURES = frozenset((
    "picture", "image", "photo", "photograph", "drawing", "illustration", "painting", "icon",
    "scene", "rendering", "render", "poster", "sticker", "sketch", "view", "design", "composition",
    "art", "artwork", "clipart", "logo", "close-up", "closeup", "portrait", "graphic", "emoji",
    "set", "series", "collection", "idea", "concept", "motif", "lay", "visual", "vector", "flyer",
    "banner", "emblem", "print", "thumbnail", "header", "avatar", "advert", "ad", "advertisement",
    "brochure", "leaflet", "website", "pack", "sheet", "screenshot", "prompt", "symbol",
    "pictogram", "glyph", "doodle",
))  # fmt: skip
# Of these a picture is only a part.
_WORKS = frozenset((
    "theme", "invite", "pattern", "mascot", "card", "invitation", "label", "menu", "cover",
    "packaging", "mockup", "collage", "infographic", "template", "calendar", "tattoo", "postcard",
    "badge", "post", "sign", "ticket", "stamp", "certificate", "announcement", "story",
))  # fmt: skip
_KINDS = _PICTURES | _WORKS
# Things by themselves as well: "a card with a heart".
_THINGS = frozenset((
    "card", "label", "print", "sign", "badge", "ticket", "calendar", "stamp", "post", "postcard",
    "menu", "pack", "sheet", "cover", "certificate",
))  # fmt: skip
# Named by what they show: a "phone icon", but a "bakery logo".
_OF_A_SUBJECT = frozenset((
    "icon", "sticker", "emoji", "clipart", "drawing", "picture", "image", "photo", "photograph",
    "painting", "sketch", "portrait", "graphic", "vector", "illustration", "symbol", "pictogram",
    "glyph", "doodle",
))  # fmt: skip
# Other names of an icon: a "privacy symbol" is a "privacy icon".
_SMALL_PICTURES = frozenset((
    "symbol", "pictogram", "glyph", "emoji", "sticker", "clipart", "graphic", "doodle",
))  # fmt: skip
_SCENIC = frozenset((
    "picture", "image", "photo", "photograph", "drawing", "illustration", "painting", "scene",
    "view", "composition", "artwork", "poster",
))  # fmt: skip
_OCCASIONS = frozenset((
    "birthday", "wedding", "christmas", "xmas", "halloween", "easter", "thanksgiving", "valentine",
    "valentine's", "valentines", "year's", "party", "anniversary", "graduation", "retirement",
    "shower", "engagement", "christening", "baptism", "holiday", "holidays", "mother's", "father's",
    "thank-you", "thank", "greeting", "greetings", "festival", "event", "concert", "summer",
    "autumn", "fall", "winter", "spring", "season", "seasonal", "festive", "kids", "kids'", "kid's",
    "children's", "themed", "farewell", "welcome", "get-well", "congratulations",
))  # fmt: skip
_OF_OCCASIONS = frozenset(("happy", "merry", "day", "eve", "new", "time", "to", "you", "and"))
_BUSINESSES = frozenset((
    "shop", "store", "bakery", "brewery", "company", "business", "brand", "cafe", "café",
    "restaurant", "bar", "hotel", "gym", "studio", "salon", "clinic", "dentist", "agency", "club",
    "team", "school", "startup", "magazine", "blog", "channel", "office", "firm", "organisation",
    "organization", "charity", "pizzeria", "florist", "barber", "client", "customer", "book",
    "album", "t-shirt", "tshirt", "shirt", "mug", "bag", "case", "game", "phone",
    "visiting", "gift",
))  # fmt: skip
_CLIENTS = frozenset(("client", "customer", "company", "brand"))
_DOES = frozenset((
    "is", "are", "sells", "makes", "offers", "bakes", "has", "does", "runs", "provides", "produces",
    "loves", "likes", "called", "wants", "needs",
))  # fmt: skip
_PLAIN = PRAISE | FILLERS | {
    "nice", "simple", "cool", "new", "lovely", "pretty", "little", "small", "big", "large", "full",
    "minimal", "minimalist", "vector", "digital", "whole", "app", "web", "hero", "main", "social",
    "media", "instagram", "following", "of",
}  # fmt: skip
_SHOWN = frozenset(("of", "with", "showing", "featuring", "depicting", "about", "where", COLON))
_MODAL = frozenset(("that", "which", "should", "must", "shall", "can", "could", "will", "also"))
_SHOWS = frozenset((
    "show", "shows", "contain", "contains", "include", "includes", "containing", "including",
    "feature", "features", "depict", "depicts", "have", "has", "be", "is", "display", "displays",
    "combines", "combining",
))  # fmt: skip
_PURPOSE = frozenset(("for", "from"))
# Headings: of what is to be seen, and of what is not.
_CONTENTS = frozenset((
    "subject", "subjects", "object", "objects", "element", "elements", "content", "contents",
    "item", "items", "things", "prompt", "task", "brief", "include", "main", "character",
    "characters", "props", "scene", "foreground", "midground", "figures", "setting", "details",
    "accessories", "environment",
))  # fmt: skip
_FORMATS = frozenset((
    "text", "title", "slogan", "headline", "caption", "size", "format", "ratio", "audience",
    "position", "placement",
    "purpose", "usage", "mood", "lighting", "camera", "lens", "medium", "composition", "quality",
    "resolution", "angle", "perspective", "deadline", "budget", "font", "typography",
))  # fmt: skip
_SIDES = SIDES | {"the", "on"}
_HEADINGS = _FORMATS | _CONTENTS
_LONGEST_LEAD_IN = 7  # words before the kind of work


@dataclass(frozen=True, slots=True)
class Brief:
    """A sentence and what was taken out of it.

    Attributes:
        words: What is to be seen, cut by commas.
        about: Pieces about the work that may have meant something.
    """

    words: list[str]
    about: tuple[str, ...] = ()


def without_brief(tokens: Sequence[str], nouns: Nouns, is_scenery: Callable[[str], bool]) -> Brief:
    """Takes out what names no thing, unless nothing to draw would be left: "a birthday card".

    Args:
        tokens: Words, commas and colons.
        nouns: Of the vocabulary.
        is_scenery: Whether words are a background.
    """
    reader = _BriefReader(nouns, is_scenery)
    clauses = [reader.read(clause) for clause in reader.without_headings(_clauses(tokens))]
    if not any(map(_may_show, clauses)) and not reader.scenery:
        clauses = [_without_lead(clause, nouns.known)[0] for clause in _clauses(tokens)]
        return Brief(_joined(clauses))
    if reader.scenery:
        clauses.append([*reader.scenery, "background"])
    return Brief(_joined(clauses), tuple(reader.about))


def _joined(clauses: Sequence[Sequence[str]]) -> list[str]:
    words: list[str] = []
    for clause in clauses:
        words += [*([COMMA] if words and clause else []), *clause]
    return [COMMA if word == COLON else word for word in words]


def _clauses(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Pieces between commas; a colon stays at the end of its piece."""
    clause: list[str] = []
    for token in tokens:
        if token != COMMA:
            clause.append(token)
        if token in (COMMA, COLON) and clause:
            yield clause
            clause = []
    if clause:
        yield clause


def _may_show(clause: Sequence[str]) -> bool:
    """Whether a clause may name something to draw: no background, praise or small words alone."""
    piece: list[str] = []
    pieces = [piece]
    for index, word in enumerate(clause):
        if cut_at(clause, index)[0]:
            piece = []
            pieces.append(piece)
        piece.append(word)
    return any(map(_names_something, pieces))


def _names_something(piece: Sequence[str]) -> bool:
    said = set(piece) - DETERMINERS - FILLERS - CONNECTOR_WORDS - PRAISE - MOODS
    said -= {COLON, "where", "about", "of", *STYLE_WORDS, *SHADES}
    named = any(not known_colour(word) for word in said)
    return named and not {"background", "backdrop", "style", "no", "without"} & said


@dataclass(frozen=True, slots=True)
class _Work:
    """A kind of work at the beginning of a clause: "a set of three birthday cards for kids with".

    Attributes:
        count: Its number.
        style: Words of its style, with "style" or such as take_style knows by themselves.
        before: What is said of it, without articles and its number.
        words: The kind itself, perhaps of several words: "logo design".
        begin: Where these are.
        about: What it is for.
        follows: The word before what it shows; empty = it does not say that.
        ends: Whether no noun stands right behind it.
        rest: The rest of the clause.
    """

    count: list[str]
    style: list[str]
    before: list[str]
    words: list[str]
    begin: int
    about: list[str]
    follows: str
    ends: bool
    rest: list[str]

    @property
    def kind(self) -> str:
        """The word that names it, in the singular."""
        return singular(self.words[-1])

    @property
    def shows(self) -> bool:
        """Whether it says what is to be seen."""
        return bool(self.follows)


def _work_of(clause: list[str]) -> _Work | None:
    begin = _work_at(clause)
    if begin is None:
        return None
    end = begin + 1
    while end < len(clause) and singular(clause[end]) in _KINDS:
        end += 1
    before = [word for word in clause[:begin] if word not in DETERMINERS]
    count = [word for word in before if number_of(word) is not None]
    before = [word for word in before if number_of(word) is None]
    style, before = _split_style(before)
    about_end = _purpose_end(clause, end)
    shown = _shown_at(clause, about_end)
    return _Work(
        count,
        style if clause[end - 1] != "lay" else [],  # "a flat lay"
        before,
        clause[begin:end],
        begin,
        clause[end:about_end],
        clause[shown - 1] if shown else "",
        end == len(clause) or clause[end] == COLON or bool(cut_at(clause, end)[0]),
        clause[shown:] if shown else clause[about_end:],
    )


def _purpose_end(clause: list[str], begin: int) -> int:
    """Where "for a bakery in Paris" ends, if it stands here: where it is said what is shown."""
    if begin == len(clause) or clause[begin] not in (*_PURPOSE, "about"):
        return begin
    shows = (i for i in range(begin + 1, len(clause)) if clause[i] != "of" and _shown_at(clause, i))
    # "about healthy food with an avocado", but "about a dragon" is what is shown
    return next(shows, begin if clause[begin] == "about" else len(clause))


def _split_style(words: list[str]) -> tuple[list[str], list[str]]:
    """(the style, the others) of "children's book style birthday" and "flat birthday"."""
    ends = [i for i, w in enumerate(words) if w == "style" or w.endswith("-style")]
    if ends:
        return words[: ends[-1] + 1], words[ends[-1] + 1 :]
    style = [word for word in words if word in STYLE_ADJECTIVES]
    return style, [word for word in words if word not in STYLE_ADJECTIVES]


@dataclass(slots=True)
class _BriefReader:
    """Reads clause after clause, and keeps what is about the work."""

    nouns: Nouns
    is_scenery: Callable[[str], bool]
    about: list[str] = field(default_factory=list)
    scenery: list[str] = field(default_factory=list)

    def without_headings(self, clauses: Iterator[list[str]]) -> Iterator[list[str]]:
        """Clauses without "objects:", nor "format: square" with what follows."""
        heading = ""
        for clause in clauses:
            before, heading = heading, ""
            if before in _FORMATS:
                self._keep([before, *clause])
            elif clause[-1] == COLON and len(clause) in (2, 3) and clause[-2] in _HEADINGS:
                heading = clause[-2]
            elif clause[-1] == COLON and _SIDES.issuperset(clause[:-1]):
                self._keep(clause)
            else:
                yield clause

    def read(self, clause: list[str]) -> list[str]:
        """The words of a clause that may be seen."""
        rest, asked, stated = _without_lead(clause, self.nouns.known)
        if stated:
            self.about.append(" ".join(word for word in rest if word != COLON))
            return []
        if self._is_occasion(rest):
            self._keep(rest)
            return []
        if "with" in rest and self._is_occasion([*rest[: rest.index("with")], COLON]):
            self._keep(rest[: rest.index("with")])  # "happy birthday with a cake"
            rest = rest[rest.index("with") + 1 :]
        for _ in range(3):  # "a set of four icons of a logo design"
            shorter = self._without_work(rest, asked=asked)
            if shorter == rest:
                break
            rest = shorter
        return self._without_purpose(self._without_later_work(rest))

    def _is_occasion(self, clause: Sequence[str]) -> bool:
        """ "Mother's Day!", but "graduation" is drawn unless a list follows."""
        said = [word for word in clause if word != COLON]
        named = bool(_OCCASIONS & set(said)) and set(said) <= _OCCASIONS | _OF_OCCASIONS
        return named and (clause[-1] == COLON or not self.nouns.knows(" ".join(said)))

    def _keep(self, words: Sequence[str]) -> None:
        said = [word for word in words if word != COLON]
        while said and said[0] in DETERMINERS:
            said.pop(0)
        if said:
            self.about.append(" ".join(said))

    def _without_work(self, clause: list[str], *, asked: bool) -> list[str]:
        """ "a set of icons with a star" -> "a star"; "a fox logo" -> "fox"."""
        work = _work_of(clause)
        if work is None or self.nouns.names_around(clause, work.begin):
            return clause
        name = [*work.before, *work.words]
        heard = work.kind in _OF_A_SUBJECT and self._has_heard(name)
        if work.before and (heard or self._is_noun(name)):  # "dark mode icon", "a paw print"
            return clause
        subject = self._subject(work)
        if subject:
            self._keep(work.about)
            return [*subject, *([COMMA] if work.rest else []), *work.rest]
        if not (asked or _names_occasion(work.before)) and self._is_thing(work):
            return clause
        said = [word for word in work.before if word not in _PLAIN]
        if said and work.kind in _SCENIC and self.is_scenery(" ".join(said)):
            self.scenery = self.scenery or said
        elif said or work.about or _WORKS & {singular(word) for word in work.words}:
            self._keep([*work.before, *work.words, *work.about])
        return [*work.style, *([COMMA] if work.style and work.rest else []), *work.rest]

    def _without_later_work(self, clause: list[str]) -> list[str]:
        """ "a dog and a cat sticker" -> "a dog and a cat"."""
        words: list[str] = []
        index = 0
        while index < len(clause):
            cut = cut_at(clause, index)[0]
            words += clause[index : index + cut]
            index += cut
            end = index
            while end < len(clause) and not cut_at(clause, end)[0]:
                end += 1
            piece = clause[index:end]
            work = _work_of(piece) if cut and piece else None
            named = bool(piece) and self._ends_name(clause, end)
            words += (self._subject(work) if work and not named and not work.rest else []) or piece
            index = end
        return words

    def _subject(self, work: _Work) -> list[str]:
        """What a work is named by, with its number, if that is to be seen: "three cat" stickers."""
        if name := self._other_name(work):
            return [*work.count, *work.style, *name]
        said = [word for word in work.before if word not in _PLAIN]
        if not said and len(work.words) > 1 and not work.shows:  # "a calendar icon"
            said = work.words[:-1]
        if (
            not said
            or work.kind == "theme"
            or (work.kind in _SCENIC and self.is_scenery(" ".join(said)))
        ):
            return []
        of_work = _names_occasion(said)
        is_whole = self._is_noun(said)
        if not (is_whole and (len(said) > 1 or not of_work)):
            heard = work.kind in _OF_A_SUBJECT and self.nouns.ends_with_thing(said)
            if not (heard or self.nouns.ends_known_either(said)):
                return []
            if work.shows and (of_work or work.kind not in _PICTURES):
                return []
            if _names_occasion(said[-1:]) and work.kind not in _OF_A_SUBJECT:
                return []
        return [*work.count, *work.style, *said]

    def _other_name(self, work: _Work) -> list[str]:
        """ "privacy icon" of a "privacy symbol", "afraid face" of an "afraid emoji"."""
        if work.kind not in _SMALL_PICTURES or not work.before:
            return []
        if self._has_heard([*work.before, "icon"]):
            return [*work.before, "icon"]
        as_face = [*work.before, "face"]
        is_face = work.kind == "emoji" and not self._is_noun(work.before)
        return as_face if is_face and self._has_heard(as_face) else []

    def _is_thing(self, work: _Work) -> bool:
        """Whether the kind of work is rather a thing to be seen: "a card with a heart"."""
        if work.kind in _THINGS:
            return not work.shows or (work.follows == "with" and not work.about)
        if work.shows or work.about:
            return False
        named = self._is_noun(work.words) or self.nouns.heard(work.kind)
        return not work.ends or (named and not work.before)

    def _without_purpose(self, clause: list[str]) -> list[str]:
        """ "a croissant for a bakery logo on blue" -> "a croissant on blue"."""
        begin = next((i for i, word in enumerate(clause) if word in _PURPOSE - {"from"}), None)
        if (
            begin is None
            or self.nouns.names_around(clause, begin)
            or cut_at(clause, max(0, begin - 1))[0] == 2
        ):
            return clause
        end = begin + 1
        while end < len(clause) and not cut_at(clause, end)[0]:
            end += 1
        said = clause[begin:end]
        if said[1:] not in (["me"], ["us"], []):
            self._keep(said)
        return [*clause[:begin], *clause[end:]]

    def _ends_name(self, clause: Sequence[str], end: int) -> bool:
        """Whether a noun of several words ends here: "notebook with decorative cover"."""
        return any(self._is_noun(clause[begin:end]) for begin in range(max(0, end - 6), end - 1))

    def _has_heard(self, words: Sequence[str]) -> bool:
        return self._is_noun(words) or self.nouns.heard(" ".join(words))

    def _is_noun(self, words: Sequence[str]) -> bool:
        return self.nouns.knows_either(" ".join(words))


def _names_occasion(words: Sequence[str]) -> bool:
    return any(word in _OCCASIONS or singular(word) in _BUSINESSES for word in words)


def _work_at(clause: Sequence[str]) -> int | None:
    """Where a kind of work is named, before anything else is."""
    for index, word in enumerate(clause[:_LONGEST_LEAD_IN]):
        if singular(word) in _KINDS:
            return index
        if word in _SHOWN or word in _PURPOSE or cut_at(clause, index)[0]:
            return None
    return None


def _shown_at(clause: Sequence[str], place: int) -> int | None:
    """The place after "with", "that shows", "should contain" and their like, if they stand here."""
    after = place
    if after < len(clause) and clause[after] in _SHOWN:
        return after + 1
    if list(clause[after : after + 2]) == ["in", "which"]:
        return after + 2
    while after < len(clause) and clause[after] in _MODAL:
        after += 1
    return after + 1 if after < len(clause) and clause[after] in _SHOWS else None


def _without_lead(clause: list[str], known: Known) -> tuple[list[str], bool, bool]:
    """(words, whether they were asked for, whether they are about the one who asks)."""
    if _is_statement(clause):
        wish = next((i for i, word in enumerate(clause) if word in ("needs", "wants")), None)
        return (clause, False, True) if wish is None else (clause[wish + 1 :], True, False)
    if not _leads(clause) or known(" ".join(clause)):
        return clause, False, False
    end = 0
    while end < len(clause) and clause[end] in _LEADING:
        end += 1
    lead = clause[:end]
    wished = bool(_WISHES & set(lead)) or not _PEOPLE & set(lead)
    if not wished:
        later = [i for i, word in enumerate(clause) if word in ("need", "want")]
        return (clause[later[-1] + 1 :], True, False) if later else (clause, False, True)
    cut = cut_at(clause, end)[0] if end < len(clause) else 0
    if cut and lead[0] in _ORDERS:  # "draw on a sofa a cat", "make it look like a comic"
        return clause[end:], True, False
    if end == len(clause) or (cut and clause[end] != COLON):
        return ([], True, False) if _POLITE.issuperset(lead) else (clause, False, False)
    return clause[end:], bool((_TASKS | _WISHES) & set(lead)), False


def _leads(clause: Sequence[str]) -> bool:
    """Whether a clause begins with a wish, a task or "there is"."""
    first, second = clause[0], clause[1] if len(clause) > 1 else ""
    if first in _POLITE or first in _PEOPLE or first in ("let's", "there's", "it's", "here's"):
        return True
    if first in _ASKING:
        return second in ("you", "i", "we")
    if first in _POINTING:
        return second in _IS
    return first in _TASKS and bool(second)


def _is_statement(clause: Sequence[str]) -> bool:
    """ "our company sells honey"."""
    if clause[:2] == ["act", "as"]:
        return True
    if len(clause) < 4 or clause[0] not in ("our", "my", "the"):
        return False
    who = _CLIENTS if clause[0] == "the" else _BUSINESSES
    return any(singular(clause[i]) in who and clause[i + 1] in _DOES for i in (1, 2))
