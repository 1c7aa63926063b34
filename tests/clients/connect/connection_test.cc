// SPDX-License-Identifier: Apache-2.0
// How connections end by themselves, who makes room for whom, and what the log says of it.
#include "clients/connect/mllp/connection.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/mllp_peer.h"
#include "tests/support/status_matchers.h"

namespace birthseal::connect::mllp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Peer = tests::MllpPeer;

constexpr absl::Duration kSoon = absl::Milliseconds(60), kLong = absl::Milliseconds(500),
                         kNever = absl::Hours(1);

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    options_.idle = options_.frame = options_.spare = kNever;
    options_.log = [this](const std::string& line) {
      std::lock_guard<std::mutex> lock(mutex_);
      lines_.push_back(line);
      told_.notify_all();
    };
  }
  void Listen() {
    auto listener = Listener::Start(options_, [this](const std::string& message) {
      Reply reply{false, "ack of " + message};
      reply.understood = message != "junk";
      if (message == "down") {
        reply = {true, "", "UNAVAILABLE"};
        std::lock_guard<std::mutex> lock(mutex_);
        down_ = true;
        told_.notify_all();
      }
      return reply;
    });
    ASSERT_OK(listener);
    listener_ = *std::move(listener);
  }
  std::unique_ptr<Peer> Connect(const char* from = "127.0.0.1") {
    return std::make_unique<Peer>(listener_->port(), from);
  }
  // The connection is served: it has a place.
  static void Speak(Peer& peer, const std::string& message) {
    peer.SendBytes(Frame(message));
    EXPECT_EQ(peer.ReadOnce(), Frame("ack of " + message));
  }
  // Sends the piece again and again until the other side has closed.
  static void Drip(Peer& peer, const std::string& piece) {
    for (int i = 0; i < 60'000 && peer.TrySendBytes(piece); ++i) usleep(1000);
  }
  std::vector<std::string> Lines() {
    std::lock_guard<std::mutex> lock(mutex_);
    return lines_;
  }
  // The first line of the log, waited for.
  std::string Line() {
    std::unique_lock<std::mutex> lock(mutex_);
    told_.wait_for(lock, std::chrono::seconds(60), [this] { return !lines_.empty(); });
    return lines_.empty() ? "" : lines_.front();
  }

  ListenerOptions options_;
  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::string> lines_;
  bool down_ = false;  // a message found the service down
  std::unique_ptr<Listener> listener_;
};

TEST_F(ConnectionTest, OneWithoutAMessageForLongIsClosedAndToldOf) {
  options_.idle = kLong;
  Listen();
  const auto silent = Connect(), spoken = Connect();
  Speak(*spoken, "a");
  EXPECT_EQ(silent->ReadOnce(), "");
  EXPECT_EQ(spoken->ReadOnce(), "");
  EXPECT_THAT(Line(), HasSubstr("no message for 500ms (idle_seconds)"));
}

TEST_F(ConnectionTest, JunkOutsideAFrameIsNoSignOfLife) {
  options_.idle = kSoon;
  Listen();
  const auto peer = Connect();
  std::thread dripping([&] { Drip(*peer, "x"); });
  EXPECT_EQ(peer->ReadOnce(), "");
  dripping.join();
  listener_.reset();
  EXPECT_THAT(Lines(), Contains(HasSubstr("no message for")));
  EXPECT_THAT(Lines(), Contains(HasSubstr("bytes between frames")));
}

TEST_F(ConnectionTest, AFrameThatDripsIsClosedHoweverOftenItBeginsAnew) {
  for (const char* piece : {"x", "\x0B"}) {
    options_.frame = kSoon;
    lines_.clear();
    Listen();
    const auto peer = Connect();
    peer->SendBytes("\x0BMSH");
    std::thread dripping([&] { Drip(*peer, piece); });
    EXPECT_EQ(peer->ReadOnce(), "");
    dripping.join();
    listener_.reset();
    EXPECT_THAT(Lines(), Contains(HasSubstr("did not end within 60ms")));
  }
}

