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
                     f"#include <./{SEAL_KEYS}>", f"#include <store/../{SEAL_KEYS}>",
                     f"#include <../{SEAL_KEYS}>", f"#include </usr/src/{SEAL_KEYS}>",
                     "#include <birthseal/storage/v1/record.pb.h>"):
            self.check(text + "\n")

    def test_only_the_directive_include_includes(self):
        for text in ("#include SEALS", "#include_next \"a.h\"", f'#import "{SEAL_KEYS}"'):
            self.check(text + "\n")

    def test_a_directive_is_read_as_the_compiler_reads_it(self):
        for text in (f'%:include "{SEAL_KEYS}"', f'#include /**/ "{SEAL_KEYS}"',
                     f'/* a */ #include "{SEAL_KEYS}"', f'#inc\\\nlude "{SEAL_KEYS}"',
                     f'\ufeff#include "{SEAL_KEYS}"', f'#\tinclude\t"{SEAL_KEYS}"',
                     f'??=include "{SEAL_KEYS}"', f'#\x0cinclude "{SEAL_KEYS}"',
                     f'#\x0binclude "{SEAL_KEYS}"', f'#inc\\ \nlude "{SEAL_KEYS}"'):
            self.check(text + "\n")

    def test_no_quote_hides_a_directive(self):
        hidden = f'\n#include "{SEAL_KEYS}"\n'
        for before, behind in (('char a[] = R"-("/*)-";', 'char b[] = R"-("*/)-";'),
                               ("""char a[] = {u8'"', "/*"[0]};""", 'char b = "*/"[0];'),
                               ("""char a[] = {L'"', U'"', '"', "/*"[0]};""", 'char b = "*/"[0];'),
                               ("""int n = 1'000'0; char a[] = "/*";""", 'char b[] = "*/";'),
                               ("""char a[] = R"x'("/*)x'";""", 'char b[] = "*/";')):
            found = refused(READING, before + hidden + behind)
            self.assertTrue([p for p in found if "may not include" in p], (before, found))
        for text in ('char a[] = R"-(\n)-";', 'char a[] = R"(a"b)";', "int n = 1'000';"):
            self.check(text)
        self.assertEqual([], refused(READING, 'char a[] = R"(b)"; int n = 1\'000; char q = \'"\';'))

    def test_what_no_reader_sees_is_refused(self):
        for text in ("int a;\u200b", "int \u0430;", "int a\x7f;", "// a\x00b", "int a<:1:>;",
                     "int f() <% return 1; %>"):
            self.check(text)
        self.assertEqual([], refused(READING, '// 签发人员\nconst char* s = "签发";\n'))

    def test_a_key_that_comes_with_another_header_is_refused(self):
        house = check_layers.House()
        house.included = {
            "server/admin/a.cc": {"store/a.h"}, "store/a.h": {"signer/sealing/seal_key.h"},
            "server/server_app.cc": {"store/a.h"}}
        house.check_reached()
        found = [p for p in house.problems if p.startswith("server")]
        self.assertEqual(1, len(found), found)
        self.assertIn("server/admin: reads signer/sealing/seal_key.h", found[0])

    def test_headers_that_bring_keys_are_keys(self):
        for header in ("signer/sealing/note_signer.h", "signer/verify/openssl_ptr.h",
                       "signer/verify/seal_files.h", "certs/proof/vrf_suite.h",
                       "store/restore/backup_files.h", "server/host/config.h"):
            self.check(f'#include "{header}"\n', "server/admin/a.cc")

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
                     "class birthseal::signer::DocumentSealer {};",
                     "class ::birthseal::signer::DocumentSealer {};",
                     "class :: birthseal :: signer :: DocumentSealer {};",
                     "namespace bs = birthseal::signer;\nclass bs::DocumentSealer {};",
                     "namespace bs = birthseal;\n", "namespace bs = ::birthseal::signer;\n",
                     "namespace birthseal::signer <% class DocumentSealer {}; }",
                     "namespace [[gnu::weak]] birthseal { namespace signer { class A {}; } }",
                     'namespace __attribute__((weak)) birthseal { namespace signer { class A {}; } }',
                     "namespace birthseal { namespace signer { class A {}; } }",
                     "namespace birthseal::inline signer { class A {}; }",
                     "bool birthseal::signer::OfTwoPeople(int, int) { return true; }",
                     "int ::birthseal::store::LedgerEntry<C>::Submit() const { return 1; }",
                     "template <class C> class ::birthseal::store::LedgerPort<int, C> {};"):
            self.check(text)
            self.check(text, "clients/birthseal/a.cc")
        forward = "namespace birthseal::signer {\nclass SealPlan;\nstruct Report;\n}\n"
        self.assertEqual([], refused(READING, forward))

    def test_a_class_has_one_definition(self):
        house = check_layers.House()
        book = "namespace birthseal::server {\nclass AccessBook {\n int l;\n};\n}\n"
        house.read_source("server/use_case/access_book.h", book)
        house.read_source(READING, book.replace("{\n int l;", "final : public Book {"))
        self.assertEqual(1, len(house.problems), house.problems)
        self.assertIn("birthseal::server::AccessBook is defined at", house.problems[0])
        unnamed = "namespace birthseal::server {\nnamespace {\nstruct AccessBook {};\n}\n}\n"
        house.read_source("server/reading/b.cc", unnamed)
        named = book.replace("AccessBook {", "AccessBook;\nclass B {")
        house.read_source("server/reading/c.cc", named)
        self.assertEqual(1, len(house.problems), house.problems)

    def test_no_keyword_is_redefined_anywhere(self):
        for path in (READING, "store/a.cc", "signer/sealing/a.cc"):
            self.check("#define private public\n", path)

    def test_the_server_has_no_macro_no_assembler_and_instantiates_nothing(self):
        for text in ("#define X 1\n", 'extern "C" int f();', "asm(\"nop\");",
                     "template struct Holder<&Key::key_>;", "template <> struct H<int> {};",
                     "template bool opened<&Entry::ledger_>;", "template void Install<&A::b_>();",
                     'int f() __asm("g");', "__builtin_memcpy(a, b, 4);", "Any* operator new(int n);",
                     "[[gnu::weak]] int f();", "__attribute__((weak)) int f();"):
            self.check(text, "server/api/a.cc")

    def test_no_use_case_looks_behind_a_type(self):
        for text in ("auto p = reinterpret_cast<char*>(q);", "const_cast<A&>(a).b();",
                     "union { int a; float b; };", "std::memcpy(a, b, 4);",
                     "auto k = static_cast<const Key*>(p);", "const void* p = &key;",
                     "std::launder(p);", "(Operator&)*who;", "(store::Ledger* const*)&room.ledger;",
                     "(const Entry<A>&)room.ledger;", "new (&room.operators) Everybody;",
                     "using Any = void;"):
            self.check(text, "server/admin/a.cc")

    def test_no_use_case_reaches_files_processes_or_ciphers(self):
        for header in ("fstream", "filesystem", "openssl/evp.h", "botan-2/botan/sm4.h", "cstdio",
                       "unistd.h", "sys/mman.h", "dlfcn.h", "cstdlib", "bits/stdc++.h", "link.h",
                       "wordexp.h", "syscall.h", "ext/stdio_filebuf.h", "grpcpp/create_channel.h"):
            self.check(f"#include <{header}>\n", "server/feed/a.cc")
        for header in ("openssl/evp.h", "fstream"):
            self.check(f"#include <{header}>\n", "server/api/a.cc")
        self.assertEqual([], refused("server/door/a.cc", "#include <grpcpp/grpcpp.h>\n"))
        self.assertEqual([], refused("server/host/a.cc", "#include <fstream>\n"))


