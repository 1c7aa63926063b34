#include "clients/connect/mllp/deframer.h"

#include "absl/strings/str_cat.h"

namespace birthseal::connect::mllp {
namespace {

constexpr char kStart = 0x0B, kEnd = 0x1C, kCarriageReturn = 0x0D;
constexpr char kMarks[] = {kStart, kEnd, 0};

}  // namespace

bool Deframer::Add(absl::string_view bytes) {
  while (!bytes.empty()) {
    // Outside a frame all but 0B is junk; the 0D of the last frame is, too, and may come late.
    const size_t mark = in_frame_ ? bytes.find_first_of(kMarks) : bytes.find(kStart);
    const absl::string_view before = bytes.substr(0, mark);
    if (in_frame_) frame_.append(before.data(), before.size());
    if (frame_.size() > kMaxFrameBytes) return false;
    if (mark == absl::string_view::npos) return true;
    if (bytes[mark] == kEnd) {
      whole_.push_back(std::exchange(frame_, {}));
    } else {
      abandoned_ += frame_.size();
      frame_.clear();
    }
    in_frame_ = bytes[mark] == kStart;
    bytes.remove_prefix(mark + 1);
  }
  return true;
}

bool Deframer::Next(std::string* message) {
  if (whole_.empty()) return false;
  *message = std::move(whole_.front());
  whole_.pop_front();
  return true;
}

std::string Frame(absl::string_view message) {
  return absl::StrCat(std::string(1, kStart), message, std::string{kEnd, kCarriageReturn});
}

}  // namespace birthseal::connect::mllp
