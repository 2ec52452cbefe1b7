"""The read-only views that training reads: finalised codings, row by row. Columns: docs/data-formats.md.

A contract with training/decisions.py, checked by tests/contract/test_coded_document.py. `contract` is its
version and stands in every row: what a column means never changes under the same number.

No name, no number of a patient, no birth date and no words of a coder leave the service by them. Text stands
in one column of one view; what was erased, or withdrawn as entered in error, is not there.

The same SQL on both databases but for dates and JSON, which each writes in its own way (`_Dialect`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

CONTRACT = 1
SINCE = "0004"
"""The first revision of the schema that has the views."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a database writes what SQL does not say for all. `{}` is the argument."""

    year: str
    month_and_day: str
    days: str
    field: str
    """A field of a JSON object as text."""
    element: str
    """An element of a JSON array as text."""
    each: str
    """The items of the array under a key of a JSON column, as rows `item` with a `value`."""
    items: str
    """The items of a JSON column that is an array, likewise."""
    place: str
    """The place of an item in its array, from 0."""
    word: str
    """An item that is a string, as text."""


_SQLITE = _Dialect(
    year="CAST(strftime('%Y', {}) AS INTEGER)",
    month_and_day="strftime('%m-%d', {})",
    days="CAST(julianday({}) - julianday({}) AS INTEGER)",
    field="json_extract({}, '$.{}')",
    element="json_extract({}, '$[{}]')",
    each="json_each({}, '$.{}') AS item",
    items="json_each({}) AS item",
    place="item.key",
    word="item.value",
)
_POSTGRESQL = _Dialect(
    year="CAST(to_char({}, 'YYYY') AS INTEGER)",
    month_and_day="to_char({}, 'MM-DD')",
    days="({} - {})",
    field="({} ->> '{}')",
    element="({} ->> {})",
    each="json_array_elements({} -> '{}') WITH ORDINALITY AS item(value, place)",
    items="json_array_elements({}) WITH ORDINALITY AS item(value, place)",
    place="CAST(item.place - 1 AS INTEGER)",
    word="(item.value #>> '{}')",
)
_DIALECTS: Mapping[str, _Dialect] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


def create(connection: Connection) -> None:
    """Makes every view; none may be there yet."""
    for name, query in _queries(connection).items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}".replace(":", r"\:")))


def drop(connection: Connection) -> None:
    for name in reversed(_NAMES):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))


def stand(connection: Connection) -> bool:
    return set(_queries(connection)) <= set(inspect(connection).get_view_names())


_NAMES = (
    "coded_document",
    "coded_document_text",
    "coded_document_line",
    "coded_document_evidence",
    "coded_document_audit",
)
"""Each may read those before it."""


def _queries(connection: Connection) -> dict[str, str]:
    """The last only where the schema holds blind audits."""
    sql = _DIALECTS[connection.dialect.name]
    queries = [_codings(sql), _texts(), _lines(sql), _evidence(sql)]
    if inspect(connection).has_table("blind_audit"):
        queries.append(_audits(sql))
    return dict(zip(_NAMES, queries, strict=False))


