// SPDX-License-Identifier: Apache-2.0
// What the callers of a service that is being killed know: what they asked for and what was
// acknowledged. The checker holds the service to it.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "birthseal/v1/delivery_feed.pb.h"
#include "birthseal/v1/issuing.pb.h"
#include "tests/support/service_harness.h"

namespace birthseal::tests {

// One case on its way to a certificate. Each request is made once and repeated as it is.
struct CaseEntry {
  v1::SubmitApplicationRequest request;
  v1::SubmitApplicationResponse filed;  // empty id: not acknowledged
  v1::ApproveCasesRequest::Item approval;
  v1::ApproveCasesResponse::Result approved;  // empty number: not acknowledged
  v1::IssueCertificatesRequest::Item order;
  v1::Certificate certificate;  // empty number: not acknowledged
  std::string file;             // as first downloaded
};

struct BirthEntry {
  const SiteInstitution* institution = nullptr;
  v1::PushDeliveriesRequest message;
  v1::PushDeliveriesResponse pushed;  // empty newborn: not acknowledged
  int exchanges = 0;                  // still to come
  std::deque<CaseEntry> cases;        // first issue, then exchanges; the last one may be under way
  bool done = false;
};

// What is wrong, from any thread.
class Faults {
 public:
  void Add(std::string what);
  std::vector<std::string> all() const;
  bool none() const { return all().empty(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;  // under mutex_
};

}  // namespace birthseal::tests
