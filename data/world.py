"""The facts of the invented Merrow Bay Energy Cooperative: every sample that states a figure takes it from here.

Energy is in megawatt hours (MWh), money in thousands of euros, power in megawatts (MW).
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Merrow Bay Energy Cooperative"
QUARTERS = ("Q1", "Q2", "Q3", "Q4")


@dataclass(frozen=True)
class Plant:
    """A power station with its output."""

    name: str
    source: str
    capacity: float  # MW
    output_2024: int  # MWh
    quarters_2025: tuple[int, int, int, int]  # MWh
    availability_2025: float  # percent of the hours of the year

    @property
    def output_2025(self) -> int:
        """MWh, the sum of the four quarters."""
        return sum(self.quarters_2025)


@dataclass(frozen=True)
class Business:
    """A line of business; amounts in thousands of euros."""

    name: str
    revenue_2024: int
    revenue_2025: int
    costs_2024: int
    costs_2025: int

    @property
    def amounts(self) -> tuple[int, int, int, int]:
        """Revenue of both years, then costs of both years, as the report prints them."""
        return self.revenue_2024, self.revenue_2025, self.costs_2024, self.costs_2025


PLANTS = (
    Plant("Aldra Weir", "Hydro", 2.4, 10_480, (3_050, 2_640, 1_120, 2_500), 94.1),
    Plant("Gannet Ridge", "Wind", 15.0, 38_900, (13_400, 8_950, 7_300, 13_000), 97.3),
    Plant("Quayside Roofs", "Solar", 4.1, 3_720, (610, 1_440, 1_480, 510), 98.8),
)

BUSINESSES = (
    Business("Hydropower", 996, 903, 412, 455),
    Business("Wind power", 3_384, 3_753, 1_690, 1_742),
    Business("Solar power", 372, 396, 147, 148),
    Business("Battery services", 118, 624, 96, 287),
    Business("Household supply and advice", 730, 764, 655, 668),
)

# Hours of unplanned downtime of the six turbines of Gannet Ridge in 2025, by cause.
DOWNTIME = (("Gearbox", 212), ("Pitch system", 148), ("Grid outage", 96), ("Icing", 61), ("Lightning", 33))
