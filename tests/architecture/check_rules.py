# SPDX-License-Identifier: Apache-2.0
"""Checks that rules, code and tests name each other (certs/rules/RULES.md).

A source or a test cites a row in a comment: "Rule C1.", "Rules C1, C2 and I4.", "Rules B1 to B9".
Each row names the sources that enforce it and the tests that show it. Each of these must be there
and cite the row, a test in the comment right above it. A paragraph sign stands only behind the
document it is of: an RFC, or a page of this repository that has this number.

usage: check_rules.py    what is wrong, a line each; exit 1 if there is anything
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = "certs/rules/RULES.md"
PROFILE = "proto/birthseal/storage/v1/profile.proto"
PRODUCT = ("certs/", "clients/", "deploy/", "proto/", "server/", "signer/", "store/")
TOPS = (*PRODUCT, "cmake/", "tests/")
SUFFIXES = (".h", ".cc", ".proto", ".textproto", ".py", ".md", ".cmake", ".txt")
OURS = "tests/architecture/check_rules"  # holds what it refuses

CODE = r"[A-Z]\d{1,2}\b"
GAP = r"\s+(?:(?://|#)\s*)?"  # a comment may go on in the next line
LINK = rf"(?:,(?:{GAP}and)?|{GAP}and|{GAP}to)"
CITATION = re.compile(rf"\bRules?{GAP}{CODE}(?:{LINK}{GAP}{CODE})*")
PART = re.compile(rf"(to{GAP})?({CODE})")
ROW = re.compile(r"^\| ([A-Z]\d{1,2}) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"^TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)
TABLE_OF_ROWS = re.compile(r"INSTANTIATE_TEST_SUITE_P\(\s*\w+,\s*(\w+)")
ROW_OF_TEST = re.compile(r'^\s*Row\{"(\w+)"', re.MULTILINE)
SECTION = r"§(\d+(?:\.\d+)*)"
NAMED = re.compile(rf"(RFC \d+|[\w./-]+\.md)\)?{GAP}{SECTION}(?:(?:,| and| to){GAP}{SECTION})*")
HEADING = re.compile(r"^#+ (\d+(?:\.\d+)*)\.? ", re.MULTILINE)

Row = collections.namedtuple("Row", "rule source profile files tests")


def codes_in(text):
    """Codes that the text cites, each with its place."""
    for match in CITATION.finditer(text):
        last = None
        for part in PART.finditer(match[0]):
            code = part[2]
            if part[1] and last and last[0] == code[0]:
                for number in range(int(last[1:]) + 1, int(code[1:])):
                    yield f"{code[0]}{number}", match.start()
            yield code, match.start()
            last = code


def comment_above(text, place):
    """The comment lines right above the line that holds `place`."""
    lines = text[:place].split("\n")[:-1]
    above = []
    while lines and lines[-1].lstrip().startswith("//"):
        above.insert(0, lines.pop())
    return "\n".join(above)


def tests_in(text):
    """Suite.Name of each test and of each row of a table of tests, with its place."""
    found = [(f"{match[1]}.{match[2]}", match.start()) for match in TEST.finditer(text)]
    if table := TABLE_OF_ROWS.search(text):
        found += [(f"{table[1]}.{match[1]}", match.start(1)) for match in ROW_OF_TEST.finditer(text)]
    return found


def ticked(cell):
    return re.findall(r"`([^`]+)`", cell)


class Check:
    """`files` holds the text of each file by its path; `problems` what is wrong with them."""

    def __init__(self, files):
        self.files = files
        self.rows = {}
        self.tests = collections.defaultdict(list)  # name -> [(path, place)]
        self.problems = []
        self.read_table(files.get(TABLE, ""))
        for path, text in files.items():
            if path.startswith("tests/") and path.endswith(".cc"):
                for name, place in tests_in(text):
                    self.tests[name].append((path, place))
        for code, row in self.rows.items():
            self.check_row(code, row)
        for path, text in files.items():
            self.check_citations(path, text)
            self.check_sections(path, text)

    def bad(self, path, place, what):
        line = self.files[path].count("\n", 0, place) + 1
        self.problems.append(f"{path}:{line}: {what}")

    def read_table(self, text):
        for match in ROW.finditer(text):
            cells = [cell.strip() for cell in match[2].split("|")]
            if match[1] in self.rows:
                self.bad(TABLE, match.start(), f"{match[1]} has two rows")
            if len(cells) != 5 or not cells[0] or not cells[1]:
                self.bad(TABLE, match.start(), f"{match[1]} needs rule, source, profile, code and test")
                continue
            rule, source, profile, files, tests = cells
            self.rows[match[1]] = Row(rule, source, ticked(profile), ticked(files), ticked(tests))
        if not self.rows:
            self.problems.append(f"{TABLE}: no rules")

    def check_row(self, code, row):
        def bad(what):
            self.problems.append(f"{TABLE}: {code} {what}")

        if not row.files:
            bad("names no source")
        if not row.tests:
            bad("names no test")
        for field in row.profile:
            if not re.search(rf"\b{field} = \d", self.files.get(PROFILE, "")):
                bad(f"names {field}, which is no field of a profile")
        for path in row.files:
            if path not in self.files or not path.startswith(PRODUCT):
                bad(f"names {path}, which is no source of the product")
            elif code not in {cited for cited, _ in codes_in(self.files[path])}:
                bad(f"names {path}, which does not cite it")
        for name in row.tests:
            places = self.tests.get(name, [])
            if len(places) != 1:
                bad(f"names {name}, which is {'no test' if not places else 'more than one test'}")
                continue
            path, place = places[0]
            above = comment_above(self.files[path], place)
            if code not in {cited for cited, _ in codes_in(above)}:
                bad(f"names {name}, which does not cite it above")

    def check_citations(self, path, text):
        for code, place in codes_in(text):
            if code not in self.rows:
                self.bad(path, place, f"cites {code}, which has no row in {TABLE}")

    def check_sections(self, path, text):
        named = {}  # place of a sign -> document
        for match in NAMED.finditer(text):
            for sign in re.finditer("§", match[0]):
                named[match.start() + sign.start()] = match[1]
        for sign in re.finditer("§", text):
            document = named.get(sign.start(), path if path.endswith(".md") else "")
            if document.startswith("RFC "):
                continue
            number = re.match(SECTION, text[sign.start():])
            if not number or number[1] not in self.sections_of(document):
                self.bad(path, sign.start(), "a paragraph of a document that is not named or not here")

    def sections_of(self, document):
        """Numbers of the headings of the page; none of one that is not here."""
        page = document.lstrip("./")
        for path, text in self.files.items():
            if page and (path == page or path.endswith("/" + page)):
                return set(HEADING.findall(text))
        return set()


def read_tree():
    files = {}
    for file in [*ROOT.glob("*.md"), *(f for top in TOPS for f in sorted((ROOT / top).rglob("*")))]:
        path = file.relative_to(ROOT).as_posix()
        if path.endswith(SUFFIXES) and file.is_file() and not path.startswith(OURS):
            files[path] = file.read_text()
    return {path: text for path, text in files.items() if "node_modules" not in path}


def main():
    problems = Check(read_tree()).problems
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