def _codings(sql: _Dialect) -> str:
    """One row each time that a coding was finalised: by a person, or a trainee's by who checked it.

    Patients are told apart by the first episode of the same patient, by each number that we know: no hash, no
    key, and no number leaves.
    """
    on = "COALESCE(episode.episode_start, episode.spell_start, episode.episode_end)"
    return f"""
WITH person AS (
  SELECT id,
    FIRST_VALUE(id) OVER (PARTITION BY provider_id, spell_number ORDER BY received_at, id) AS by_spell,
    FIRST_VALUE(id) OVER (PARTITION BY provider_id, local_patient_id ORDER BY received_at, id) AS by_local,
    FIRST_VALUE(id) OVER (PARTITION BY nhs_number ORDER BY received_at, id) AS by_national
  FROM episode
)
SELECT {CONTRACT} AS contract,
  closing.id AS coding, episode.id AS episode, provider.code AS provider,
  person.by_spell AS patient_by_spell,
  CASE WHEN episode.local_patient_id IS NOT NULL THEN person.by_local END AS patient_by_local_id,
  CASE WHEN episode.nhs_number IS NOT NULL THEN person.by_national END AS patient_by_national_id,
  episode.language AS language,
  CASE WHEN lower(episode.sex) IN ('1', 'm', 'male') THEN 'male'
       WHEN lower(episode.sex) IN ('2', 'f', 'female') THEN 'female' END AS sex,
  CASE WHEN episode.birth_date <= {on} THEN
    {sql.year.format(on)} - {sql.year.format("episode.birth_date")}
    - CASE WHEN {sql.month_and_day.format(on)} < {sql.month_and_day.format("episode.birth_date")}
           THEN 1 ELSE 0 END END AS age,
  episode.main_specialty AS main_specialty, episode.treatment_function AS treatment_function,
  {_ADMISSION} AS admission_method,
  CASE WHEN episode.spell_end >= episode.spell_start
       THEN {sql.days.format("episode.spell_end", "episode.spell_start")} END AS length_of_stay_days,
  episode.episode_end AS episode_end, episode.status AS status,
  closing.decided_at AS finalised_at,
  (SELECT MIN(later.decided_at) FROM decision AS later
   WHERE later.episode_id = episode.id AND later.number > closing.number AND later.kind = 'reopen')
  AS reopened_at,
  closing.number AS number, closing.actor_role AS finalised_by_role,
  {sql.field.format("closing.model", "name")} AS model_name,
  {sql.field.format("closing.model", "version")} AS model_version,
  {sql.field.format("closing.model", "digest")} AS model_digest
FROM decision AS closing
JOIN episode ON episode.id = closing.episode_id
JOIN provider ON provider.id = episode.provider_id
JOIN person ON person.id = episode.id
WHERE (closing.kind = 'approve' OR (closing.kind = 'finalise' AND closing.actor_role <> 'trainee'))
  AND closing.actor_kind <> 'gate'
  AND episode.status <> 'withdrawn'
"""


_ADMISSION = """
  CASE WHEN lower(episode.patient_classification) IN ('2', 'daycase', 'day case') THEN 'daycase'
       WHEN lower(episode.admission_method) IN ('emergency', 'elective', 'daycase', 'maternity', 'birth')
       THEN lower(episode.admission_method)
       WHEN episode.admission_method LIKE '1%' THEN 'elective'
       WHEN episode.admission_method LIKE '2%' THEN 'emergency'
       WHEN episode.admission_method LIKE '3%' THEN 'maternity'
       WHEN episode.admission_method LIKE '8%' THEN 'birth' END
"""
"""service/episodes/reading.py, in SQL."""


def _texts() -> str:
    """Every version of every document of these episodes; `text` is NULL where it may no longer be read."""
    return f"""
SELECT {CONTRACT} AS contract, version.episode_id AS episode, document.sender_id AS document,
  document.position AS position, version.version AS version, version.kind AS kind, version.title AS title,
  version.received_at AS received_at,
  CASE WHEN version.status = 'entered_in_error' THEN 1 ELSE 0 END AS in_error,
  CASE WHEN version.text_digest IS NULL AND newest.status <> 'entered_in_error' THEN version.text END AS text
FROM document_version AS version
JOIN document ON document.id = version.document_id
JOIN document_version AS newest ON newest.document_id = version.document_id
  AND newest.version = (SELECT MAX(v.version) FROM document_version AS v
                        WHERE v.document_id = version.document_id)
WHERE EXISTS (SELECT 1 FROM coded_document WHERE coded_document.episode = version.episode_id)
"""


