"""HTML as lines."""

import pytest

from service.messages.fhir.narrative import html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two &amp; three</p>", "One\ntwo & three"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<h2>Diagnoses</h2><p>COPD</p>", "Diagnoses\nCOPD"),
        ("<ul><li>COPD</li><li><p>Asthma</p></li></ul>", "- COPD\n- Asthma"),
        ("a   b\n c&nbsp;d", "a b c\xa0d"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<style>p {color: red}</style><script>1</script>seen", "seen"),
        ("<b>bold</b><i>er</i>", "bolder"),
        ("&lt;5 &#8211; 10", "<5 – 10"),
        ("", ""),
    ],
)
def test_words_stand_as_a_browser_would_show_them(html: str, text: str) -> None:
    assert html_text(html) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><th>Diagnosis</th><td>COPD</td></tr><tr><th>Empty</th><td> </td></tr>", "Diagnosis: COPD"),
        (
            "<tr><th>Drug</th><th>Dose</th></tr><tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr>",
            "Drug: A\nDose: 1\n\nDrug: B\nDose: 2",
        ),
        ("<tr><th>Summary</th></tr><tr><td><p>a</p><p>b</p></td></tr>", "Summary:\na\nb"),
        ("<tr><th>Comment</th><td><p>a</p><ul><li>b</li></ul></td></tr>", "Comment:\na\n- b"),
        ("<tr><td>Diagnosis</td><td>COPD</td></tr>", "Diagnosis: COPD"),
        ("<tr><td>a</td><td>b</td><td>c</td></tr>", "a | b | c"),
        ("<tr><th>x</th><td>a</td><td>b</td></tr>", "x: a | b"),
        ("<tr><th>x</th><td><table><tr><th>y</th><td>z</td></tr></table></td></tr>", "x: y: z"),
        ("<tr><th>x<td>a<tr><th>y<td>b", "x: a\ny: b"),
    ],
)
def test_a_heading_and_its_cell_share_a_line(rows: str, text: str) -> None:
    assert html_text(f"<table>{rows}</table>") == text


@pytest.mark.parametrize(
    "html", ["</td></table><td>a</td>", "<table><td>a", "<<<>>>a", "<table>" * 500 + "a", "<p" * 99 + "a"]
)
def test_broken_html_is_read_as_far_as_it_goes(html: str) -> None:
    assert isinstance(html_text(html), str)
