// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_replace.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

struct Checkpoints {
  VectorKeys& keys;
  VectorFile* file;

  void Add(absl::string_view name, const std::string& note, size_t quorum, bool good) {
    JsonObject fields;
    fields.Text("note", note).Text("strength", quorum == 0 ? "logged" : "witnessed");
    if (quorum != 2 && quorum != 0) fields.Number("quorum", quorum);
    const absl::Status ours = keys.Judge(note, quorum);
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  }
};

void AddForms(const std::string& note, Checkpoints* to) {
  const auto changed = [&](absl::string_view name, absl::string_view from, absl::string_view by) {
    to->Add(name, absl::StrReplaceAll(note, {{from, by}}), 0, false);
  };
  changed("size with a leading zero", "\n13\n", "\n013\n");
  changed("another size", "\n13\n", "\n12\n");
  changed("another epoch", "/log/1 sm3", "/log/2 sm3");
  changed("another hash name", " sm3\n", " sha256\n");
  changed("another time", "2025-02-19T", "2025-02-20T");
  changed("no map line", "\nmap ", "\nmop ");
  changed("two spaces in a signature line", "\xE2\x80\x94 ", "\xE2\x80\x94  ");
  changed("a hyphen for the dash", "\xE2\x80\x94 ", "- ");
  changed("signed under another name", "\xE2\x80\x94 birthseal.example/log ",
          "\xE2\x80\x94 birthseal.example/fog ");
  to->Add("no empty line", absl::StrReplaceAll(note, {{"\n\n", "\n"}}), 0, false);
  to->Add("last newline missing", note.substr(0, note.size() - 1), 0, false);
  // The last character before the padding of a 32 byte value has bits that mean nothing.
  const size_t pad = note.find("=\n") - 1;
  std::string spelled = note;
  spelled[pad] = static_cast<char>(spelled[pad] + 1);
  to->Add("base64 in another spelling", spelled, 0, false);
}

}  // namespace

void AddCheckpointVectors(VectorStory& story, std::vector<VectorFile>* files) {
  VectorKeys& keys = *story.keys;
  Checkpoints to{keys, &files->emplace_back("checkpoint", keys.Trust())};
  const certs::TreeHead head = story.log.Head();
  const std::string note = keys.Note(head);
  to.Add("by the log alone", note, 0, true);
  to.Add("of epoch 2", keys.Note(story.next.Head()), 0, true);
  to.Add("of an empty log", keys.Note(story.log.HeadAt(0)), 0, true);
  to.Add("two of three witnesses, Ed25519 and SM2", keys.Note(head, {0, 1}), 2, true);
  to.Add("two of three witnesses, both Ed25519", keys.Note(head, {0, 2}), 2, true);
  to.Add("all witnesses", keys.Note(head, {2, 1, 0}), 3, true);
  const VectorKey stranger("witness.stranger.example", false, true);
  const std::vector<const VectorKey*> log_keys = {&keys.log_sm2(), &keys.log_ed25519()};
  const auto by = [&](std::vector<const VectorKey*> also) {
    also.insert(also.begin(), log_keys.begin(), log_keys.end());
    return keys.NoteBy(head, also);
  };
  to.Add("a stranger besides the quorum", by({&stranger, &keys.witness(0), &keys.witness(1)}), 2,
         true);
  to.Add("not witnessed", note, 2, false);
  to.Add("one of two wanted", keys.Note(head, {1}), 2, false);
  to.Add("one witness twice", by({&keys.witness(0), &keys.witness(0)}), 2, false);
  to.Add("a stranger for the second witness", by({&stranger, &keys.witness(0)}), 2, false);
  to.Add("without the SM2 signature of the log", keys.NoteBy(head, {&keys.log_ed25519()}), 0,
         false);
  to.Add("without the Ed25519 signature of the log", keys.NoteBy(head, {&keys.log_sm2()}), 0,
         false);
  to.Add("witnesses alone", keys.NoteBy(head, {&keys.witness(0), &keys.witness(1)}), 2, false);
  const VectorKey as_log(keys.witness(0).name(), false, false);
  to.Add("a witness that signs the body instead of the cosignature message",
         by({&as_log, &keys.witness(1)}), 2, false);
  certs::TreeHead other = head;
  other.map_root = Flipped(other.map_root);
  const std::string elsewhere = keys.Note(other);
  to.Add("signatures of another body",
         certs::CheckpointBody(head) + elsewhere.substr(elsewhere.find("\n\n") + 1), 0, false);
  AddForms(note, &to);
}

}  // namespace birthseal::tests
