// SPDX-License-Identifier: Apache-2.0
// Which files of a package the signatures cover. Rules F5, F6. Internal.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/ofd/reader.h"
#include "certs/ofd/structure.h"
#include "signer/verify/report_builder.h"
#include "signer/verify/verdict_cache.h"

namespace birthseal::signer {

// Contents that many documents share (template, label fonts, seal), by their SM3: comparing bytes
// is many times quicker than hashing them again. A content is kept from its second sighting on.
// Thread-safe; bounded.
class KnownContents {
 public:
  KnownContents();
  bool Equals(const certs::Digest& digest, absl::string_view content);
  // `digest` has just been computed from `content`.
  void Saw(const certs::Digest& digest, absl::string_view content);

 private:
  VerdictCache<bool> seen_once_;
  VerdictCache<std::shared_ptr<const std::string>> contents_;
};

// SM3 of the files of one package, each computed once. Belongs to one thread.
class FileDigests {
 public:
  FileDigests(const certs::ofd::OpenPackage& package, KnownContents* known)
      : package_(package), contents_(*known) {}
  // Null when there is no such file. `expected` is what the digest probably is.
  const certs::Digest* Of(const std::string& path, const certs::Digest* expected = nullptr);

 private:
  const certs::ofd::OpenPackage& package_;
  KnownContents& contents_;
  std::map<std::string, certs::Digest> known_;
};

// Compares every reference of `entry` with the files; adds those that agree to `covered`.
void CheckReferences(const certs::ofd::SignatureEntry& entry, FileDigests* digests,
                     std::set<std::string>* covered, ReportBuilder* out);

// Everything reachable must be covered, and nothing may be in the package that is neither.
void CheckCoverage(const certs::ofd::OpenPackage& package, const certs::ofd::Structure& structure,
                   const std::set<std::string>& covered, ReportBuilder* out);

}  // namespace birthseal::signer
