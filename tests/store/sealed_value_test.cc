// SPDX-License-Identifier: Apache-2.0
#include "store/sealed_value.h"

#include <botan/aead.h>

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

// As FORMAT.md §4 says, by who has the key but seals what our writer never does.
std::string SealedAs(char format, const std::string& key, const std::string& content) {
  const std::string place = std::string{format, static_cast<char>(Family::kBodies)} + key;
  const auto sealed = [&](const std::string& with, const std::string& value) {
    const auto aead = Botan::AEAD_Mode::create_or_throw("SM4/GCM", Botan::ENCRYPTION);
    aead->set_key(reinterpret_cast<const uint8_t*>(with.data()), with.size());
    aead->set_associated_data(reinterpret_cast<const uint8_t*>(place.data()), place.size());
    const uint8_t nonce[12] = {};
    aead->start(nonce, sizeof nonce);
    Botan::secure_vector<uint8_t> buffer(value.begin(), value.end());
    aead->finish(buffer);
    return std::string(buffer.begin(), buffer.end());
  };
  const std::string own(16, 'k');
  return format + std::string(12, '\0') + sealed(kKek, own) + sealed(own, content);
}

// A frame of RFC 8878 that says `size` and has "abc" in it.
std::string FrameSaying(uint64_t size) {
  std::string frame = "\x28\xb5\x2f\xfd\xe0";
  for (int i = 0; i < 8; ++i, size >>= 8) frame.push_back(static_cast<char>(size));
  return frame + std::string("\x19\0\0", 3) + "abc";
}

TEST(SealedValueTest, ContentThatIsNotOfItsFormatIsRefused) {
  const ValueSealer sealer(kKek);
  const auto open = [&](char format, const std::string& content) {
    return sealer.Open(Family::kBodies, "key", SealedAs(format, "key", content));
  };
  EXPECT_EQ(open(1, "plain").value_or(""), "plain");
  EXPECT_EQ(open(2, FrameSaying(3)).value_or(""), "abc");
  const absl::StatusOr<std::string> wrong[] = {
      open(3, "plain"),        open(0, "plain"),        open(2, "plain"),
      open(2, FrameSaying(5)), open(2, FrameSaying(2)), open(2, FrameSaying(uint64_t{1} << 40))};
  for (const auto& opened : wrong) {
    EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss, "SEALED_VALUE_DAMAGED"));
  }
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
