// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/mllp/deframer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace birthseal::connect::mllp {
namespace {

constexpr char kStart = 0x0B, kEnd = 0x1C, kCarriageReturn = 0x0D;
constexpr char kMarks[] = {kStart, kEnd, 0};

// The 0D of the last frame may come late, and some senders put line ends between frames.
bool IsJunk(char c) { return c != kCarriageReturn && c != '\n'; }

}  // namespace

bool Deframer::Add(absl::string_view bytes) {
  while (!bytes.empty()) {
    if (at_end_ && (bytes[0] == kCarriageReturn || bytes[0] == kStart)) EndHere();
    if (std::exchange(at_end_, false)) frame_.push_back(kEnd);
    const size_t mark = in_frame_ ? bytes.find_first_of(kMarks) : bytes.find(kStart);
    const absl::string_view before = bytes.substr(0, mark);
    if (in_frame_) {
      frame_.append(before.data(), before.size());
    } else {
      junk_ += static_cast<size_t>(std::count_if(before.begin(), before.end(), IsJunk));
    }
    if (frame_.size() > kMaxFrameBytes) return false;
    if (mark == absl::string_view::npos) return true;
    if (bytes[mark] == kStart) {
      abandoned_ += frame_.size();
      frame_.clear();
      in_frame_ = true;
    } else {
      at_end_ = true;
    }
    bytes.remove_prefix(mark + 1);
  }
  return true;
}

void Deframer::EndHere() {
  if (!std::exchange(at_end_, false)) return;
  whole_.push_back(std::exchange(frame_, {}));
  in_frame_ = false;
}

std::optional<std::string> Deframer::Next() {
  if (whole_.empty()) return std::nullopt;
  std::string message = std::move(whole_.front());
  whole_.pop_front();
  return message;
}

std::string Frame(absl::string_view message) {
  return absl::StrCat(std::string(1, kStart), message, std::string{kEnd, kCarriageReturn});
}

}  // namespace birthseal::connect::mllp