class FilesTest(unittest.TestCase):
    def test_cpp_under_a_name_that_no_rule_reads_is_refused(self):
        for path in ("server/reading/a.inc", "server/reading/a.cpp", "proto/a.h", "deploy/a.cc",
                     "signer/a.hpp", "server/feed/a.c++", "server/feed/a.CPP", "store/a.S",
                     "server/feed/a", "server/feed/a.txt", "server/feed/a.sh", "deploy/a.CC"):
            self.assertTrue(ways_around.stray(path), path)
        for path in ("server/reading/a.cc", "tests/a.inc", "deploy/demo/story.py", "proto/a.proto"):
            self.assertIsNone(ways_around.stray(path), path)

    def test_the_build_does_not_change_what_sources_mean(self):
        for line in ("target_compile_definitions(a PRIVATE private=public)",
                     "target_include_directories(a PRIVATE signer)",
                     "set(CMAKE_CXX_FLAGS -Dprivate=public)",
                     "add_library(a ../signer/sealing/sm2_sign.cc)",
                     "include(${CMAKE_CURRENT_SOURCE_DIR}/feed/evil.cmake)", "INCLUDE(evil)",
                     'set_source_files_properties(a.cc PROPERTIES COMPILE_FLAGS "-Dprivate=public")',
                     "set_property(SOURCE a.cc PROPERTY COMPILE_OPTIONS -w)",
                     "add_compile_definitions(a)", "add_definitions(-Dprivate=public)",
                     "target_sources(a PRIVATE b.cc)", "file(WRITE a.cc text)",
                     "execute_process(COMMAND a)", "set(CMAKE_CXX_COMPILER_LAUNCHER a)",
                     "target_link_libraries(a PRIVATE -Wl,--defsym=a=b)",
                     "target_link_libraries(a PRIVATE $<TARGET_OBJECTS:b>)",
                     "macro(add_library)", "cmake_language(EVAL CODE a)"):
            for path in ("server/CMakeLists.txt", "server/feed/a.cmake"):
                self.assertTrue(ways_around.build_problems(path, line), line)
        for line in ("add_library(a STATIC b.cc b.h)  # -D",
                     "include(${CMAKE_CURRENT_SOURCE_DIR}/rpc.cmake)"):
            self.assertEqual([], ways_around.build_problems("server/CMakeLists.txt", line), line)


class TreeTest(unittest.TestCase):
    def test_the_product_keeps_to_all_of_it(self):
        self.assertEqual([], check_layers.House().read_all().problems)

    def test_every_exception_is_needed(self):
        rules = dict(check_layers.RULES, headers_except={})
        for path, headers in check_layers.RULES["headers_except"].items():
            text = (pathlib.Path(check_layers.ROOT) / path).read_text()
            found = [what for _, what in ways_around.problems(path, code_of(text), rules)]
            self.assertEqual(sorted(f"<{h}> is no header of a closed room" for h in headers),
                             sorted(found))


if __name__ == "__main__":
    unittest.main()
