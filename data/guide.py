"""The sample web page, a visitor guide, and the picture in it."""

from __future__ import annotations

from pathlib import Path
from string import Template

import pymupdf

from data import drawing
from data.world import NAME, PLANTS

PICTURE = "images/aldra-weir-section.png"
SKY, WATER, CONCRETE = (0.96, 0.98, 0.99), (0.55, 0.76, 0.88), (0.66, 0.68, 0.69)

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Visitor guide to Aldra Weir | $name</title>
<style>
body { font: 17px/1.55 system-ui, sans-serif; color: #292e33; max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header, footer { color: #5c666d; font-size: 0.9rem; padding: 1rem 0; }
nav a { margin-right: 1rem; }
h1, h2, a { color: #0a5466; }
table { border-collapse: collapse; width: 100%; }
caption { font-weight: bold; text-align: left; padding: 0.4rem 0; }
th, td { border: 1px solid #c7cfd4; padding: 0.35rem 0.6rem; text-align: left; }
thead th { background: #0a5466; color: white; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; height: auto; }
</style>
</head>
<body>
<header>
<p>$name</p>
<nav aria-label="Main">
<a href="#welcome">Welcome</a> <a href="#opening">Opening hours</a> <a href="#see">What to see</a>
<a href="#groups">Groups</a> <a href="#way">Getting here</a>
</nav>
</header>
<main>
<article>
<h1 id="welcome">Visitor guide to Aldra Weir</h1>
<p>At Aldra Weir you can stand a hand's breadth from the water that lights Merrowby. Two Kaplan turbines with $hydro MW
in all turn below your feet, and behind a window under water fish climb from basin to basin. A visit with the guided
tour takes about 75 minutes.</p>

<h2 id="opening">Opening hours and admission</h2>
<table>
<caption>Opening hours and admission to the visitor centre in 2026</caption>
<thead>
<tr><th rowspan="2">Season</th><th rowspan="2">Days</th><th rowspan="2">Hours</th>
<th colspan="2">Admission in euros</th></tr>
<tr><th>Adults</th><th>Children aged 6 to 15</th></tr>
</thead>
<tbody>
<tr><th rowspan="2">April to October</th><td>Tuesday to Friday</td>
<td>10:00 to 17:00</td><td>6.00</td><td>3.00</td></tr>
<tr><td>Saturday and Sunday</td><td>10:00 to 18:00</td><td>8.00</td><td>4.00</td></tr>
<tr><th rowspan="2">November to March</th><td>Saturday</td><td>11:00 to 15:00</td><td>5.00</td><td>2.50</td></tr>
<tr><td>Sunday to Friday</td><td colspan="3">closed</td></tr>
</tbody>
</table>
<p>The centre is closed on Mondays all year round. Children under six and members of the cooperative enter free of
charge; please bring your membership card. The last tour starts 90 minutes before closing time.</p>

<h2 id="see">What to see</h2>
<h3>The turbine hall</h3>
<p>From the gallery you look down on both generators. The hall is loud: ear protection hangs at the door and is to be
worn by everyone. Strollers have to stay outside.</p>
<h3>The fish pass</h3>
<p>The fish pass has 23 basins, each 20 centimetres higher than the one before. Salmon, sea trout and eel use it, and
at the underwater window a counter shows how many have passed today. The best months are May and October. At all times
1.8 cubic metres of water per second flow through the pass, even when the turbines stand still.</p>
<figure>
<img src="$picture" width="1000" height="500"
alt="Drawing of the weir from the side with the water levels on both sides">
<figcaption>Aldra Weir in cross-section, with the levels of the upper and the lower water above the sea.</figcaption>
</figure>
<h3>The view to Gannet Ridge</h3>
<p>From the roof terrace you see all six wind turbines of Gannet Ridge. Their hubs are 98 metres above the ground, and
together they have a capacity of $wind MW. A screen shows what they generate at this moment.</p>

<h2 id="groups">Groups and school classes</h2>
<p>Groups of ten or more pay 4.00 euros a person and book at least two weeks ahead. A group may have at most 25 people;
larger ones are divided. School classes from the district are free of charge.</p>

<h2 id="way">Getting here</h2>
<p>Bus line 7 runs from Merrowby station to the stop "Old Mill" every 30 minutes; from there it is a walk of 400 metres
along the river. There are 18 parking spaces, two of them for visitors with a disability. The centre has a lift; the
underwater window can be reached without steps, the turbine hall cannot.</p>
</article>
</main>
<footer>
<p>$name, Weir Lane 1, Merrowby. This place and all that is said of it are invented.</p>
</footer>
</body>
</html>
""")


def write(folder: Path) -> None:
    """Write the page and its picture into ``folder``."""
    capacity = {plant.source: f"{plant.capacity:g}" for plant in PLANTS}
    html = PAGE.substitute(name=NAME, picture=PICTURE, hydro=capacity["Hydro"], wind=capacity["Wind"])
    (folder / "visitor-guide.html").write_text(html, encoding="utf-8", newline="\n")
    (folder / PICTURE).parent.mkdir(exist_ok=True)
    (folder / PICTURE).write_bytes(_section())


def _section() -> bytes:
    """PNG, 1,000 x 500 pixels: the weir from the side; the levels are written in the picture alone."""
    with pymupdf.open() as document:
        page = document.new_page(width=500, height=250)
        drawing.fill(page, page.rect, SKY)
        drawing.fill(page, (0, 78, 230, 205), WATER)
        drawing.fill(page, (230, 170, 500, 205), WATER)
        drawing.fill(page, (0, 205, 500, 250), (0.80, 0.76, 0.69))
        page.draw_polyline([(212, 58), (250, 58), (292, 205), (206, 205)], color=None, fill=CONCRETE, closePath=True)
        page.draw_polyline([(204, 168), (285.5, 182), (290, 198), (204, 190)], color=None, fill=WATER, closePath=True)
        page.draw_circle((246, 184.5), 8, color=drawing.ACCENT, fill=drawing.WHITE, width=2)
        drawing.text(page, 110, 68, "Upper water 31.2 m", size=13, bold=True, align="centre")
        drawing.text(page, 404, 160, "Lower water 26.6 m", size=13, bold=True, align="centre")
        drawing.text(page, 238, 228, "Turbine", size=12, align="centre")
        drawing.text(page, 240, 44, "Weir crest", size=12, align="centre")
        drawing.line(page, (259, 78), (334, 78), drawing.MUTED, 0.8)
        for y, tip in ((78, 85), (170, 163)):
            page.draw_polyline([(316, tip), (319, y), (322, tip)], color=None, fill=drawing.INK, closePath=True)
        drawing.line(page, (319, 80), (319, 168), drawing.INK, 1.2)
        drawing.text(page, 330, 118, "Head 4.6 m", size=13, bold=True)
        return bytes(page.get_pixmap(dpi=144).tobytes("png"))
