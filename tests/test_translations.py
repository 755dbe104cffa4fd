"""The catalogues are complete, sound and compiled, and cover what Wagtail shows."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import polib
from django.apps import apps
from django.db.models import Field
from django.template.base import Lexer, TokenType
from django.test import SimpleTestCase
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override, pgettext
from django.utils.translation.template import templatize
from django.utils.translation.trans_real import DjangoTranslation
from wagtail.models import Page

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ["locale", "intranet/accounts/locale", "plans/locale", "home/locale"]
PROJECT = ROOT / "locale" / "vi" / "LC_MESSAGES"
SOURCES = {
    "intranet/accounts": ["intranet/accounts"],
    "plans": ["plans"],
    "home": ["home", "templates"],
}
"""Each application with a catalogue, and the folders whose texts it holds."""
WAGTAIL_PACKAGES = [
    "wagtail",
    "wagtail.admin",
    "wagtail.documents",
    "wagtail.embeds",
    "wagtail.images",
    "wagtail.locales",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.users",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.styleguide",
    "wagtail.contrib.table_block",
    "wagtail.contrib.typed_table_block",
]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdri]|\{\w*\}")
TAG = re.compile(r"<[^<>]+>")
CALL = re.compile(r"_|(n|p|np)?gettext(_lazy|_noop)?")
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\b(_|n?p?gettext)\(({LITERAL}(?:, {LITERAL})*)")
WORD = re.compile(r"[^\W\d_]{2,}")
WORDS_OF_A_PAPER = {
    "MT",
    "Nơi nhận:",
    "Lưu:",
    "Số:",
    "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "Độc lập - Tự do - Hạnh phúc",
}
"""What papers and the seal say in every language."""
# hóa, khỏe, Ủy as the government writes them; not hoá, khoẻ, Uỷ.
TONE_ON_SECOND_VOWEL = re.compile(
    r"(?<!q)(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE
)


def catalogues() -> Iterator[Path]:
    """Every catalogue of the repository."""
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).glob("*/LC_MESSAGES/*.po"))


def key(entry: polib._BaseEntry) -> tuple[str | None, str]:
    """What gettext finds an entry by."""
    return entry.msgctxt, entry.msgid


def pairs(entry: polib._BaseEntry) -> Iterator[tuple[str, str]]:
    """Each translation of an entry, with the text it has to match."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
        return
    last = max(entry.msgstr_plural)
    for number, text in entry.msgstr_plural.items():
        # Only the singular may leave the number out, and Vietnamese has none.
        yield (entry.msgid_plural if number == last else entry.msgid), text


def translations(path: Path) -> dict[tuple[str | None, str], str | dict[int, str]]:
    """The translated entries of a .po or .mo file, by key."""
    load = polib.mofile if path.suffix == ".mo" else polib.pofile
    texts = {key(e): e.msgstr_plural or e.msgstr for e in load(str(path))}
    return {
        k: text
        for k, text in texts.items()
        if (all(text.values()) if isinstance(text, dict) else text)
    }


def called(name: str, texts: list[str]) -> tuple[str | None, str]:
    """The key under which gettext looks up what a function is called with."""
    return (texts[0], texts[1]) if "pgettext" in name else (None, texts[0])


def in_python(path: Path) -> Iterator[tuple[str | None, str]]:
    """The keys of the texts a module asks gettext for."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = str(getattr(node.func, "id", getattr(node.func, "attr", "")))
        if CALL.fullmatch(name):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if not texts:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                raise AssertionError(f"{where}: gettext finds only literal texts")
            yield called(name, [str(text) for text in texts])


def in_template(path: Path) -> Iterator[tuple[str | None, str]]:
    """The keys of the texts a template asks gettext for."""
    for name, texts in TEMPLATE_CALL.findall(
        templatize(path.read_text(encoding="utf-8"))
    ):
        yield called(name, list(ast.literal_eval(f"({texts},)")))


def files_in(application: str, pattern: str) -> Iterator[Path]:
    for folder in SOURCES[application]:
        yield from sorted((ROOT / folder).rglob(pattern))


def bare_texts(path: Path) -> Iterator[str]:
    """What a template shows without asking gettext."""
    html, translated = "", False
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        if token.token_type is TokenType.BLOCK:
            tag = token.split_contents()[0]
            if tag.removeprefix("end") in ("blocktranslate", "blocktrans", "comment"):
                translated = not tag.startswith("end")
            html += "\n"
        elif token.token_type is TokenType.TEXT and not translated:
            html += token.contents
    html = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"]*)"', html)
    for text in [*re.sub(r"<[^>]*>", "\n", html).splitlines(), *attributes]:
        if WORD.search(text) and text.strip(" .;") not in WORDS_OF_A_PAPER:
            yield text.strip()


def is_shown(field: Field) -> bool:
    """Whether staff meet the field's name: of a page, pointers too."""
    if field.primary_key or field.name == "sort_order":
        return False
    if field.is_relation:
        return issubclass(field.model, Page)
    return field.editable


