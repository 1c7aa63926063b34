# SPDX-License-Identifier: Apache-2.0
"""Just enough C++ to find statements: what is code, and which brackets belong together."""
import bisect
import re

_CODE = re.compile(r"""
    //(?:[^\n\\]|\\.)* | //(?=\n) | /\*.*?\*/          # comments
  | (?:u8|[uUL])?R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"  # raw strings
  | (?:u8|[uUL])?"(?:[^"\\\n]|\\.)*"                    # strings
  | \b(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+' | '(?:[^'\\\n]|\\.)+'
  | \.?\b\d(?:[\w.]|'\w|[eEpP][+-])*                    # numbers, whose ' is no quote
  | [A-Za-z_]\w*                          # words, so that no prefix is seen in them
  | ^[ \t]*\#(?:[^\n\\]|\\.)*                           # directives and macros
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def mask(text):
    """The text with everything that is not code blanked, at the same length and with its lines."""
    def blank(found):
        piece = found.group()
        if piece[0] == "/" or piece.lstrip()[0] == "#":
            return re.sub(r"[^\n]", " ", piece)
        if piece[-1] in "\"'" and ('"' in piece or piece[0] == "'" or "'" in piece[:3]):
            return re.sub(r"[^\n]", "_", piece)
        return piece.replace("'", "_")
    return _CODE.sub(blank, text)


class Source:
    """One source file. `code` is its mask; positions are the same in both."""

    def __init__(self, text):
        self.text, self.code = text, mask(text)
        self._lines = [0] + [at.end() for at in re.finditer("\n", text)]
        self.closing = {}
        opened = []
        for at in re.finditer(r"[()\[\]{}]", self.code):
            if at.group() in _PAIRS:
                opened.append(at.start())
            elif opened and _PAIRS[self.code[opened[-1]]] == at.group():
                self.closing[opened.pop()] = at.start()

    def line(self, at):
        return bisect.bisect_right(self._lines, at)

    def skip_blank(self, at):
        while at < len(self.code) and self.code[at].isspace():
            at += 1
        return at

    def find(self, start, end, wanted):
        """Positions of the tokens `wanted` within, outside all brackets; "stop" ends the search."""
        found, at = [], start
        while at < end:
            if at in self.closing:
                at = self.closing[at] + 1
                continue
            token = next((word for word in wanted if self.code.startswith(word, at)), None)
            if token:
                found.append((at, token))
            at += len(token) if token else 1
        return found

    def split(self, start, end, separator):
        """Ranges between separators outside brackets, without the blanks around them."""
        cuts = [at for at, _ in self.find(start, end, [separator])]
        starts = [start] + [at + len(separator) for at in cuts]
        return [self.trim(first, last) for first, last in zip(starts, cuts + [end])]

    def trim(self, start, end):
        while start < end and self.code[start].isspace():
            start += 1
        while start < end and self.code[end - 1].isspace():
            end -= 1
        return start, end

    def statement_end(self, start):
        """One past the `;` or `}` that ends the statement at `start`."""
        at = self.skip_blank(start)
        if self.code.startswith("{", at):
            return self.closing.get(at, at) + 1
        while at < len(self.code) and self.code[at] not in ";}":
            at = self.closing.get(at, at) + 1
        return at + 1

    def statements(self, start):
        """The statements of the body at `start`, as ranges: those in its braces, or the one."""
        at = self.skip_blank(start)
        if not self.code.startswith("{", at):
            return [(at, self.statement_end(at))]
        found, end, at = [], self.closing.get(at, at), at + 1
        while self.skip_blank(at) < end:
            first = self.skip_blank(at)
            at = self.statement_end(first)
            found.append((first, at))
        return found

    def normal(self, start, end):
        """The text of a range without comments, line breaks and double blanks."""
        kept = re.sub(r"//[^\n]*|/\*.*?\*/", lambda found: found.group()
                      if self.code[start + found.start()] == "_" else " ",
                      self.text[start:end], flags=re.DOTALL)
        return " ".join(kept.split())
