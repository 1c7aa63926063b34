// SPDX-License-Identifier: Apache-2.0
// One of each: a certificate, a case that waits, one that is approved, a record in review; and the
// use cases that ask for them or act on them, by name.
#pragma once

#include <functional>
#include <string>

#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {

inline constexpr char kCause[] = "核查";

struct Call {
  const char* name;
  std::function<absl::Status()> ask;
};

class EveryCallTest : public UseCaseTest {
 protected:
  void SetUp() override;
  // What was done, but for the trail of it: counters and roots.
  std::string Done() const;
  // So that the next act reads its people from the store.
  void ForgetPeople();

  server::Caller Police() const { return As(kManaging, server::Role::kPolice); }
  server::Caller Platform() const { return As(kManaging, server::Role::kPlatform); }
  server::Caller Managing() const { return As(kManaging, server::Role::kManagingInstitution); }
  // Reads.
  Call Delivery(const char* name, const certs::DeliveryId& id, const certs::NewbornId& newborn);
  Call DeliveryByNumber();
  Call Application(const certs::CaseId& id);
  Call Certificate();
  Call Document();
  Call Preview();
  Call Status();
  Call Number();
  Call File_();
  Call Reviews();
  // Acts.
  Call Approve_();
  Call Submit();
  Call Exchange();
  Call Order();
  Call Revoke();
  Call Misprint();
  Call Withdraw();
  Call Resolve();
  Call Update();

  certs::DeliveryId delivery_, next_delivery_, review_;
  certs::NewbornId newborn_, next_newborn_;
  server::SubmitApplicationResult filed_, waiting_;
  server::ApproveOutcome approved_;
  server::CertificateView issued_;
  std::string file_;
};

}  // namespace birthseal::tests
