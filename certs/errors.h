// SPDX-License-Identifier: Apache-2.0
// One way to say what went wrong: an absl::Status whose payload carries a stable reason code.
//
// The code of the status says what the caller should do (CONTRIBUTING.md, "Errors"); the reason
// ("SAME_PERSON_MAY_NOT_SEAL") says which rule, the field which part of the request. Messages hold
// no personal data. Thread-safe: pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace birthseal::certs {

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   absl::string_view field = "", absl::string_view text_zh = "");

// The parts given to Error; empty when absent.
std::string ReasonOf(const absl::Status& status);
std::string FieldOf(const absl::Status& status);
std::string TextZhOf(const absl::Status& status);

}  // namespace birthseal::certs
