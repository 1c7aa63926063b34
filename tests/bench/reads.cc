// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/reads.h"

#include <atomic>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "birthseal/v1/verification.grpc.pb.h"
#include "certs/status_macros.h"
#include "signer/verify/document_verifier.h"
#include "signer/verify/note_key.h"
#include "tests/bench/flood.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {
namespace {

constexpr int kLibraryThreads = 2, kChannels = 4;
constexpr int kVerifying = 32, kAsking = 128;  // calls under way

uint64_t LimitOf(const ReadOptions& options) {
  return options.limit == 0 ? std::numeric_limits<uint64_t>::max() : options.limit;
}

// Runs `flood` and takes the account of both processes.
template <typename Flood>
ReadResult Measure(Flood* flood, const Service& service, int outstanding,
                   const ReadOptions& options) {
  const double server = UseOf(service.pid()).cpu_micros, own = ProcessCpuMicros();
  const double start = WallMicros();
  flood->Run(outstanding, start + 1e6 * options.seconds, LimitOf(options));
  ReadResult result;
  result.seconds = (WallMicros() - start) / 1e6;
  result.server_cpu = UseOf(service.pid()).cpu_micros - server;
  result.own_cpu = ProcessCpuMicros() - own;
  result.done = flood->done();
  result.wrong = flood->wrong();
  return result;
}

absl::StatusOr<signer::VerifierTrust> Trust(const Installation& installation) {
  signer::VerifierTrust trust;
  const auto read = [&](const char* name) { return tests::ReadFile(installation.Path(name)); };
  ASSIGN_OR_RETURN(trust.makers, signer::TrustStore::FromPem(read("trust/seal-makers.pem")));
  ASSIGN_OR_RETURN(trust.signers, signer::TrustStore::FromPem(read("trust/signers.pem")));
  ASSIGN_OR_RETURN(trust.time_stamps, signer::TrustStore::FromPem(""));
  ASSIGN_OR_RETURN(trust.log_key, signer::NoteVerifierFromPem(kLogName, read("trust/log.pem")));
  return trust;
}

ReadResult VerifyAll(const signer::DocumentVerifier& verifier,
                     const std::vector<std::string>& files, const ReadOptions& options) {
  std::atomic<uint64_t> next{0}, wrong{0};
  const uint64_t limit = LimitOf(options);
  const absl::Time now = absl::Now();
  const double own = ProcessCpuMicros(), start = WallMicros();
  std::vector<std::thread> threads;
  for (int i = 0; i < kLibraryThreads; ++i) {
    threads.emplace_back([&] {
      while (WallMicros() < start + 1e6 * options.seconds) {
        const uint64_t index = next++;
        if (index >= limit) break;
        const signer::Report report = verifier.Verify(files[index % files.size()], now);
        if (report.verdict != signer::Verdict::kGenuineStatusNotChecked) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ReadResult result;
  result.seconds = (WallMicros() - start) / 1e6;
  result.own_cpu = ProcessCpuMicros() - own;
  result.done = std::min<uint64_t>(next, limit);
  result.wrong = wrong;
  return result;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DownloadDocuments(const Service& service, int count) {
  ASSIGN_OR_RETURN(const client::ClientOptions options, service.As("platform", 1));
  client::Client platform(options);
  std::vector<std::string> files;
  for (int i = 1; i <= count; ++i) {
    v1::DownloadDocumentRequest request;
    request.mutable_key()->set_number(absl::StrFormat("Z52%07d", i));
    request.set_use_cause("bench");
    absl::StatusOr<v1::DownloadDocumentResponse> answer = platform.DownloadDocument(request);
    if (absl::IsNotFound(answer.status())) continue;  // approved, never issued: the run ended
    RETURN_IF_ERROR(answer.status());
    files.push_back(std::move(*answer->mutable_file()));
  }
  if (files.empty()) return absl::NotFoundError("no certificate to download");
  return files;
}

absl::StatusOr<LibraryResult> VerifyInLibrary(const Installation& installation,
                                              const std::vector<std::string>& files,
                                              const ReadOptions& options) {
  ASSIGN_OR_RETURN(signer::VerifierTrust trust, Trust(installation));
  const signer::DocumentVerifier verifier(std::move(trust));
  LibraryResult result;
  result.first_sight = VerifyAll(verifier, files, {options.seconds, files.size()});
  result.again = VerifyAll(verifier, files, options);
  return result;
}

absl::StatusOr<ReadResult> VerifyThroughService(const Service& service,
                                                const std::vector<std::string>& files,
                                                const ReadOptions& options) {
  ASSIGN_OR_RETURN(const client::ClientOptions police, service.As("police", kChannels));
  Flood<v1::Verification, v1::VerifyDocumentRequest, v1::VerifyDocumentResponse> flood(
      Connect(police),
      [](v1::Verification::Stub* stub, grpc::ClientContext* context,
         const v1::VerifyDocumentRequest* request, v1::VerifyDocumentResponse* response,
         std::function<void(grpc::Status)> done) {
        stub->async()->VerifyDocument(context, request, response, std::move(done));
      },
      [&](uint64_t index, v1::VerifyDocumentRequest* request) {
        request->set_file(files[index % files.size()]);
        request->set_use_cause("bench");
      },
      [](const v1::VerifyDocumentResponse& response) {
        return response.verdict() == v1::VERDICT_VALID;
      });
  return Measure(&flood, service, kVerifying, options);
}

absl::StatusOr<ReadResult> AskStatus(const Service& service, uint64_t certificates,
                                     const ReadOptions& options) {
  ASSIGN_OR_RETURN(const client::ClientOptions police, service.As("police", kChannels));
  Flood<v1::Verification, v1::GetStatusRequest, v1::GetStatusResponse> flood(
      Connect(police),
      [](v1::Verification::Stub* stub, grpc::ClientContext* context,
         const v1::GetStatusRequest* request, v1::GetStatusResponse* response,
         std::function<void(grpc::Status)> done) {
        stub->async()->GetStatus(context, request, response, std::move(done));
      },
      [&](uint64_t index, v1::GetStatusRequest* request) {
        request->set_status_index(1 + index * 7919 % certificates);
      },
      [](const v1::GetStatusResponse& response) {
        return response.known() && response.status() == v1::CERTIFICATE_STATUS_VALID;
      });
  return Measure(&flood, service, kAsking, options);
}

}  // namespace birthseal::bench
