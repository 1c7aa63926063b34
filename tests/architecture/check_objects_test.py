# SPDX-License-Identifier: Apache-2.0
"""What the check of the objects refuses: attacks, compiled as far as needed or as nm tells of them.

Small stand-ins for the product's headers give the sources the names that the real ones would have.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

import check_objects
from built import name_of, symbols_of

CXX = os.environ.get("CXX", "clang++-14")
NM = os.environ.get("NM", "nm")
FEED, READING, ISSUING = "server/feed/a.cc", "server/reading/a.cc", "server/issuing/a.cc"
ADMIN, API, ACCESS = "server/admin/a.cc", "server/api/a.cc", "server/access/a.cc"

PORT = """
namespace birthseal::store {
struct Reserve {}; struct PutOperator {}; struct ResolveReview {};
class Ledger;
template <class C> class LedgerEntry {
 public:
  explicit LedgerEntry(Ledger& ledger) : ledger_(&ledger) {}
  int Call(C) const;
  void Submit(C) const;
 private:
  Ledger* ledger_;
};
}
namespace birthseal::server { struct Room { store::LedgerEntry<store::ResolveReview> ledger; }; }
"""
SEALER = """
namespace birthseal::signer {
class SealPlan { friend class DocumentSealer; int of_ = 0; };
class DocumentSealer { public: SealPlan Plan(int evidence) const; };
bool OfTwoPeople(int, int);
}
"""


def compiled(text):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "a.cc").write_text(text)
        subprocess.run([CXX, "-std=c++17", "-O1", "-c", "a.cc", "-o", "a.o"], cwd=folder, check=True)
        return symbols_of(["a.o"], folder, NM)["a.o"]


def refused(source, symbols):
    found = check_objects.Objects()
    found.symbols(source, symbols)
    return found.problems


class CompiledTest(unittest.TestCase):
    def check(self, source, text, *said):
        found = refused(source, compiled(text))
        for what in said:
            self.assertTrue([problem for problem in found if what in problem], (what, found))

    def test_a_use_case_of_its_own_room_is_taken(self):
        text = PORT + """
#include <string>
namespace birthseal::server {
namespace { std::string Id(int n) { return std::to_string(n); } }
std::string Resolve(const Room& room) { return Id(room.ledger.Call(store::ResolveReview{})); }
}"""
        self.assertEqual([], refused(FEED, compiled(text)))

    def test_nobody_calls_a_command_of_another_port(self):
        stolen = PORT + """
namespace birthseal::server {
int Take(store::Ledger& l) { return store::LedgerEntry<store::Reserve>(l).Call({}); }
}"""
        for source in (FEED, READING, ADMIN, "server/use_case/a.cc", "server/api/a.cc"):
            self.check(source, stolen, "LedgerEntry<Reserve>::Call, which is for")
        self.assertEqual([], refused(ISSUING, compiled(stolen)))

    def test_a_ledger_that_a_member_defined_anew_hands_out_is_of_no_use(self):
        self.check(FEED, PORT + """
namespace birthseal::server { store::Ledger* taken = nullptr; }
template <class C> void birthseal::store::LedgerEntry<C>::Submit(C) const {
  birthseal::server::taken = ledger_;
}
namespace birthseal::server {
int Steal(const Room& room) {
  room.ledger.Submit({});
  return store::LedgerEntry<store::PutOperator>(*taken).Call({});
}
}""", "has birthseal::store::LedgerEntry<PutOperator>::Call")

    def test_no_room_defines_what_another_library_does(self):
        self.check(ISSUING, SEALER + """
birthseal::signer::SealPlan birthseal::signer::DocumentSealer::Plan(int) const { return {}; }
""", "defines birthseal::signer::DocumentSealer::Plan, which is not of its own namespace")

    def test_a_nested_class_of_another_library_opens_nothing(self):
        nested = SEALER.replace("evidence) const;", "evidence) const;\n private: struct State;")
        self.check(ISSUING, nested + """
using Sealer = birthseal::signer::DocumentSealer;
struct Sealer::State { static birthseal::signer::SealPlan Forge(); int of = 0; };
birthseal::signer::SealPlan Sealer::State::Forge() { return {}; }
""", "has birthseal::signer::DocumentSealer::State::Forge, which is for signer/sealing")
        found = refused(ISSUING, {("W", "_ZN9birthseal6signer14DocumentSealer5State5ForgeEv")})
        self.assertEqual(1, len(found), found)

    def test_memory_of_the_process_is_not_given_by_a_room(self):
        self.check(READING, """
