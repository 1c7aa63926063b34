// SPDX-License-Identifier: Apache-2.0
#include "server/host/event_log.h"

#include <unistd.h>

#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace birthseal::server {
namespace {

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      break;
  }
  return "error";
}

void AppendQuoted(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(c));
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

std::string Body(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  std::string out = absl::StrCat("\"level\":\"", Name(level), "\",\"event\":");
  AppendQuoted(event, &out);
  for (const LogField& field : fields) {
    out.push_back(',');
    AppendQuoted(field.key, &out);
    out.push_back(':');
    AppendQuoted(field.value, &out);
  }
  return out;
}

}  // namespace

void LogEvent(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  // The time of a log line is the operator's, not the ledger's: it decides nothing.
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  const std::string line =
      absl::StrFormat("{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\",%s}\n", utc.tm_year + 1900,
                      utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                      static_cast<int>(now.tv_nsec / 1'000'000), Body(level, event, fields));
  const ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
  static_cast<void>(ignored);
}

}  // namespace birthseal::server
