// SPDX-License-Identifier: Apache-2.0
// Who stands behind a TLS certificate: what cannot be read, is unknown or no longer active is
// nobody, and a store that fails is no stranger.
#include "server/access/client_directory.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/host/config.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "store/reads/registry.h"
#include "store/sealed_value.h"
#include "tests/support/failing_engine.h"

namespace birthseal::server {
namespace {

using absl::StatusCode;
using tests::StatusIs;

constexpr char kHospital[] = "12529901MB0A12342F";

std::string PemOf(const std::string& der) {
  return absl::StrCat("-----BEGIN CERTIFICATE-----\n", absl::Base64Escape(der),
                      "\n-----END CERTIFICATE-----\n");
}

class ClientDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::v1::Client client;
    client.set_certificate_sm3(certs::Bytes(certs::Sm3Of("a certificate")));
    client.set_organisation_code(kHospital);
    client.add_roles(static_cast<int>(Role::kConnector));
    client.add_facility_codes(kHospital);
    client.set_active(true);
    Put(client);
    client.set_certificate_sm3(certs::Bytes(certs::Sm3Of("of one who is gone")));
    client.set_active(false);
    Put(client);
  }
  void Put(const storage::v1::Client& client) {
    store::WriteBatch batch;
    batch.Put(store::Family::kRegistry,
              store::RegistryKey(store::RegistryKind::kClient, client.certificate_sm3()),
              client.SerializeAsString());
    const auto fence = engine_.AcquireFence();
    ASSERT_OK(fence);
    ASSERT_OK(engine_.Commit(batch, *fence));
  }

  store::MemoryEngine engine_;
  tests::Faults faults_;
  tests::FailingEngine failing_{&engine_, &faults_};
  store::ValueSealer sealer_{"0123456789abcdef"};
  store::Registry registry_{&failing_, &sealer_};
};

TEST_F(ClientDirectoryTest, TheRegisteredOneIsFoundWithWhatItMay) {
  ClientDirectory directory(&registry_, {});
  const auto caller = directory.Find(PemOf("a certificate"));
  ASSERT_OK(caller);
  EXPECT_EQ((*caller)->organisation_code(), kHospital);
  EXPECT_TRUE((*caller)->Has(Role::kConnector));
  EXPECT_FALSE((*caller)->Has(Role::kHospital));
  EXPECT_TRUE((*caller)->MayPushFor(kHospital));
  EXPECT_EQ((*caller)->certificate_sm3(), certs::Sm3Of("a certificate"));
}

TEST_F(ClientDirectoryTest, WhoIsUnknownOrGoneIsNobody) {
  ClientDirectory directory(&registry_, {});
  for (const char* der : {"another certificate", "of one who is gone"}) {
    EXPECT_THAT(directory.Find(PemOf(der)),
                StatusIs(StatusCode::kUnauthenticated, "CLIENT_UNKNOWN"))
        << der;
  }
}

TEST_F(ClientDirectoryTest, WhoWasMadeInactiveIsNobodyThoughTheConfigurationNamesThem) {
  BootstrapClient named;
  named.certificate_sm3 = certs::Sm3Of("of a first administrator");
  named.organisation_code = kHospital;
  named.roles = {static_cast<int>(Role::kAdministrator)};
  ClientDirectory directory(&registry_, {named});
  const std::string pem = PemOf("of a first administrator");
  ASSERT_OK(directory.Find(pem));
  storage::v1::Client record;
  record.set_certificate_sm3(certs::Bytes(named.certificate_sm3));
  record.set_organisation_code(kHospital);
  record.add_roles(static_cast<int>(Role::kConnector));
  const auto put = [&](bool active) {
    record.set_active(active);
    Put(record);
    directory.Invalidate();
  };
  put(false);
  EXPECT_THAT(directory.Find(pem), StatusIs(StatusCode::kUnauthenticated, "CLIENT_UNKNOWN"));
  // Active again, it is what the configuration says.
  put(true);
  const auto caller = directory.Find(pem);
  ASSERT_OK(caller);
  EXPECT_TRUE((*caller)->Has(Role::kAdministrator));
  EXPECT_FALSE((*caller)->Has(Role::kConnector));
}

TEST_F(ClientDirectoryTest, WhetherItWasMadeInactiveMustBeKnown) {
  BootstrapClient named;
  named.certificate_sm3 = certs::Sm3Of("of a first administrator");
  ClientDirectory directory(&registry_, {named});
  tests::ExpectEveryFaultComesOut(
      &faults_, [&] { return directory.Find(PemOf("of a first administrator")).status(); });
}

// Not even one who was entered for the digest of nothing.
TEST_F(ClientDirectoryTest, WhatIsNoCertificateIsNobody) {
  BootstrapClient of_nothing;
  of_nothing.certificate_sm3 = certs::Sm3Of("");
  of_nothing.organisation_code = kHospital;
  of_nothing.roles = {static_cast<int>(Role::kAdministrator)};
  ClientDirectory directory(&registry_, {of_nothing});
  const std::string good = PemOf("a certificate");
  for (const std::string& pem :
       {std::string(), std::string("no PEM"), good.substr(0, 30), good.substr(1),
        std::string("-----BEGIN CERTIFICATE-----\n(((\n-----END CERTIFICATE-----\n"), PemOf("")}) {
    EXPECT_THAT(directory.Find(pem), StatusIs(StatusCode::kUnauthenticated, "CLIENT_UNKNOWN"))
        << pem;
  }
}

TEST_F(ClientDirectoryTest, AStoreThatFailsIsNoStrangerAndNothingOfItIsKept) {
  ClientDirectory directory(&registry_, {});
  tests::ExpectEveryFaultComesOut(&faults_,
                                  [&] { return directory.Find(PemOf("a certificate")).status(); });
}

TEST_F(ClientDirectoryTest, ARecordThatCannotBeReadIsNobodysRight) {
  storage::v1::Client damaged;
  damaged.set_certificate_sm3(certs::Bytes(certs::Sm3Of("damaged")));
  store::WriteBatch batch;
  batch.Put(store::Family::kRegistry,
            store::RegistryKey(store::RegistryKind::kClient, damaged.certificate_sm3()), "\xff");
  const auto fence = engine_.AcquireFence();
  ASSERT_OK(fence);
  ASSERT_OK(engine_.Commit(batch, *fence));
  ClientDirectory directory(&registry_, {});
  EXPECT_THAT(directory.Find(PemOf("damaged")), StatusIs(StatusCode::kDataLoss));
}

}  // namespace
}  // namespace birthseal::server