class CodeTests(SimpleTestCase):
    """What the code and the templates say is in the catalogues, without exception."""

    def test_every_text_of_the_code_is_translated(self) -> None:
        for application in SOURCES:
            path = ROOT / application / "locale/vi/LC_MESSAGES/django.po"
            known = translations(path).keys()
            wanted = set()
            for module in files_in(application, "*.py"):
                if "migrations" not in module.parts:
                    wanted |= set(in_python(module))
            for pattern in ("*.html", "*.txt"):
                for template in files_in(application, pattern):
                    if "templates" in template.parts:
                        wanted |= set(in_template(template))
            with self.subTest(application=application):
                self.assertTrue(wanted)
                self.assertEqual(wanted - known, set(), "run make messages")
                self.assertEqual(known - wanted, set(), "run make messages")

    def test_templates_have_no_words_of_their_own(self) -> None:
        for application in SOURCES:
            for path in files_in(application, "*.html"):
                with self.subTest(path=path.relative_to(ROOT)):
                    self.assertEqual(list(bare_texts(path)), [])

    def test_models_and_their_fields_have_translated_names(self) -> None:
        """Wagtail shows a field's own, English, name otherwise.

        It does in forms, and in the list of the pages that point to something.
        """
        for application in SOURCES:
            for model in apps.get_app_config(Path(application).name).get_models():
                with self.subTest(model=model.__name__):
                    named = model._meta.original_attrs.get("verbose_name")
                    self.assertIsInstance(named, Promise)
                    fields = [f for f in model._meta.local_fields if is_shown(f)]
                    bare = [
                        f for f in fields if not isinstance(f.verbose_name, Promise)
                    ]
                    self.assertEqual([f.name for f in bare], [])


class CatalogueTests(SimpleTestCase):
    """What holds for each catalogue of the repository."""

    def test_there_are_catalogues_to_check(self) -> None:
        self.assertIn(PROJECT / "django.po", list(catalogues()))
        self.assertIn(PROJECT / "djangojs.po", list(catalogues()))

    def test_everything_is_translated(self) -> None:
        for path in catalogues():
            with self.subTest(path=path.relative_to(ROOT)):
                po = polib.pofile(str(path))
                self.assertEqual([e.msgid for e in po.untranslated_entries()], [])
                self.assertEqual([e.msgid for e in po.fuzzy_entries()], [])
                self.assertEqual([e.msgid for e in po.obsolete_entries()], [])

    def test_placeholders_tags_and_line_ends_are_kept(self) -> None:
        for path in catalogues():
            for entry in polib.pofile(str(path)):
                for source, text in pairs(entry):
                    with self.subTest(path=path.relative_to(ROOT), msgid=entry.msgid):
                        for pattern in (PLACEHOLDER, TAG):
                            self.assertEqual(
                                Counter(pattern.findall(text)),
                                Counter(pattern.findall(source)),
                            )
                        for edge in (str.startswith, str.endswith):
                            self.assertEqual(edge(text, "\n"), edge(source, "\n"))

    def test_compiled_files_match(self) -> None:
        for path in catalogues():
            with self.subTest(path=path.relative_to(ROOT)):
                compiled = path.with_suffix(".mo")
                self.assertTrue(
                    compiled.exists(), "compile it: a new machine has no gettext"
                )
                self.assertEqual(translations(compiled), translations(path))
                for header in ("Content-Type", "Plural-Forms"):
                    self.assertEqual(
                        polib.mofile(str(compiled)).metadata.get(header),
                        polib.pofile(str(path)).metadata.get(header),
                    )

    def test_tone_marks_follow_the_usage_of_the_government(self) -> None:
        for path in catalogues():
            if path.parts[-3] != "vi":
                continue
            for entry in polib.pofile(str(path)):
                for _, text in pairs(entry):
                    with self.subTest(path=path.relative_to(ROOT), msgid=entry.msgid):
                        self.assertNotRegex(text, TONE_ON_SECOND_VOWEL)

    def test_catalogues_agree_on_what_they_share(self) -> None:
        """The project's wins, then each application's in their order."""
        paths = [p for p in catalogues() if p.match("vi/LC_MESSAGES/django.po")]
        for first, second in combinations(paths, 2):
            with self.subTest(first=first.parts[-5], second=second.parts[-5]):
                one, other = translations(first), translations(second)
                shared = one.keys() & other.keys()
                self.assertEqual(
                    {k: one[k] for k in shared}, {k: other[k] for k in shared}
                )


class WagtailInVietnameseTests(SimpleTestCase):
    """What staff read in Wagtail's admin."""

    def test_every_text_of_wagtail_has_a_translation(self) -> None:
        for domain in ("django", "djangojs"):
            project = translations(PROJECT / f"{domain}.po")
            for package in WAGTAIL_PACKAGES:
                folder = Path(str(files(package))) / "locale"
                english = folder / "en" / "LC_MESSAGES" / f"{domain}.po"
                if not english.exists():
                    continue
                shipped = folder / "vi" / "LC_MESSAGES" / f"{domain}.po"
                known = project.keys() | (
                    translations(shipped) if shipped.exists() else {}
                )
                with self.subTest(package=package, domain=domain):
                    wanted = {
                        key(e) for e in polib.pofile(str(english)) if not e.obsolete
                    }
                    self.assertTrue(wanted)
                    self.assertEqual(wanted - known, set())

    def test_django_serves_the_project_catalogue(self) -> None:
        with override("vi"):
            for entry in polib.pofile(str(PROJECT / "django.po")):
                if entry.msgid_plural:
                    if entry.msgctxt:
                        continue  # one lookup per kind is enough
                    shown = ngettext(entry.msgid, entry.msgid_plural, 2)
                elif entry.msgctxt:
                    shown = pgettext(entry.msgctxt, entry.msgid)
                else:
                    shown = gettext(entry.msgid)
                with self.subTest(msgid=entry.msgid):
                    self.assertEqual(shown, entry.msgstr or entry.msgstr_plural[0])

    def test_the_browser_gets_the_project_catalogue(self) -> None:
        served = DjangoTranslation("vi", domain="djangojs")
        for entry in polib.pofile(str(PROJECT / "djangojs.po")):
            with self.subTest(msgid=entry.msgid):
                if entry.msgid_plural:
                    shown = served.ngettext(entry.msgid, entry.msgid_plural, 2)
                else:
                    shown = served.gettext(entry.msgid)
                self.assertEqual(shown, entry.msgstr or entry.msgstr_plural[0])
