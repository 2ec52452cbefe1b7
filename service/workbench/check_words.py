"""The words that the pages of checks use. A change is told by word and by shape, never by colour alone."""

from service.checking.comparing import Change
from service.workbench.wording import Tag

CHANGES = {
    Change.SAME: Tag("As submitted", "green", "✓"),
    Change.CODE: Tag("Other code", "yellow", "≠"),
    Change.FIFTH: Tag("Other fifth character", "yellow", "≠"),
    Change.ADDED: Tag("Added", "blue", "+"),
    Change.REMOVED: Tag("Removed", "red", "−"),
    Change.MOVED: Tag("Moved", "purple", "↕"),
    Change.PRIMARY: Tag("Now primary", "purple", "⤒"),
    Change.DATED: Tag("Date changed", "yellow", "≠"),
}

ACTIONS = {
    "move": "Moved.",
    "add": "Added.",
    "replace": "Replaced.",
    "remove": "Removed.",
    "accept": "Taken in after all.",
    "undo": "Undone.",
}
