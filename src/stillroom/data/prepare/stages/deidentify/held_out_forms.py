"""Identifiers of nobody in other forms, written after the recognisers."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.data.prepare.stages.deidentify.listing import listed
from stillroom.data.prepare.stages.deidentify.planted_forms import Forms
from stillroom.data.prepare.stages.deidentify.spans import Kind

_GIVEN = listed("""Adwoa Albert Anastasia Aparna Brandon Chiara Dawn Delphine Destiny Ewa Fernando Gulnara Hassan Irene
    Ivan Joyce Kaito Keisha Ludmila Manuel Miriam Nam Obinna Paulina Ravi Ruth Salma Shanice Stephen Tariq
    Ursula Vikram Yasmin Zbigniew""")
_FAMILY = listed("""Agyeman Bailey Banerjee Bianchi Bondarenko Choi Daoud Dimitrov Evans Fofanah Gomez Hernandez Huang
    Ivanov Jimenez Keita Larsson Malik Moore Murphy Nilsson Obi Pham Rahman Rosenberg Saito Santos Sokolov
    Stone Tshabalala Vogel Ward Wolde Zapata""")
_STREETS = listed(
    "Copper Kettle Road|Fennel Street|S. Harbor Ave.|Windmere Drive|Tollgate Lane|5th Avenue", "|"
)
_CITIES = listed("Topeka|Laredo|Muncie|Saginaw|Boca Raton|Flint|Eau Claire", "|")
_STATES = listed("KS|Texas|IN|Michigan|FL|Minnesota", "|")

_SENTENCES: Mapping[Kind, tuple[str, ...]] = {
    "name": (
        "Mr <{given} {family}> remains stable.",
        "Dr. <{family}> will follow.",
        "I, <{given} {family}>, MD, have reviewed this.",
        "Her husband <{given}> helps with meals.",
        "PT NAME: <{GIVEN} {FAMILY}>",
        "Referred by <{given} {family}>.",
        "<{given} {family}> is a 61 y/o with the history above.",
        "<{given}> is doing well.",
        "Ms <{family}> declined.",
        "Requesting provider: <{family}, {given}>",
        "Case discussed with <{family}>.",
        "The patient's sister (<{given} {family}>) was present.",
        "Transcribed by <{given} {family}>",
        "Hello <{given}>, your results are back.",
        "Interpreter <{given} {family}> was used.",
        "<{family}> had a good night.",
    ),
    "date": (
        "DOS <{mm}/{dd}/{y}>",
        "Her surgery was on <{Month} {d}th, {Y}>.",
        "Admission date: <{d}-{Mon}-{Y}>",
        "He was last seen <{m}/{d}/{y}> by us.",
        "Biopsy in <{Month} of {Y}>.",
        "Onset around <{Mon} {d}>.",
        "<{mm}-{dd}-{y}>: no change.",
        "Since <{m}/{d}> she has had pain.",
        "Expires <{mm}/{Y}>.",
        "On <{Y}.{mm}.{dd}> he was well.",
    ),
    "age": (
        "A <{age}>-year-old retired teacher.",
        "The patient is <{age}>.",
        "age <{age}>",
        "Now <{age}>, he lives alone.",
        "<{age}> y.o. M with fever.",
        "Grandfather died at <{age}>.",
        "He just turned <{age}>.",
        "She is a <{age}>-yr-old woman.",
        "Aged <{age}> years.",
        "Patient (<{age}>F) seen.",
    ),
    "mrn": (
        "Med. Rec. No. <{n7}>",
        "MRN# <{n8}>",
        "Patient number: <{n6}>",
        "medical record <{n7}>",
        "MRN:<{n3}{n4}>",
        "Patient identifier <{n8}>",
        "NHS number <{n3} {n3} {n4}>",
    ),
    "phone": (
        "Ph <{p3}-{p3}-{n4}>",
        "Best contact: <({p3}) {p3}-{n4}>",
        "Call back at <{p3} {p3}-{n4}>.",
        "Work <{p3}.{p3}.{n4}>",
        "His cell is <{p3}{p3}{n4}>.",
        "tel <{p3}-{n4}>",
        "Paged at <{n5}>.",
        "<+49 {n3} {n7}> in Germany.",
    ),
    "address": (
        "Lives at <{house} {street}, {city}>.",
        "<{house} {street}>",
        "Discharged to <{house} {street}, {city}, {state} {zip}>.",
        "Resident of <{city}>.",
        "Transferred from <{city}, {state}>.",
        "ZIP <{zip}>",
        "Home address: <P.O. Box {n4}>",
        "Lives near <{city}>.",
    ),
}

HELD_OUT = Forms(_GIVEN, _FAMILY, _STREETS, _CITIES, _STATES, _SENTENCES)
"""Forms that the recognisers have not been improved on; what they miss stays missed, and is told."""
