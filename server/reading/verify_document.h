// SPDX-License-Identifier: Apache-2.0
// Verifies a sealed document: every layer of the checklist, that the file is the committed one, and
// the status of the registry.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/reading/reading_room.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::server {

struct VerifyDocumentInput {
  absl::string_view file;                  // at most 32 MiB; not copied
  std::string use_cause;                   // 1 to 200 bytes
  std::vector<std::string> receipts = {};  // R2 and R3 that the caller fetched before
};
struct VerifyDocumentResult {
  signer::Report report;
  // GB/T 36906 result of verification: 0 right and valid, 3 right and no longer valid, 4 cannot be
  // verified, 5 not found here, 7 wrong.
  int share_result = 4;
};

// Errors: kInvalidArgument "USE_CAUSE_REQUIRED", "FILE_TOO_LARGE"; those of Freshness::MayAnswer
// and of the store.
absl::StatusOr<VerifyDocumentResult> VerifyDocument(const ReadingRoom& room, const Caller& caller,
                                                    const VerifyDocumentInput& input);

}  // namespace birthseal::server
