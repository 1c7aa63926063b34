// SPDX-License-Identifier: Apache-2.0
// Which files of a package the signatures cover (checklist S2 and C1 to C5). Internal.
#pragma once

#include <map>
#include <set>
#include <string>

#include "certs/digest.h"
#include "certs/ofd/reader.h"
#include "certs/ofd/structure.h"
#include "signer/report_builder.h"

namespace birthseal::signer {

// SM3 of the files of one package, each computed once. Belongs to one thread.
class FileDigests {
 public:
  explicit FileDigests(const certs::ofd::OpenPackage& package) : package_(package) {}
  // Null when there is no such file.
  const certs::Digest* Of(const std::string& path);

 private:
  const certs::ofd::OpenPackage& package_;
  std::map<std::string, certs::Digest> known_;
};

// Compares every reference of `entry` with the files; adds those that agree to `covered`.
void CheckReferences(const certs::ofd::SignatureEntry& entry, FileDigests* digests,
                     std::set<std::string>* covered, ReportBuilder* out);

// Everything reachable must be covered, and nothing may be in the package that is neither.
void CheckCoverage(const certs::ofd::OpenPackage& package, const certs::ofd::Structure& structure,
                   const std::set<std::string>& covered, ReportBuilder* out);

}  // namespace birthseal::signer
