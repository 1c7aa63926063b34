#include "clients/connect/mllp/deframer.h"

#include "absl/strings/str_cat.h"

namespace birthseal::connect::mllp {
namespace {

constexpr char kStart = 0x0B, kEnd = 0x1C, kCarriageReturn = 0x0D;

}  // namespace

bool Deframer::Add(absl::string_view bytes) {
  buffer_.append(bytes.data(), bytes.size());
  // What stands before a frame is junk; the 0D of the last frame is, too, and may come late.
  if (!buffer_.empty() && buffer_[0] != kStart) {
    size_t start = buffer_.find(kStart);
    buffer_.erase(0, start == std::string::npos ? buffer_.size() : start);
  }
  return buffer_.size() <= kMaxFrameBytes || buffer_.find(kEnd) <= kMaxFrameBytes;
}

bool Deframer::Next(std::string* message) {
  size_t end = buffer_.find(kEnd);
  if (buffer_.empty() || end == std::string::npos) return false;
  *message = buffer_.substr(1, end - 1);
  size_t next = buffer_.find(kStart, end);
  buffer_.erase(0, next == std::string::npos ? buffer_.size() : next);
  return true;
}

std::string Frame(absl::string_view message) {
  return absl::StrCat(std::string(1, kStart), message, std::string{kEnd, kCarriageReturn});
}

}  // namespace birthseal::connect::mllp
