// SPDX-License-Identifier: Apache-2.0
// Batches that can be told apart: number `sequence` writes its mark into several families, a body
// of its own and a shared counter. So a reader sees whether each is there whole, in part or not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "store/engine.h"
#include "store/keys.h"

namespace birthseal::tests {

inline std::string BodyOf(uint64_t sequence) {
  std::mt19937_64 random(sequence);
  std::string body(random() % 12'000, '\0');
  for (char& c : body) c = static_cast<char>(random());
  return body;
}

inline store::WriteBatch BatchOf(uint64_t sequence) {
  using store::Family;
  using store::IndexKey;
  store::WriteBatch batch;
  batch.Put(Family::kAudit, IndexKey(sequence), absl::StrCat("entry ", sequence));
  batch.Put(Family::kBodies, IndexKey(sequence), BodyOf(sequence));
  batch.Put(Family::kMeta, store::MetaKey(), IndexKey(sequence));
  batch.Put(Family::kReviews, IndexKey(sequence), "");
  batch.Erase(Family::kReviews, IndexKey(sequence - 1));
  return batch;
}

struct Held {
  uint64_t last = 0;  // batches 1 to `last` are there
  std::string wrong;  // empty: each of them whole, and nothing behind
};

// What the store holds of batches up to `attempted`. A read that fails is wrong here.
inline Held Look(const store::Snapshot& snapshot, uint64_t attempted) {
  using store::Family;
  using store::IndexKey;
  Held held;
  const auto meta = snapshot.Get(Family::kMeta, store::MetaKey());
  if (meta.ok()) held.last = store::ParseBigEndian64(*meta).value_or(0);
  if (!meta.ok() && !absl::IsNotFound(meta.status())) held.wrong = meta.status().ToString();
  for (uint64_t i = 1; i <= std::max(held.last, attempted) && held.wrong.empty(); ++i) {
    const auto entry = snapshot.Get(Family::kAudit, IndexKey(i));
    const auto body = snapshot.Get(Family::kBodies, IndexKey(i));
    const auto review = snapshot.Get(Family::kReviews, IndexKey(i));
    if (entry.ok() != (i <= held.last) || body.ok() != (i <= held.last) ||
        review.ok() != (i == held.last)) {
      held.wrong = absl::StrCat("batch ", i, " is there in part: ", entry.status().ToString(),
                                body.status().ToString(), review.status().ToString());
    } else if (body.ok() && *body != BodyOf(i)) {
      held.wrong = absl::StrCat("body ", i, " has changed");
    }
  }
  return held;
}

}  // namespace birthseal::tests
