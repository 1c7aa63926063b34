// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/mllp/notices.h"

#include "absl/strings/str_cat.h"

namespace birthseal::connect::mllp {

void Notices::Write(Notice kind, absl::string_view what, Steady::time_point now) {
  if (!sink_) return;
  std::lock_guard<std::mutex> lock(mutex_);
  Minute& minute = minutes_[static_cast<size_t>(kind)];
  if (now - minute.began >= std::chrono::minutes(1)) {
    if (minute.left_out > 0) {
      sink_(absl::StrCat(listener_, ": ", minute.left_out, " more like the next line"));
    }
    minute = {now, 0, 0};
  }
  if (minute.lines == kLinesAMinute) {
    ++minute.left_out;
    return;
  }
  ++minute.lines;
  sink_(absl::StrCat(listener_, ": ", what));
}

}  // namespace birthseal::connect::mllp
