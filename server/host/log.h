// SPDX-License-Identifier: Apache-2.0
// The operator's log: one JSON object a line on standard error. No personal data, no key bytes.
//
// Thread-safe: each line is one write. Never fails: what cannot be written is lost.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace birthseal::server {

enum class LogLevel { kInfo, kWarning, kError };

struct LogField {
  absl::string_view key;
  std::string value;

  LogField(absl::string_view k, absl::string_view v) : key(k), value(v) {}
  LogField(absl::string_view k, int64_t v) : key(k), value(std::to_string(v)) {}
};

// `event` is a stable word ("listening"), never free text.
void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {});

// The line without its time, for tests.
std::string FormatLogLine(LogLevel level, absl::string_view event,
                          std::initializer_list<LogField> fields);

// Below this level nothing is written; kInfo at start.
void SetLogLevel(LogLevel level);

}  // namespace birthseal::server
