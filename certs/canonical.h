// SPDX-License-Identifier: Apache-2.0
// Canonical bytes: how a domain value is hashed and signed, and how its body is stored.
//
// A record is a sequence of fields: tag (2 bytes), length (4 bytes), value; big-endian, tags
// strictly ascending except that a repeated field repeats its tag. Absent fields are left out.
// One value has exactly one encoding, so equal digests mean equal values. The reader refuses
// everything the writer cannot make. Formats: ARCHITECTURE.md, "Canonical bytes".
//
// A writer or reader belongs to one thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

// Numbers as all formats of ours hold them. `bytes`: how many, the low ones; reads at most eight.
void AppendBigEndian(uint64_t value, int bytes, std::string* out);
uint64_t ReadBigEndian(absl::string_view bytes);

class CanonicalWriter {
 public:
  // `type` names the record and its version, "birthseal/face/v1"; it is the first field, tag 0.
  explicit CanonicalWriter(absl::string_view type);
  // Empty text is absent.
  CanonicalWriter& Text(uint16_t tag, absl::string_view value);
  // Zero is absent. Eight bytes.
  CanonicalWriter& Number(uint16_t tag, uint64_t value);
  // Present even when empty, for nested and repeated records.
  CanonicalWriter& Nested(uint16_t tag, absl::string_view canonical);
  // The bytes; the writer is then used up.
  std::string Finish();

 private:
  void Field(uint16_t tag, absl::string_view value);
  std::string bytes_;
};

// Reads fields in order. Each call names the tag it wants; an absent field gives the empty value.
// After the last one call Finish: OK only if nothing was malformed, skipped or left over.
class CanonicalReader {
 public:
  CanonicalReader(absl::string_view bytes, absl::string_view type);
  std::string Text(uint16_t tag);
  uint64_t Number(uint16_t tag);
  // A hash; zeros for one that is absent or has not 32 bytes.
  Digest Hash(uint16_t tag);
  // A repeated hash, the first `most` of them.
  std::vector<Digest> Hashes(uint16_t tag, size_t most = std::numeric_limits<size_t>::max());
  // Every hash that was asked for had its 32 bytes. Finish does not ask: the parser of a record
  // says in its own words what is missing.
  bool whole() const { return !hash_failed_; }
  // The value when the next field has this tag; call in a loop for repeated fields.
  std::optional<absl::string_view> Next(uint16_t tag);
  // Errors: kInvalidArgument names the record type.
  absl::Status Finish() const;

 private:
  struct Field {
    uint16_t tag;
    absl::string_view value;
  };
  Digest HashFrom(absl::string_view bytes);
  std::optional<Field> Peek() const;
  absl::string_view rest_;
  std::string type_;
  bool failed_ = false;
  bool hash_failed_ = false;
  int last_tag_ = 0;
};

}  // namespace birthseal::certs
