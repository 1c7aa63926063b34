# SPDX-License-Identifier: Apache-2.0
"""What the checks of the layers refuse: each line was a way past them, written as an insider would.

Nothing here stands on disk: a source is given to the checks as if it stood in its room.
"""
import pathlib
import unittest

import check_layers
import ways_around
from cpp_text import code_of

SEAL_KEYS = "signer/sealing/key_provider.h"
READING = "server/reading/get_status.cc"


def refused(path, text):
    house = check_layers.House()
    house.read_source(path, text)
    return house.problems


class IncludesTest(unittest.TestCase):
    def check(self, text, path=READING):
        self.assertTrue(refused(path, text), text)

    def test_the_plain_way_is_refused_and_a_room_of_its_own_is_not(self):
        self.check(f'#include "{SEAL_KEYS}"\n')
        self.assertEqual([], refused("server/server_app.cc", f'#include "{SEAL_KEYS}"\n'))

    def test_no_use_case_has_what_a_sealer_is_made_with(self):
        for room in ("issuing", "admin", "api", "use_case", "at_rest", "witnessing"):
            self.check(f'#include "{SEAL_KEYS}"\n', f"server/{room}/a.cc")
        self.check('#include "signer/sealing/seal_check.h"\n', "server/issuing/a.cc")
        self.check('#include "signer/sealing/document_sealer.h"\n', "server/admin/a.cc")

    def test_one_header_has_one_spelling(self):
        for text in (f"#include <{SEAL_KEYS}>", f'#include "../../{SEAL_KEYS}"',
                     '#include "../issuing/issuing_room.h"', f'#include "./{SEAL_KEYS}"',
                     f'#include "/usr/src/{SEAL_KEYS}"', '#include "sealing/key_provider.h"',
                     f'#include "signer//sealing/key_provider.h"',
                     "#include <birthseal/storage/v1/record.pb.h>"):
            self.check(text + "\n")

    def test_only_the_directive_include_includes(self):
        for text in ("#include SEALS", "#include_next \"a.h\"", f'#import "{SEAL_KEYS}"'):
            self.check(text + "\n")

    def test_a_directive_is_read_as_the_compiler_reads_it(self):
        for text in (f'%:include "{SEAL_KEYS}"', f'#include /**/ "{SEAL_KEYS}"',
                     f'/* a */ #include "{SEAL_KEYS}"', f'#inc\\\nlude "{SEAL_KEYS}"',
                     f'\ufeff#include "{SEAL_KEYS}"', f'#\tinclude\t"{SEAL_KEYS}"',
                     f'??=include "{SEAL_KEYS}"'):
            self.check(text + "\n")

    def test_only_headers_are_included(self):
        for name in ("server/reading/seals.inc", "signer/sealing/sm2_sign.cc", "certs/a.hpp"):
            self.check(f'#include "{name}"\n')

    def test_no_source_of_the_product_includes_a_test(self):
        self.check('#include "tests/support/registry_office.h"\n')

    def test_what_stands_in_a_comment_or_a_text_is_nothing(self):
        text = f'// #include "{SEAL_KEYS}"\nconst char* s = "\\\\";  /* #define private public */\n'
        self.assertEqual([], refused("store/a.cc", text))


class WallsTest(unittest.TestCase):
    def check(self, text, path=READING):
        self.assertTrue(refused(path, text), text)

    def test_a_room_declares_in_its_own_namespace(self):
        for text in ("namespace birthseal::signer { std::string SignDigestWith(); }",
                     "namespace birthseal::store {\nclass Ledger { public: int Call(); };\n}",
                     "namespace birthseal::signer { class DocumentSealer {}; }",
                     "class birthseal::signer::DocumentSealer {};"):
            self.check(text)
            self.check(text, "clients/birthseal/a.cc")
        forward = "namespace birthseal::signer {\nclass SealPlan;\nstruct Report;\n}\n"
        self.assertEqual([], refused(READING, forward))

    def test_no_keyword_is_redefined_anywhere(self):
        for path in (READING, "store/a.cc", "signer/sealing/a.cc"):
            self.check("#define private public\n", path)

    def test_the_server_has_no_macro_no_assembler_and_instantiates_nothing(self):
        for text in ("#define X 1\n", 'extern "C" int f();', "asm(\"nop\");",
                     "template struct Holder<&Key::key_>;", "template <> struct H<int> {};"):
            self.check(text, "server/api/a.cc")

    def test_no_use_case_looks_behind_a_type(self):
        for text in ("auto p = reinterpret_cast<char*>(q);", "const_cast<A&>(a).b();",
                     "union { int a; float b; };", "std::memcpy(a, b, 4);",
                     "auto k = static_cast<const Key*>(p);", "const void* p = &key;",
                     "std::launder(p);"):
            self.check(text, "server/admin/a.cc")

    def test_no_use_case_reaches_files_processes_or_ciphers(self):
        for header in ("fstream", "filesystem", "openssl/evp.h", "botan-2/botan/sm4.h", "cstdio",
                       "unistd.h", "sys/mman.h", "dlfcn.h", "cstdlib"):
            self.check(f"#include <{header}>\n", "server/feed/a.cc")
        self.assertEqual([], refused("server/host/a.cc", "#include <fstream>\n"))


class FilesTest(unittest.TestCase):
    def test_cpp_under_a_name_that_no_rule_reads_is_refused(self):
        for path in ("server/reading/a.inc", "server/reading/a.cpp", "proto/a.h", "deploy/a.cc",
                     "signer/a.hpp"):
            self.assertTrue(ways_around.stray(path), path)
        for path in ("server/reading/a.cc", "tests/a.inc", "deploy/demo/story.py", "proto/a.proto"):
            self.assertIsNone(ways_around.stray(path), path)

    def test_the_build_does_not_change_what_sources_mean(self):
        for line in ("target_compile_definitions(a PRIVATE private=public)",
                     "target_include_directories(a PRIVATE signer)",
                     "set(CMAKE_CXX_FLAGS -Dprivate=public)",
                     "add_library(a ../signer/sealing/sm2_sign.cc)"):
            self.assertTrue(ways_around.build_problems("server/CMakeLists.txt", line), line)


class TreeTest(unittest.TestCase):
    def test_the_product_keeps_to_all_of_it(self):
        self.assertEqual([], check_layers.House().read_all().problems)

    def test_every_exception_is_needed(self):
        rules = dict(check_layers.RULES, reach_except={})
        for path, headers in check_layers.RULES["reach_except"].items():
            text = (pathlib.Path(check_layers.ROOT) / path).read_text()
            found = [what for _, what in ways_around.problems(path, code_of(text), rules)]
            self.assertEqual(sorted(f"<{h}> reaches files, processes or ciphers" for h in headers),
                             sorted(found))


if __name__ == "__main__":
    unittest.main()
