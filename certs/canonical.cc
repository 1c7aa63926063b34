// SPDX-License-Identifier: Apache-2.0
#include "certs/canonical.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::certs {
namespace {

constexpr size_t kHeader = 6;  // tag 2, length 4

}  // namespace

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

uint64_t ReadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

CanonicalWriter::CanonicalWriter(absl::string_view type) { Field(0, type); }

void CanonicalWriter::Field(uint16_t tag, absl::string_view value) {
  AppendBigEndian(tag, 2, &bytes_);
  AppendBigEndian(value.size(), 4, &bytes_);
  bytes_.append(value.data(), value.size());
}

CanonicalWriter& CanonicalWriter::Text(uint16_t tag, absl::string_view value) {
  if (!value.empty()) Field(tag, value);
  return *this;
}

CanonicalWriter& CanonicalWriter::Number(uint16_t tag, uint64_t value) {
  if (value == 0) return *this;
  std::string bytes;
  AppendBigEndian(value, 8, &bytes);
  Field(tag, bytes);
  return *this;
}

CanonicalWriter& CanonicalWriter::Nested(uint16_t tag, absl::string_view canonical) {
  Field(tag, canonical);
  return *this;
}

std::string CanonicalWriter::Finish() { return std::move(bytes_); }

CanonicalReader::CanonicalReader(absl::string_view bytes, absl::string_view type)
    : rest_(bytes), type_(type) {
  if (Next(0) != type) failed_ = true;
}

std::optional<CanonicalReader::Field> CanonicalReader::Peek() const {
  if (rest_.size() < kHeader) return std::nullopt;
  const auto tag = static_cast<uint16_t>(ReadBigEndian(rest_.substr(0, 2)));
  const uint64_t size = ReadBigEndian(rest_.substr(2, 4));
  if (size > rest_.size() - kHeader) return std::nullopt;
  return Field{tag, rest_.substr(kHeader, size)};
}

std::optional<absl::string_view> CanonicalReader::Next(uint16_t tag) {
  const std::optional<Field> found = Peek();
  if (!found || found->tag != tag) return std::nullopt;
  // The caller reads tags in ascending order, so order is checked by construction; going back is
  // a bug of the caller and fails the record.
  if (tag < last_tag_) failed_ = true;
  last_tag_ = tag;
  rest_.remove_prefix(kHeader + found->value.size());
  if (failed_) return std::nullopt;
  return found->value;
}

std::string CanonicalReader::Text(uint16_t tag) {
  const std::optional<absl::string_view> value = Next(tag);
  if (!value) return "";
  if (value->empty()) failed_ = true;  // the writer leaves empty text out
  return std::string(*value);
}

uint64_t CanonicalReader::Number(uint16_t tag) {
  const std::optional<absl::string_view> value = Next(tag);
  if (!value) return 0;
  uint64_t number = value->size() == 8 ? ReadBigEndian(*value) : 0;
  if (number == 0) failed_ = true;  // wrong width, or a zero that the writer leaves out
  return number;
}

Digest CanonicalReader::HashFrom(absl::string_view bytes) {
  const std::optional<Digest> digest = DigestFrom(bytes);
  if (!digest) hash_failed_ = true;
  return digest.value_or(Digest{});
}

Digest CanonicalReader::Hash(uint16_t tag) { return HashFrom(Text(tag)); }

std::vector<Digest> CanonicalReader::Hashes(uint16_t tag, size_t most) {
  std::vector<Digest> hashes;
  while (hashes.size() < most) {
    const std::optional<absl::string_view> value = Next(tag);
    if (!value) break;
    hashes.push_back(HashFrom(*value));
  }
  return hashes;
}

absl::Status CanonicalReader::Finish() const {
  if (!failed_ && rest_.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "CANONICAL_FORM",
               absl::StrCat("not a canonical ", type_, " record"));
}

}  // namespace birthseal::certs
