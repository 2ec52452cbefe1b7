"""A coder who knows the gold coding and a short way to it, at the keys of the real page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from data.episodes import CodedEpisode, Role
from service.deps import CodeTables

_READ = """() => {
    const lines = (selector) => [...document.querySelectorAll(selector)].map((card) => ({
        id: card.dataset.line,
        code: card.dataset.code,
        role: card.dataset.role,
        percent: parseInt(card.querySelector(".app-confidence strong")?.textContent ?? "0"),
        digits: [...card.querySelectorAll("[data-digit]")].map((button) => button.value.split(" ")[2]),
    }));
    return {
        undecided: lines("[data-undecided]"),
        candidates: lines("#candidates .app-line"),
        standing: lines(".app-line--standing"),
        sure: parseInt(document.querySelector("#accept-from")?.textContent.match(/the (\\d+)/)?.[1] ?? "0"),
        shown: [...document.querySelectorAll(".app-line")].filter((card) => card.checkVisibility())
            .map((card) => card.dataset.line),
        numbered: [...document.querySelectorAll("#diagnoses .app-line")].map((card) => card.dataset.line),
        selected: document.querySelector(".app-line.is-selected")?.dataset.line ?? null,
    };
}"""
_IDLE = "() => document.body.dataset.busy !== 'true'"
_WORTHWHILE = 27
"""Candidates beyond this place take more keys than their code has letters."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The gold coding, as far as the code tables of its date can hold it."""

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]

    @classmethod
    def of(cls, gold: CodedEpisode, tables: CodeTables) -> "Wanted":
        def kept(role: Role, codes: Iterable[str]) -> tuple[str, ...]:
            table, end = tables.by_role[role], gold.episode.end
            return tuple(code for code in codes if code in table and table.valid_on(code, end))

        diagnoses = kept(Role.DIAGNOSIS, (line.code for line in gold.diagnoses))
        procedures = kept(Role.PROCEDURE, (line.code for line in gold.procedures))
        return cls(tuple(dict.fromkeys(diagnoses)), procedures)

    def __len__(self) -> int:
        return len(self.diagnoses) + len(self.procedures)

    def without(self, lines: Iterable[Any]) -> dict[Role, list[str]]:
        """What is wanted and not among these lines, each as often as it is wanted."""
        left = {Role.DIAGNOSIS: list(self.diagnoses), Role.PROCEDURE: list(self.procedures)}
        for line in lines:
            if line["code"] in left[Role(line["role"])]:
                left[Role(line["role"])].remove(line["code"])
        return left

    def check(self, episode: Any) -> None:
        """The coding that was finalised is the one wanted."""
        coding = {role: [line["code"] for line in lines] for role, lines in episode["coding"].items()}
        assert episode["status"] == "finalised", [one["rule"] for one in episode["findings"]]
        assert coding["diagnoses"][0] == self.diagnoses[0], coding
        assert set(coding["diagnoses"]) == set(self.diagnoses), coding
        assert Counter(coding["procedures"]) == Counter(self.procedures), coding


