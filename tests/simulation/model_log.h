// SPDX-License-Identifier: Apache-2.0
// The log as an outsider keeps it: every leaf once, in order, with the root of every size computed
// from leaf hashes alone, and the life of every status index as the leaves tell it.
//
// Deterministic; belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/leaf.h"

namespace birthseal::simulation {

class LogModel {
 public:
  // What the leaves say of one status index.
  struct Life {
    uint64_t intent = 0;  // leaf indexes
    uint64_t issued = 0, voided = 0, cancelled = 0;
    bool is_issued = false, is_voided = false, is_cancelled = false;
    std::string institution_code;
    bool ended() const { return is_issued || is_cancelled; }
  };

  // The next leaf. Gives what is wrong with it, empty if nothing.
  std::string Add(absl::string_view bytes);
  // A root that was published: of a size seen or to be seen. Gives what is wrong.
  std::string Published(uint64_t size, const certs::Digest& root);

  uint64_t size() const { return hashes_.size(); }
  certs::Digest Root() const;
  const std::vector<certs::Digest>& hashes() const { return hashes_; }
  const certs::Leaf& leaf(uint64_t index) const { return leaves_[index]; }
  const std::map<uint64_t, Life>& lives() const { return lives_; }  // by status index
  const Life* Find(uint64_t status_index) const;
  // The status index of an INTENT; 0: that leaf is none.
  uint64_t StatusOfIntent(uint64_t leaf_index) const;

 private:
  std::string AddIntent(const certs::Leaf& leaf);
  std::string AddEnd(const certs::Leaf& leaf);
  std::string AddVoided(const certs::Leaf& leaf);
  certs::Digest RootAt(uint64_t size) const;

  std::vector<certs::Digest> hashes_;
  std::vector<certs::Leaf> leaves_;
  std::vector<std::pair<uint64_t, certs::Digest>> peaks_;  // leaves covered, root; largest first
  std::map<uint64_t, Life> lives_;
  std::map<uint64_t, certs::Digest> waiting_;  // published, of sizes not yet seen
};

}  // namespace birthseal::simulation
