"""What UK notes say of a mention: one line of a note, and each mention in it with its assertion."""

import pytest

from tests.unit.models.small_model import asserted

P, N, Q, F, H = "present", "negated", "queried", "family", "history"
PLAN, PAST, IF, PROB = "planned", "past_procedure", "hypothetical", "probable"

STATEMENTS: list[tuple[str, list[str]]] = [
    # plain
    ("Admitted with pneumonia.", [P]),
    ("Known COPD, HTN and T2DM", [P, P, P]),
    ("New diagnosis of AF", [P]),
    # negated, before
    ("No ascites", [N]),
    ("No evidence of PE", [N]),
    ("No evidence of PE, pneumonia or heart failure.", [N, N, N]),
    ("No chest pain, breathlessness or collapse", [N, N, N]),
    ("Nil chest pain but has hypertension", [N, P]),
    ("Denies chest pain, palpitations, breathlessness.", [N, N]),
    ("He does not have diabetes", [N]),
    ("Did not develop AKI.", [N]),
    ("Not treated as UTI", [N]),
    ("Never had a seizure", [N]),
    ("CTPA ruled out PE", [N]),
    ("Well, without chest pain", [N]),
    ("no AKI; AF rate controlled", [N, P]),
    ("No signs of sepsis and AF rate controlled", [N, P]),
    ("No ascites, AF on apixaban", [N, P]),
    ("No ascites, no seizure, T2DM diet controlled", [N, N, P]),
    ("She had no chest pain however pneumonia was seen", [N, P]),
    ("Not diabetic", [N]),
    ("No chest pain, washed out, 4 days of pneumonia", [N, P]),
    ("No chest pain, reduced exercise tolerance or breathlessness", [N, N]),
    # negated, after
    ("PE excluded", [N]),
    ("PE was excluded by CTPA", [N]),
    ("AKI not suspected", [N]),
    ("Pneumonia unlikely", [N]),
    ("PE (excluded)", [N]),
    ("PE, sepsis, stroke - all felt to be excluded clinically", [N, N, N]),
    ("Sepsis, UTI: both ruled out", [N, N]),
    ("AF, sepsis excluded", [P, N]),
    ("AF, apixaban, all bloods back, sepsis excluded", [P, N]),
    ("Sepsis ruled out", [N]),
    ("Front sheet says T2DM: not diabetic", [P, N]),
    # answers and boxes
    ("Diabetes: no", [N]),
    ("DIABETES: never", [N]),
    ("Reflux - none now", [N]),
    ("Did she faint? No.", [N]),
    ("AKI on the diuretics?? - No: creatinine 171 is old", [N]),
    ("Drain [ ]\n\nAsthma", [P]),
    ("AKI - no. AF rate controlled", [N, P]),
    ("AKI?? - no: heart failure as before", [N, P]),
    ("AKI? - no", [N]),
    ("AKI??", [Q]),
    ("[ ] Stroke      [ ] Asthma", [N, N]),
    ("[x] Asthma [ ] Stroke", [P, N]),
    # no negation
    ("No change in breathlessness", [P]),
    ("No relief of chest pain with GTN", [P]),
    ("Collapse, no cause found", [P]),
    ("Chest pain not controlled by paracetamol", [P]),
    # queried
    ("?PE", [Q]),
    ("? PE or pneumonia", [Q, Q]),
    ("?new AF", [Q]),
    ("r/o PE", [Q]),
    ("Query UTI", [Q]),
    ("Possible stroke", [Q]),
    ("Suspected sepsis", [Q]),
    ("Likely pneumonia", [Q]),
    ("Cannot exclude PE", [Q]),
    ("Differential: PE, pneumonia", [Q, Q]),
    ("PE vs pneumonia", [P, Q]),
    ("AKI?", [Q]),
    ("?cause of collapse", [P]),
    ("?PE - excluded", [Q]),
    ("Breathlessness ?PE", [P, Q]),
    # probable is coded
    ("Probable UTI", [PROB]),
    ("Presumed pneumonia", [PROB]),
    ("Treated as sepsis", [PROB]),
    ("Treated as ?UTI", [PROB]),
    ("Working diagnosis: pneumonia", [PROB]),
    ("Probable PE, excluded on CTPA", [PROB]),
    # family
    ("Mother had breast cancer", [F]),
    ("Father MI at 50", [F]),
    ("Mother: asthma", [F]),
    ("FHx: breast cancer, stroke", [F, F]),
    ("Strong family history of bowel cancer", [F]),
    ("Bowel cancer in the family", [F]),
    ("No family history of bowel cancer", [N]),
    ("Mum - asthma. Dad - AF", [F, F]),
    ("Lives with mum - asthma well controlled", [P]),
    ("FHx: nil, no breast cancer", [N]),
    ("Lives with daughter, asthma", [P]),
    ("Family history of breast cancer", [P]),  # the term itself: Z80.3
    # past
    ("Previous stroke", [H]),
    ("Stroke 2018", [H]),
    ("PMH: stroke, AF, asthma, hypertension", [H, P, P, P]),
    ("PE 2019, on apixaban", [H]),
    ("Previous asthma", [P]),
    ("AF since 2019", [P]),
    ("History of COPD", [P]),
    ("PMH: breast cancer 2015", [H]),
    ("Stroke 2026", [P]),
    ("Old MI", [P]),
    # procedures
    ("OGD", [P]),
    ("She underwent cholecystectomy", [P]),
    ("Proceeded to cholecystectomy", [P]),
    ("CT head: normal", [P]),
    ("Plan: OGD", [PLAN]),
    ("Awaiting cholecystectomy", [PLAN]),
    ("Listed for hip replacement", [PLAN]),
    ("OGD requested as outpatient", [PLAN]),
    ("Follow up: colonoscopy in 6 weeks", [PLAN]),
    ("Will need CABG", [PLAN]),
    ("Considered for CABG", [PLAN]),
    ("CABG 2009", [PAST]),
    ("CABG (Leeds, as an outpatient)", [PLAN]),
    ("AF, hip replacement 2015", [P, PAST]),
    ("Had a CABG in 2009", [PAST]),
    ("Previous cholecystectomy", [PAST]),
    ("PMH: CABG, hip replacement", [PAST, PAST]),
    ("OGD earlier this year showed reflux", [PAST, P]),
    ("OGD not done", [N]),
    ("CT head not needed", [N]),
    ("Declined colonoscopy", [N]),
    ("Cholecystectomy cancelled", [N]),
    # births of earlier pregnancies
    ("P2 (LSCS x1), SVD at 39/40", [PAST, P]),
    ("G3P1 (forceps), LSCS for breech", [PAST, P]),
    ("Para 1+1 (caesarean and SVD). LSCS today", [PAST, PAST, P]),
    ("LSCS x2, now SVD", [PAST, P]),
    ("Twins: SVD x2", [P]),
    ("P1, LSCS (spinal)", [P]),
    # hypothetical
    ("If chest pain then return", [IF]),
    ("Risk of stroke discussed", [IF]),
    ("Return if breathlessness", [IF]),
    ("Asthma clinic 4 weeks", [IF]),
    ("Heart failure nurse to see", [IF]),
    ("Safety net advice: chest pain, collapse", [IF, IF]),
]


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS, ids=[text for text, _ in STATEMENTS])
def test_what_a_statement_asserts(statement: str, expected: list[str]) -> None:
    assert [assertion for _, assertion in asserted(statement)] == expected


def test_the_table_is_wide_enough() -> None:
    assert len(STATEMENTS) >= 60


def test_section_beats_sentence() -> None:
    text = "FAMILY HISTORY\nShe herself says confirmed breast cancer\n\nPLAN\nUnderwent OGD"
    assert asserted(text) == [("breast cancer", F), ("OGD", PLAN)]


def test_a_cue_does_not_reach_into_the_next_statement() -> None:
    assert asserted("No chest pain. Pneumonia.") == [("chest pain", N), ("Pneumonia", P)]
    assert asserted("- no chest pain\n- pneumonia") == [("chest pain", N), ("pneumonia", P)]


def test_a_comma_list_in_a_past_history_is_negated_only_where_it_is_linked() -> None:
    """A problem list is mostly what the patient has: "No surgery, asthma, HTN"."""
    assert asserted("PMH: no stroke, asthma, HTN") == [("stroke", N), ("asthma", P), ("HTN", P)]
    assert asserted("PMH: no stroke, asthma or HTN") == [("stroke", N), ("asthma", N), ("HTN", N)]


def test_a_cue_inside_a_term_belongs_to_the_term() -> None:
    assert asserted("Ex-smoker") == [("Ex-smoker", P)]
