"""Countries, the people and things of them, and their codes: "Italian" and "ITA" are "Italy"."""

from __future__ import annotations

from text.values import family

# country, adjectives and people, code of the Olympic Committee
_NATIONS = """argentina argentine argentinian arg
australia australian aus
austria austrian aut
belgium belgian bel
brazil brazilian bra
bulgaria bulgarian bul
canada canadian can
chile chilean chi
china chinese chn
colombia colombian col
croatia croatian cro
cuba cuban cub
denmark danish dane den
egypt egyptian egy
england english eng
estonia estonian est
ethiopia ethiopian eth
finland finnish finn fin
france french fra
germany german ger
greece greek gre
hungary hungarian hun
iceland icelandic isl
india indian ind
iran iranian iri
ireland irish irl
israel israeli isr
italy italian ita
jamaica jamaican jam
japan japanese jpn
kazakhstan kazakh kaz
kenya kenyan ken
latvia latvian lat
lithuania lithuanian ltu
mexico mexican mex
morocco moroccan mar
netherlands dutch ned
nigeria nigerian nga
norway norwegian nor
pakistan pakistani pak
peru peruvian per
poland polish pol
portugal portuguese por
romania romanian rou
russia russian rus
scotland scottish scot sco
serbia serbian srb
slovakia slovak svk
slovenia slovenian slo
spain spanish spaniard esp
sweden swedish swede swe
switzerland swiss sui
thailand thai tha
tunisia tunisian tun
turkey turkish tur
ukraine ukrainian ukr
uruguay uruguayan uru
venezuela venezuelan ven
wales welsh wal""".splitlines()
_BY_CODE = {family(line.split()[-1]): line.split()[0] for line in _NATIONS}
_BY_WORD = {family(word): line.split()[0] for line in _NATIONS for word in line.split()[:-1]}


def same_nation(asked: str, own: str) -> bool:
    """Whether a question's word and one of a cell, both as families, stand for one country; only the cell may have its
    code."""
    country = _BY_WORD.get(asked)
    return country is not None and country in (_BY_WORD.get(own), _BY_CODE.get(own))


def forms_of_nation(word: str) -> tuple[str, ...]:
    """The country that ``word`` stands for, its adjectives and people: "sweden", "swedish", "swede" for "Swedish"; () when it
    stands for none. Codes are left out, for some are common words."""
    country = _BY_WORD.get(family(word.lower()))
    return next((tuple(line.split()[:-1]) for line in _NATIONS if line.split()[0] == country), ())
