// SPDX-License-Identifier: Apache-2.0
// The operator's log of events: one JSON object a line on standard error. No personal data, no key
// bytes. The log whose leaves are proven is another (store/log).
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
void LogEvent(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace birthseal::server
