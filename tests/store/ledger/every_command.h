// SPDX-License-Identifier: Apache-2.0
// Every command the ledger knows, ready to be applied to one rich store, in each way that it may
// go.
//
// A command is tried as a step whose batch is thrown away, so each may be tried again and again,
// and on a snapshot that fails or lies.
#pragma once

#include <string>
#include <vector>

#include "certs/proof/checkpoint.h"
#include "store/ledger/step.h"
#include "tests/store/ledger/ledger_fixture.h"

namespace birthseal::tests {

class EveryCommandTest : public LedgerTest {
 protected:
  struct Row {
    std::string name;
    store::Command command;
    std::string refused = {};  // reason; empty: it is done
  };

  // Lives through all that the commands need, and gives them.
  std::vector<Row> Rows();

  // The answer to a command over a snapshot of the store; OK also when it is refused as it should.
  // Refused for another reason it may leave its audit entry and nothing else.
  absl::Status Try(const store::Snapshot& snapshot, const Row& row);

 private:
  static Birth BirthNo(int n);
  store::DeliveryAnswer Known(int n) { return driver_.Accept(BirthNo(n)); }
  store::AcceptDelivery Update(const store::DeliveryAnswer& current, const Birth& birth);
  store::AcceptDelivery Event(store::FeedEvent event, const Birth& birth);
  store::AcceptDelivery Alias(const std::string& gone, const Birth& stays);
  store::DeliveryAnswer InReview(store::AcceptDelivery command);
  store::SubmitApplication Exchange(const store::DeliveryAnswer& delivery);
  store::Revoke Revocation(const storage::v1::CertificateHead& head);
  store::StoreReceipts Receipts(const std::vector<storage::v1::CertificateHead>& heads);
  void PutHeldStock();

  void FirstRecords(std::vector<Row>* rows);
  void NextRecords(std::vector<Row>* rows);
  void OtherEvents(std::vector<Row>* rows);
  void Reviews(std::vector<Row>* rows);
  void Filings(std::vector<Row>* rows);
  void Approvals(std::vector<Row>* rows);
  void Reservations(std::vector<Row>* rows);
  void Issues(std::vector<Row>* rows);
  void Endings(std::vector<Row>* rows);
  void Administration(std::vector<Row>* rows);
  void Log(std::vector<Row>* rows);
};

}  // namespace birthseal::tests
