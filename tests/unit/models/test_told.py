"""Sex and age of a patient from the text, where the episode does not say."""

import pytest

from models.mentions.told import as_told
from tests.unit.models.small_model import episode
from tests.unit.models.test_together import diagnoses, suggest


@pytest.mark.parametrize(
    ("text", "sex", "age"),
    [
        ("82F from a nursing home", "female", 82),
        ("28 y/o M with a cough", "male", 28),
        ("This 78 yr old lady fell", "female", 78),
        ("65 year-old gentleman, known AF", "male", 65),
        ("a 4-year-old girl with croup", "female", 4),
        ("This 3-month-old boy", "male", 0),
        ("an 18 month old with wheeze", None, 1),
        ("6 week old baby, she feeds well", "female", 0),
        ("Sex: F\nAge: 34", "female", 34),
        ("10 year history of OA; he is aged 45", "male", 45),
        ("12F chest drain", None, None),
        ("Mr Smith reviewed her", "female", None),
        ("She and he", None, None),
        ("Elective section", None, None),
    ],
)
def test_what_the_text_tells_of_the_patient(text: str, sex: str | None, age: int | None) -> None:
    told = as_told(episode(text))
    assert (told.sex, told.age) == (sex, age)


def test_what_the_episode_says_stands() -> None:
    told = as_told(episode("Her husband is 82 years old", sex="male", age=80))
    assert (told.sex, told.age) == ("male", 80)


def test_what_only_one_sex_can_have_is_found_where_nothing_tells_the_sex() -> None:
    assert "O021" in diagnoses("Missed miscarriage.")
    assert [line.code for line in suggest("Circumcision.").procedures if line.suggested] == ["N303"]


def test_what_the_other_sex_cannot_have_is_not_found() -> None:
    assert "E291" in diagnoses("Hypogonadal. He feels tired.")
    assert "E291" not in diagnoses("Hypogonadal. She feels tired.")


@pytest.mark.parametrize(
    ("text", "admission", "sex", "age"),
    [
        ("SVD, 2nd degree tear sutured, PPH 700 ml, live male infant.", "maternity", "female", None),
        ("Primip 27, 40+3, IOL for SROM. Kiwi in room. He weighed 3.5 kg.", "maternity", "female", None),
        (
            "NEONATAL UNIT. Baby girl, born here 3/3/26 at 36+2, singleton, BW 2300 g. Mother GDM.",
            "birth",
            None,
            0,
        ),
        (
            "Baby boy born at 38/40, BW 3200 g, NNU for 2 days. Now 4 months old, bronchiolitis.",
            None,
            None,
            0,
        ),
        ("Age 4 days. Born by ventouse at 39+4, midwife saw jaundice. Mother O pos.", None, None, 0),
        ("Hysterectomy for fibroids. P2, both SVD.", None, None, None),
    ],
)
def test_a_birth_is_told_where_nothing_else_is_known(
    text: str, admission: str | None, sex: str | None, age: int | None
) -> None:
    told = as_told(episode(text))
    assert (told.admission_method, told.sex, told.age) == (admission, sex, age)


def test_a_birth_is_not_looked_for_where_the_episode_says_anything() -> None:
    told = as_told(episode("SVD, 2nd degree tear sutured, PPH 700 ml.", admission_method="emergency"))
    assert told.admission_method == "emergency"
