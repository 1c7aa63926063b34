// SPDX-License-Identifier: Apache-2.0
// What `witness` and `monitor` share: lines for people and machines, and the alarm command.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace birthseal::cli {

// 3: the log is at fault, a person must look. 1 and 2 are as everywhere (cli.h).
constexpr int kLogAtFault = 3;

// One line on standard output: `text`, or with `json` an object of the fields.
void PrintEvent(bool json, absl::string_view text,
                const std::vector<std::pair<std::string, std::string>>& fields);

// Runs `command` (a program, no shell) with the reason code and an explanation as its arguments;
// nothing personal is in them. Waits up to 30 s for its end. Empty: nothing. A failure is said on
// standard error.
void RunAlarm(const std::string& command, const std::string& reason, const std::string& text);

}  // namespace birthseal::cli
