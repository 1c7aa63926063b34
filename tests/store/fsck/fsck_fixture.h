// SPDX-License-Identifier: Apache-2.0
// A store with every family in use, sealed values that open and documents that can be rebuilt.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/fsck/fsck.h"
#include "store/ledger/ledger.h"
#include "store/memory_engine.h"
#include "store/reads/registry.h"
#include "store/sealed_value.h"
#include "tests/store/ledger/registry_driver.h"

namespace birthseal::tests {

class FsckTest : public testing::Test {
 protected:
  FsckTest() : driver_([this](store::Command c) { return Call(std::move(c)); }, &clock_) {}
  // Certificates 1 (exchanged), 2 (its successor), 3 (revoked) and 4 (valid); 5 is open, 6
  // cancelled; a misprint, a withdrawn case, a review, an announced profile; receipts of
  // 2 and 4. The ledger is closed then.
  void SetUp() override;

  store::FsckReport Check() const;
  // The findings about this record.
  std::vector<std::string> CodesOf(store::Family family, const std::string& key) const;

  std::string Get(store::Family family, const std::string& key) const;
  void Put(store::Family family, const std::string& key, const std::string& value);
  void Erase(store::Family family, const std::string& key);
  std::vector<std::pair<std::string, std::string>> All(store::Family family) const;
  template <typename Record>
  void Change(store::Family family, const std::string& key,
              const std::function<void(Record&)>& change) {
    Record record = Stored<Record>(engine_, family, key);
    change(record);
    Put(family, key, record.SerializeAsString());
  }
  storage::v1::CertificateHead Head(uint64_t status_index) const;

  store::MemoryEngine engine_;
  SimulatedClock clock_;
  store::ValueSealer sealer_{"0123456789abcdef"};
  store::Registry registry_{&engine_, &sealer_};
  std::unique_ptr<store::Ledger> ledger_;
  RegistryDriver driver_;

 private:
  // Bodies and documents of the driver are placeholders: real ones take their place.
  store::AnyAnswer Call(store::Command command);
  void SealDocument(store::CommitIssue& command) const;
  void WriteCertificates();
  void WriteReceipts();
  void WriteOthers();

  int next_mother_ = 1;
};

}  // namespace birthseal::tests
