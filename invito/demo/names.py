"""Norwegian names, drawn so that the same office comes out each time."""

import unicodedata
from dataclasses import dataclass, field
from random import Random

FIRST = (
    "Kari Ola Anne Per Ingrid Lars Marit Jan Ida Bjørn Silje Øystein Åse Håkon Astrid Sindre Ragnhild Tor Solveig Aage "
    "Kjersti Magnus Live Eirik Sunniva Jørgen Tuva Pål Gøril Vegard Åshild Trond Mette Ørjan Hilde Stian Berit Asbjørn "
    "Synnøve Geir Nora Snorre Maja Ærlend Frøydis Tarjei Liv Odd Torunn Haakon"
).split()
LAST = (
    "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Ødegård Ås Aas Bø Solheim Lund "
    "Haugen Dahl Berg Strand Moen Bakke Sørensen Halvorsen Åsen Nygård Hagen Lie Sæther Myhre Vik Ruud Ludvigsen Aune "
    "Fjeld Kvåle Rønning Tangen Øverland Ekeberg Brekke Løken Gundersen Aamodt Holm Foss Sæbø Tveit Nordby Stokke"
).split()
COMPANY_FIRST = (
    "Nordfjord Sørlandet Østlandske Vestkysten Fjellheim Havblikk Granli Åsgård Ølen Bergstaden Solbakken Storvik "
    "Lysefjord Trollheimen Kystverket Elvebakken Skogly Tindeby Rørosvidda Hardanger Ærø Mjøsa Saltfjell Lofot Jæren"
).split()
COMPANY_LAST = (
    "Bygg Rør Regnskap Transport Fisk Elektro Arkitekter Kraft Data Trykk Mekaniske Eiendom Bakeri Konsult Apotek"
).split()
STREETS = ("Storgata", "Kirkegata", "Ødegårdsveien", "Skippergata", "Ålesundsveien", "Parkveien", "Fjordgata")
TOWNS = ("0155 Oslo", "5014 Bergen", "7011 Trondheim", "9008 Tromsø", "6002 Ålesund", "4006 Stavanger")


@dataclass(slots=True)
class People:
    """Draws names; no two of one office have the same address."""

    random: Random
    taken: set[str] = field(default_factory=set)

    def name(self) -> str:
        return f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"

    def address(self, name: str, domain: str) -> str:
        """An address that nobody has yet, made from the name."""
        local = address_part(name)
        number = 1
        while f"{local}{number if number > 1 else ''}@{domain}" in self.taken:
            number += 1
        address = f"{local}{number if number > 1 else ''}@{domain}"
        self.taken.add(address)
        return address


def address_part(name: str) -> str:
    """A name as it stands in addresses: ø as o, å as a, æ as ae, with dots between words."""
    plain = name.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return ".".join("".join(letter for letter in word if letter.isalnum()) for word in ascii_only.split())