#include <cstddef>
using Any = void;
Any* operator new(std::size_t n) { static char pool[1 << 20]; return pool + n; }
""", "defines operator new")

    def test_a_function_under_another_name_is_that_function(self):
        self.check(READING, """
namespace birthseal::server {
int HeadOf(const void* self) __asm("_ZNK9birthseal5store6Ledger4HeadEv");
int Head(const void* ledger) { return HeadOf(ledger); }
}""", "has birthseal::store::Ledger::Head")

    def test_no_closed_room_reaches_files_or_processes(self):
        self.check(READING, """
#include <cstdio>
#include <cstdlib>
#include <fstream>
namespace birthseal::server {
int Read() { auto* f = std::fopen("a", "r"); return std::fgetc(f) + std::system("b"); }
int More() { return std::ifstream("a").get(); }
}""", "calls fopen", "calls system", "calls std::basic_ifstream, which reaches files")

    def test_a_class_of_another_name_space_that_was_copied_is_seen_by_its_calls(self):
        self.check(READING, """
namespace birthseal::server {
class CheckpointSigner { public: void OnDurable(int root); };
void Sign(CheckpointSigner& signer) { signer.OnDurable(1); }
}""", "has birthseal::server::CheckpointSigner::OnDurable")

    def test_who_says_who_is_an_operator_is_one(self):
        self.check(FEED, """
