// SPDX-License-Identifier: Apache-2.0
// A file of vectors: cases of one kind, good and broken, as JSON for checkers in any language.
//
// Each case is judged by our own checkers while it is made, so that a vector and the service can
// never disagree unseen. Bytes are hex. The output depends on the cases alone. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::tests {

// An object with its fields in the order they came. Setting a field again replaces it: that is
// how a broken variant is made of a good case.
class JsonObject {
 public:
  JsonObject& Text(absl::string_view name, absl::string_view value) {
    return Raw(name, Quoted(value));
  }
  JsonObject& Hex(absl::string_view name, absl::string_view bytes) {
    return Text(name, absl::BytesToHexString(bytes));
  }
  JsonObject& Hash(absl::string_view name, const certs::Digest& digest) {
    return Hex(name, certs::View(digest));
  }
  JsonObject& Number(absl::string_view name, uint64_t value) {
    return Raw(name, absl::StrCat(value));
  }
  JsonObject& Null(absl::string_view name) { return Raw(name, "null"); }
  JsonObject& Flag(absl::string_view name, bool value) {
    return Raw(name, value ? "true" : "false");
  }
  JsonObject& Hashes(absl::string_view name, const std::vector<certs::Digest>& digests);
  // `items` are JSON already.
  JsonObject& List(absl::string_view name, const std::vector<std::string>& items);
  JsonObject& Raw(absl::string_view name, std::string json);
  std::string Json() const;
  static std::string Quoted(absl::string_view text);

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

class VectorFile {
 public:
  // `shared`: fields of every case that does not say otherwise.
  explicit VectorFile(std::string kind, JsonObject shared = {})
      : kind_(std::move(kind)), shared_(std::move(shared)) {}
  // `ours`: what the checkers in C++ say.
  void Good(absl::string_view name, JsonObject fields, const absl::Status& ours) {
    Add(name, std::move(fields), true, ours);
  }
  void Broken(absl::string_view name, JsonObject fields, const absl::Status& ours) {
    Add(name, std::move(fields), false, ours);
  }
  std::string Json() const;
  const std::string& kind() const { return kind_; }
  // Cases that our own checkers judge otherwise; must be empty.
  const std::vector<std::string>& disagreements() const { return disagreements_; }

 private:
  void Add(absl::string_view name, JsonObject fields, bool good, const absl::Status& ours);

  std::string kind_;
  JsonObject shared_;
  std::vector<std::string> cases_, disagreements_;
};

// `bytes` with the lowest bit of one byte flipped.
std::string Flipped(std::string bytes, size_t at);
certs::Digest Flipped(certs::Digest digest);

}  // namespace birthseal::tests
