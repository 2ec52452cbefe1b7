"""Names of the treatment function codes (NHS Data Dictionary) that worklists show most."""

NAMES = {
    "100": "General surgery", "101": "Urology", "102": "Transplant surgery", "103": "Breast surgery",
    "104": "Colorectal surgery", "105": "Hepatobiliary and pancreatic surgery",
    "106": "Upper gastrointestinal surgery", "107": "Vascular surgery", "108": "Spinal surgery",
    "109": "Bariatric surgery", "110": "Trauma and orthopaedics", "111": "Orthopaedics",
    "115": "Trauma surgery", "120": "Ear, nose and throat", "130": "Ophthalmology", "140": "Oral surgery",
    "141": "Restorative dentistry", "142": "Paediatric dentistry", "143": "Orthodontics",
    "144": "Maxillofacial surgery", "145": "Oral and maxillofacial surgery", "150": "Neurosurgery",
    "160": "Plastic surgery", "161": "Burns care", "170": "Cardiothoracic surgery",
    "171": "Paediatric surgery", "172": "Cardiac surgery", "173": "Thoracic surgery",
    "180": "Emergency medicine", "190": "Anaesthetics", "191": "Pain management",
    "192": "Intensive care medicine", "211": "Paediatric urology",
    "214": "Paediatric trauma and orthopaedics", "215": "Paediatric ear, nose and throat",
    "216": "Paediatric ophthalmology", "251": "Paediatric gastroenterology",
    "252": "Paediatric endocrinology", "253": "Paediatric clinical haematology",
    "258": "Paediatric respiratory medicine", "259": "Paediatric renal medicine",
    "260": "Paediatric medical oncology", "263": "Paediatric diabetes", "300": "General internal medicine",
    "301": "Gastroenterology", "302": "Endocrinology", "303": "Clinical haematology",
    "306": "Hepatology", "307": "Diabetes", "308": "Blood and marrow transplantation",
    "311": "Clinical genetics", "313": "Clinical immunology and allergy", "314": "Rehabilitation medicine",
    "315": "Palliative medicine", "318": "Intermediate care", "320": "Cardiology",
    "321": "Paediatric cardiology", "326": "Acute internal medicine", "328": "Stroke medicine",
    "329": "Transient ischaemic attack", "330": "Dermatology", "340": "Respiratory medicine",
    "343": "Adult cystic fibrosis", "350": "Infectious diseases", "360": "Genitourinary medicine",
    "361": "Renal medicine", "370": "Medical oncology", "400": "Neurology",
    "401": "Clinical neurophysiology", "410": "Rheumatology", "420": "Paediatrics",
    "421": "Paediatric neurology", "422": "Neonatal critical care", "424": "Well baby",
    "430": "Elderly medicine", "460": "Medical ophthalmology", "501": "Obstetrics", "502": "Gynaecology",
    "503": "Gynaecological oncology", "560": "Midwifery", "700": "Learning disability",
    "710": "Adult mental health", "711": "Child and adolescent psychiatry", "712": "Forensic psychiatry",
    "713": "Medical psychotherapy", "715": "Old age psychiatry", "800": "Clinical oncology",
    "811": "Interventional radiology", "812": "Diagnostic imaging",
}  # fmt: skip


def treatment_function(code: str | None) -> str:
    """`340 Respiratory medicine`; a code without a name here stands alone."""
    return f"{code} {NAMES.get(code, '')}".strip() if code else "Not known"
