// SPDX-License-Identifier: Apache-2.0
// Receipts R1, R2 and R3.
#include "certs/proof/receipt.h"

#include <functional>

#include "certs/status_macros.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

using certs::LeafKind;
using certs::Receipt;

struct Receipts {
  VectorStory& story;
  VectorFile* file;

  // INTENT of `s` under `size` leaves; after the witnessed checkpoint of `before` leaves, 0: none.
  Receipt Make(uint64_t s, size_t size, size_t before, const std::vector<size_t>& witnesses) {
    const certs::ProvenLeaf intent = story.Proven(s, LeafKind::kIntent, size);
    Receipt receipt{intent.leaf, intent.index, intent.salt, intent.path, "", "", {}};
    receipt.checkpoint = story.keys->Note(story.log.HeadAt(size), witnesses);
    if (before == 0) return receipt;
    receipt.witnessed_checkpoint = story.keys->Note(story.log.HeadAt(before), {0, 1});
    receipt.consistency = ConsistencyOf(
        {story.log.hashes.begin(), story.log.hashes.begin() + static_cast<ptrdiff_t>(size)},
        before);
    return receipt;
  }
  absl::Status Judge(const Receipt& receipt, uint64_t of, bool witnessed) {
    ASSIGN_OR_RETURN(const Receipt read, certs::ParseReceipt(Canonical(receipt)));
    RETURN_IF_ERROR(story.keys->Judge(read.checkpoint, witnessed ? 2 : 0));
    return certs::CheckReceipt(read, story.Subject(of), story.keys->log_key(), story.keys->Policy())
        .status();
  }
  void Add(absl::string_view name, const Receipt& receipt, uint64_t of, bool witnessed, bool good) {
    JsonObject fields;
    fields.Hex("receipt", Canonical(receipt)).Raw("document", Document(of).Json());
    fields.Text("strength", witnessed ? "witnessed" : "logged");
    const absl::Status ours = Judge(receipt, of, witnessed);
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  }
  JsonObject Document(uint64_t of) const {
    const certs::ReceiptSubject subject = story.Subject(of);
    return JsonObject()
        .Hash("face", subject.face_digest)
        .Text("licence", subject.licence_id)
        .Text("document", subject.document_id);
  }
};

void AddReceipts(Receipts* to) {
  const Receipt r1 = to->Make(2, 5, 4, {});
  to->Add("R1, the first of a log", to->Make(1, 1, 0, {}), 1, false, true);
  to->Add("R1 after a witnessed checkpoint", r1, 2, false, true);
  to->Add("R1, one size with the witnessed checkpoint", to->Make(2, 5, 5, {}), 2, false, true);
  to->Add("R2", to->Make(2, 7, 0, {0, 1}), 2, true, true);
  to->Add("of another document", r1, 3, false, false);
  to->Add("R2 without quorum", to->Make(2, 7, 0, {1}), 2, true, false);
  const auto broken = [&](absl::string_view name, const std::function<void(Receipt*)>& change) {
    Receipt receipt = r1;
    change(&receipt);
    to->Add(name, receipt, 2, false, false);
  };
  VectorStory& story = to->story;
  broken("another salt", [](Receipt* r) { r->salt = Flipped(r->salt, 3); });
  broken("another index", [](Receipt* r) { r->leaf_index = 3; });
  broken("a flipped bit in the path", [](Receipt* r) { r->path[0] = Flipped(r->path[0]); });
  broken("the ISSUED leaf", [&](Receipt* r) { r->leaf = story.log.updates[6].leaf; });
  broken("a checkpoint without the leaf",
         [&](Receipt* r) { r->checkpoint = story.keys->Note(story.log.HeadAt(4)); });
  broken("signed by a witness alone", [&](Receipt* r) {
    r->checkpoint = story.keys->NoteBy(story.log.HeadAt(5), {&story.keys->witness(0)});
  });
  broken("a consistency path with a flipped bit",
         [](Receipt* r) { r->consistency.back() = Flipped(r->consistency.back()); });
  broken("a consistency path of nothing", [](Receipt* r) { r->witnessed_checkpoint.clear(); });
  broken("a witnessed checkpoint of another log epoch", [&](Receipt* r) {
    r->witnessed_checkpoint = story.keys->Note(story.next.HeadAt(3), {0, 1});
  });
  broken("a witnessed checkpoint beyond the receipt's", [&](Receipt* r) {
    r->witnessed_checkpoint = story.keys->Note(story.log.HeadAt(7), {0, 1});
  });
  broken("a witnessed checkpoint that the log did not sign", [&](Receipt* r) {
    r->witnessed_checkpoint =
        story.keys->NoteBy(story.log.HeadAt(4), {&story.keys->witness(0), &story.keys->witness(1)});
  });
}