TEST_F(ConnectionTest, ASlowFrameThatEndsInTimeIsAnswered) {
  options_.idle = kLong;  // does not count while a frame is on its way
  Listen();
  const auto peer = Connect();
  for (const char* piece : {"\x0B", "MSH", "|", "\x1C", "\r"}) {
    peer->SendBytes(piece);
    usleep(130'000);
  }
  EXPECT_EQ(peer->ReadOnce(), Frame("ack of MSH|"));
}

TEST_F(ConnectionTest, AnEndInsideTheTextIsNoneEvenWhereAPacketEndsWithIt) {
  Listen();
  const auto peer = Connect();
  for (const char* piece : {"\x0BNTE|text \x1C", " more\x1C\r"}) {
    peer->SendBytes(piece);
    usleep(10'000);
  }
  EXPECT_EQ(peer->ReadOnce(), Frame("ack of NTE|text \x1C more"));
  peer->SendBytes("\x0Bno line end\x1C");
  EXPECT_EQ(peer->ReadOnce(), Frame("ack of no line end"));
}

TEST_F(ConnectionTest, AHalfThatIsGivenUpIsToldBySizeAlone) {
  Listen();
  const auto peer = Connect();
  peer->SendBytes("\x0BPID|SECRET" + Frame("whole"));
  EXPECT_EQ(peer->ReadOnce(), Frame("ack of whole"));
  EXPECT_THAT(Line(), HasSubstr("the 10 bytes before are dropped"));
  EXPECT_THAT(Line(), HasSubstr("what follows is answered"));
  EXPECT_FALSE(absl::StrContains(Line(), "SECRET"));
}

TEST_F(ConnectionTest, JunkBetweenFramesIsToldBySizeAlone) {
  Listen();
  const auto peer = Connect();
  peer->SendBytes("PID|SECRET" + Frame("whole"));
  EXPECT_EQ(peer->ReadOnce(), Frame("ack of whole"));
  EXPECT_THAT(Line(), HasSubstr("10 bytes between frames"));
  EXPECT_FALSE(absl::StrContains(Line(), "SECRET"));
}

TEST_F(ConnectionTest, TroubleOfTheServiceIsToldWithItsCodeAndNothingElse) {
  Listen();
  const auto peer = Connect();
  peer->SendBytes(Frame("down"));
  EXPECT_EQ(peer->ReadOnce(), "");
  EXPECT_THAT(Line(), HasSubstr("service_unreachable UNAVAILABLE"));
}

TEST_F(ConnectionTest, AfterTroubleOfTheServiceNothingIsTakenUntilTheSenderConnectsAgain) {
  Listen();
  const auto peer = Connect();
  peer->SendBytes(Frame("down") + Frame("a"));
  {
    std::unique_lock<std::mutex> lock(mutex_);
    told_.wait_for(lock, std::chrono::seconds(60), [this] { return down_; });
  }
  peer->TrySendBytes(Frame("b"));
  EXPECT_EQ(peer->ReadOnce(), "");
  Speak(*Connect(), "a");
}

TEST_F(ConnectionTest, AFrameThatOutgrowsTheLimitIsNotAnsweredAndToldOf) {
  options_.frame = absl::Seconds(10);
  Listen();
  const auto peer = Connect();
  peer->TrySendBytes("\x0B" + std::string(kMaxFrameBytes + 1, 'x'));
  EXPECT_EQ(peer->ReadOnce(), "");
  listener_.reset();
  EXPECT_THAT(Lines(), Contains(HasSubstr("its frame outgrew 1 MiB")));
}

TEST_F(ConnectionTest, ASenderThatDoesNotWaitForItsAnswerHoldsNoPlace) {
  options_.max_connections = 1;
  options_.spare = kNever;
  Listen();
  for (int i = 0; i < 20; ++i) {
    const auto peer = Connect();
    peer->TrySendBytes(Frame(std::string(kMaxFrameBytes - 100, 'x')));
  }
  listener_.reset();  // no thread is left sending
}

TEST_F(ConnectionTest, WhereTwoLimitsAreReachedAtOnceOneMakesRoom) {
  options_.max_connections = 4;  // which is the least limit of an address, too
  Listen();
  std::vector<std::unique_ptr<Peer>> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(Connect());
  Speak(*silent[0], "a");
  const auto fifth = Connect();
  Speak(*fifth, "b");
  EXPECT_EQ(silent[1]->ReadOnce(), "");
  for (const size_t other : {0, 2, 3}) Speak(*silent[other], "still here");
  EXPECT_THAT(Lines(), SizeIs(1));
}

TEST_F(ConnectionTest, AFrameThatIsNoMessageIsNotHavingSpoken) {
  options_.max_connections = 2;
  Listen();
  const auto hospital = Connect();
  Speak(*hospital, "a");
  const auto junk = Connect();
  Speak(*junk, "junk");
  const auto other = Connect();
  Speak(*other, "b");
  EXPECT_EQ(junk->ReadOnce(), "");
  Speak(*hospital, "c");
}

TEST_F(ConnectionTest, JunkFramesFromEveryAddressDoNotShutTheDoor) {
  Listen();
  std::vector<std::unique_ptr<Peer>> junk;
  for (int i = 0; i < 64; ++i) {
    Speak(*junk.emplace_back(Connect(absl::StrCat("127.0.1.", 1 + i / 16).c_str())), "junk");
  }
  const auto hospital = Connect();
  for (const auto& peer : junk) peer->TrySendBytes(Frame("junk"));  // still no sign of life
  Speak(*hospital, "a");
  const auto other = Connect();
  Speak(*other, "b");
  Speak(*hospital, "c");
}

TEST_F(ConnectionTest, OneAddressHoldsAQuarterOfThePlacesAndMakesRoomAmongItsOwn) {
  options_.max_connections = 20;
  Listen();
  std::vector<std::unique_ptr<Peer>> held;
  for (int i = 0; i < 5; ++i) Speak(*held.emplace_back(Connect()), "a");
  EXPECT_EQ(Connect()->ReadOnce(), "");
  EXPECT_THAT(Line(), HasSubstr("all 5 connections of 127.0.0.1 taken (max_connections_per_peer)"));
  EXPECT_THAT(Line(), HasSubstr("refused a new one"));
  const auto hospital = Connect("127.0.0.2");
  Speak(*hospital, "b");
  for (const auto& peer : held) Speak(*peer, "still here");
}

TEST_F(ConnectionTest, TheLimitOfAnAddressIsFourAtLeastAndMayBeNone) {
  options_.max_connections = 8;
  Listen();
  std::vector<std::unique_ptr<Peer>> held;
  for (int i = 0; i < 4; ++i) Speak(*held.emplace_back(Connect()), "a");
  EXPECT_EQ(Connect()->ReadOnce(), "");
  held.clear();
  options_.max_connections_per_peer = 0;
  Listen();
  for (int i = 0; i < 8; ++i) Speak(*held.emplace_back(Connect()), "a");
}

TEST_F(ConnectionTest, QuietOnesMakeRoomAndThoseThatNeverSpokeGoFirst) {
  options_.max_connections = 3;
  Listen();
  const auto hospital = Connect();
  Speak(*hospital, "a");
  const auto silent = Connect(), later = Connect();
  const auto first = Connect();  // in place of one of the two
  Speak(*first, "b");
  EXPECT_EQ(silent->ReadOnce(), "");
  const auto second = Connect();
  Speak(*second, "c");
  EXPECT_EQ(later->ReadOnce(), "");
  Speak(*hospital, "still here");
  EXPECT_THAT(Lines(), SizeIs(2));  // of the three that have spoken none has been quiet for long
  EXPECT_EQ(Connect()->ReadOnce(), "");
  EXPECT_THAT(Line(), HasSubstr("all 3 connections taken: closed the longest quiet one"));
}

TEST_F(ConnectionTest, OneThatHasSpokenMakesRoomWhenItHasBeenQuietForLong) {
  options_.max_connections = 1;
  options_.spare = absl::ZeroDuration();
  Listen();
  const auto first = Connect();
  Speak(*first, "a");
  std::string answer;
  while (answer.empty()) {  // until the answer to the first has left its thread
    const auto second = Connect();
    second->TrySendBytes(Frame("b"));
    answer = second->ReadOnce();
  }
  EXPECT_EQ(answer, Frame("ack of b"));
  EXPECT_EQ(first->ReadOnce(), "");
}

TEST_F(ConnectionTest, WithoutAQuietOneANewOneIsRefusedAndToldOf) {
  options_.max_connections = 1;
  Listen();
  const auto first = Connect();
  Speak(*first, "a");
  EXPECT_EQ(Connect()->ReadOnce(), "");
  Speak(*first, "b");
  EXPECT_THAT(Line(), HasSubstr("MLLP 127.0.0.1:"));
  EXPECT_THAT(Line(), HasSubstr("refused a new one"));
}

TEST(NoticesTest, AFloodOfOneKindWritesAFewLinesAMinuteAndCountsTheRest) {
  std::vector<std::string> lines;
  Notices notices("MLLP x", [&](const std::string& line) { lines.push_back(line); });
  const Steady::time_point start = Steady::now();
  for (int i = 0; i < 1000; ++i) notices.Write(Notice::kRefused, "full", start);
  EXPECT_THAT(lines, SizeIs(Notices::kLinesAMinute));
  notices.Write(Notice::kIdle, "idle", start);  // another kind is not drowned
  EXPECT_EQ(lines.back(), "MLLP x: idle");
  notices.Write(Notice::kRefused, "full", start + std::chrono::minutes(1));
  ASSERT_THAT(lines, SizeIs(Notices::kLinesAMinute + 3));
  EXPECT_EQ(lines[Notices::kLinesAMinute + 1], "MLLP x: 990 more like the next line");
}

}  // namespace
}  // namespace birthseal::connect::mllp
