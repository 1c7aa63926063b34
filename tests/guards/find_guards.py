# SPDX-License-Identifier: Apache-2.0
"""Finds the guards of a source file and the edits that make each of them removable.

A guard is a condition under which the code refuses: README.md lists the forms. An edit wraps it in
Fires(id, bad) or Holds(id, good) of runtime.h, which ignore it when it is the one removed.
"""
import collections
import re

from cpp_text import Source

# What names a refusal although its type may not say so.
REFUSES = re.compile(
    r"^(?:\w+(?:::|\.|->))*(?:Fail|Failed|Fault|AtFault|Refuse|Refused|Bad\w*|Malformed|Mismatch|"
    r"Broken|Problem|Blame|Trouble|Usage|Stale|Unreadable|error|refuse|Unknown|NotYet)\s*\(")
REPORTS = re.compile(
    r"^(?:\w+(?:::|\.|->))*(?:Fail|Fault|Bad|Problem|Blame|Explain|Warn|AddDefect|Need|fail|fault|"
    r"(?:here|findings|collector|out)(?:\.|->)Add|"
    r"(?:push|emplace)_back\(\{?\"[A-Z0-9_]{4,}\",?[^\n]*)\s*\(?")
FLAGS = re.compile(r"^(?:\w*(?:failed|damaged|broken|unreadable|bad)_? = true|"
                   r"(?:whole|ok|valid|good|trusted_|holds) = false);$")
VALUES = re.compile(r"^(?:false|nullptr|std::nullopt|\S*Verdict::k(?!Valid)\w+|\S*Fault::k\w+|"
                    r"\"[A-Z][A-Z0-9_]{3,}\"|\{\"[A-Z][A-Z0-9_]{3,}\",.*)$")
AT_FAULT = re.compile(r"!\S+\.ok\(\)$|!\w*(?:reason|fault|error|refusal|problem)\w*\.empty\(\)$")
FINE = re.compile(r"^(?:absl::OkStatus\(\)|grpc::Status::OK|true)$")
STATUS = re.compile(r"\b(?:absl|grpc)::Status\s+(?:\w+::)*(\w+)\s*\(")
CHECKS = re.compile(r"(?:\w+(?:::|\.|->))*(?:(?<=[:.>])Check|(?:Check|Require|May|Must)[A-Z]\w*)$")
RUNTIME = "::birthseal::guards::"
TEXT_LIMIT = 120

# where is the range to wrap; form is Fires, Holds, macro, last or declared (`if (T x = f())`).
Guard = collections.namedtuple("Guard", "form where text line")


def status_functions(texts):
    """Names of functions that return a status: returning one of them hands on a refusal."""
    return {name for text in texts for name in STATUS.findall(Source(text).code)}


