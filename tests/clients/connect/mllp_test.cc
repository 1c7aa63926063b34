// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <future>
#include <mutex>

#include "clients/connect/mllp/deframer.h"
#include "clients/connect/mllp/listener.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/connect/failing_sockets.h"
#include "tests/support/mllp_peer.h"
#include "tests/support/status_matchers.h"

namespace birthseal::connect::mllp {
namespace {

using Peer = tests::MllpPeer;

std::unique_ptr<Listener> Echo(ListenerOptions options = {}) {
  auto listener = Listener::Start(options, [](const std::string& message) {
    if (message == "close") return Reply{true, ""};
    if (message == "ACK") return Reply{false, ""};
    return Reply{false, "ack of " + message};
  });
  EXPECT_OK(listener);
  return *std::move(listener);
}

TEST(DeframerTest, TakesJunkMissingCarriageReturnsAndSplitsAnywhere) {
  const std::string stream =
      std::string("junk\r\n") + Frame("one") + "\x0Btwo\x1C" + Frame("three");
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    Deframer deframer;
    std::string all;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      ASSERT_TRUE(deframer.Add(piece));
      while (const auto message = deframer.Next()) all += *message + ",";
    }
    EXPECT_EQ(all, "one,two,three,") << "cut at " << cut;
  }
}

TEST(DeframerTest, AFrameThatIsBegunAnewGivesTheNewOneOnly) {
  const std::string stream = std::string("\x0Bhalf") + Frame("one") + "\x0B\x0B" + "a\x0B" + "bc" +
                             Frame("two") + "\x0Brest";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    Deframer deframer;
    std::string all;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      ASSERT_TRUE(deframer.Add(piece));
      while (const auto message = deframer.Next()) all += *message + ",";
    }
    EXPECT_EQ(all, "one,two,") << "cut at " << cut;
    EXPECT_EQ(deframer.TakeAbandoned(), 7u);  // "half", "a", "bc"
    EXPECT_TRUE(deframer.InFrame());
  }
}

TEST(DeframerTest, AnEndThatNoFrameEndFollowsIsAByteOfTheMessage) {
  const std::string stream = Frame("NTE|text \x1C more\rDG1|P95") + "\x0Btwo\x1C" + Frame("three") +
                             "\x0B\x1C\x1C\r\x0B" + "four\x1C";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    Deframer deframer;
    std::string all;
    ASSERT_TRUE(deframer.Add(stream.substr(0, cut)) && deframer.Add(stream.substr(cut)));
    EXPECT_TRUE(deframer.AtEnd());
    deframer.EndHere();
    while (const auto message = deframer.Next()) all += *message + ",";
    EXPECT_EQ(all, "NTE|text \x1C more\rDG1|P95,two,three,\x1C,four,") << "cut at " << cut;
    EXPECT_FALSE(deframer.InFrame());
    deframer.EndHere();
    EXPECT_FALSE(deframer.Next().has_value());
  }
}

TEST(DeframerTest, JunkBetweenFramesIsCountedAndLineEndsAreNone) {
  Deframer deframer;
  ASSERT_TRUE(deframer.Add("\r\n" + Frame("one") + "\n" + Frame("two")));
  EXPECT_EQ(deframer.TakeJunk(), 0u);
  ASSERT_TRUE(deframer.Add("junk" + Frame("three")));
  ASSERT_TRUE(deframer.Add("PID|\r"));
  EXPECT_EQ(deframer.TakeJunk(), 8u);
  EXPECT_EQ(deframer.TakeJunk(), 0u);
}

TEST(DeframerTest, RefusesAFrameThatNeverEnds) {
  Deframer deframer;
  ASSERT_TRUE(deframer.Add("\x0B"));
  bool taken = true;
  for (int i = 0; i < 40 && taken; ++i) taken = deframer.Add(std::string(64 * 1024, 'x'));
  EXPECT_FALSE(taken);
}

TEST(ListenerTest, AnswersInOrderWithOneSendEach) {
  auto listener = Echo();
  Peer peer(listener->port());
  peer.SendBytes(Frame("a") + Frame("b"));
  std::string got = peer.ReadOnce();
  while (got.size() < 2 * Frame("ack of a").size()) got += peer.ReadOnce();
  EXPECT_EQ(got, Frame("ack of a") + Frame("ack of b"));
  peer.SendBytes(Frame("c"));
  EXPECT_EQ(peer.ReadOnce(), Frame("ack of c"));
}

TEST(ListenerTest, AnAcknowledgedAcknowledgementEndsTheTalk) {
  auto listener = Echo();
  Peer peer(listener->port());
  peer.SendBytes(Frame("ACK") + Frame("ACK") + Frame("d"));
  EXPECT_EQ(peer.ReadOnce(), Frame("ack of d"));
}