struct Joints {
  VectorStory& story;
  VectorFile* file;
  Receipts receipts;

  certs::JointReceipt Make(uint64_t s, uint64_t old, size_t size,
                           const std::vector<size_t>& witnesses) {
    certs::JointReceipt joint;
    joint.issued = story.Proven(s, LeafKind::kIssued, size);
    if (old != 0) {
      joint.voided = story.Proven(old, LeafKind::kVoided, size);
      joint.void_reason = "EXCHANGED";
    }
    joint.map = NaiveProof(story.MapAt(size), story.Label(story.births[0]));
    joint.checkpoint = story.keys->Note(story.log.HeadAt(size), witnesses);
    return joint;
  }
  absl::Status Judge(const certs::JointReceipt& joint, const Receipt& r1, uint64_t of) {
    ASSIGN_OR_RETURN(const certs::JointReceipt read, certs::ParseJointReceipt(Canonical(joint)));
    RETURN_IF_ERROR(story.keys->Judge(read.checkpoint, 2));
    ASSIGN_OR_RETURN(const certs::ReceiptFacts intent,
                     certs::CheckReceipt(r1, story.Subject(of), story.keys->log_key()));
    return certs::CheckJointReceipt(read, certs::Sm3Of(story.File(of)), intent,
                                    story.keys->log_key(), story.keys->Policy())
        .status();
  }
  void Add(absl::string_view name, const certs::JointReceipt& joint, uint64_t of, bool good) {
    const Receipt r1 = of == 1 ? receipts.Make(1, 1, 0, {}) : receipts.Make(of, 8, 4, {});
    JsonObject fields;
    fields.Hex("receipt", Canonical(joint)).Hex("r1", Canonical(r1));
    fields.Raw("document", receipts.Document(of).Json());
    fields.Hash("file_digest", certs::Sm3Of(story.File(of)));
    const absl::Status ours = Judge(joint, r1, of);
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  }
};

void AddJoints(Joints* to) {
  const certs::JointReceipt r3 = to->Make(2, 1, 7, {0, 1});
  to->Add("R3 of a first issue", to->Make(1, 0, 2, {0, 1}), 1, true);
  to->Add("R3 of an exchange", r3, 2, true);
  to->Add("R3 at a later checkpoint", to->Make(2, 1, 13, {1, 2}), 2, true);
  to->Add("of another file", r3, 3, false);
  to->Add("too small a quorum", to->Make(2, 1, 7, {1}), 2, false);
  to->Add("a second certificate of the same birth: the map names the first",
          to->Make(1, 0, 13, {0, 1}), 1, false);
  const auto broken = [&](absl::string_view name,
                          const std::function<void(certs::JointReceipt*)>& change) {
    certs::JointReceipt joint = r3;
    change(&joint);
    to->Add(name, joint, 2, false);
  };
  VectorStory& story = to->story;
  using Joint = certs::JointReceipt;
  broken("the VOIDED leaf of a stranger", [&](Joint* j) {
    j->voided = story.Proven(3, LeafKind::kVoided, 13);
    j->voided->path = PathOf(story.log.hashes, j->voided->index);
  });
  broken("another reason", [](Joint* j) { j->void_reason = "REPLACED"; });
  broken("a reason without its leaf", [](Joint* j) { j->voided.reset(); });
  broken("ISSUED with another salt", [](Joint* j) { j->issued.salt = Flipped(j->issued.salt, 0); });
  broken("ISSUED at another index", [](Joint* j) { j->issued.index = 5; });
  broken("a flipped bit in the path of VOIDED",
         [](Joint* j) { j->voided->path[1] = Flipped(j->voided->path[1]); });
  broken("a map proof of the size before",
         [&](Joint* j) { j->map = NaiveProof(story.MapAt(6), story.Label(story.births[0])); });
  broken("a map proof of nothing",
         [&](Joint* j) { j->map = NaiveProof(story.MapAt(7), story.Label(story.stranger)); });
  broken("a checkpoint of another log epoch", [&](Joint* j) {
    j->checkpoint = story.keys->Note(story.next.Head(), {0, 1});
  });
}

}  // namespace

void AddReceiptVectors(VectorStory& story, std::vector<VectorFile>* files) {
  Receipts receipts{story, &files->emplace_back("receipt", story.keys->Trust())};
  AddReceipts(&receipts);
  Joints joints{
      story, &files->emplace_back("receipt-joint", story.keys->Trust()), {story, nullptr}};
  AddJoints(&joints);
}

}  // namespace birthseal::tests
