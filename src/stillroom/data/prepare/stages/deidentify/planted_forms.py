"""Identifiers of nobody to be planted: written without a look at the recognisers' lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stillroom.data.prepare.stages.deidentify.listing import listed
from stillroom.data.prepare.stages.deidentify.spans import Kind


@dataclass(frozen=True)
class Forms:
    """What is planted.

    Attributes:
        given: given names.
        family: family names.
        streets: streets.
        cities: cities.
        states: states and their codes.
        sentences: sentences by kind; what points at somebody stands between ``<`` and ``>``.
    """

    given: tuple[str, ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    states: tuple[str, ...]
    sentences: Mapping[Kind, tuple[str, ...]]


_GIVEN = listed("""Aaliyah Abdullahi Adebayo Adriana Agnieszka Akira Alejandra Amara Anh Arjun Barbara Beatriz Bjorn
    Blessing Bogdan Carlos Catherine Charlotte Cheng Chidi Daniel Dariusz Deborah Dmitri Dolores Eamon Ebony
    Eduardo Efua Elizabeth Emeka Faith Farhad Fatima Francesca Genevieve Giovanni Gloria Grace Gunnar
    Harriet Hiroshi Hope Ibrahim Imani Ingrid Isabella Jamal James Jerome Jessica Joao Jorge Karthik Kenneth
    Khadija Kwame Lakshmi Latoya Leilani Linda Lucia Magdalena Marcus Mark Mei Michael Mohammed Nadia Ngozi
    Nkechi Noor Olga Oluwaseun Padraig Patricia Pedro Priya Quentin Rajesh Rebecca Renuka Rose Ruslan Samuel
    Sanjay Siobhan Sione Soo-Jin Svetlana Tamika Tatiana Thanh Tomasz Tyrone Veronica Wanjiru Wei Will
    Xiomara Yolanda Yuki Zainab Zoe""")
_FAMILY = listed("""Abernathy Achterberg Adeyemi Ahmed Akhtar Alvarez Andersson Baptiste Begum Bhattacharya
    Boateng Brown
    Carter Castellanos Chaudhary Chukwu Cohen Cruz Da-Silva Dabrowski Delacroix Diaz Eriksen Eze Farah
    Fernandes Fitzgerald Garcia Ghorbani Green Grzelak Gutierrez Haddad Hill Hoang Ibarra Iyer Jablonski
    Jackson Johnson Kamau Kaur Khatun King Kowalczyk Kruger Lewandowski Lindqvist Liu Long MacDonald
    MacGregor Mahmoud Martin Mbeki McAllister Mensah Moreau Mukherjee Mwangi Nakamura Nguyen Novak Nwosu
    O'Connor O'Rourke Okonkwo Ostrowski Oyelaran Papadopoulos Park Patel Pereira Petrov Phan Quiroga Qureshi
    Ramaswamy Reyes Rivera Rossi Sandhu Schneider Smith Subramanian Szymanski Tanaka Thompson Tran Tuilagi
    Ueda Usman Van-Houten Vasquez Vu Walker Washington Weinstein Whitfield Xu Yamamoto Yilmaz Young Zhang
    Zielinski""")
_STREETS = listed(
    "Quarry Hill Road|Sable Creek Lane|Old Mill Drive|Orchard Street|Vine St.|N. Prospect Ave"
    "|King George Blvd|Tamarack Ct",
    "|",
)
_CITIES = listed("Wexford|Lowell|Port Marlow|Cedar Falls|Tulsa|Gary|Fargo|Santa Rosa|Duluth|Yonkers", "|")
_STATES = listed("NY|OH|Texas|CA|Illinois|ME|North Dakota|WA", "|")

_SENTENCES: Mapping[Kind, tuple[str, ...]] = {
    "name": (
        "Mrs. <{family}> feels better this morning.",
        "I spoke with <{given} {family}>, the niece.",
        "Consult requested by Dr <{family}>.",
        "<{given} {family}> presents with the complaint above.",
        "Name: <{given} {initial}. {family}>",
        "NAME: <{FAMILY}, {GIVEN}>",
        "His brother, <{given} {family}>, drove him here.",
        "We thank Dr. <{given} {family}> for this referral.",
        "RN <{family}> at bedside.",
        "<{family}, {given}> 45M",
        "Surgeon: <{given} {family}>, M.D.",
        "Assistant: <{family}>",
        "Nurse <{given}> gave the second dose.",
        "<{given}>'s pain is controlled.",
        "Patient goes by <{given}>.",
        "Reviewed by: <{given} {family}>",
        "Thank you, <{given} {family}>",
        "Family meeting with <{given}>.",
        "Prof. <{family}> agrees with the plan.",
        "As <{given}> explained, the fall was witnessed.",
        "Mr. <{family}> was seen today.",
        "Discussed with Dr. <{given} {family}>.",
        "Pt <{given} {family}> tolerated this well.",
        "Patient name: <{family}, {given}>",
        "PATIENT: <{FAMILY}, {GIVEN}>",
        "The wife, <{given}>, is at the bedside.",
        "<{given} {family}> is a 54-year-old with the above.",
        "Electronically signed by <{given} {initial}. {family}>, MD",
        "dr. <{family_lower}> was paged.",
        "Her daughter <{given} {family}> called about the results.",
        "<{given}> denies any chest pain.",
        "Per <{family}>, continue.",
        "Seen and examined with <{initial}. {family}>.",
        "Ms. <{family}>'s mother agreed.",
        "Please call <{given}> at home first.",
        "CC: <{given} {family}>",
        "<{GIVEN} {FAMILY}> WAS BROUGHT IN BY AMBULANCE.",
        "My name is <{given} {family}> and I will be your nurse.",
        "Attending: <{family}>",
        "He asked whether <{given} {family}> could visit.",
    ),
    "date": (
        "Date of service: <{m}/{d}/{y}>",
        "She was discharged on <{Mon} {d}, {Y}>.",
        "Between <{m}/{d}/{Y}> and now there was no change.",
        "Injury of <{dd} {Mon} {Y}>.",
        "EGD (<{mm}/{dd}/{Y}>): normal.",
        "Next visit <{Month} {d}>.",
        "on <{Mon}. {d}, {Y}> he returned",
        "Date: <{Y}/{mm}/{dd}>",
        "LMP <{m}/{d}>.",
        "Seen by us in late <{Month} {Y}>.",
        "TIME: <{m}-{d}-{Y}> 10:32",
        "As of <{Mon} {Y}> he is off oxygen.",
        "The <{d}th of {Month} {Y}> was his last drink.",
        "Signed <{mm}/{dd}/{Y}> 08:15 AM",
        "MRI <{Month}, {Y}>.",
        "Seen on <{m}/{d}/{Y}>.",
        "Admitted <{mm}/{dd}/{y}>.",
        "Last colonoscopy <{Y}-{mm}-{dd}> was clear.",
        "She fell on <{Month} {d}, {Y}>.",
        "Return <{d} {Month} {Y}>.",
        "Surgery on <{Mon} {d}> went well.",
        "Follow-up on <{m}/{d}>.",
        "DOB: <{mm}-{dd}-{Y}>",
        "First noticed in <{Month} {Y}>.",
        "It started the <{d}th of {Month}>.",
        "Chest film of <{d}-{Mon}-{y}> reviewed.",
        "Pain since <{Month}>.",
        "Labs <{mm}/{dd}/{y}> pending.",
        "D: <{dd}.{mm}.{Y}>",
        "Visit dated <{Y}{mm}{dd}>.",
        "Scheduled for <{MONTH} {d}, {Y}>.",
    ),
    "age": (
        "Patient's age is <{age}>.",
        "Very pleasant <{age}>-year-old gentleman.",
        "The patient, <{age}> years of age, fell.",
        "<{age}>-y.o. female",
        "Father lived to be <{age}>.",
        "She will be <{age}> in June.",
        "Patient is <{age}>, lives with her son.",
        "<{age}> yr old M",
        "He is a <{words}> year old veteran.",
        "At <{age}> she still gardens.",
        "This is a <{age}>-year-old patient.",
        "She is <{age}> years old.",
        "Pt is a <{age}> y/o female.",
        "Age: <{age}>",
        "A <{age}>yo man.",
        "He was aged <{age}> at the time.",
        "Mother died at the age of <{age}>.",
        "The patient is a <{age}> year old widow.",
        "She turned <{age}> last week.",
        "<{age}>F with falls.",
        "The <{words}>-year-old lives alone.",
        "Patient is <{age}> yrs. old.",
    ),
    "mrn": (
        "MRN = <{n8}>",
        "(MRN <{n7}>)",
        "Med Rec #: <{n6}>",
        "MR Number: <{n3} {n2} {n2}>",
        "Pt ID: <{L}{L}{n6}>",
        "Record number <{n9}>",
        "Hosp #<{n7}>",
        "M.R.N. <{n6}>",
        "Patient No. <{n2}-{n2}-{n2}>",
        "MRN: <{n7}>",
        "MRN <{n8}>",
        "Medical record number <{n6}>.",
        "MR# <{n7}>",
        "Medical Record No.: <{L}{n6}>",
        "mrn#<{n3}-{n2}-{n2}>",
        "Hospital number is <{n7}>.",
        "Patient ID <{n8}>",
        "Chart # <{n5}>",
        "Unit No: <{n3}-{n4}>",
    ),
    "phone": (
        "Tel: <{p3}-{p3}-{n4}>",
        "You may call me at <{p3}/{p3}-{n4}>.",
        "Callback <({p3}) {p3} {n4}>.",
        "Cell phone number <{p3}{p3}{n4}>.",
        "<{p3}-{p3}-{n4}> (home)",
        "<+1-{p3}-{p3}-{n4}> is the cell.",
        "Dial <{p3}-{n4}> after hours.",
        "Beeper <{n4}>",
        "Line: <{p3}.{p3}.{n4} x{n3}>",
        "Mobile no. <+33 6 {n2} {n2} {n2} {n2}>",
        "Call (<{p3}) {p3}-{n4}>.",
        "Her number is <{p3}-{p3}-{n4}>.",
        "Cell <{p3}.{p3}.{n4}>",
        "Phone: <{p3} {p3} {n4}>",
        "Contact at <+1 {p3} {p3} {n4}>.",
        "Reached at <1-{p3}-{p3}-{n4}>.",
        "Office phone <{p3}-{n4}>.",
        "Home: <({p3}){p3}-{n4}>",
        "Pager <{n5}>",
        "Tel. <{p3}{p3}{n4}>",
        "Daughter's mobile <+44 20 {n4} {n4}>.",
        "Ext. <{n4}>",
    ),
    "address": (
        "Residence: <{house} {street}, {city} {state}>",
        "Currently staying at <{house} {street}>.",
        "<{house} {street}, Unit {n2}, {city}, {state} {zip}>",
        "Born in <{city}>, {state}.",
        "PO Box: <P.O. Box {n3}, {city}>",
        "She grew up in <{city}>.",
        "Works in <{city}> as a clerk.",
        "Postal code <{zip}>",
        "Visiting from <{city}, {state}>.",
        "Lives at <{house} {street}>.",
        "Address: <{house} {street}, {city}, {state} {zip}>",
        "He is from <{city}>, {state}.",
        "Home is <{house} {street}, Apt {n2}>.",
        "Mail to <P.O. Box {n4}>, please.",
        "She moved to <{city}> last year.",
        "Resides in <{city}> with family.",
        "Address <{house} {street}, {city} {state} {zip}>.",
        "Zip code <{zip}>.",
        "Sent home to <{city}, {state}>.",
    ),
    "fax": ("Fax <{p3}-{p3}-{n4}>.", "Fax: (<{p3}) {p3}-{n4}>", "Please fax to <{p3} {p3} {n4}>."),
    "email": (
        "E-mail <{given_lower}.{family_lower}@mailbox.org>.",
        "<{given_lower}{n2}@health.example.com> is best.",
        "Write to <{family_lower}@clinic.co.uk>",
    ),
    "ssn": ("SSN <{n3}-{n2}-{n4}>.", "Social security number: <{n3} {n2} {n4}>", "SS# <{n9}>"),
    "account": (
        "Account number <{n8}>.",
        "Member ID: <{L}{L}{L}{n9}>",
        "Policy # <{n5}-{n4}>",
        "Medicare number <{n9}{L}>.",
        "Acct: <{n9}>",
    ),
    "licence": ("License number <{L}{n7}>.", "DEA# <{L}{L}{n7}>", "Passport no. <{n9}>", "NPI <{n9}{n1}>"),
    "vehicle": ("License plate <{L}{L}{L} {n4}>.", "VIN <1HG{n5}{L}{L}{n6}{L}>", "Plate: <{n3}-{L}{L}{L}>"),
    "device": ("Serial number <{L}{L}{n6}>.", "Pacemaker model no. <{L}{n4}>", "Implant lot # <{n6}>"),
    "url": (
        "See <www.{family_lower}-family.org/photos>.",
        "Blog: <https://{given_lower}.example.net/p?id={n3}>",
    ),
    "ip": ("Login from <{n2}.{n2}.{n2}.{n2}>.", "IP address <10.{n2}.{n2}.{n2}>"),
}

KNOWN = Forms(_GIVEN, _FAMILY, _STREETS, _CITIES, _STATES, _SENTENCES)
"""Forms that the recognisers were improved on."""