TEST(ListenerTest, ClosesWithoutAnAnswerWhenItCannotGiveOne) {
  auto listener = Echo();
  Peer peer(listener->port());
  peer.SendBytes(Frame("close"));
  EXPECT_EQ(peer.ReadOnce(), "");
}

TEST(ListenerTest, BoundsItsConnectionsAndStopsWithOpenOnes) {
  ListenerOptions options;
  options.max_connections = 1;
  auto listener = Echo(options);
  Peer first(listener->port());
  first.SendBytes(Frame("a"));
  EXPECT_EQ(first.ReadOnce(), Frame("ack of a"));
  Peer second(listener->port());
  EXPECT_EQ(second.ReadOnce(), "");
  listener.reset();
  EXPECT_EQ(first.ReadOnce(), "");
}

TEST(ListenerTest, IdleConnectionsDoNotShutTheDoor) {
  auto listener = Echo();
  std::vector<std::unique_ptr<Peer>> idle;
  for (int i = 0; i < 64; ++i) idle.push_back(std::make_unique<Peer>(listener->port()));
  Peer hospital(listener->port());
  hospital.SendBytes(Frame("a"));
  EXPECT_EQ(hospital.ReadOnce(), Frame("ack of a"));
}

TEST(ListenerTest, AnAddressThatCannotBeBoundIsNamed) {
  ListenerOptions options;
  options.address = "not an address";
  EXPECT_THAT(Listener::Start(options, nullptr),
              tests::StatusIs(absl::StatusCode::kUnavailable, "MLLP_BIND"));
}

TEST(ListenerTest, WhateverTheSystemRefusesIsSaid) {
  tests::Faults faults;
  const tests::FailingSockets sockets(&faults);
  int failed = 0;
  for (bool struck = true; struck; ++failed) {
    faults.FailAfter(failed);
    const auto listener = Listener::Start({}, nullptr);
    struck = !faults.Stop().empty();
    if (struck) {
      EXPECT_THAT(listener, tests::StatusIs(absl::StatusCode::kUnavailable, "MLLP_BIND")) << failed;
    } else {
      EXPECT_OK(listener);
    }
  }
  EXPECT_EQ(failed, 6);  // socket, bind, listen, getsockname, eventfd; and none
}

// What the listener tells, waited for.
class Told {
 public:
  Notices::Sink Sink() {
    return [this](const std::string& line) {
      std::lock_guard<std::mutex> lock(mutex_);
      lines_.push_back(line);
      told_.notify_all();
    };
  }
  std::string Line() {
    std::unique_lock<std::mutex> lock(mutex_);
    told_.wait_for(lock, std::chrono::seconds(60), [this] { return !lines_.empty(); });
    return lines_.empty() ? "" : lines_.front();
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::string> lines_;
};

TEST(ListenerTest, OneThatCannotWaitForConnectionsSaysSoAndClosesItsPort) {
  tests::Faults faults;
  const tests::FailingSockets sockets(&faults);
  Told told;
  std::promise<void> gave_up;
  ListenerOptions options;
  options.log = told.Sink();
  options.gave_up = [&gave_up] { gave_up.set_value(); };
  faults.FailEach("poll");
  auto listener = Echo(options);
  const auto waited = gave_up.get_future().wait_for(std::chrono::seconds(60));
  faults.Stop();  // or it could not even be stopped
  ASSERT_EQ(waited, std::future_status::ready);
  EXPECT_THAT(told.Line(), testing::HasSubstr("cannot wait for connections"));
  options = {};
  options.port = listener->port();
  EXPECT_OK(Listener::Start(options, nullptr));  // nobody has it any more
}

TEST(ListenerTest, AConnectionThatCannotBeTakenNowIsTakenLater) {
  tests::Faults faults;
  const tests::FailingSockets sockets(&faults);
  Told told;
  ListenerOptions options;
  options.log = told.Sink();
  auto listener = Echo(options);
  faults.FailEach("accept4");
  Peer peer(listener->port());
  EXPECT_THAT(told.Line(), testing::HasSubstr("cannot take a connection"));
  EXPECT_EQ(faults.Stop(), "accept4");
  peer.SendBytes(Frame("a"));
  EXPECT_EQ(peer.ReadOnce(), Frame("ack of a"));
}

TEST(ListenerTest, APortThatIsTakenIsNotSharedNorReplaced) {
  const auto first = Echo();
  ListenerOptions options;
  options.port = first->port();
  EXPECT_THAT(Listener::Start(options, nullptr),
              tests::StatusIs(absl::StatusCode::kUnavailable, "MLLP_BIND"));
}

}  // namespace
}  // namespace birthseal::connect::mllp