def _lines(sql: _Dialect) -> str:
    """Every line that a coding was made from: what stands, in order, and what was offered and does not stand.

    `outcome` is the last decision on the line before the coding was finalised that was not undone by then.
    """
    return f"""
WITH undone AS (
  SELECT episode_id, number, {sql.field.format("content", "decision")} AS decision
  FROM decision WHERE kind = 'undo'
), judged AS (
  SELECT coding.coding AS coding, event.line_id AS line, event.kind AS kind, event.decided_at AS decided_at,
    event.actor_role AS actor_role,
    {sql.field.format("event.content", "code")} AS code,
    {sql.field.format("event.content", "reason")} AS reason,
    ROW_NUMBER() OVER (PARTITION BY coding.coding, event.line_id ORDER BY event.number DESC) AS back
  FROM coded_document AS coding
  JOIN decision AS event ON event.episode_id = coding.episode AND event.number < coding.number
  WHERE event.kind IN ('accept', 'reject', 'replace', 'add', 'remove') AND NOT EXISTS (
    SELECT 1 FROM undone WHERE undone.episode_id = coding.episode AND undone.number < coding.number
    AND undone.decision = event.id)
), dated AS (
  SELECT coding.coding AS coding, event.line_id AS line, {sql.field.format("event.content", "date")} AS date,
    ROW_NUMBER() OVER (PARTITION BY coding.coding, event.line_id ORDER BY event.number DESC) AS back
  FROM coded_document AS coding
  JOIN decision AS event ON event.episode_id = coding.episode AND event.number < coding.number
  WHERE event.kind = 'set_date' AND NOT EXISTS (
    SELECT 1 FROM undone WHERE undone.episode_id = coding.episode AND undone.number < coding.number
    AND undone.decision = event.id)
), standing AS (
  SELECT coding.coding AS coding, {sql.place} AS place, {sql.element.format("item.value", 0)} AS line,
    {sql.element.format("item.value", 1)} AS code
  FROM coded_document AS coding JOIN decision AS closing ON closing.id = coding.coding
  CROSS JOIN {sql.each.format("closing.content", "lines")}
), born AS (
  SELECT coding.coding AS coding, line.id AS line, line.role AS role, line.code AS code,
    line.confidence AS confidence, line.suggested AS shown, line.rank AS rank,
    line.procedure_group AS procedure_group, NULL AS date, suggestion.number AS suggestion
  FROM coded_document AS coding
  JOIN suggestion ON suggestion.episode_id = coding.episode AND suggestion.created_at <= coding.finalised_at
  JOIN suggestion_line AS line ON line.suggestion_id = suggestion.id
  UNION ALL
  SELECT coding.coding, event.line_id, {sql.field.format("event.content", "role")}, NULL, NULL, NULL, NULL,
    CAST({sql.field.format("event.content", "group")} AS INTEGER),
    {sql.field.format("event.content", "date")}, NULL
  FROM coded_document AS coding
  JOIN decision AS event ON event.episode_id = coding.episode AND event.number < coding.number
  WHERE event.kind = 'add'
)
SELECT {CONTRACT} AS contract, born.coding AS coding, born.line AS line, born.role AS role,
  COALESCE(standing.code, judged.code, born.code) AS code, standing.place AS place,
  CASE WHEN standing.line IS NOT NULL AND born.code IS NULL THEN 'added'
       WHEN standing.line IS NOT NULL AND born.code = standing.code THEN 'accepted'
       WHEN standing.line IS NOT NULL THEN 'replaced'
       WHEN judged.kind = 'reject' THEN 'rejected'
       WHEN judged.line IS NOT NULL THEN 'removed'
       WHEN born.code IS NULL THEN 'undone'
       ELSE 'untouched' END AS outcome,
  born.code AS suggested_code, born.confidence AS confidence, born.shown AS shown, born.rank AS rank,
  born.suggestion AS suggestion, born.procedure_group AS procedure_group,
  COALESCE(dated.date, born.date) AS date,
  CASE WHEN judged.kind = 'reject' THEN judged.reason END AS reject_reason,
  judged.decided_at AS decided_at, judged.actor_role AS decided_by_role
FROM born
LEFT JOIN standing ON standing.coding = born.coding AND standing.line = born.line
LEFT JOIN judged ON judged.coding = born.coding AND judged.line = born.line AND judged.back = 1
LEFT JOIN dated ON dated.coding = born.coding AND dated.line = born.line AND dated.back = 1
"""


