"""The prose of the sample annual report, as HTML for ``pymupdf.Story``. Figures here follow from ``world``."""

from __future__ import annotations

CSS = """
body { font-family: sans-serif; font-size: 10.4pt; line-height: 1.45; color: #292e33; margin: 0; }
p { margin: 0 0 8pt 0; }
h1 { font-size: 18pt; color: #0a5466; margin: 0 0 8pt 0; line-height: 1.2; }
h2 { font-size: 12.5pt; color: #0a5466; margin: 12pt 0 5pt 0; line-height: 1.2; }
sup { font-size: 7pt; }
.caption { font-size: 9pt; font-weight: bold; margin: 2pt 0 5pt 0; }
.note { font-size: 8pt; color: #5c666d; margin: 0; line-height: 1.3; }
.columns { font-size: 10pt; }
"""

ABOUT = """
<p>This report covers the calendar year 2025. It was approved by the board on 14 April 2026 and will be put before the
members at the general meeting on 16 May 2026 in the Boathouse Hall, Merrowby. All amounts are in euros.</p>
"""

YEAR = """
<h1>1 The year in brief</h1>
<h2>1.1 Letter from the board</h2>
<p>Dear members, 2025 was a windy winter, a dry summer and the first full year of our battery. Together our three
plants generated 56,000 MWh, 5.5% more than in 2024 and enough for about 16,000 homes.<sup>1</sup> Gannet Ridge had
the best year since its turbines began to turn; Aldra Weir had its weakest since 2018, because the river simply
was not there.</p>
<p>Revenue rose by 15.0% to 6.44 million euros. More than half of that growth came from the Saltmarsh battery, which
now earns money in all twelve months of the year. After depreciation, interest and tax a surplus of 1.0 million euros
remains. The board proposes to pay a dividend of 4.0% on members' shares, the highest since the cooperative was
founded.</p>
<p>Not everything went well. A worn gearbox at Gannet Ridge cost us more hours than any other fault, and the repair of
the fish pass at Aldra Weir took seven weeks instead of four. Section 3 says what we learned from both.</p>
<p><b>Ines Halloran</b>, chair of the board</p>
<h2>1.2 Who we are</h2>
<p>Merrow Bay Energy Cooperative was founded on 3 March 2009 by 62 households that wanted to buy the disused weir on
the river Aldra. The hydropower plant went into service in 2012, the wind farm on Gannet Ridge in 2016 and the first of
the solar roofs on the quay in 2019. The Saltmarsh battery, with a power of 5 MW and a capacity of 10 MWh, followed in
October 2024.</p>
<h2>1.3 Members and governance</h2>
<p>At the end of 2025 the cooperative had 4,615 members, 435 more than a year before (4,180). A share costs 250 euros;
a member may hold up to 80 shares and has one vote, whatever the number of shares. The members' share capital stood at
12.5 million euros.</p>
<p>The board has seven seats. Three of them were up for election in 2025: Ines Halloran and Piet Solberg were confirmed
for three years, and Amara Dunne, a hydrologist, followed Tom Verrick, who did not stand again.</p>
"""
HOMES_NOTE = '<p class="note"><sup>1</sup> At a consumption of 3,500 kWh per home and year.</p>'

GENERATION = """
<h1>2 Generation</h1>
<h2>2.1 Output by plant</h2>
<p>Table 1 compares the two years. Wind made up for the loss of water: Gannet Ridge generated 9.6% more than in 2024,
Aldra Weir 11.2% less. The solar roofs gained 8.6%, mostly because the roof of the fish market (0.3 MW) was in use for
a whole year. The battery stores electricity and generates none, so it is not listed.</p>
<p class="caption">Table 1. Capacity, generation and availability of the plants.</p>
"""
SEASONS = """
<h2>2.2 Output over the year</h2>
<p>Figure 1 shows how the plants complement each other. The third quarter was the weakest of the year although the sun
shone: from 8 July to 17 August the Aldra carried less than 6 cubic metres of water per second, the least that the
turbines can use, and Aldra Weir stood still for 41 days.</p>
"""
FIGURE_1 = '<p class="caption">Figure 1. Electricity generated in 2025 by quarter and source, in MWh.</p>'