@dataclass(slots=True)
class IdealCoder:
    page: Page
    wanted: Wanted
    pressed: int = 0
    log: list[str] = field(default_factory=list)
    typed: int = 0
    """Codes that had to be typed: neither suggestion nor candidate has them."""
    turned: int = 0
    """Nines of candidates that were turned to."""

    def code(self, path: str) -> bool:
        """Returns whether the coding could be finalised: an error of the standards may stand against gold."""
        self.page.goto(path)
        seen = self._now()
        if self.wanted.diagnoses[0] in unoffered(seen, self.wanted)[Role.DIAGNOSIS]:
            self._type(unoffered(seen, self.wanted))  # what is typed first stands first
        if is_worth_it_together(seen, self.wanted):
            self._press("b")
        self._walk()
        self._mend_standing()
        self._take_candidates()
        self._type(self._missing())
        self._put_first()
        return self._finish(path)

    def _missing(self) -> dict[Role, list[str]]:
        return self.wanted.without(self._now()["standing"])

    def _primary_stands_behind(self) -> bool:
        standing = [x["code"] for x in self._now()["standing"] if x["role"] == Role.DIAGNOSIS]
        primary = self.wanted.diagnoses[0]
        return primary in standing and standing[0] != primary

    # ---- Steps ----

    def _walk(self) -> None:
        """Down the suggestions, until nothing is left but what is rejected at the end."""
        while True:
            now, missing = self._now(), self._missing()
            keys = [self._key(line, now["undecided"], missing) for line in now["undecided"]]
            if all(key == "r" for key in keys):
                return
            ids = [line["id"] for line in now["undecided"]]
            if now["selected"] not in ids:
                self._select(ids[0])
            else:
                self._press(keys[ids.index(now["selected"])])

    def _key(self, line: Any, undecided: Sequence[Any], missing: Mapping[Role, Sequence[str]]) -> str:
        """What the shortest way does with a suggestion."""
        wanted = missing[Role(line["role"])]
        if line["code"] in wanted:
            return "p" if self._comes_behind(line) else "a"
        offered = {one["code"] for one in undecided}
        others = [code for code in wanted if code not in offered]
        digits = [str(line["digits"].index(code) + 1) for code in others if code in line["digits"]]
        near = [f"c{code[3].lower()}" for code in others if code[:3] == line["code"][:3]]
        return next(iter([*digits, *near]), "r")

    def _comes_behind(self, line: Any) -> bool:
        """Whether it is the primary diagnosis and would not stand first by itself."""
        if line["role"] != Role.DIAGNOSIS or line["code"] != self.wanted.diagnoses[0]:
            return False
        return any(one["role"] == Role.DIAGNOSIS for one in self._now()["standing"])

    def _mend_standing(self) -> None:
        """What was accepted together and is not wanted goes, or gets another fourth character."""
        for line in self._now()["standing"]:
            if line["code"] in self.wanted.diagnoses + self.wanted.procedures:
                continue
            others = self._missing()[Role(line["role"])]
            near = next((code for code in others if code[:3] == line["code"][:3]), None)
            self._select(line["id"])
            self._press(f"c{near[3].lower()}" if near else "r")

    def _take_candidates(self) -> None:
        while True:
            candidates = [(Role(one["role"]), one["code"]) for one in self._now()["candidates"]]
            missing = [(role, code) for role, codes in self._missing().items() for code in codes]
            places = sorted(candidates.index(one) for one in missing if one in candidates)
            if not places or places[0] >= _WORTHWHILE:
                return
            self._press(self._turn(places[0] // 9))
            self._press(str(places[0] % 9 + 1))
            if self._primary_stands_behind() and candidates[places[0]][1] == self.wanted.diagnoses[0]:
                self._press("p")
                self.turned = 0

    def _turn(self, page: int) -> str:
        """The keys to a nine of candidates."""
        more = page + 1 - self.turned
        self.turned = page + 1
        return "m" * more

    def _type(self, codes: Mapping[Role, Sequence[str]]) -> None:
        """In one line, as short as it can be written."""
        if not any(codes.values()):
            return
        self.typed += sum(map(len, codes.values()))
        words = {role: " ".join(code.removesuffix("X") for code in some) for role, some in codes.items()}
        line = words[Role.DIAGNOSIS]
        line += f"/{words[Role.PROCEDURE]}" if words[Role.PROCEDURE] else ""
        at_the_box = self.page.evaluate("() => document.activeElement?.id === 'query'")
        self._press(("" if at_the_box else "/") + line, is_line=True)
        self.turned = 0

    def _put_first(self) -> None:
        if self._primary_stands_behind():
            primary = self.wanted.diagnoses[0]
            lines = self._now()["standing"]
            self._select(next(x["id"] for x in lines if (x["role"], x["code"]) == (Role.DIAGNOSIS, primary)))
            self._press("p")

    def _finish(self, path: str) -> bool:
        """Once more where something is still undecided: it is rejected."""
        self._press("f")
        if self.page.locator("#confirm").count():
            self._press("f")
        if self.page.locator(".app-notice--failure").count():
            return False
        self.page.wait_for_function("path => location.pathname !== path", arg=path)
        return True

    # ---- Keys ----

    def _select(self, line_id: str) -> None:
        """Line by line from where the page stands, or by the number of the diagnosis."""
        now = self._now()
        here = now["shown"].index(now["selected"]) if now["selected"] in now["shown"] else -1
        steps = now["shown"].index(line_id) - here
        place = now["numbered"].index(line_id) + 1 if line_id in now["numbered"] else 10
        if abs(steps) > len("e1") and place < 10:
            self._press(f"e{place}")
        elif steps:
            self._press(("j" if steps > 0 else "k") * abs(steps))

    def _press(self, keys: str, *, is_line: bool = False) -> None:
        """Args: is_line: typed into the box, which Escape leaves."""
        every = [*keys, "Enter", "Escape"] if is_line else list(keys)
        for key in every:
            self.page.keyboard.press("Space" if key == " " else key)
            if key == "Enter":
                self.page.wait_for_function(_IDLE)
        self.pressed += len(every)
        self.log += [keys, "⏎", "esc"] if is_line else [keys] if keys else []
        self.page.wait_for_function(_IDLE)

    def _now(self) -> Any:
        return self.page.evaluate(_READ)


def unoffered(seen: Any, wanted: Wanted) -> dict[Role, list[str]]:
    """What neither suggestions nor candidates hold, nor a suggestion's category."""
    offered = [*seen["undecided"], *seen["candidates"], *seen["standing"]]
    near = {(line["role"], line["code"][:3]) for line in seen["undecided"]}
    left = wanted.without(offered)
    return {role: [c for c in codes if (role.value, c[:3]) not in near] for role, codes in left.items()}


def is_worth_it_together(seen: Any, wanted: Wanted) -> bool:
    """Whether accepting together saves more keys than what it gets wrong costs afterwards."""
    sure = sorted(seen["undecided"], key=lambda line: -line["percent"])[: seen["sure"]]
    right = [line for line in sure if line["code"] in wanted.diagnoses + wanted.procedures]
    wrong = len(sure) - len(right)
    primary = wanted.diagnoses[0]
    is_behind = primary in [line["code"] for line in right] and _leads(seen, right) != primary
    return len(right) - 1 - 4 * wrong - 4 * is_behind > 0


def _leads(seen: Any, accepted: Sequence[Any]) -> str | None:
    """Which of the diagnoses would stand first: the earliest in the model's order."""
    ids = {line["id"] for line in accepted}
    return next(
        (x["code"] for x in seen["undecided"] if x["id"] in ids and x["role"] == Role.DIAGNOSIS), None
    )
