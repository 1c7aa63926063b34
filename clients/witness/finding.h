// SPDX-License-Identifier: Apache-2.0
// What a monitor (监测) found: which rule, where, in Chinese and English. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_place.h"

namespace birthseal::witness {

enum class Severity { kWarning, kViolation };

struct Finding {
  std::string rule;  // "VOIDED_NOT_LIVE"
  Severity severity = Severity::kViolation;
  certs::LogEpoch epoch;  // of the leaf; of the INTENT that is overdue
  certs::LeafIndex leaf_index;
  certs::Leaf leaf;
  std::string detail;  // numbers that go with it; may be empty
};
using Findings = std::vector<Finding>;

// The rule in words; the code itself when it is one of certs/proof.
absl::string_view TextEn(absl::string_view rule);
absl::string_view TextZh(absl::string_view rule);
// "ISSUED", as store/TRANSPARENCY.md names the kinds.
absl::string_view NameOf(certs::LeafKind kind);
// One line: rule, text in both languages, epoch and leaf index, institution, time in Asia/Shanghai,
// detail.
std::string Line(const Finding& finding);

}  // namespace birthseal::witness
