// SPDX-License-Identifier: Apache-2.0
// Records, commitments, leaves, inclusion, consistency.
#include "absl/strings/str_replace.h"
#include "certs/canonical.h"
#include "certs/proof/merkle.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

using certs::Digest;
using certs::LeafKind;

std::string Field(uint16_t tag, absl::string_view value) {
  std::string out = {static_cast<char>(tag >> 8), static_cast<char>(tag)};
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value.size() >> shift));
  }
  return absl::StrCat(out, value);
}

std::string Number(uint64_t value) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  return out;
}

void AddRecords(VectorFile* file) {
  const std::string type = Field(0, "birthseal/leaf/v1"), kind = Field(1, Number(2)),
                    minute = Field(2, Number(29'000'000)), commitment = Field(6, Number(7)),
                    digest = Field(6, std::string(32, 'c'));
  const auto add = [&](absl::string_view name, const std::string& bytes, bool good) {
    JsonObject fields;
    fields.Text("type", "birthseal/leaf/v1").Hex("bytes", bytes);
    good ? file->Good(name, fields, certs::ParseLeaf(bytes).status())
         : file->Broken(name, fields, certs::ParseLeaf(bytes).status());
  };
  const std::string whole = type + kind + minute + digest;
  add("fields in order, absent ones left out", whole, true);
  add("another type", absl::StrReplaceAll(whole, {{"leaf/v1", "leaf/v2"}}), false);
  add("no type", kind + minute + digest, false);
  add("tags out of order", type + minute + kind + digest, false);
  add("a tag twice", type + kind + kind + minute + digest, false);
  add("an unknown tag", whole + Field(9, "x"), false);
  add("an empty text", type + kind + minute + Field(3, "") + digest, false);
  add("a zero number", type + kind + minute + Field(4, Number(0)) + digest, false);
  add("a number of seven bytes", type + kind + Field(2, "1234567") + digest, false);
  add("cut off in a value", whole.substr(0, whole.size() - 1), false);
  add("cut off in a header", whole + std::string(5, '\0'), false);
  add("bytes left over", whole + "x", false);
}

void AddCommitments(const VectorStory& story, VectorFile* file) {
  const certs::ReceiptSubject subject = story.Subject(1);
  const std::string what =
      certs::IntentOpening(subject.face_digest, subject.licence_id, subject.document_id);
  const std::string salt = story.Salt(1, LeafKind::kIntent);
  const Digest commitment = certs::ParseLeaf(story.log.updates[0].leaf)->commitment;
  const auto add = [&](absl::string_view name, const std::string& s, const std::string& w) {
    JsonObject fields;
    fields.Hex("salt", s).Hex("what", w).Hash("commitment", commitment);
    const bool opens = certs::Commit(s, w) == commitment;
    if (s == salt && w == what) {
      file->Good(name, fields, opens ? absl::OkStatus() : absl::DataLossError(""));
    } else {
      file->Broken(name, fields, opens ? absl::OkStatus() : absl::DataLossError(""));
    }
  };
  add("an INTENT opens", salt, what);
  add("another salt", Flipped(salt, 0), what);
  add("another licence", salt, Flipped(what, what.size() - 40));
  add("a byte moved from the salt to what", salt.substr(0, 15), salt.substr(15) + what);
}

void AddLeaves(const VectorStory& story, VectorFile* file) {
  const auto fields = [](const std::string& bytes, const certs::Leaf& leaf) {
    return JsonObject()
        .Hex("leaf", bytes)
        .Hash("hash", certs::LeafHash(bytes))
        .Number("minute", static_cast<uint64_t>(leaf.log_minute))
        .Number("status_index", leaf.status_index)
        .Number("intent_plus_one", leaf.intent_index);
  };
  const char* names[] = {"",
                         "INTENT",
                         "ISSUED",
                         "VOIDED",
                         "CANCELLED",
                         "SEAL_ENROLLED",
                         "SEAL_SUSPENDED",
                         "OPERATOR_CHANGED",
                         "PROFILE_CHANGED",
                         "RECOVERY",
                         "CLAIM_ADDED"};
  for (const SmallLog* log : {&story.log, &story.next}) {
    for (size_t i = 0; i < log->updates.size(); ++i) {
      const std::string& bytes = log->updates[i].leaf;
      const absl::StatusOr<certs::Leaf> leaf = certs::ParseLeaf(bytes);
      const char* kind = names[static_cast<size_t>(leaf->kind)];
      file->Good(absl::StrCat("epoch ", log->epoch, " leaf ", i),
                 fields(bytes, *leaf).Text("event", kind), leaf.status());
    }
  }
  certs::Leaf unknown = *certs::ParseLeaf(story.log.updates[0].leaf);
  unknown.kind = static_cast<LeafKind>(11);
  const std::string bytes = Canonical(unknown);
  file->Broken("an unknown kind", fields(bytes, unknown), certs::ParseLeaf(bytes).status());
}

JsonObject InclusionCase(const std::string& leaf, uint64_t index, uint64_t size,
                         const std::vector<Digest>& path, const Digest& root) {
  JsonObject fields;
  fields.Hex("leaf", leaf).Number("index", index).Number("size", size);
  return fields.Hashes("path", path).Hash("root", root);
}

