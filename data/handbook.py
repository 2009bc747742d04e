"""The sample Markdown file, a maintenance handbook."""

from __future__ import annotations

from pathlib import Path

from data.world import NAME

TEXT = f"""# Maintenance handbook

{NAME}, revision 7, November 2025. This handbook applies to all who work on the plants: our own crews,
volunteers and contractors.

## 1 Before any work

### 1.1 Lockout in five steps

Nobody opens a machine before these five steps are done, in this order:

1. Tell the control room on channel 4 and note the time in the shift book.
2. Stop the machine and switch it off at the main breaker.
3. Lock the breaker with your own padlock and keep the key on you.
4. Check with a voltage tester that all conductors are dead.
5. Hang up the red tag with your name, the date and the work to be done.

Only the person whose name is on the tag may remove the padlock.

### 1.2 Weather limits

- Gannet Ridge: nobody enters a nacelle at a mean wind speed above 15 metres per second, or a hub
  above 10 metres per second.
- Gannet Ridge: when lightning is reported within 30 kilometres, the tower is left at once.
- Aldra Weir: above a river flow of 180 cubic metres per second the trash rack platform is closed.
- Quayside Roofs: no work on wet or frozen roofs.

## 2 Inspections

### 2.1 Regular inspections

| Component | Plant | Interval | Duration (hours) | Crew |
| --- | --- | --- | ---: | ---: |
| Kaplan turbines, runner and seals | Aldra Weir | every 6 months | 8 | 3 |
| Trash rack | Aldra Weir | every week | 1 | 1 |
| Fish pass basins | Aldra Weir | every month | 3 | 2 |
| Gearbox, oil sample | Gannet Ridge | every 6 months | 2 | 2 |
| Gearbox, endoscope | Gannet Ridge | every 24 months | 6 | 2 |
| Pitch system, batteries | Gannet Ridge | every 12 months | 4 | 2 |
| Inverters | Quayside Roofs | every 12 months | 5 | 2 |
| Battery modules and cooling | Saltmarsh | every 3 months | 7 | 2 |

### 2.2 Additional inspections

An additional inspection with the endoscope is due when gearboxes have caused more than 150 hours of unplanned downtime
at Gannet Ridge in one calendar year. It covers all six turbines and is to be finished before the next winter.

After a flood with more than 220 cubic metres of water per second, the fish pass is inspected basin by basin before it
is filled again.

## 3 Common faults

### 3.1 The turbine at the weir loses power

Read the water levels before and behind the trash rack. If they differ by more than 15 centimetres, clean the rack. If
power does not come back after that, check the guide vanes for driftwood.

### 3.2 A gearbox runs warm

At an oil temperature of 70 degrees Celsius the control system lowers the turbine's power; at 80 degrees it stops the
turbine. Take an oil sample before you start it again, and send it to the laboratory on the same day.

### 3.3 An inverter reports an earth fault

Do not reset it from afar. Wait until the roof is dry, then measure the insulation of each string. Values below 1
megaohm mean that the string stays off.

## 4 Spare parts in our own store

| Part | Number | Shelf |
| --- | ---: | --- |
| Planet bearing for gearbox | 1 | A1 |
| Pitch battery set | 4 | A3 |
| Guide vane bearing | 6 | B2 |
| Inverter, 50 kW | 2 | C1 |
| Cooling fan for battery module | 8 | C4 |

Whoever takes a part writes it in the store book. When the last one is taken, the store keeper orders on the same day.
"""


def write(path: Path) -> None:
    """Write the handbook."""
    path.write_text(TEXT, encoding="utf-8", newline="\n")
