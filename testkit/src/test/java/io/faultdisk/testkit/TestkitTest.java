package io.faultdisk.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class TestkitTest {

  @Nested
  final class GenTest {
    @Test
    void everyCombinationOnce() {
      List<String> seen = new ArrayList<>();
      Gen gen = new Gen();
      while (gen.next()) {
        String choice = gen.of(List.of("a", "b"));
        seen.add(gen.bool() ? choice + gen.below(3) : choice);
      }
      assertThat(seen).containsExactly("a", "a0", "a1", "a2", "b", "b0", "b1", "b2");
      assertThat(gen.rounds()).isEqualTo(8);
    }

    @Test
    void withoutChoicesOneRound() {
      Gen gen = new Gen();
      assertThat(gen.next()).isTrue();
      assertThat(gen.next()).isFalse();
    }

    @Test
    void noChoiceIsABug() {
      Gen gen = new Gen();
      gen.next();
      assertThatThrownBy(() -> gen.below(0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Nested
  final class RandomCasesTest {
    @Test
    void aFailureNamesASeedThatRepeatsIt() {
      AtomicInteger cases = new AtomicInteger();
      List<Long> failing = new ArrayList<>();
      RandomCases.Body body =
          random -> {
            long number = random.nextLong();
            if (cases.incrementAndGet() == 3) {
              failing.add(number);
              throw new IllegalStateException("the third");
            }
          };
      AssertionError error = failure(body);
      assertThat(error).hasMessageContaining("numbers failed").hasMessageContaining("the third");
      String seed = error.getMessage().replaceAll("(?s).*seed=(0x[0-9a-f]+).*", "$1");
      String before = System.getProperty("faultdisk.seed");
      List<Long> again = new ArrayList<>();
      System.setProperty("faultdisk.seed", seed);
      try {
        RandomCases.run("numbers", 100, random -> again.add(random.nextLong()));
      } finally {
        if (before == null) {
          System.clearProperty("faultdisk.seed");
        } else {
          System.setProperty("faultdisk.seed", before);
        }
      }
      assertThat(again).isEqualTo(failing);
    }

    private static AssertionError failure(RandomCases.Body body) {
      String before = System.clearProperty("faultdisk.seed");
      try {
        RandomCases.run("numbers", 100, body);
      } catch (AssertionError e) {
        return e;
      } finally {
        if (before != null) {
          System.setProperty("faultdisk.seed", before);
        }
      }
      throw new AssertionError("did not fail");
    }
  }

  @Nested
  final class ManualClockTest {
    @Test
    void moveAndStand() {
      ManualClock clock = new ManualClock();
      assertThat(clock.nanoTime()).isZero();
      clock.advance(Duration.ofSeconds(3));
      assertThat(clock.nanoTime()).isEqualTo(3_000_000_000L);
      assertThat(clock.now()).isEqualTo(Instant.parse("2000-01-01T00:00:03Z"));
      assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Nested
  final class RaceTest {
    @Test
    void allRun() throws Exception {
      AtomicInteger sum = new AtomicInteger();
      new Race(Duration.ofSeconds(10)).threads(4, sum::addAndGet).threads(1, n -> {}).run();
      assertThat(sum.get()).isEqualTo(6);
    }

    @Test
    void aFailureIsReported() {
      Race race =
          new Race(Duration.ofSeconds(10))
              .threads(
                  2,
                  n -> {
                    if (n == 1) {
                      throw new IllegalStateException("stumbled");
                    }
                  });
      assertThatThrownBy(race::run)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("stumbled");
    }

    @Test
    void aHangIsReported() {
      CountDownLatch never = new CountDownLatch(1);
      Race race = new Race(Duration.ofMillis(20)).threads(1, n -> never.await());
      assertThatThrownBy(race::run)
          .isInstanceOf(AssertionError.class)
          .hasMessage("not done within PT0.02S");
    }
  }
}
