// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/vector_file.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace birthseal::tests {

std::string JsonObject::Quoted(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
}

JsonObject& JsonObject::Raw(absl::string_view name, std::string json) {
  const auto same = std::find_if(fields_.begin(), fields_.end(),
                                 [&](const auto& field) { return field.first == name; });
  if (same != fields_.end()) {
    same->second = std::move(json);
  } else {
    fields_.emplace_back(name, std::move(json));
  }
  return *this;
}

JsonObject& JsonObject::List(absl::string_view name, const std::vector<std::string>& items) {
  return Raw(name, absl::StrCat("[", absl::StrJoin(items, ", "), "]"));
}

JsonObject& JsonObject::Hashes(absl::string_view name, const std::vector<certs::Digest>& digests) {
  std::vector<std::string> items;
  for (const certs::Digest& digest : digests) {
    items.push_back(Quoted(absl::BytesToHexString(certs::View(digest))));
  }
  return List(name, items);
}

std::string JsonObject::Json() const {
  return absl::StrCat("{",
                      absl::StrJoin(fields_, ", ",
                                    [](std::string* out, const auto& field) {
                                      absl::StrAppend(out, Quoted(field.first), ": ", field.second);
                                    }),
                      "}");
}

void VectorFile::Add(absl::string_view name, JsonObject fields, bool good,
                     const absl::Status& ours) {
  if (ours.ok() != good) {
    disagreements_.push_back(absl::StrCat(kind_, ": ", name, ": ", ours.ToString()));
  }
  cases_.push_back(fields.Text("name", name).Flag("good", good).Json());
}

std::string VectorFile::Json() const {
  return absl::StrCat("{\"kind\": ", JsonObject::Quoted(kind_), ",\n\"shared\": ", shared_.Json(),
                      ",\n\"cases\": [\n", absl::StrJoin(cases_, ",\n"), "\n]}\n");
}

std::string Flipped(std::string bytes, size_t at) {
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
  return bytes;
}

certs::Digest Flipped(certs::Digest digest) {
  digest[31] ^= 1;
  return digest;
}

}  // namespace birthseal::tests
