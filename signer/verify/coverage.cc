// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/coverage.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace birthseal::signer {

namespace {

constexpr size_t kSeenDigests = 8192;
constexpr size_t kKeptContents = 64;
constexpr size_t kSmallestKept = 1 << 10;  // below, a look-up costs what hashing costs
constexpr size_t kLargestKept = 512 << 10;

}  // namespace

KnownContents::KnownContents() : seen_once_(kSeenDigests), contents_(kKeptContents) {}

bool KnownContents::Equals(const certs::Digest& digest, absl::string_view content) {
  if (content.size() < kSmallestKept || content.size() > kLargestKept) return false;
  const auto kept = contents_.Find(digest);
  return kept.has_value() && **kept == content;
}

void KnownContents::Saw(const certs::Digest& digest, absl::string_view content) {
  if (content.size() < kSmallestKept || content.size() > kLargestKept) return;
  if (seen_once_.Find(digest).has_value()) {
    contents_.Put(digest, std::make_shared<const std::string>(content));
  } else {
    seen_once_.Put(digest, true);
  }
}

const certs::Digest* FileDigests::Of(const std::string& path, const certs::Digest* expected) {
  if (const auto known = known_.find(path); known != known_.end()) return &known->second;
  const auto file = package_.files.find(path);
  if (file == package_.files.end()) return nullptr;
  if (expected != nullptr && contents_.Equals(*expected, file->second)) {
    return &known_.emplace(path, *expected).first->second;
  }
  const certs::Digest digest = certs::Sm3Of(file->second);
  contents_.Saw(digest, file->second);
  return &known_.emplace(path, digest).first->second;
}

void CheckReferences(const certs::ofd::SignatureEntry& entry, FileDigests* digests,
                     std::set<std::string>* covered, ReportBuilder* out) {
  for (const auto& [path, expected] : entry.references) {
    const std::optional<certs::Digest> guess = certs::DigestFrom(expected);
    const certs::Digest* actual = digests->Of(path, guess ? &*guess : nullptr);
    if (actual == nullptr) {
      out->Fail(Layer::kSignature, absl::StrCat("REFERENCE_MISSING_FILE: ", path));
    } else if (certs::View(*actual) != expected) {
      out->Fail(Layer::kSignature, absl::StrCat("REFERENCE_DIGEST_MISMATCH: ", path));
    } else {
      covered->insert(path);
    }
  }
}

void CheckCoverage(const certs::ofd::OpenPackage& package, const certs::ofd::Structure& structure,
                   const std::set<std::string>& covered, ReportBuilder* out) {
  // Signature files hold themselves: the value signs Signature.xml, and Seal.esl must equal the
  // seal inside the value.
  std::set<std::string> own = {structure.signatures_path};
  for (const certs::ofd::SignatureEntry& entry : structure.signatures) {
    own.insert({entry.signature_path, entry.signed_value_path, entry.seal_path});
  }
  for (const auto& [path, content] : package.files) {
    if (covered.count(path) > 0 || own.count(path) > 0) continue;
    // An empty file that is a directory by its name holds nothing.
    if (content.empty() && !path.empty() && path.back() == '/') continue;
    const bool reachable = structure.reachable.count(path) > 0;
    out->Fail(Layer::kCoverage, absl::StrCat(reachable ? "UNCOVERED_FILE: " : "STOWAWAY: ", path));
  }
  // Reachable and present in the list of signatures only: still content, still to be covered.
  for (const std::string& path : structure.reachable) {
    if (own.count(path) > 0 && covered.count(path) == 0) {
      out->Fail(Layer::kCoverage, absl::StrCat("UNCOVERED_FILE: ", path));
    }
  }
  if (covered.count(structure.signatures_path) == 0) {
    // Continue mode: more signatures may follow, and one may be taken away unseen.
    const bool whole = out->ours;
    if (whole) out->Fail(Layer::kCoverage, "SIGNATURE_LIST_UNCOVERED");
    out->Notice("SIGNATURE_LIST_UNCOVERED");
  }
  out->Pass(Layer::kCoverage);
}

}  // namespace birthseal::signer
