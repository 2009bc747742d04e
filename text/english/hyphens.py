"""Parts of English words that are words by themselves, too. Data, no rules.

A hyphen at a line's end between two words belongs there ("cost-benefit"), unless one of them is such a part: then the line
has more likely broken a word ("over-fitting").
"""

from __future__ import annotations

PREFIXES = frozenset(
    """anti auto be bi co con counter de dis down en ex extra for fore hyper in inter intra macro mal mega meta micro mid mini
    mis mono multi nano neo non out over para per poly post pre pro pseudo re semi sub super sur tele trans tri ultra un
    under uni up""".split()
)
SUFFIXES = frozenset(
    """able age al ally ance ant ate ation dom ed ee en ence end er ers est ful fully hood ial ian ible ic ical ically ies ing
    ings ion ions ise ised ish ism ist ists ity ive ize ized less lessly let like ling ly man ment ments men ness or ors ory
    ous ship ships some ted tic tion tions ture ward wards ways wise work works""".split()
)
