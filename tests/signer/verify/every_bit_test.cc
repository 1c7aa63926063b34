// SPDX-License-Identifier: Apache-2.0
// Every single bit of a sealed certificate flipped: the file is refused, or every name and every
// content byte is proven equal.
//
// What the bytes of one entry decide is decided by UnpackEntry, which ReadPackage calls for each
// entry; so a flip inside an entry costs one entry. All other bits go through ReadPackage, samples
// of all of them through the whole verifier.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "certs/ofd/reader.h"
#include "certs/ofd/zip_format.h"
#include "signer/verify/document_verifier.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::tests {
namespace {

using certs::ofd::Part;
using signer::Verdict;

constexpr size_t kThreads = 2;
constexpr size_t kSampleStep = 211;  // prime: all bits of a byte come up

const std::string& File() { return SharedSealedCertificate().document.file; }

std::string Flipped(size_t bit) {
  std::string file = File();
  file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << (bit % 8)));
  return file;
}

// Where the data of a part stand in the file.
struct Span {
  size_t begin = 0, end = 0;
  const Part* part = nullptr;
};

std::vector<Span> DataSpans() {
  std::vector<Span> spans;
  size_t at = 0;
  for (const certs::ofd::PartPtr& part : SharedSealedCertificate().document.parts) {
    at += certs::ofd::kLocalSize + part->path.size();
    spans.push_back({at, at + part->data.size(), part.get()});
    at += part->data.size();
  }
  return spans;
}

enum class Outcome { kRefused, kEqual, kChanged };

struct Counts {
  size_t refused = 0, equal = 0, verified = 0;
  std::vector<size_t> failures;  // bits
};

class EveryBitTest : public testing::Test {
 protected:
  EveryBitTest() : spans_(DataSpans()), files_(certs::ofd::ReadPackage(File())->files) {
    original_.resize(spans_.size());
    for (size_t i = 0; i < spans_.size(); ++i) original_[i] = &files_.at(spans_[i].part->path);
  }

  Outcome WholePackage(size_t bit) const {
    const auto package = certs::ofd::ReadPackage(Flipped(bit));
    if (!package.ok()) return Outcome::kRefused;
    return package->files == files_ ? Outcome::kEqual : Outcome::kChanged;
  }

  // Requires a bit inside the data of `spans_[i]`.
  Outcome OneEntry(size_t i, size_t bit) const {
    const Part& part = *spans_[i].part;
    std::string data = part.data;
    const size_t byte = bit / 8 - spans_[i].begin;
    data[byte] = static_cast<char>(data[byte] ^ (1 << (bit % 8)));
    const auto content =
        certs::ofd::UnpackEntry(static_cast<uint16_t>(part.method), data, part.size, part.crc32);
    if (!content.ok()) return Outcome::kRefused;
    return *content == *original_[i] ? Outcome::kEqual : Outcome::kChanged;
  }

  // Four bytes that a flip turns into the signature of a second end record concern the package.
  bool MakesAnEndRecord(size_t bit) const {
    const size_t byte = bit / 8, from = byte - std::min<size_t>(byte, 3);
    std::string near = File().substr(from, 7);
    near[byte - from] = static_cast<char>(near[byte - from] ^ (1 << (bit % 8)));
    return near.find("PK\5\6") != std::string::npos;
  }

  Outcome Judge(size_t bit) const {
    const auto span = std::find_if(spans_.begin(), spans_.end(), [bit](const Span& candidate) {
      return bit / 8 >= candidate.begin && bit / 8 < candidate.end;
    });
    if (span == spans_.end() || MakesAnEndRecord(bit)) return WholePackage(bit);
    return OneEntry(static_cast<size_t>(span - spans_.begin()), bit);
  }

  bool GenuineToTheVerifier(size_t bit) const {
    const Verdict verdict = verifier_.Verify(Flipped(bit), FixtureNow()).verdict;
    return verdict == Verdict::kGenuineStatusNotChecked || verdict == Verdict::kValid;
  }

  // Bits first, first + kThreads, ...
  Counts JudgeEvery(size_t first) const {
    Counts counts;
    for (size_t bit = first; bit < File().size() * 8; bit += kThreads) {
      const Outcome outcome = Judge(bit);
      (outcome == Outcome::kEqual ? counts.equal : counts.refused) += 1;
      const bool sampled = bit % kSampleStep == 0;
      if (outcome == Outcome::kRefused && !sampled) continue;
      // Changed: the signatures have the last word. Equal: the verdict may be either. A sample
      // shows that reader and verifier agree with the entry alone.
      ++counts.verified;
      const bool genuine = GenuineToTheVerifier(bit);
      const bool agreed = !sampled || WholePackage(bit) == outcome;
      if ((genuine && outcome != Outcome::kEqual) || !agreed) counts.failures.push_back(bit);
    }
    return counts;
  }

  const std::vector<Span> spans_;
  const std::map<std::string, std::string> files_;
  std::vector<const std::string*> original_;
  const signer::DocumentVerifier verifier_{SharedPki().Trust()};
};

TEST_F(EveryBitTest, PartsStandInTheFileWhereTheTestLooksForThem) {
  for (const Span& span : spans_) {
    EXPECT_EQ(File().substr(span.begin, span.end - span.begin), span.part->data);
  }
  EXPECT_TRUE(certs::ofd::ReadPackage(File())->warnings.empty());
}

TEST_F(EveryBitTest, EveryFlippedBitIsRefusedOrLeavesEveryNameAndContentByteEqual) {
  std::vector<Counts> counts(kThreads);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i, &counts] { counts[i] = JudgeEvery(i); });
  }
  for (std::thread& thread : threads) thread.join();
  size_t refused = 0, equal = 0, verified = 0;
  for (const Counts& part : counts) {
    refused += part.refused, equal += part.equal, verified += part.verified;
    for (size_t bit : part.failures) ADD_FAILURE() << "bit " << bit;
  }
  EXPECT_EQ(refused + equal, File().size() * 8);
  // Header fields that carry no content, and the padding behind a deflate stream: nothing more.
  EXPECT_LT(equal, File().size() * 8 / 100);
  RecordProperty("bits_refused", static_cast<int>(refused));
  RecordProperty("bits_equal", static_cast<int>(equal));
  std::printf("%zu bits refused, %zu leave all names and contents equal, %zu verified whole\n",
              refused, equal, verified);
}

}  // namespace
}  // namespace birthseal::tests
