// SPDX-License-Identifier: Apache-2.0
// The loaded service is killed (kill -9) again and again, at random moments and at each numbered
// step of server/issuing/ISSUANCE.md, and held to what it had acknowledged after each restart.
//
// BIRTHSEAL_KILLS sets how many times, BIRTHSEAL_KILL_SEED where the chances start.
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/use_case/issue_step.h"
#include "tests/crash/kill_check.h"
#include "tests/crash/kill_load.h"
#include "tests/support/service_harness.h"

namespace birthseal::tests {
namespace {

constexpr int kCallers = 4;
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kDefaultKills = 33;  // slow to start; each step once
#else
constexpr int kDefaultKills = 300;
#endif
constexpr int kMaxLoadMs = 160;  // of a random kill
constexpr int kMaxSteps = 8;     // a step kills when it is reached for the n-th time, n up to
constexpr absl::Duration kStepPatience = absl::Seconds(60);

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string LastLines(const std::string& log) {
  return log.substr(log.size() - std::min<size_t>(log.size(), 1000));
}

ServiceSite::Options SiteOptions() {
  ServiceSite::Options options;
  options.allow_crash_points = true;
  return options;
}

class KillTest : public testing::Test {
 protected:
  KillTest()
      : kills_(static_cast<int>(FromEnvironment("BIRTHSEAL_KILLS", kDefaultKills))),
        seed_(FromEnvironment("BIRTHSEAL_KILL_SEED", std::random_device{}())),
        random_(seed_),
        site_(SiteOptions()) {
    for (int i = 0; i < kCallers; ++i) {
      callers_.push_back(std::make_unique<Caller>(site_, i % 2 == 0 ? kSiteA : kSiteB, &faults_, i,
                                                  kCallers, random_()));
    }
    const uint64_t numbers = 3 * static_cast<uint64_t>(site_.options().numbers);
    checker_ = std::make_unique<KillChecker>(&callers_, numbers, &faults_);
  }

  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }

  // Callers at work, until the service dies.
  class Load {
   public:
    Load(std::vector<std::unique_ptr<Caller>>* callers, Connections* connections) {
      for (const auto& caller : *callers) {
        threads_.emplace_back([caller = caller.get(), connections] {
          while (caller->Step(connections).ok()) {
          }
        });
      }
    }
    ~Load() {
      for (std::thread& thread : threads_) thread.join();
    }

   private:
    std::vector<std::thread> threads_;
  };

  // 0: a kill at a random moment.
  static int StepOf(int cycle) { return cycle % 3 == 0 ? 1 + cycle / 3 % server::kIssueSteps : 0; }

  // One life: start, check, load, kill.
  void Cycle(int cycle) {
    const int step = StepOf(cycle);
    std::vector<std::string> environment;
    if (step != 0) {
      environment.push_back(
          absl::StrCat("BIRTHSEAL_CRASH_POINT=", step, ":", 1 + Below(kMaxSteps)));
    }
    ServiceProcess service(site_, std::move(environment));
    if (!service.WaitUntilServing()) {
      // The finisher may reach the step at once.
      if (step == 0 || service.Running()) {
        faults_.Add(absl::StrCat("does not start again: ", LastLines(ReadFile(site_.log_path()))));
      }
      ++(step == 0 ? random_kills_ : step_kills_[step]);
      return;
    }
    Connections connections(site_, service.port());
    const absl::Status checked = checker_->Check(&connections);
    if (!checked.ok() && (!IsDeath(checked) || step == 0)) {
      faults_.Add(absl::StrCat("check: ", checked.ToString()));
    }
    if (!faults_.none()) return;
    const Load load(&callers_, &connections);
    if (step != 0) {
      if (!service.WaitUntilEnded(kStepPatience)) {
        faults_.Add(absl::StrCat("step ", step, " is never reached"));
      } else if (!WIFSIGNALED(service.wait_status())) {
        faults_.Add("ended by itself");
      }
      ++step_kills_[step];
    } else {
      absl::SleepFor(absl::Microseconds(Below(kMaxLoadMs * 1000)));
      if (!service.Running()) faults_.Add("ended by itself");
      ++random_kills_;
    }
    service.Kill();
  }

  // Killed while it starts and finishes what it finds: before anybody has asked it anything.
  void KillWhileStarting() {
    ServiceProcess service(site_);
    absl::SleepFor(absl::Microseconds(Below(400'000)));
    service.Kill();
    ++early_kills_;
  }

  void Progress(int cycle, absl::Time begun, bool last) const {
    if (!last && cycle % 25 != 0) return;
    std::fprintf(stderr, "kill_test: %d of %d kills, %llu certificates, %.0f s\n", cycle, kills_,
                 static_cast<unsigned long long>(checker_->certificates()),
                 absl::ToDoubleSeconds(absl::Now() - begun));
  }

  const int kills_;
  const uint64_t seed_;
  std::mt19937_64 random_;
  ServiceSite site_;
  Faults faults_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::unique_ptr<KillChecker> checker_;
  int random_kills_ = 0, early_kills_ = 0;
  int step_kills_[server::kIssueSteps + 1] = {};
};

TEST_F(KillTest, NothingAcknowledgedIsLostAndEverythingReservedIsFinished) {
  std::fprintf(stderr, "kill_test: BIRTHSEAL_KILL_SEED=%llu\n",
               static_cast<unsigned long long>(seed_));
  const absl::Time begun = absl::Now();
  {
    ServiceProcess service(site_);
    ASSERT_TRUE(service.WaitUntilServing()) << ReadFile(site_.log_path());
    site_.Register(service.port());
  }
  for (int cycle = 0; cycle < kills_ && faults_.none(); ++cycle) {
    if (cycle % 10 == 9) KillWhileStarting();
    Cycle(cycle);
    Progress(cycle + 1, begun, cycle + 1 == kills_);
  }
  if (faults_.none()) {
    ServiceProcess service(site_);
    ASSERT_TRUE(service.WaitUntilServing());
    {
      Connections connections(site_, service.port());
      EXPECT_TRUE(checker_->CheckAll(&connections).ok());
    }
    service.Stop();
    EXPECT_TRUE(WIFEXITED(service.wait_status()) && WEXITSTATUS(service.wait_status()) == 0);
  }
  EXPECT_EQ(absl::StrJoin(faults_.all(), "\n"), "") << "seed " << seed_;
  std::string steps;
  for (int step = 1; step <= server::kIssueSteps; ++step) {
    absl::StrAppendFormat(&steps, " %d:%d", step, step_kills_[step]);
  }
  std::fprintf(stderr,
               "kill_test: %d random kills, at steps%s, %d while starting; %llu certificates, %llu "
               "issues left to the finisher\n",
               random_kills_, steps.c_str(), early_kills_,
               static_cast<unsigned long long>(checker_->certificates()),
               static_cast<unsigned long long>(checker_->left_to_finisher()));
}

}  // namespace
}  // namespace birthseal::tests