def _evidence(sql: _Dialect) -> str:
    """The spans of a line: places in a document version. Their words are in `coded_document_text`."""
    return f"""
WITH span AS (
  SELECT line.episode_id AS episode, line.id AS line, {sql.place} AS place, item.value AS value
  FROM suggestion_line AS line CROSS JOIN {sql.items.format("line.evidence")}
  UNION ALL
  SELECT event.episode_id, event.line_id, {sql.place}, item.value
  FROM (SELECT * FROM decision WHERE kind = 'add') AS event
  CROSS JOIN {sql.each.format("event.content", "evidence")}
)
SELECT {CONTRACT} AS contract, span.episode AS episode, span.line AS line, span.place AS place,
  {sql.field.format("span.value", "document_id")} AS document,
  CAST({sql.field.format("span.value", "version")} AS INTEGER) AS version,
  CAST({sql.field.format("span.value", "start")} AS INTEGER) AS start_offset,
  CAST({sql.field.format("span.value", "end")} AS INTEGER) AS end_offset
FROM span
WHERE EXISTS (SELECT 1 FROM coded_document WHERE coded_document.episode = span.episode)
"""


def _audits(sql: _Dialect) -> str:
    """Every code of an episode that was coded by a person with suggestions and by another without.

    A row for each code that was offered, given or found blind: how coders do with what they are shown
    (training/exposure.py). What the gate finalised says nothing of coders and is not there.
    """
    return f"""
WITH audited AS (
  SELECT blind_audit.episode_id AS episode, coding.coding AS coding, coding.provider AS provider,
    blind_audit.share AS share, blind_audit.done_at AS done_at, blind_audit.second_coding AS second_coding
  FROM blind_audit JOIN coded_document AS coding
    ON coding.episode = blind_audit.episode_id AND coding.reopened_at IS NULL
  WHERE blind_audit.done_at IS NOT NULL AND blind_audit.share > 0
), blind AS (
  SELECT audited.coding AS coding, 'diagnosis' AS role, {sql.word} AS code
  FROM audited CROSS JOIN {sql.each.format("audited.second_coding", "diagnoses")}
  UNION
  SELECT audited.coding, 'procedure', {sql.word}
  FROM audited CROSS JOIN {sql.each.format("audited.second_coding", "procedures")}
), offered AS (
  SELECT line.coding AS coding, line.role AS role, line.suggested_code AS code,
    MAX(line.confidence) AS confidence, MAX(CASE WHEN line.shown THEN 1 ELSE 0 END) AS shown
  FROM coded_document_line AS line JOIN audited ON audited.coding = line.coding
  WHERE line.suggested_code IS NOT NULL
  GROUP BY line.coding, line.role, line.suggested_code
), given AS (
  SELECT DISTINCT line.coding AS coding, line.role AS role, line.code AS code
  FROM coded_document_line AS line JOIN audited ON audited.coding = line.coding
  WHERE line.place IS NOT NULL
), known AS (
  SELECT coding, role, code FROM blind
  UNION SELECT coding, role, code FROM offered
  UNION SELECT coding, role, code FROM given
)
SELECT {CONTRACT} AS contract, audited.provider AS provider, audited.episode AS episode,
  known.role AS role, known.code AS code, offered.confidence AS confidence,
  COALESCE(offered.shown, 0) AS shown,
  CASE WHEN given.code IS NULL THEN 0 ELSE 1 END AS given,
  CASE WHEN blind.code IS NULL THEN 0 ELSE 1 END AS blind,
  1.0 / audited.share AS weight, audited.done_at AS audited_at
FROM known
JOIN audited ON audited.coding = known.coding
LEFT JOIN offered ON offered.coding = known.coding AND offered.role = known.role AND offered.code = known.code
LEFT JOIN given ON given.coding = known.coding AND given.role = known.role AND given.code = known.code
LEFT JOIN blind ON blind.coding = known.coding AND blind.role = known.role AND blind.code = known.code
"""
