"""Short forms that clinical notes are full of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SHORT_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "abdominal": "abd",
        "as needed": "prn",
        "blood pressure": "BP",
        "body mass index": "BMI",
        "by mouth": "PO",
        "cancer": "CA",
        "cerebrospinal fluid": "CSF",
        "chest x-ray": "CXR",
        "chronic kidney disease": "CKD",
        "chronic obstructive pulmonary disease": "COPD",
        "complains of": "c/o",
        "congestive heart failure": "CHF",
        "coronary artery disease": "CAD",
        "deep vein thrombosis": "DVT",
        "diabetes mellitus": "DM",
        "diagnosis": "dx",
        "electrocardiogram": "ECG",
        "emergency department": "ED",
        "fracture": "fx",
        "gastrointestinal": "GI",
        "heart rate": "HR",
        "history": "hx",
        "history of": "h/o",
        "hypertension": "HTN",
        "intensive care unit": "ICU",
        "intravenous": "IV",
        "left": "L",
        "magnetic resonance imaging": "MRI",
        "myocardial infarction": "MI",
        "patient": "pt",
        "patients": "pts",
        "prescription": "rx",
        "pulmonary embolism": "PE",
        "respiratory rate": "RR",
        "right": "R",
        "shortness of breath": "SOB",
        "symptoms": "sx",
        "treatment": "tx",
        "twice daily": "bid",
        "urinary tract infection": "UTI",
        "white blood cell": "WBC",
        "with": "w/",
        "without": "w/o",
        "year-old": "yo",
    }
)
"""Long form, in small letters → short form, as discharge notes write it."""
