#include "store/sealed_value.h"

#include <string>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using tests::StatusIs;

const std::string kKek = "0123456789abcdef";

TEST(SealedValueTest, AValueOpensInItsPlaceOnly) {
  const ValueSealer sealer(kKek);
  const std::string sealed = sealer.Seal(Family::kBodies, "key", "value");
  EXPECT_EQ(sealed.find("value"), std::string::npos);
  const auto opened = sealer.Open(Family::kBodies, "key", sealed);
  ASSERT_OK(opened);
  EXPECT_EQ(*opened, "value");
  EXPECT_THAT(sealer.Open(Family::kDocuments, "key", sealed),
              StatusIs(absl::StatusCode::kDataLoss, "SEALED_VALUE_DAMAGED"));
  EXPECT_THAT(sealer.Open(Family::kBodies, "kez", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(sealer.Open(Family::kBodies, "key1", sealed), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(SealedValueTest, EveryFlippedBitIsRefused) {
  const ValueSealer sealer(kKek);
  for (const std::string& value : {std::string("short"), std::string(300, 'a')}) {
    std::string sealed = sealer.Seal(Family::kBodies, "key", value);
    for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      sealed[bit / 8] = static_cast<char>(sealed[bit / 8] ^ 1 << bit % 8);
      ASSERT_THAT(sealer.Open(Family::kBodies, "key", sealed),
                  StatusIs(absl::StatusCode::kDataLoss))
          << bit;
      sealed[bit / 8] = static_cast<char>(sealed[bit / 8] ^ 1 << bit % 8);
    }
  }
}

TEST(SealedValueTest, EveryCutIsRefused) {
  const ValueSealer sealer(kKek);
  const std::string sealed = sealer.Seal(Family::kBodies, "key", "value");
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THAT(sealer.Open(Family::kBodies, "key", sealed.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(SealedValueTest, EmptyLargeAndCompressibleValuesComeBack) {
  const ValueSealer sealer(kKek);
  std::string mixed;
  for (uint32_t x = 1, i = 0; i < 200'000; ++i)
    mixed.push_back(static_cast<char>((x = x * 69069 + 1) >> 24));
  for (const std::string& value : {std::string(), std::string(1'000'000, 'a'), mixed}) {
    const std::string sealed = sealer.Seal(Family::kDocuments, "k", value);
    EXPECT_LE(sealed.size(), value.size() + 61);
    const auto opened = sealer.Open(Family::kDocuments, "k", sealed);
    ASSERT_OK(opened);
    EXPECT_EQ(*opened, value);
  }
}

TEST(SealedValueTest, EqualValuesAreSealedDifferently) {
  const ValueSealer sealer(kKek);
  EXPECT_NE(sealer.Seal(Family::kBodies, "key", "value"),
            sealer.Seal(Family::kBodies, "key", "value"));
}

TEST(SealedValueTest, AnotherKeyEncryptionKeyDoesNotOpen) {
  const ValueSealer sealer(kKek), other("fedcba9876543210");
  const std::string sealed = sealer.Seal(Family::kBodies, "key", "value");
  EXPECT_THAT(other.Open(Family::kBodies, "key", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_OK(sealer.Open(Family::kBodies, "key", sealed));
}

TEST(SealedValueTest, ThreadsSealAndOpenForEachOther) {
  const ValueSealer sealer(kKek);
  const std::string shared = sealer.Seal(Family::kBodies, "key", "value");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        EXPECT_OK(sealer.Open(Family::kBodies, "key", shared));
        EXPECT_OK(sealer.Open(Family::kBodies, "k",
                              sealer.Seal(Family::kBodies, "k", std::string(500, 'x'))));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace birthseal::store
