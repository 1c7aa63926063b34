# SPDX-License-Identifier: Apache-2.0
"""C++ sources as the compiler reads them, as far as rules over text need it.

A rule that looks at the raw lines can be led past: by a spliced line, a comment inside a directive,
a digraph, a byte-order mark, a quote that is none. What compilers read in different ways
(`unreadable`) is refused rather than read; that the compiler read no more than is seen here is
checked afterwards (check_objects.py).
"""
import functools
import re

# Comments and literals, in the order in which they may begin. A number with quotes inside (1'000) is
# a token, so that they are not taken for others; what stands before a quote (u8'"') is no matter.
TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r"|(?P<number>(?<!\w)\.?\d[\w.]*(?:'\w+)+)"
    r'|(?<!\w)(?P<rawtext>(?:u8|[uUL])?R"(?P<raw>[^\s()\\"]{0,16})\(.*?\)(?P=raw)")'
    r'|(?P<text>"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL)
DIRECTIVE = re.compile(r"[ \t]*(?:#|%:|\?\?=)[ \t]*(\w+)[ \t]*(.*)")
UNREADABLE = (
    (re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0085\u00a0\u2028\u2029\ufeff]"),
     "a character that cannot be seen"),
    (re.compile(r"\\[ \t]+$", re.M), "a line goes on behind a blank"),
)


@functools.lru_cache(maxsize=8)
def code_of(text):
    """Without comments, line splices and byte-order mark. Lines keep their numbers unless spliced."""
    text = text.lstrip("\ufeff").replace("\\\r\n", "").replace("\\\n", "")
    return TOKEN.sub(lambda token: _blank(token.group(0)) if token["comment"] else token[0], text)


def _blank(comment):
    return " " + "\n" * comment.count("\n")


@functools.lru_cache(maxsize=8)
def without_strings(code):
    """Of what code_of gave: texts and characters are empty."""
    return TOKEN.sub(lambda token: token[0] if token["number"] else '""', code)


def unreadable(text):
    """[(line, what)]: what a reader or another compiler would take for something else."""
    found = [(line_of(text, m.start()), what) for rule, what in UNREADABLE
             for m in rule.finditer(text)]
    code = code_of(text)
    for token in TOKEN.finditer(code):
        raw = token["rawtext"]
        if raw and ("\n" in raw or not re.match(r'\w*R"\w*\([^"]*\)\w*"$', raw)):
            found.append((line_of(code, token.start()), "a raw string that is not plain"))
    plain = without_strings(code)
    for match in re.finditer(r"[^\x00-\x7f]|<%|%>|%:|<:(?!:)|:>|\?\?[=/'()!<>-]", plain):
        found.append((line_of(plain, match.start()), f"not written plainly: {match[0]!r}"))
    for match in re.finditer("['\"]", TOKEN.sub(" ", code)):
        found.append((line_of(code, match.start()), "a quote that no quote ends"))
    return found


def directives(code):
    """(line, word, rest) of each preprocessor directive."""
    for number, line in enumerate(code.split("\n"), 1):
        match = DIRECTIVE.match(line)
        if match:
            yield number, match.group(1), match.group(2).strip()


def include_of(rest):
    """(quote, header) of what stands behind #include; nothing: it is computed."""
    match = re.fullmatch(r'(["<])([^">]+)[">]', rest)
    return match and match.groups()


def line_of(code, place):
    return code.count("\n", 0, place) + 1
