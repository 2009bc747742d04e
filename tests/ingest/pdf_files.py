"""Small PDFs, good and bad."""

from __future__ import annotations

import pymupdf

NO_PAGES = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""


def pdf(*pages: str, title: str = "", password: str = "") -> bytes:
    """A PDF with the text of each page, printed in 12 points."""
    with pymupdf.open() as document:
        for content in pages:
            page = document.new_page()
            page.insert_textbox((50, 50, 500, 700), content, fontsize=12)
        document.set_metadata({"title": title})
        lock = (
            {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": password} if password else {}
        )
        data: bytes = document.tobytes(**lock)
        return data
