# SPDX-License-Identifier: Apache-2.0
"""C++ sources as the compiler reads them, as far as rules over text need it.

A rule that looks at the raw lines can be led past: by a spliced line, a comment inside a directive,
a digraph, a byte-order mark.
"""
import re

# Comments and literals, in the order in which they may begin.
TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<raw>\w*)\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'",
    re.DOTALL)
DIRECTIVE = re.compile(r"[ \t]*(?:#|%:|\?\?=)[ \t]*(\w+)[ \t]*(.*)")


def code_of(text):
    """Without comments, line splices and byte-order mark. Lines keep their numbers unless spliced."""
    text = text.lstrip("\ufeff").replace("\\\r\n", "").replace("\\\n", "")
    return TOKEN.sub(lambda token: _blank(token.group(0)), text)


def _blank(token):
    return " " + "\n" * token.count("\n") if token.startswith(("//", "/*")) else token


def without_strings(code):
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', code)


def directives(code):
    """(line, word, rest) of each preprocessor directive."""
    for number, line in enumerate(code.splitlines(), 1):
        match = DIRECTIVE.match(line)
        if match:
            yield number, match.group(1), match.group(2).strip()


def include_of(rest):
    """(quote, header) of what stands behind #include; nothing: it is computed."""
    match = re.fullmatch(r'(["<])([^">]+)[">]', rest)
    return match and match.groups()


def line_of(code, place):
    return code.count("\n", 0, place) + 1
