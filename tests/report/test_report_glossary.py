"""One glossary: the terms of every page, and the same words in docs/glossary.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from colprofile.report.glossary import GLOSSARY, Terms

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "colprofile" / "report" / "templates"


def test_the_documentation_has_the_same_words() -> None:
    page = re.sub(r"\s+", " ", (ROOT / "docs" / "glossary.md").read_text("utf-8"))
    for entry in GLOSSARY.values():
        assert f" {entry.term} : {entry.meaning}" in page, entry.term


def test_every_entry_is_a_sentence_of_its_own() -> None:
    terms = [entry.term for entry in GLOSSARY.values()]
    assert len(set(terms)) == len(terms)
    for entry in GLOSSARY.values():
        assert entry.meaning[0].isupper() or entry.meaning[0].isdigit()
        assert entry.meaning.endswith(".")
        assert len(entry.meaning) < 320


def test_every_entry_is_used_by_a_page() -> None:
    templates = [path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")]
    modules = [path.read_text("utf-8") for path in (ROOT / "colprofile" / "report").rglob("*.py")]
    used = "\n".join([*templates, *(module for module in modules if "GLOSSARY = " not in module)])
    assert [key for key in GLOSSARY if f'"{key}"' not in used] == []


def test_a_page_links_to_the_foot_and_a_fragment_explains_on_the_spot() -> None:
    terms = Terms(is_page=True)
    assert terms("kl", "KL") == '<a class="term" href="#term-kl" aria-describedby="term-kl">KL</a>'
    assert 'aria-label="What “&lt;b&gt;” means"' in terms.mark("bit", "<b>")
    assert [key for key, _ in terms.used()] == ["bit", "kl"]
    assert GLOSSARY["g3"].meaning in Terms(is_page=False)("g3")
    with pytest.raises(KeyError):
        terms("no such term")
