# SPDX-License-Identifier: Apache-2.0
"""What the check of the rules refuses: a small tree that is right, and one thing wrong at a time."""
import unittest

import check_rules

RULES, SOURCE, TEST = "certs/rules/RULES.md", "certs/a.cc", "tests/certs/a_test.cc"
ROW = "| C1 | A rule. | own | `days` | `certs/a.cc` | `ATest.Holds` |\n"
GOOD = {
    RULES: ROW,
    SOURCE: "// Who asks is answered.\n// Rule C1.\nint A();\n",
    TEST: "// Rule C1.\nTEST(ATest, Holds) {\n",
    check_rules.PROFILE: "  optional int32 days = 6;\n",
    "store/FORMAT.md": "# Bytes\n## 2. Keys\n### 2.1 More\n",
}


def problems(changes):
    return check_rules.Check({**GOOD, **changes}).problems


class RulesTest(unittest.TestCase):
    def check(self, changes, *said):
        found = problems(changes)
        self.assertEqual(len(said), len(found), found)
        for what, problem in zip(said, found):
            self.assertIn(what, problem)

    def test_a_tree_that_is_right_is_taken(self):
        self.check({})

    def test_a_row_is_cited_by_its_source(self):
        self.check({SOURCE: "int A();\n"}, "names certs/a.cc, which does not cite it")
        self.check({SOURCE: "// Rule of C1.\nint A();\n"}, "which does not cite it")

    def test_a_row_is_cited_above_its_test(self):
        said = "names ATest.Holds, which does not cite it above"
        self.check({TEST: "TEST(ATest, Holds) {\n"}, said)
        self.check({TEST: "// Rule C1.\n\nTEST(ATest, Holds) {\n"}, said)
        self.check({TEST: "// Rule C1.\nTEST(ATest, Else) {}\nTEST(ATest, Holds) {\n"}, said)

    def test_a_row_of_a_table_of_tests_is_a_test(self):
        table = ('INSTANTIATE_TEST_SUITE_P(\n    Group, ATest,\n    testing::Values(\n'
                 '        // Rule C1.\n        Row{"Holds", 1},\n        Row{"Else", 2}));\n')
        self.check({TEST: table})
        self.check({TEST: table.replace("// Rule C1.", "// Nothing.")}, "does not cite it above")

    def test_a_row_names_a_source_and_a_test(self):
        self.check({RULES: ROW.replace("`certs/a.cc`", "")}, "C1 names no source")
        self.check({RULES: ROW.replace("`ATest.Holds`", "later")}, "C1 names no test")

    def test_sources_tests_and_fields_that_a_row_names_are_there(self):
        self.check({RULES: ROW.replace("a.cc", "b.cc")}, "certs/b.cc, which is no source")
        self.check({RULES: ROW.replace("certs/a.cc", TEST)}, "which is no source of the product")
        self.check({RULES: ROW.replace("ATest.Holds", "ATest.Gone")}, "ATest.Gone, which is no test")
        self.check({RULES: ROW.replace("days", "weeks")}, "weeks, which is no field of a profile")

    def test_a_test_has_one_place(self):
        self.check({"tests/b_test.cc": GOOD[TEST]}, "which is more than one test")

    def test_a_citation_names_a_row(self):
        for path in (SOURCE, TEST, "server/b.h", "proto/a.proto", "dev.py", "README.md"):
            self.check({path: GOOD.get(path, "") + "// Rule C2.\n"}, "cites C2, which has no row")

    def test_citations_are_lists_and_ranges_and_go_on_in_the_next_line(self):
        def cited(text):
            return [code for code, _ in check_rules.codes_in(text)]
        self.assertEqual(["C1", "D2", "D3"], cited("// Rules C1, D2 and D3: so.\n"))
        self.assertEqual(["B8", "B9", "B10", "I5"], cited("(Rules B8 to B10, I5)"))
        self.assertEqual(["C1", "D2"], cited("// As Rules C1,\n  // D2 say.\n"))
        self.assertEqual(["C1", "D2"], cited("// Rules\n// C1,\n// and D2.\n"))
        self.assertEqual([], cited("Ruler C1, rule C1, RuleC1, Rule 1, Rule CHECK1, Rule C1a"))
        self.check({SOURCE: GOOD[SOURCE] + "// Rules C1 to C3.\n"}, "cites C2", "cites C3")

    def test_a_rule_has_one_row_with_all_its_cells(self):
        self.check({RULES: ROW + ROW}, "C1 has two rows")
        broken = "needs rule, source, profile, code and test"
        self.check({RULES: ROW + "| C2 | A rule. | own | `certs/a.cc` | `ATest.Holds` |\n"}, broken)
        self.check({RULES: ROW + ROW.replace("C1", "C2").replace("own", "")}, broken)
        self.check({RULES: "nothing\n", SOURCE: "", TEST: ""}, "no rules")

    def test_a_paragraph_is_of_a_named_document(self):
        for text in ("// RFC 9162 §2.1 and §2.1.4.\n", "// RFC 9162\n// §3, §4.\n",
                     "// As store/FORMAT.md §2 to §2.1 say.\n", "// (FORMAT.md §2)\n"):
            self.check({"store/b.cc": text})
        self.check({"README.md": "[the bytes](store/FORMAT.md) §2, §2.1\n"})
        self.check({"store/FORMAT.md": GOOD["store/FORMAT.md"] + "as §2.1 says\n"})

    def test_a_paragraph_of_no_document_is_refused(self):
        said = "a paragraph of a document that is not named or not here"
        for text in ("// §2.\n", "// design §2\n", "// spec/rules.md §2\n", "// FORMAT.md §3\n",
                     "// RFC 9162. Then §2.\n", "// FORMAT.md §\n"):
            self.check({"store/b.cc": text}, said)
        self.check({"store/FORMAT.md": GOOD["store/FORMAT.md"] + "as §4 says\n"}, said)

    def test_a_problem_has_its_line(self):
        self.assertTrue(problems({"store/b.cc": "\n// Rule C9.\n"})[0].startswith("store/b.cc:2: "))


class TreeTest(unittest.TestCase):
    def test_the_tree_keeps_to_all_of_it(self):
        self.assertEqual([], check_rules.Check(check_rules.read_tree()).problems)

    def test_the_table_is_read(self):
        rows = check_rules.Check(check_rules.read_tree()).rows
        self.assertGreater(len(rows), 100)
        self.assertTrue({"I1", "C1", "C4", "S2"} <= rows.keys())


if __name__ == "__main__":
    unittest.main()