namespace birthseal::signer { struct OperatorRegister { virtual int Find(int) = 0; }; }
namespace birthseal::server {
struct Everybody : signer::OperatorRegister { int Find(int) override { return 1; } };
signer::OperatorRegister* All() { return new Everybody; }
}""", "OperatorRegister::{type}")


class ToldTest(unittest.TestCase):
    def check(self, source, symbol, what, kind="U"):
        found = refused(source, {(kind, symbol)})
        self.assertEqual(1, len(found), found)
        self.assertIn(what, found[0])

    def test_keys_and_what_opens_them(self):
        for source, symbol in (
                (ADMIN, "_ZN9birthseal6signer8SignWithB5cxx11ERKNS0_10PrivateKeyE"),
                (ADMIN, "_ZN9birthseal6signer10PrivateKey8GenerateENS0_12KeyAlgorithmE"),
                ("server/use_case/a.cc", "_ZN9birthseal6signer14SignDigestWithERKNS0_10PrivateKeyE"),
                (READING, "_ZN9birthseal6signer12ReadSealFileEN4absl8debian311string_viewE"),
                (ACCESS, "_ZN9birthseal6server10LoadConfigERKNSt7__cxx1112basic_stringIcE"),
                ("server/at_rest/a.cc", "_ZN9birthseal5store6Ledger4CallINS0_11PutOperatorEEEvT_"),
                ("server/at_rest/a.cc",
                 "_ZN9birthseal6signer10PrivateKey8GenerateENS0_12KeyAlgorithmE"),
                (FEED, "_ZNK9birthseal6signer6VrfKey5ProveEv"),
                (API, "_ZNK9birthseal6signer14DocumentSealer4PlanEv"),
                (FEED, "_ZN9birthseal6server9Freshness9ConfirmedEv"),
                (ADMIN, "_ZTIN9birthseal6signer11KeyProviderE"),
                (READING, "_ZN9birthseal6server11CallerMaker4MakeISt6vectorIiEEENS0_6CallerESs"),
                (READING, "_ZN9birthseal5store8Registry14KnownConstants6EngineERKS1_")):
            self.check(source, symbol, "which is for")

    def test_an_entry_is_defined_where_the_ledger_is(self):
        submit = "_ZNK9birthseal5store11LedgerEntryINS0_13ResolveReviewEE6SubmitES2_"
        self.check(FEED, submit, "which store/ledger defines", kind="W")
        self.assertEqual([], refused(FEED, {("U", submit)}))

    def test_a_member_is_defined_where_its_class_is_even_a_weak_one(self):
        for symbol in ("_ZNK9birthseal6signer14DocumentSealer4PlanEv",
                       "_ZN9birthseal6signer16ApprovalVerifier8RememberERKi",
                       "_ZNK9birthseal6signer16VerifiedApproval4IsByERKNS0_16ApprovalVerifierE"):
            self.check(ISSUING, symbol, "which signer/sealing defines", kind="W")
            self.assertEqual([], refused(ISSUING, {("U", symbol)}))
        # What comes with a header, or of itself.
        for symbol in ("_ZN9birthseal6signer16ApprovalVerifierD2Ev",
                       "_ZN9birthseal6signer16ApprovalVerifierC2EPNS0_16OperatorRegisterE",
                       "_ZN9birthseal6signer16VerifiedApprovalD2Ev",
                       "_ZNK9birthseal6signer16VerifiedApproval3whoEv",
                       "_ZN9birthseal6signer8SealPlanaSEOS1_"):
            self.assertEqual([], refused(ISSUING, {("W", symbol)}))

    def test_libraries_and_calls_of_the_system(self):
        for source, symbol in ((API, "EVP_DigestSignInit"), (FEED, "EVP_PKEY_new"), (ADMIN, "open"),
                               (READING, "mmap"), (READING, "dlsym"), (FEED, "RAND_bytes"),
                               (FEED, "_ZN5Botan3SM4C1Ev"), (ADMIN, "_ZN4grpc13CreateChannelEv"),
                               (ISSUING, "system"), (API, "fopen"), (ADMIN, "wordexp")):
            self.check(source, symbol, "which is not for" if symbol[0] != "_" else "of a library")
        self.check(ADMIN, "_ZNSt10filesystem6removeERKNS_7__cxx114pathE", "which reaches files")

    def test_what_a_sanitizer_asks_is_no_call(self):
        type_of = {("U", "_ZTIN9birthseal6signer16OperatorRegisterE")}
        found = check_objects.Objects()
        found.symbols(FEED, type_of, sanitized=True)
        self.assertEqual([], found.problems)

    def test_a_second_definition_is_refused_even_a_weak_one(self):
        two_people = "_ZN9birthseal6server11OfTwoPeopleEii"
        for kind in "TW":
            found = check_objects.Objects()
            found.symbols("server/use_case/two_people.cc", {("T", two_people)})
            found.symbols(ISSUING, {(kind, two_people)})
            found.check_definers()
            self.assertEqual(1, len(found.problems))
            self.assertIn("is defined more than once", found.problems[0])

    def test_names_are_read_from_symbols(self):
        for name, symbol in (
                ("birthseal::store::LedgerEntry<Reserve>::Call",
                 "_ZNK9birthseal5store11LedgerEntryINS0_7ReserveEE4CallES2_"),
                ("birthseal::store::Ledger::Call<Reserve>",
                 "_ZN9birthseal5store6Ledger4CallINS0_7ReserveEEEN4absl8debian36StatusE"),
                ("birthseal::server::Foo::Bar", "_ZThn16_N9birthseal6server3Foo3BarEv"),
                ("birthseal::server::Foo", "_ZGVZN9birthseal6server3FooEvE4name"),
                ("birthseal::server::_GLOBAL__N_1::Foo",
                 "_ZN9birthseal6server12_GLOBAL__N_13FooEv"),
                ("birthseal::signer::Key::{table}", "_ZTVN9birthseal6signer3KeyE"),
                ("std::{type}", "_ZTIi"), ("operator new", "_Znwm"), ("memcpy", "memcpy@GLIBC_2.14")):
            self.assertEqual(name, name_of(symbol))


class CompilerTest(unittest.TestCase):
    """What the compiler was told and what it read."""

    def test_what_the_compiler_read_is_named_by_a_directive(self):
        files = {READING, "server/reading/a.h", "signer/sealing/key_provider.h"}
        found = check_objects.Objects()
        found.read(READING, files, {"server/reading/a.h"})
        self.assertEqual([f"{READING}: the compiler read signer/sealing/key_provider.h, "
                          "which no directive names"], found.problems)

    def test_no_closed_room_reads_headers_of_other_libraries(self):
        for file, room in (("/usr/include/openssl/evp.h", "feed"),
                           ("/usr/include/grpcpp/a.h", "admin"),
                           ("/usr/include/botan-2/botan/sm4.h", "api"),
                           ("/usr/include/rocksdb/db.h", "reading")):
            found = check_objects.Objects()
            found.read(f"server/{room}/a.cc", {file, "/usr/include/absl/time/time.h"}, set())
            self.assertEqual(1, len(found.problems))

    def test_every_source_means_the_same_to_the_compiler(self):
        plain = f"c++ -D_GLIBCXX_ASSERTIONS -I{check_objects.ROOT} -isystem /b/gen -O2 -o a.o -c a.cc"
        for flag, many in (("", 0), ("-Wall", 0), ("-isystem /usr/include/botan-2", 0),
                           ("-Dprivate=public", 1), ("-include evil.h", 1), ("-Isigner", 1),
                           ("-isystem /tmp/a", 1), ("-Wp,-Dprivate=public", 1), ("-Xclang -a", 1),
                           ("@flags", 1), ("-fplugin=a.so", 1), ("-x c", 1)):
            found = check_objects.Objects()
            found.command(READING, f"{plain} {flag}", pathlib.Path("/b"))
            self.assertEqual(many, len(found.problems), (flag, found.problems))


if __name__ == "__main__":
    unittest.main()
