// SPDX-License-Identifier: Apache-2.0
// Everyone who sends commands: a hospital's feed, two issuing institutions that race for the same
// newborns, the managing institution, administrators. They know only what they were answered.
//
// Commands are drawn at random, some of them unlawful; all chance comes from the seed. Belongs to
// one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "store/answers.h"
#include "store/commands.h"
#include "tests/simulation/random.h"

namespace birthseal::simulation {

class Clients {
 public:
  Clients(Random* random, size_t births) : random_(random), most_births_(births) {}

  // Institutions, their seals and stock: the first commands of a history.
  std::vector<store::Command> Enrol();
  // The next new command on the ledger's day; nothing when there was nothing to do.
  std::optional<store::Command> Next(absl::CivilDay today, absl::Time now);
  void Learn(const store::Command& command, const store::AnyAnswer& answer);
  // The service's own: finishes a reservation, sealing it perhaps once more.
  store::CommitIssue Finish(store::IntentKey intent);

 private:
  struct Birth {
    size_t mother = 0;
    int64_t day = 0;
    int minute = 0, order = 1, plurality = 1, sex = 1;
    size_t facility = 0;
    bool has_twin = false;
    certs::Digest c1{}, c3{};
    certs::NewbornId newborn;                         // none: not answered yet
    certs::DeliveryId delivery;                       // likewise
    absl::Time delivery_time = absl::InfinitePast();  // when it was accepted: answers come late
    std::vector<std::string> certificates;            // numbers, as answered
  };
  struct Review {
    certs::DeliveryId delivery;
    size_t birth = 0;
  };
  struct Case {
    store::SubmitApplication filed;
    size_t birth = 0;
    bool accepted = false, reserved = false;
    std::string number;
    uint64_t intent = 0;
  };

  static const std::string& Institution(size_t index);
  std::vector<certs::Claim> ClaimsOf(const Birth& birth) const;
  void FillDelivery(const Birth& birth, absl::Time now, store::AcceptDelivery& command);
  size_t NewBirth();

  std::optional<store::Command> Feed(absl::Time now);
  std::optional<store::Command> FeedAgain(absl::Time now);
  std::optional<store::Command> Resolve();
  void SayWhose(const Birth& birth, store::ResolveReview& command);
  std::optional<store::Command> File();
  std::optional<store::Command> Approval();
  std::optional<store::Command> SealOrder(absl::CivilDay today);
  std::optional<store::Command> Change();
  std::optional<store::Command> Cancellation();
  std::optional<store::Command> Revocation();
  std::optional<store::Command> Administration();
  store::Command Stock(size_t institution);
  store::Command SealRecord(size_t institution, bool suspended);
  Case* AnyCase();

  void LearnOne(const store::AcceptDelivery& command, const store::AnyAnswer& answer);
  void LearnOne(const store::ResolveReview& command, const store::AnyAnswer& answer);
  void LearnOne(const store::SubmitApplication& command, const store::AnyAnswer& answer);
  void LearnOne(const store::Approve& command, const store::AnyAnswer& answer);
  void LearnOne(const store::Misprint& command, const store::AnyAnswer& answer);
  void LearnOne(const store::Reserve& command, const store::AnyAnswer& answer);
  void LearnOne(const store::CommitIssue& command, const store::AnyAnswer& answer);
  template <typename Other>
  void LearnOne(const Other&, const store::AnyAnswer&) {}

  Random* random_;
  const size_t most_births_;
  std::vector<certs::Digest> mothers_;
  std::vector<Birth> births_;
  std::vector<Review> reviews_;
  std::vector<Case> cases_;
  std::map<certs::DeliveryId, size_t> birth_of_delivery_;
  std::map<certs::NewbornId, size_t> birth_of_newborn_;
  std::map<certs::CaseId, size_t> case_of_id_;
  uint64_t next_number_ = 1;
};

}  // namespace birthseal::simulation
