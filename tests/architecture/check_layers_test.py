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


def refused(path, text, outside=False):
    """`outside`: what stands in no namespace is refused for that, too; most lines here are bare."""
    house = check_layers.House()
    house.read_source(path, text)
    return [problem for problem in house.problems if outside or "stands outside of" not in problem]


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
                       "store/restore/backup_files.h", "server/host/config.h",
                       "server/access/caller_maker.h"):
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
        house.read_source("server/reading/d.cc", book.replace("class", "class alignas(8)"))
        self.assertEqual(2, len(house.problems), house.problems)

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

    def test_no_class_is_specialised(self):
        shelf = "template <class T, bool B> struct Shelf {};\ntemplate <class T> "
        held = "<T, Rob<&signer::ApprovalVerifier::held_>::made> {};"
        for text in (f"struct Shelf{held}", f"class Shelf\n {held}", f"union Shelf {held}",
                     f"struct [[nodiscard]] Shelf{held}", f"struct alignas(8) Shelf{held}",
                     f"struct alignas(alignof(int)) Shelf{held}", f"struct server :: Shelf{held}",
                     f"struct ::Shelf{held}", f"struct A<T>::template B{held}",
                     "struct Outer::Shelf<T*> {};"):
            for path in (READING, "server/server_app.cc", "clients/cpp/a.cc", "store/log/a.cc",
                         "signer/verify/a.cc", "certs/a.cc"):
                self.check(shelf + text, path)
        for text in ("template struct Shelf<&Key::key_>;", "template <> struct Shelf<int> {};"):
            self.check(text, "store/log/a.cc")
        for text in (f"{shelf}class Other : public Shelf<T, true> {{}};",
                     "template <class A, class = Shelf<A>> int F(A a);"):
            self.assertEqual([], refused(READING, text))
        self.assertEqual([], refused("store/ledger/ledger_port.cc",
                                     "template class LedgerEntry<AcceptDelivery>;"))

    def test_a_nested_class_is_defined_inside_its_own(self):
        alias = "namespace birthseal::server {\nusing Sealer = signer::DocumentSealer;\n"
        body = " {\n static auto Forge(const Sealer& s) { return s.mark_; }\n};\n"
        for key in ("struct Sealer::State", "class Sealer::State final", "union Sealer :: State",
                    "struct Sealer::State : Page", "struct alignas(8) Sealer::State",
                    "enum class Sealer::Kind : int", "struct ::Sealer::State"):
            self.check(alias + "}\nusing namespace birthseal::server;\n" + key + body)
            self.check(alias + key + body + "}\n")
            self.check(alias + key + body + "}\n", "server/parts.h")
        own = "namespace birthseal::server {\nstruct FeedStreams::State {};\n"
        self.assertEqual([], refused("server/api/delivery_feed_service.cc", own + "}\n"))
        twice = own + "struct FeedStreams::State {};\n}\n"
        self.check(twice, "server/api/delivery_feed_service.cc")
        self.check(own + "}\n", "server/api/services.cc")
        self.assertEqual([], refused(READING, "namespace birthseal::server {\n"
                                     "struct Page : certs::ofd::Page {};\n}\n"))

    def test_all_of_the_server_stands_in_its_namespace(self):
        for text in ("using birthseal::server::Sealer;", "struct A {};", "int a = 1;",
                     "namespace { int a; }", "namespace birthseal::server {}\nint F() { return 1; }",
                     "namespace birthseal::server {\nusing namespace signer;\n}",
                     "namespace birthseal::server::signer {\nclass A;\n}",
                     "namespace birthseal::server {\nnamespace signer { class A {}; }\n}",
                     "namespace birthseal::server {\ninline namespace v { class A {}; }\n}",
                     "namespace birthseal::server {\nnamespace {\nnamespace certs {}\n}\n}",
                     "namespace grpc {\nclass Service { int a; };\n}",
                     "namespace std {\nint f();\n}",
                     "namespace absl {\nusing Status = int;\n}",
                     "namespace birthseal::server {\n}}", "namespace birthseal::server {{\n}",
                     "namespace birthseal::server {\nABSL_NAMESPACE_END\nint a;\n}",
                     "#if A\nnamespace birthseal::server {\n#endif\n}", "#ifdef A\n#endif"):
            self.assertTrue(refused(READING, text, outside=True), text)
        for text in ("namespace grpc {\nclass Service;\n}\nnamespace birthseal::server {\n}",
                     "namespace birthseal::server {\nnamespace {\nint F() { return 1; }\n}\n}"):
            self.assertEqual([], refused(READING, text, outside=True))
        text = "int main(int argc, char** argv) { return 0; }"
        self.assertEqual([], refused("server/main.cc", text, outside=True))
        self.assertTrue(refused(READING, text, outside=True))

    def test_no_name_hides_a_library(self):
        for text in ("class signer {};", "struct certs final {};", "enum class store { kA };",
                     "using std = A;", "struct [[nodiscard]] google {};", "using store = Theirs;",
                     "template <class signer> int F();", "using A::signer;",
                     "template <typename... absl> int F();", "namespace store = std::chrono;",
                     "typedef A signer;", "typedef struct { int a; } grpc;", "struct storage;"):
            self.check(text)
        for text in ("using certs::Digest;", "using std::string;", "using ::birthseal::server::A;",
                     "using Signer = signer::LogSigner;", "struct Store { int certs; };"):
            self.assertEqual([], refused(READING, text), text)

    def test_no_member_of_a_class_is_inlined_elsewhere(self):
        for text in ("inline bool Approval::IsBy(const Verifier&) const { return true; }",
                     "constexpr absl::Status AccessBook::Record(int) { return {}; }",
                     "absl::Status inline AccessBook::Record(int) { return {}; }",
                     "inline bool Approval::operator==(int) { return true; }",
                     "template <class C> int Port<C>::Call(C) const { return 1; }"):
            self.check(text)
        for text in ("absl::Status AccessBook::Record(int) { return {}; }",
                     "inline absl::Status Reached(int a) { return absl::OkStatus(); }",
                     "constexpr absl::Duration kWait = absl::Seconds(1);",
                     "template <class T> bool In(T t) { return std::is_same_v<T, int>; }"):
            self.assertEqual([], refused(READING, text), text)

    def test_the_header_of_a_room_lists_keys_alone(self):
        head, end = "namespace birthseal::server {\n", "\n}\n"
        for text in ("class FeedLedger : public Port {\n template <class L> FeedLedger(L& l);\n};",
                     "template <class Base> class Check : public Base {};",
                     "struct FeedRoom { Ledger ledger; Ledger* Take(); };",
                     "struct FeedRoom { int a = [] { return 1; }(); };",
                     "struct FeedRoom { int a{1}; };",
                     "inline signer::KeyProvider* kept = nullptr;", "extern Keys* kept;",
                     "struct FeedRoom { int a = Taken(); };"):
            self.check(head + text + end, "server/feed/feed_room.h")
        self.check('#include "server/feed/feed_ledger.h"\n', "server/feed/feed_room.h")
        self.check('#pragma once\n#include "server/feed/a.h"\n', "server/feed/feed_room.h")
        text = ("using FeedLedger = store::LedgerPort<store::AcceptDelivery>;\nclass Workers;\n"
                "struct FeedRoom : Basis {\n FeedLedger ledger;\n bool a = true;\n"
                " absl::Duration patience = absl::Seconds(10);\n};")
        self.assertEqual([], refused("server/feed/feed_room.h", head + text + end))

    def test_nothing_changes_what_the_compiler_says(self):
        for text in ('#pragma GCC diagnostic ignored "-Wold-style-cast"\n', "#pragma pack(1)\n",
                     '_Pragma("once")', "#pragma redefine_extname a b\n", "std::_Destroy(&a);",
                     "google::protobuf::internal::down_cast<A*>(b);",
                     "BIRTHSEAL_CONCAT(const_, cast)<A&>(b);"):
            self.check(text, "server/access/a.cc")
        self.check("#pragma weak F\n", "clients/cpp/a.cc")
        self.assertEqual([], refused("clients/cpp/a.h", "#pragma once\n"))

    def test_no_use_case_looks_behind_a_type(self):
        for text in ("auto p = reinterpret_cast<char*>(q);", "const_cast<A&>(a).b();",
                     "union { int a; float b; };", "std::memcpy(a, b, 4);",
                     "auto k = static_cast<const Key*>(p);", "const void* p = &key;",
                     "std::launder(p);", "(Operator&)*who;", "(store::Ledger* const*)&room.ledger;",
                     "(const Entry<A>&)room.ledger;", "new (&room.operators) Everybody;",
                     "using Any = void;", "std::const_pointer_cast<signer::Operator>(*who);",
                     "static_pointer_cast<Key>(any);", "std::reinterpret_pointer_cast<Key>(any);",
                     "std::dynamic_pointer_cast<Key>(any);", "std::shared_ptr<void> any(b, &key);",
                     "std::allocator<signer::ApprovalVerifier> memory;",
                     "std::allocator_traits<M>::destroy(m, &room.approvals);",
                     "std::pmr::polymorphic_allocator<A> m;", "std::construct_at(&a, b);",
                     "std::destroy_at(&a);", "std::destroy(a, b);", "std::destroy_n(a, 1);",
                     "std::uninitialized_copy(a, b, c);", "room.approvals.~ApprovalVerifier();",
                     "p->~A();", "static_cast<Mirror&>(base);", "using Open = ClaimKeys&;",
                     "using P = const Key* ;"):
            for room in ("admin", "api", "door"):  # those who speak grpc, too
                self.check(text, f"server/{room}/a.cc")
        for text in ("static_cast<void>(ignored);", "auto a = static_cast<int>(b * c);",
                     "using F = std::function<void(int)>;", "bool operator~();"):
            self.assertEqual([], refused("server/api/a.cc", text), text)

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

    def test_every_class_defined_outside_of_its_own_and_every_instantiation_is_there(self):
        rules = dict(check_layers.RULES, defined_outside={}, instantiates=[])
        named = dict(check_layers.RULES["defined_outside"])
        for path in [*named, *check_layers.RULES["instantiates"]]:
            text = (pathlib.Path(check_layers.ROOT) / path).read_text()
            found = ways_around.problems(path, code_of(text), rules)
            one = named.get(path, ["an explicit instantiation reaches private members"])
            self.assertEqual(set(one), {what.split(": ")[-1] for _, what in found})


if __name__ == "__main__":
    unittest.main()
