package io.faultdisk.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The small types of the module. */
final class BaseTest {

  @Nested
  final class ErrnoTest {
    @Test
    void knowsNamesTextsAndNumbers() {
      assertThat(Errno.EIO.number()).isEqualTo(5);
      assertThat(Errno.EIO.name()).isEqualTo("EIO");
      assertThat(Errno.EIO.text()).isEqualTo("Input/output error");
      assertThat(Errno.ENOSPC).hasToString("ENOSPC (No space left on device)");
      assertThat(Errno.of(123)).isSameAs(Errno.ENOMEDIUM);
      assertThat(Errno.of(0)).isSameAs(Errno.SUCCESS);
      assertThat(Errno.named("EHWPOISON")).contains(Errno.of(133));
      assertThat(Errno.named("eio")).isEmpty();
    }

    @Test
    void aliasesAreTheSameNumber() {
      assertThat(Errno.named("ENOTSUP")).contains(Errno.EOPNOTSUPP);
      assertThat(Errno.named("EWOULDBLOCK")).contains(Errno.EAGAIN);
      assertThat(Errno.ENOTSUP.number()).isEqualTo(95);
    }

    @Test
    void unknownNumbersAreErrorsToo() {
      for (int number : new int[] {41, 58, 134, 1000, Integer.MAX_VALUE, -3}) {
        Errno unknown = Errno.of(number);
        assertThat(unknown.name()).isEqualTo(Integer.toString(number));
        assertThat(unknown.text()).isEqualTo("Unknown error " + number);
        assertThat(unknown).isEqualTo(Errno.of(number)).hasSameHashCodeAs(Errno.of(number));
      }
      assertThat(Errno.of(1000)).isNotEqualTo(Errno.of(1001)).isNotEqualTo("1000");
    }

    @Test
    void everyNumberHasItsOwnName() {
      for (int number = 0; number < 134; number++) {
        Errno errno = Errno.of(number);
        assertThat(errno.number()).isEqualTo(number);
        if (!errno.name().equals(Integer.toString(number))) {
          assertThat(Errno.named(errno.name())).contains(errno);
        }
      }
    }
  }

  @Nested
  final class SeedTest {
    @Test
    void givesTheSameSequenceAgain() throws Exception {
      Seed seed = Seed.fresh();
      assertThat(Seed.parse(seed.toString())).isEqualTo(seed);
      assertThat(seed.random().nextLong()).isEqualTo(seed.random().nextLong());
    }

    @Test
    void forksDiffer() {
      Seed seed = new Seed(1);
      assertThat(seed.fork("a")).isEqualTo(seed.fork("a")).isNotEqualTo(seed.fork("b"));
      assertThat(seed.fork("a")).isNotEqualTo(new Seed(2).fork("a"));
    }

    @Test
    void readsDecimalAndHexadecimal() throws Exception {
      assertThat(Seed.parse("0xffffffffffffffff").value()).isEqualTo(-1);
      assertThat(Seed.parse("-1").value()).isEqualTo(-1);
      assertThat(Seed.parse("42").value()).isEqualTo(42);
      assertThatThrownBy(() -> Seed.parse("x"))
          .isInstanceOf(UsageException.class)
          .hasMessage("'x' is not a seed");
    }
  }

  @Nested
  @Timeout(120)
  final class TurnsTest {
    @Test
    void aSignalledThreadLooksAgain() throws Exception {
      Turns turns = Turns.free();
      AtomicBoolean released = new AtomicBoolean();
      CountDownLatch done = new CountDownLatch(1);
      Thread waiter =
          new Thread(
              () -> {
                turns.await(released::get);
                done.countDown();
              });
      waiter.start();
      turns.signal(waiter);
      assertThat(done.await(20, TimeUnit.MILLISECONDS)).isFalse();
      released.set(true);
      turns.signal(waiter);
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anInterruptIsKeptAndDoesNotRelease() throws Exception {
      Turns turns = Turns.free();
      AtomicBoolean released = new AtomicBoolean();
      AtomicBoolean interrupted = new AtomicBoolean();
      CountDownLatch done = new CountDownLatch(1);
      Thread waiter =
          new Thread(
              () -> {
                turns.await(released::get);
                interrupted.set(Thread.currentThread().isInterrupted());
                done.countDown();
              });
      waiter.start();
      waiter.interrupt();
      assertThat(done.await(20, TimeUnit.MILLISECONDS)).isFalse();
      released.set(true);
      turns.signal(waiter);
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(interrupted).isTrue();
    }

    @Test
    void whoIsReleasedDoesNotWait() {
      Turns.free().pass();
      Turns.free().await(() -> true);
    }
  }

  @Test
  void usageExceptionsCarryHints() {
    UsageException exception = new UsageException("wrong", "do this", "or that");
    assertThat(exception).hasMessage("wrong");
    assertThat(exception.hints()).containsExactly("do this", "or that");
  }

  @Test
  void systemClockAndSleeperAgree() throws Exception {
    Clock clock = Clock.system();
    long before = clock.nanoTime();
    Sleeper.system().sleepNanos(2_000_000);
    assertThat(clock.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
    assertThat(clock.now()).isNotNull();
  }
}