class Finder:
    def __init__(self, text, statuses):
        self.source, self.statuses, self.guards = Source(text), statuses, []
        fixed = re.finditer(r"\bconstexpr\b[^;={}]*\)[^;={}()]*\{", self.source.code)
        self.fixed = [(at.end(), self.source.closing.get(at.end() - 1, at.end())) for at in fixed]

    def find(self):
        code = self.source.code
        for at in re.finditer(r"\bif\s*\(", code):
            self.branch(at.end() - 1)
        for at in re.finditer(r"\breturn\b", code):
            self.returned(at.end())
        for at in re.finditer(r"\bRETURN_IF_ERROR\s*\(", code):
            self.add("macro", (at.start(), at.end()),
                     (at.start(), self.source.closing[at.end() - 1] + 1))
        return sorted(self.guards, key=lambda guard: guard.where)

    def add(self, form, where, shown=None):
        if any(start <= where[0] < end for start, end in self.fixed) or where[0] >= where[1]:
            return  # what runs while compiling cannot be switched
        shown = shown or where
        text = self.source.normal(*shown)
        if len(text) > TEXT_LIMIT:
            text = text[:TEXT_LIMIT] + "..."
        self.guards.append(Guard(form, where, text, self.source.line(shown[0])))

    def each(self, form, start, end):
        """A guard for each part of a disjunction (Fires) or conjunction (Holds), at any depth."""
        source, (start, end) = self.source, self.source.trim(start, end)
        opening = start + (source.code[start] == "!")
        if source.closing.get(opening) == end - 1 and source.code[opening] == "(":
            if opening > start:
                form = "Fires" if form == "Holds" else "Holds"
            return self.each(form, opening + 1, end - 1)
        joined = {word for _, word in source.find(start, end, ["?", "||", "&&"])}
        ored = form == "Fires" and "||" in joined or form == "Holds" and joined == {"&&"}
        if ored and "?" not in joined:
            for part in source.split(start, end, "||" if form == "Fires" else "&&"):
                self.each(form, *part)
        else:
            self.add(form, (start, end))
            if form == "Fires" and joined == {"&&"}:
                self.within(start, end)

    def within(self, start, end):
        """The disjunctions in brackets within a conjunction that refuses."""
        for first, last in self.source.split(start, end, "&&"):
            if self.source.closing.get(first) == last - 1 and self.source.code[first] == "(" and \
                    self.source.find(first + 1, last - 1, ["||"]):
                self.each("Fires", first + 1, last - 1)

    def refuses(self, returned, condition):
        """Whether returning this text is a refusal."""
        if re.search(r"\w*Error\(", returned) or VALUES.match(returned) or REFUSES.match(returned):
            return True
        name = re.match(r"(?:\w+(?:::|\.|->))*(\w+)\s*\(", returned)
        if name and name.group(1) in self.statuses:
            return not FINE.match(returned)
        return returned.endswith(".status()") or bool(AT_FAULT.match(condition))

    def reports(self, statement):
        """Whether a statement records a refusal and goes on."""
        given = re.match(r"[\w.]+ = (\w+\(.*);$", statement)
        return bool(REPORTS.match(statement) or FLAGS.match(statement) or
                    given and self.refuses(given.group(1), ""))

    def body(self, start):
        """The statements of a branch as texts, and one past its end."""
        source = self.source
        ranges = source.statements(start)
        return [source.normal(*piece) for piece in ranges], source.statement_end(start)

    def branch(self, opening):
        source = self.source
        closing = source.closing.get(opening)
        if closing is None:
            return
        start = (source.find(opening + 1, closing, [";"]) or [(opening, "")])[-1][0] + 1
        condition = source.normal(*source.trim(start, closing))
        body, end = self.body(closing + 1)
        if not body:
            return
        last = body[-1]
        ends = re.match(r"return\b\s*(.*);$", last)
        reports = [self.reports(text) for text in body]
        if ends and FINE.match(ends.group(1)) and len(body) == 1:
            return self.inverted(start, closing, end)
        refusal = ends and len(body) <= 3 and (any(reports[:-1]) or self.refuses(
            ends.group(1), condition))
        if refusal or all(reports):
            self.condition(start, closing)

    def condition(self, start, end):
        source = self.source
        declared = re.match(r"\s*(?:const\s+)?[\w:<>,\s*&]+?[\s*&](\w+)\s*=(?!=)",
                            source.code[start:end])
        if declared and source.find(start, end, ["="]):
            self.add("declared:" + declared.group(1), source.trim(start, end))
        else:
            self.each("Fires", start, end)

    def inverted(self, start, closing, end):
        """`if (good) return OkStatus(); return Error(...);`"""
        source = self.source
        following = source.skip_blank(end)
        after = source.normal(following, source.statement_end(following))
        refusal = re.match(r"return\b\s*(.+);$", after)
        if refusal and not FINE.match(refusal.group(1)) and self.refuses(refusal.group(1), ""):
            self.each("Holds", start, closing)

    def returned(self, start):
        source = self.source
        end = source.statement_end(start) - 1
        asked = source.find(start, end, ["?"])
        if asked:
            self.chosen(start, asked[0][0], end)
        elif source.find(start, end, ["&&"]) and not source.find(start, end, ["||"]):
            self.each("Holds", start, end)
        else:
            self.last_check(start, end)

    def last_check(self, start, end):
        """`return Check(...);`: what passes it passes the function."""
        first, last = self.source.trim(start, end)
        call = re.match(r"((?:\w+(?:::|\.|->))*(\w+))\s*\(", self.source.code[first:last])
        if call and CHECKS.match(call.group(1)) and call.group(2) in self.statuses and \
                self.source.closing.get(first + call.end() - 1) == last - 1:
            self.add("last", (first, last), (start - len("return"), last))

    def chosen(self, start, asked, end):
        """`return good ? OkStatus() : Error(...)` and the other way round."""
        source = self.source
        colons = [at for at, word in source.find(asked + 1, end, ["::", ":", "?"]) if word != "::"]
        if len(colons) != 1 or source.code[colons[0]] != ":":
            return  # nested
        first = source.normal(*source.trim(asked + 1, colons[0]))
        second = source.normal(*source.trim(colons[0] + 1, end))
        if FINE.match(first):
            self.each("Holds", start, asked)
        elif FINE.match(second):
            self.each("Fires", start, asked)


def find_guards(text, statuses):
    return Finder(text, statuses).find()


def instrumented(text, guards, first_id):
    """The text with every guard made removable; the lines keep their numbers."""
    edits = []  # (position, rank, text): at one place an inner end comes before an outer beginning
    for number, guard in enumerate(guards, first_id):
        start, end = guard.where
        if guard.form == "macro":
            edits.append((end, 1, f"{number}, "))
            edits.append((start, 1, "GUARDED_"))
        elif guard.form == "last":
            edits.append((start, 1, f"[&]() -> absl::Status {{ GUARDED_RETURN_IF_ERROR({number}, "))
            edits.append((end, 0, "); return absl::OkStatus(); }()"))
        elif guard.form.startswith("declared:"):
            name = guard.form.partition(":")[2]
            edits.append((end, 0, f"; {RUNTIME}Fires({number}, static_cast<bool>({name}))"))
        else:
            edits.append((start, 1, f"{RUNTIME}{guard.form}({number}, static_cast<bool>("))
            edits.append((end, 0, "))"))
    for at, _, insert in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        text = text[:at] + insert + text[at:]
    return '#include "tests/guards/runtime.h"\n#line 1\n' + text if guards else text
