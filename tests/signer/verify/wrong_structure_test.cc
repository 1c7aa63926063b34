// SPDX-License-Identifier: Apache-2.0
// One thing wrong at each place of a good seal, signature value and SignedData: another tag, left
// out, twice, one more or nothing inside, a length in a longer form. The few places where a
// structure may be so are named; everywhere else nothing is read from it.

#include <map>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "certs/digest.h"
#include "gtest/gtest.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/electronic_seal.h"
#include "signer/verify/signed_data.h"
#include "tests/signer/verify/der_tree.h"
#include "tests/signer/verify/foreign_seal.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using tests::DerNode;
using tests::DerPath;
using tests::Numbered;
using tests::StatusIs;

// "0.2.3 twice", for each fault that `refused` does not refuse.
std::set<std::string> Accepted(const DerNode& good,
                               const std::function<bool(const std::string&)>& refused) {
  std::set<std::string> accepted;
  const std::string before = tests::BytesOf(good);
  EXPECT_FALSE(refused(before));
  tests::ForEachPlace(good, [&](const DerPath& place) {
    for (const tests::DerFault& fault : tests::DerFaults()) {
      DerNode root = good;
      fault.make(place, &root);
      const std::string bytes = tests::BytesOf(root);
      if (bytes != before && !refused(bytes)) {
        accepted.insert(absl::StrCat(absl::StrJoin(place, "."), " ", fault.name));
      }
    }
  });
  return accepted;
}

bool SealRefused(const std::string& bytes) {
  const absl::Status status = ParseElectronicSeal(bytes).status();
  if (!status.ok()) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  }
  return !status.ok();
}
bool ValueRefused(const std::string& bytes) {
  const absl::Status status = ParseDocumentSignature(bytes).status();
  if (!status.ok()) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
  }
  return !status.ok();
}

// In millimetres. A picture without a size cannot be drawn.
TEST(WrongStructureTest, APictureHasASize) {
  const std::string zero(1, '\0');
  const std::string wraps = std::string("\1\0\0\0", 4) + "\x28";  // an int of it would be 40
  for (const int number : {1, 4, 5}) {
    const DerNode good = tests::TreeOf(tests::SealOf(Numbered(number)));
    for (const DerPath& place : {DerPath{0, 3, 2}, DerPath{0, 3, 3}}) {
      const auto refused = [&](const std::string& size) {
        DerNode root = good;
        tests::At(place, &root)->content = size;
        return SealRefused(tests::BytesOf(root));
      };
      for (const std::string& size : {std::string("\1"), std::string("\x03\xe8")}) {
        EXPECT_FALSE(refused(size)) << number;
      }
      for (const std::string& size : {zero, std::string("\xff"), std::string("\x03\xe9"), wraps}) {
        EXPECT_TRUE(refused(size)) << number << " " << absl::BytesToHexString(size);
      }
    }
  }
}

TEST(WrongStructureTest, NothingIsReadFromASealWithOneThingWrong) {
  // A name, a picture, an id may be empty; a list may hold none or one twice; extensions are a
  // choice.
  const std::set<std::string> any = {
      "0.0.2 nothing inside", "0.1 nothing inside", "0.2.1 nothing inside",  "0.3.0 nothing inside",
      "0.3.1 nothing inside", "0.4 left out",       "0.4 nothing inside",    "0.4.0 left out",
      "0.4.0 twice",          "0.4.0.1 left out",   "0.4.0.2 nothing inside"};
  std::map<int, std::set<std::string>> of = {
      {1,
       {"0.2.2 nothing inside", "0.2.2.0 left out", "0.2.2.0 twice", "0.2.2.0 nothing inside",
        "1.0 nothing inside"}},
      {4,
       {"0.2.3 nothing inside", "0.2.3.0 left out", "0.2.3.0 twice", "0.2.3.0 nothing inside",
        "1 nothing inside"}}};
  of[5] = of[4];
  of[5].insert("3 twice");  // the second is read as a time stamp, which it is not
  for (const auto& [number, more] : of) {
    SCOPED_TRACE(number);
    tests::SealStyle style = Numbered(number);
    style.extensions = tests::SealExtensions(der::Tlv(der::kBoolean, "\xff"));
    std::set<std::string> expected = any;
    expected.insert(more.begin(), more.end());
    EXPECT_EQ(Accepted(tests::TreeOf(tests::SealOf(style)), SealRefused), expected);
  }
}

TEST(WrongStructureTest, NothingIsReadFromASignatureValueWithOneThingWrong) {
  for (const int number : {1, 4, 5}) {
    SCOPED_TRACE(number);
    tests::SealStyle style = Numbered(number);
    if (!style.v1()) {
      style.value_extensions =
          der::Tlv(der::kContext0, tests::SealExtensions(der::Tlv(der::kBoolean, "\xff")));
    }
    const std::string seal = tests::SealOf(style);
    const std::string value = tests::ValueOf(style, seal, "xml", tests::Beijing(tests::TestNow()));
    // The seal has its own test.
    std::set<std::string> expected = {"0.4 nothing inside"};
    if (style.v1()) {
      expected.insert({"0.5 nothing inside"});
    } else {
      expected.insert({"1 nothing inside", "3 twice", "0.5 left out", "0.5.0 nothing inside",
                       "0.5.0.0 left out", "0.5.0.0 twice", "0.5.0.0.1 left out",
                       "0.5.0.0.2 nothing inside"});
    }
    EXPECT_EQ(Accepted(tests::TreeOf(value, {seal}), ValueRefused), expected);
  }
}

TEST(WrongStructureTest, NoSignedDataHoldsWithOneThingWrong) {
  for (const bool attributes : {false, true}) {
    SCOPED_TRACE(attributes);
    tests::RawSignedData data;
    data.outer_type = std::string(kOidGmSignedData);
    data.content_type = std::string(kOidGmData);
    data.content = "content";
    data.attributes = attributes;
    data.signer = tests::Pki().institution.signer;
    const auto refused = [](const std::string& bytes) {
      const auto read = ParseSignedData(bytes);
      if (!read.ok()) {
        EXPECT_THAT(read, StatusIs(absl::StatusCode::kInvalidArgument, "SES_FORMAT"));
      }
      return !read.ok() || !SignedDataHolds(*read, "content");
    };
    const std::set<std::string> accepted =
        Accepted(tests::TreeOf(tests::MakeSignedData(data), {data.signer.certificate}), refused);
    // What is passed over: the digest algorithms named beside the signer's, parameters of his, and
    // what stands among the certificates besides his. Content may be detached.
    std::set<std::string> expected = {"1.0.1 nothing inside",  "1.0.1 one more inside",
                                      "1.0.2.1 left out",      "1.0.2.1.0 nothing inside",
                                      "1.0.3 one more inside", "1.0.3.0 twice"};
    for (const char* algorithm : {"1.0.4.0.2", attributes ? "1.0.4.0.4" : "1.0.4.0.3"}) {
      expected.insert(absl::StrCat(algorithm, " one more inside"));
      expected.insert(absl::StrCat(algorithm, ".0 twice"));
    }
    for (const std::string& fault : accepted) {
      if (absl::StartsWith(fault, "1.0.1.")) expected.insert(fault);
    }
    EXPECT_EQ(accepted, expected);
  }
}

}  // namespace
}  // namespace birthseal::signer