RELIABILITY = """
<h1>3 Reliability</h1>
<h2>3.1 Wind turbines</h2>
<p>The six turbines of Gannet Ridge were available for 97.3% of the year. Of the 52,560 turbine hours in 2025, 1,419
were lost: 869 to planned maintenance and 550 to faults and outages. Figure 2 breaks the unplanned hours down by
cause.</p> """
FIGURE_2 = '<p class="caption">Figure 2. Unplanned downtime at Gannet Ridge in 2025 by cause.</p>'
LESSONS = """
<p>As Figure 2 shows, one cause stands out. It goes back to a single machine: the planet bearing of turbine 4 wore out
in February, and the spare part took 14 weeks to arrive. During that time the turbine ran at reduced power and was
stopped whenever the bearing grew too warm. Since then the cooperative keeps one planet bearing in its own store.</p>
<h2>3.2 Aldra Weir</h2>
<p>Availability at Aldra Weir fell to 94.1%. The days without enough water do not count, since the plant itself was
ready; the loss is due to the fish pass. A flood in January had undermined its third basin, which was rebuilt from 3
March to 21 April. From 10 March on the upper water had to be lowered, and one of the two turbines stood still for 43
days. The work cost 138,000 euros, of which insurance paid 90,000 euros.</p>
<h2>3.3 Safety</h2>
<p>There was one accident with lost time in 2025: a contractor sprained an ankle on the trash rack platform and was
away for four days. The platform has had a grated floor since September. The rules for work on the plants are in the
maintenance handbook, which was revised in November 2025.</p>
"""

FINANCES = """
<h1>4 Finances</h1>
<h2>4.1 Revenue and operating costs</h2>
<p>Revenue grew by 840,000 euros to 6.44 million euros, as Table 2 shows. Battery services contributed 506,000 euros of
the growth: they had begun only in October 2024. Hydropower was the one line of business whose revenue fell. Operating
costs rose by 10.0%, and the operating result, revenue less operating costs, reached 3.14 million euros after 2.60
million euros in 2024.</p>
<p class="caption">Table 2. Revenue and operating costs by line of business, in thousands of euros.</p>
"""
SURPLUS = """
<h2>4.2 From the operating result to the surplus</h2>
<p>Depreciation and interest took 1,890,000 euros and tax 250,000 euros, which leaves a surplus of 1,000,000 euros for
2025 (2024: 700,000 euros). The board proposes to use it as follows:</p>
<ul>
<li>500,000 euros for a dividend of 4.0% on the share capital of 12.5 million euros (2024: 3.2%);</li>
<li>300,000 euros for the maintenance reserve, which then holds 1.7 million euros;</li>
<li>200,000 euros for the community fund.</li>
</ul>
<h2>4.3 Debt</h2>
<p>Bank loans were paid down from 14.2 to 12.9 million euros. The average interest rate was 2.9%. The loan for the wind
farm, the largest, will be repaid in 2031. No new loans were taken out in 2025; the battery was paid for with the
members' share issue of 2023.</p>
"""

OUTLOOK = """
<h1>5 Outlook</h1>
"""
OUTLOOK_COLUMNS = """
<div class="columns">
<h2 style="margin-top: 0">5.1 Plans for 2026</h2>
<p>The largest project of the coming year is the replacement of the gearbox of turbine 4. The crane is booked for the
calm weeks of June; the turbine will stand still for about nine days. The other five gearboxes will be inspected with
an endoscope before the winter.</p>
<p>At Aldra Weir we will fit a new trash rack cleaner with a sensor that measures the difference in water level before
and behind the rack. It is expected to save about 120 working hours a year.</p>
<p>On the quay the roof of the old ropeworks is to receive 0.9 MW of solar panels. With it, the solar roofs will reach
5.0 MW. The building permit was granted in March 2026.</p>
<h2>5.2 A second battery?</h2>
<p>The grid operator has asked whether a second battery could stand beside the first. The ground at Saltmarsh is large
enough and the cable strong enough for another 5 MW. Against it speaks that more and more batteries compete for the
same services, so that the income from each of them may fall.</p>
<p>A study of costs and returns will be put before the members in the autumn. The board will decide nothing before
that.</p>
<h2>5.3 Risks</h2>
<p><b>Water.</b> Three of the last eight summers were so dry that Aldra Weir had to stop. We now plan with 10% less
hydropower than the average of the years since 2012.</p>
<p><b>Prices.</b> Two thirds of our wind power are sold at a fixed price until the end of 2028. After that, revenue
will depend on the market to a larger degree.</p>
<p><b>Parts.</b> Delivery times of large parts have doubled since 2020. We answer with a larger store of our own and
with a joint pool of spare parts with two neighbouring cooperatives.</p>
<h2>5.4 Community fund</h2>
<p>The community fund supported 23 projects in 2025 with 164,000 euros. The largest grant, 38,000 euros, went to the
swimming pool of Merrowby for a heat pump. Applications for 2026 are open until 30 September.</p>
<h2>5.5 Visitors</h2>
<p>The visitor centre at Aldra Weir counted 11,240 guests, among them 86 school classes. Since the fish pass was
rebuilt, its underwater window is open again. Opening hours and prices are in the visitor guide.</p>
<h2>5.6 Thanks</h2>
<p>We thank all who gave their time: the 31 volunteers who guide visitors along the weir, the crews who worked through
the January flood, and the members who trust this cooperative with their savings.</p>
</div>
"""
