// SPDX-License-Identifier: Apache-2.0
// A table of refusals: one good question, and what is changed in it with the reason it is refused
// for. Whatever is refused changes nothing; the good one is answered.
#pragma once

#include <functional>
#include <vector>

#include "store/keys.h"
#include "tests/server/use_case/every_call.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/support/ids.h"

namespace birthseal::tests {

template <typename Input>
struct Asked {
  server::Caller caller;
  Input input;
};
template <typename Input>
struct Refusal {
  const char* name;
  std::function<void(Asked<Input>*)> spoil;
  absl::StatusCode code;
  const char* reason;
};

class RefusalsTest : public EveryCallTest {
 protected:
  // `ask` gives a status, or something with one.
  template <typename Input, typename Ask>
  void ExpectRefusals(const Asked<Input>& good, const std::vector<Refusal<Input>>& refusals,
                      const Ask& ask) {
    for (const Refusal<Input>& refusal : refusals) {
      Asked<Input> bad = good;
      refusal.spoil(&bad);
      const std::string before = Done();
      EXPECT_THAT(ask(bad), StatusIs(refusal.code, refusal.reason)) << refusal.name;
      EXPECT_TRUE(Done() == before) << refusal.name;
    }
    EXPECT_OK(ask(good));
  }
  // Approved, ordered, and stopped as soon as the reservation is durable.
  server::ApproveOutcome ReservedBirth(int n) {
    const server::ApproveOutcome approved =
        Approve(*File(ApplicationFor(n, PushBirth(BirthOf(n)))), hospital());
    EXPECT_OK(approved.status);
    SetStepHook([](server::IssueStep step) {
      return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                  : absl::OkStatus();
    });
    EXPECT_FALSE(Issue(approved, hospital()).status.ok());
    SetStepHook(nullptr);
    return approved;
  }
  // A newborn of which no record is kept.
  certs::NewbornId WithoutARecord() {
    const auto id = IdIn<certs::NewbornId>(registry_.Delivery(review_)->head.newborn_id());
    storage::v1::Newborn newborn = *registry_.Newborn(id);
    newborn.clear_current_delivery();
    Overwrite(engine_.get(), store::Family::kNewborns, store::IdKey(id),
              newborn.SerializeAsString());
    return id;
  }
  // An id that nothing has.
  struct NoId {
    template <class Tag>
    operator certs::Id<Tag>() const {
      return IdOf<certs::Id<Tag>>({9, 9, 9});
    }
  };
  static NoId Nothing() { return {}; }
};

}  // namespace birthseal::tests
