"""Equations of Office (OMML) as one line of text: ``x=(-b±√(b^2-4ac))/(2a)``."""

from __future__ import annotations

from lxml import etree

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MAX_DEPTH = 100  # of fractions in fractions; what lies deeper is read as its letters


def equation_text(node: etree._Element, depth: int = 0) -> str:
    """Return the equation below an ``m:oMath`` or any other element of OMML as text."""
    if depth > MAX_DEPTH:
        return "".join(node.itertext())
    return "".join(_one(child, depth + 1) for child in node)


def _one(node: etree._Element, depth: int) -> str:
    if not isinstance(node.tag, str):
        return ""
    name = etree.QName(node).localname
    if name in ("t", "r"):
        return "".join(node.itertext(f"{M}t", "{*}t"))
    if name.endswith("Pr"):  # properties
        return ""

    def part(child: str) -> str:
        found = node.find(f"{M}{child}")
        return equation_text(found, depth) if found is not None else ""

    def sign(properties: str, child: str, default: str) -> str:
        found = node.find(f"{M}{properties}/{M}{child}")
        return default if found is None else found.get(f"{M}val", "")

    match name:
        case "f":
            return f"{_grouped(part('num'))}/{_grouped(part('den'))}"
        case "sSup":
            return f"{_grouped(part('e'))}^{_grouped(part('sup'))}"
        case "sSub":
            return f"{_grouped(part('e'))}_{_grouped(part('sub'))}"
        case "sSubSup":
            return f"{_grouped(part('e'))}_{_grouped(part('sub'))}^{_grouped(part('sup'))}"
        case "rad":
            degree = part("deg")
            return f"{f'[{degree}]' if degree else ''}√({part('e')})"
        case "nary":
            below, above = part("sub"), part("sup")
            limits = (f"_{_grouped(below)}" if below else "") + (f"^{_grouped(above)}" if above else "")
            return f"{sign('naryPr', 'chr', '∫')}{limits} {part('e')}"
        case "d":
            inside = sign("dPr", "sepChr", "|").join(equation_text(one, depth) for one in node.findall(f"{M}e"))
            return f"{sign('dPr', 'begChr', '(')}{inside}{sign('dPr', 'endChr', ')')}"
        case "func":
            return f"{part('fName')} {_grouped(part('e'))}"
        case "m":
            rows = [
                ", ".join(equation_text(one, depth) for one in row.findall(f"{M}e")) for row in node.findall(f"{M}mr")
            ]
            return f"[{'; '.join(rows)}]"
        case "eqArr":
            return "; ".join(equation_text(one, depth) for one in node.findall(f"{M}e"))
        case "acc":
            return f"{part('e')}{sign('accPr', 'chr', chr(0x302))}"
        case "limLow":
            return f"{part('e')}_{_grouped(part('lim'))}"
        case "limUpp":
            return f"{part('e')}^{_grouped(part('lim'))}"
        case _:
            return equation_text(node, depth)


def _grouped(text: str) -> str:
    """Return ``text`` in brackets, unless it is one number or name."""
    return text if text.isalnum() or len(text) < 2 else f"({text})"