void AddInclusion(const VectorStory& story, VectorFile* file) {
  const SmallLog& log = story.log;
  const auto judge = [](const std::string& leaf, uint64_t index, uint64_t size,
                        const std::vector<Digest>& path, const Digest& root) {
    return certs::CheckInclusion(certs::LeafHash(leaf), index, size, path, root);
  };
  for (size_t size : {1, 2, 3, 7, 8, 13}) {
    const std::vector<Digest> hashes(log.hashes.begin(),
                                     log.hashes.begin() + static_cast<ptrdiff_t>(size));
    for (size_t i = 0; i < size; i += size == 13 ? 4 : 1) {
      const auto path = PathOf(hashes, i);
      const std::string& leaf = log.updates[i].leaf;
      file->Good(absl::StrCat("leaf ", i, " of ", size),
                 InclusionCase(leaf, i, size, path, log.RootAt(size)),
                 judge(leaf, i, size, path, log.RootAt(size)));
    }
  }
  const Digest root = log.RootAt(13);
  const std::string& leaf = log.updates[4].leaf;
  const std::vector<Digest> path = PathOf(log.hashes, 4);
  const auto broken = [&](absl::string_view name, const std::string& l, uint64_t index,
                          uint64_t size, const std::vector<Digest>& p, const Digest& r) {
    file->Broken(name, InclusionCase(l, index, size, p, r), judge(l, index, size, p, r));
  };
  std::vector<Digest> changed = path;
  std::swap(changed[0], changed[1]);
  broken("siblings swapped", leaf, 4, 13, changed, root);
  changed = path;
  changed[1] = Flipped(changed[1]);
  broken("a flipped bit in the path", leaf, 4, 13, changed, root);
  broken("the neighbour's index", leaf, 5, 13, path, root);
  broken("the neighbour's leaf", log.updates[5].leaf, 4, 13, path, root);
  broken("another size", leaf, 4, 8, path, root);
  broken("index beyond the size", leaf, 13, 13, path, root);
  broken("path too short", leaf, 4, 13, {path.begin(), path.end() - 1}, root);
  changed = path;
  changed.push_back(root);
  broken("path too long", leaf, 4, 13, changed, root);
  broken("another root", leaf, 4, 13, path, Flipped(root));
}

void AddConsistency(const VectorStory& story, VectorFile* file) {
  const SmallLog& log = story.log;
  const auto add = [&](absl::string_view name, size_t old_size, const Digest& old_root,
                       size_t new_size, const Digest& new_root, const std::vector<Digest>& path,
                       bool good) {
    JsonObject fields;
    fields.Number("old_size", old_size).Hash("old_root", old_root);
    fields.Number("new_size", new_size).Hash("new_root", new_root).Hashes("path", path);
    const absl::Status ours = certs::CheckConsistency(old_size, old_root, new_size, new_root, path);
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  };
  const auto path = [&](size_t old_size, size_t new_size) {
    return ConsistencyOf(
        {log.hashes.begin(), log.hashes.begin() + static_cast<ptrdiff_t>(new_size)}, old_size);
  };
  for (size_t old_size : {1, 2, 3, 4, 6, 7, 8, 12, 13}) {
    add(absl::StrCat(old_size, " grows to 13"), old_size, log.RootAt(old_size), 13, log.RootAt(13),
        path(old_size, 13), true);
  }
  add("4 grows to 8", 4, log.RootAt(4), 8, log.RootAt(8), path(4, 8), true);
  add("from the empty log", 0, certs::EmptyRoot(), 3, log.RootAt(3), {}, false);
  std::vector<Digest> changed = path(6, 13);
  std::swap(changed[0], changed[1]);
  add("hashes swapped", 6, log.RootAt(6), 13, log.RootAt(13), changed, false);
  changed = path(6, 13);
  changed.pop_back();
  add("path too short", 6, log.RootAt(6), 13, log.RootAt(13), changed, false);
  changed = path(6, 13);
  changed.push_back(log.RootAt(3));
  add("path too long", 6, log.RootAt(6), 13, log.RootAt(13), changed, false);
  add("the log shrank", 7, log.RootAt(7), 6, log.RootAt(6), path(6, 7), false);
  add("one size, two roots", 7, log.RootAt(7), 7, Flipped(log.RootAt(7)), {}, false);
  add("another old root", 6, Flipped(log.RootAt(6)), 13, log.RootAt(13), path(6, 13), false);
  add("another new root", 6, log.RootAt(6), 13, Flipped(log.RootAt(13)), path(6, 13), false);
  add("another history", 4, log.RootAt(4), 13,
      certs::RootOf({log.hashes.rbegin(), log.hashes.rend()}), path(4, 13), false);
}

}  // namespace

void AddLogVectors(VectorStory& story, std::vector<VectorFile>* files) {
  AddRecords(&files->emplace_back("record"));
  AddCommitments(story, &files->emplace_back("commitment"));
  AddLeaves(story, &files->emplace_back("leaf"));
  AddInclusion(story, &files->emplace_back("inclusion"));
  AddConsistency(story, &files->emplace_back("consistency"));
}

}  // namespace birthseal::tests
