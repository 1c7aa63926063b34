// SPDX-License-Identifier: Apache-2.0
// Whose work a value is: what a verifier or a document sealer makes carries the mark of its maker.
//
// Makers are told apart even when one is gone: its address may be another's later, its mark is not
// while anything carries it. Thread-safe: immutable but for assignment.
#pragma once

#include <memory>

namespace birthseal::signer {

class MakerMark {
 public:
  // Of a new maker, unlike any other.
  MakerMark() : mark_(std::make_shared<const char>()) {}
  // Copied, never moved: no value is without a mark.
  MakerMark(const MakerMark&) = default;
  MakerMark& operator=(const MakerMark&) = default;

  friend bool operator==(const MakerMark& a, const MakerMark& b) { return a.mark_ == b.mark_; }
  friend bool operator!=(const MakerMark& a, const MakerMark& b) { return !(a == b); }

 private:
  std::shared_ptr<const char> mark_;
};

}  // namespace birthseal::signer
