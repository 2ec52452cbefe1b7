"""The keys of the episode page, for its help. What they do is in static/keys.js."""

KEYS = (
    (
        "Lines",
        (
            ("j k", "next, previous line; its evidence is shown"),
            ("e 1–9", "to that diagnosis of the coding"),
            ("a", "accept the suggestion, go on to the next"),
            ("r", "reject it, go on; of the coding: remove"),
            ("w 1–8", "reject it and say why"),
            ("1–9", "take another code for the same words or category"),
            ("c 0–9", "another fourth character"),
            (". 0–9", "fifth character of a diagnosis; . . takes it away"),
            ("p", "make it primary; accepts a suggestion"),
            ("[ ]", "move the line up, down"),
            ("d", "date of a procedure"),
            ("s", "mend what a standard says"),
        ),
    ),
    (
        "Episode",
        (
            ("b", "accept every likely suggestion, except where an error would follow"),
            ("x", "reject the rest"),
            ("u", "undo"),
            ("f", "finalise and go on to the next episode; again to confirm"),
            ("n", "next episode"),
            ("m 1–9", "accept a further candidate; m again: the next nine"),
            ("y", "do it all the same, after someone else's change"),
        ),
    ),
    (
        "Codes and documents",
        (
            ("/", "type codes, or words to look for; procedures after /"),
            ("Enter", "in the box: add the codes"),
            ("↓ 1–9", "to what was found; take it"),
            ("Esc", "from the box back to the line"),
            ("t", "select words: arrows, with Shift more; / finds codes for them"),
            ("g", "next document"),
            ("v", "what was understood and not coded"),
            ("o", "other episodes, for context"),
            ("?", "this help"),
        ),
    ),
)
"""By group: keys, and what they do."""
