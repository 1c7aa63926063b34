#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What find_guards.py takes for a guard, and that the edits land where they should."""
import unittest

from cpp_text import Source, mask
from find_guards import find_guards, instrumented

STATUSES = {"Check", "CheckAll", "Refusal"}


def conditions(text):
    return [guard.text for guard in find_guards(text, STATUSES)]


def edited(text):
    """The instrumented text without its first two lines, and with the names made short."""
    whole = instrumented(text, find_guards(text, STATUSES), 1)
    return whole.split("#line 1\n")[-1].replace("::birthseal::guards::", "").replace(
        "static_cast<bool>", "")


class MaskTest(unittest.TestCase):
    def test_comments_strings_and_characters_are_no_code(self):
        text = 'a(")"); // ) "\nb(\')\'); /* ) */ c("\\")");'
        self.assertEqual(len(mask(text)), len(text))
        self.assertEqual(Source(text).code.count(")"), 3)

    def test_raw_strings_end_with_their_tag(self):
        text = 'f(R"x(if (a) return false; )" )x"); g();'
        self.assertEqual(conditions(text), [])
        self.assertEqual(Source(text).closing[1], text.index(");"))

    def test_a_quote_within_a_number_is_no_character(self):
        self.assertEqual(conditions("if (n > 60'000'000) return false; if (b) return false;"),
                         ["n > 60'000'000", "b"])

    def test_macros_are_left_alone(self):
        self.assertEqual(conditions("#define F(x) \\\n  if (x) return false;\nint a;"), [])


class FindTest(unittest.TestCase):
    def test_what_refuses_is_a_guard(self):
        for refusal in ("return false;", "return nullptr;", "return std::nullopt;",
                        "return certs::Error(code, \"A\");", "return Refusal(a);",
                        "{ return Refused(\"A\"); }", "return a.status();",
                        "return Verdict::kForged;",
                        "out->Fail(Layer::kSeal, \"A\");", "findings.Add(\"A\");",
                        "{ check.Bad(place, \"A\"); return; }", "status = Refusal(\"A\");",
                        "failed_ = true;"):
            self.assertEqual(conditions(f"if (bad) {refusal}"), ["bad"], refusal)

    def test_what_goes_on_is_none(self):
        for text in ("if (a) return absl::OkStatus();", "if (a) return known;", "if (a) continue;",
                     "if (a) count++;", "if constexpr (a) return false;", "if (a) return;",
                     "while (a) Next();", "// if (a) return false;", "return a || b;"):
            self.assertEqual(conditions(text), [], text)

    def test_each_part_of_a_disjunction_is_a_guard(self):
        self.assertEqual(conditions("if (a || (b || c) || f(d || e)) return false;"),
                         ["a", "b", "c", "f(d || e)"])
        self.assertEqual(conditions("if (!(a && b)) return false;"), ["a", "b"])
        self.assertEqual(conditions("if (a && (b || c)) return false;"),
                         ["a && (b || c)", "b", "c"])
        self.assertEqual(conditions("if (!(a || b)) return false;"), ["a || b"])
        self.assertEqual(conditions("if (a && b) return false;"), ["a && b"])
        self.assertEqual(conditions("if (a ? b : c) return false;"), ["a ? b : c"])

    def test_each_part_of_a_returned_conjunction_is_a_guard(self):
        self.assertEqual(conditions("return a && f(b && c) &&\n    d;"), ["a", "f(b && c)", "d"])

    def test_an_error_after_the_good_case_is_guarded_by_it(self):
        self.assertEqual(conditions("if (a && b) { return absl::OkStatus(); } return Refusal();"),
                         ["a", "b"])
        self.assertEqual(conditions("return a ? absl::OkStatus() : Refusal();"), ["a"])
        self.assertEqual(conditions("return a || b ? Refusal() : absl::OkStatus();"), ["a", "b"])

    def test_the_check_that_comes_last_is_a_guard(self):
        for text in ("return CheckAll(a, b)", "return policy_->Check({a})",
                     "return store::CheckAll()"):
            self.assertEqual(conditions(text + ";"), [text])
        for text in ("return Refusal(a)", "return CheckAll(a).ok()", "return Check([] { a(); })"):
            self.assertEqual(conditions(text + ";"), [])

    def test_the_text_is_one_line_without_comments(self):
        self.assertEqual(conditions("if (a  // not (b)\n    == \"//\") return false;"),
                         ['a == "//"'])

    def test_guards_within_a_lambda_in_a_condition_are_found_too(self):
        condition = "!any(list, [](int i) { if (i) return false; return x && y; })"
        self.assertEqual(conditions(f"if ({condition}) return false;"), [condition, "i", "x", "y"])

    def test_what_runs_while_compiling_is_left_alone(self):
        self.assertEqual(
            conditions("constexpr bool F(int a) { if (a) return false; return b && c; }"), [])

    def test_lines_count_from_one(self):
        found = find_guards("\n\nif (a ||\n    b) return false;", ())
        self.assertEqual([guard.line for guard in found], [3, 4])


class EditTest(unittest.TestCase):
    def test_conditions_are_wrapped(self):
        self.assertEqual(edited("if (a || b) return false;"),
                         "if (Fires(1, (a)) || Fires(2, (b))) return false;")
        self.assertEqual(edited("return a && b;"), "return Holds(1, (a)) && Holds(2, (b));")
        self.assertEqual(edited("if (x) { y(); } else if (z) return false;"),
                         "if (x) { y(); } else if (Fires(1, (z))) return false;")

    def test_what_comes_before_the_condition_stays(self):
        self.assertEqual(edited("if (auto s = f(\";\"); !s.ok()) return s;"),
                         "if (auto s = f(\";\"); Fires(1, (!s.ok()))) return s;")

    def test_a_declared_condition_is_asked_after_it(self):
        self.assertEqual(edited("if (const auto* p = find(a == b)) return nullptr;"),
                         "if (const auto* p = find(a == b); Fires(1, (p))) return nullptr;")

    def test_the_macro_keeps_its_expression(self):
        self.assertEqual(edited("RETURN_IF_ERROR(Scan([&](A a, B b) { return x && y; }));"),
                         "GUARDED_RETURN_IF_ERROR(1, Scan([&](A a, B b) "
                         "{ return Holds(2, (x)) && Holds(3, (y)); }));")

    def test_the_last_check_is_made_and_its_error_lost(self):
        self.assertEqual(edited("return CheckAll(a);"),
                         "return [&]() -> absl::Status { GUARDED_RETURN_IF_ERROR(1, CheckAll(a)); "
                         "return absl::OkStatus(); }();")

    def test_lines_keep_their_numbers(self):
        text = "int a;\nif (b ||\n    c)\n  return false;\n"
        self.assertEqual(edited(text).count("\n"), text.count("\n"))

    def test_a_file_without_guards_is_unchanged(self):
        self.assertEqual(instrumented("int a;\n", [], 1), "int a;\n")


if __name__ == "__main__":
    unittest.main()
