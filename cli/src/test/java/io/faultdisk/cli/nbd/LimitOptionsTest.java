package io.faultdisk.cli.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.server.ServerLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LimitOptionsTest {
  private static final long MEMORY_MAX = 4L << 30;

  private final LimitOptions options = new LimitOptions(MEMORY_MAX);

  @Test
  void withoutAnyTheDefaultsHold() {
    assertThat(options.isEmpty()).isTrue();
    assertThat(options.with(0)).isEqualTo(ServerLimits.DEFAULT);
  }

  @Test
  void eachHasItsName() throws UsageException {
    options.add("connections=1,in-flight=2,memory=1.5G,workers=3,handshake=4,drain=5");
    assertThat(options.isEmpty()).isFalse();
    assertThat(options.with(0)).isEqualTo(new ServerLimits(1, 2, 3L << 29, 3, 4_000, 5_000));
  }

  @Test
  void theOptionMayBeRepeated() throws UsageException {
    options.add("workers=3");
    options.add("drain=5");
    ServerLimits standard = ServerLimits.DEFAULT;
    assertThat(options.with(0))
        .isEqualTo(
            new ServerLimits(
                standard.connectionsMax(),
                standard.inFlightMax(),
                standard.memoryBytes(),
                3,
                standard.handshakeMillis(),
                5_000));
  }

  @ParameterizedTest
  @CsvSource({
    "134217728, 134217728",
    "131072k, 134217728",
    "128m, 134217728",
    "4G, 4294967296",
    "0x10000000, 268435456"
  })
  void memoryIsASize(String text, long bytes) throws UsageException {
    options.add("memory=" + text);
    assertThat(options.with(0).memoryBytes()).isEqualTo(bytes);
  }

  @Test
  void timesMayBeLongerThanAnyoneWaits() throws UsageException {
    options.add("handshake=2147483647,drain=2147483647");
    assertThat(options.with(0).handshakeMillis()).isEqualTo(2_147_483_647_000L);
    assertThat(options.with(0).drainMillis()).isEqualTo(2_147_483_647_000L);
  }

  /** As with QEMU's tool, where any number may be said. */
  @Test
  void sharedAloneMayGoBeyondTheDefault() {
    assertThat(options.with(1).connectionsMax()).isEqualTo(1);
    assertThat(options.with(5000).connectionsMax()).isEqualTo(5000);
  }

  @Test
  void theSmallerOfSharedAndConnectionsCounts() throws UsageException {
    options.add("connections=10");
    assertThat(options.with(1).connectionsMax()).isEqualTo(1);
    assertThat(options.with(10).connectionsMax()).isEqualTo(10);
    assertThat(options.with(11).connectionsMax()).isEqualTo(10);
    assertThat(options.with(0).connectionsMax()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "x=1 | unknown limit 'x'; there are connections, in-flight, memory, workers, handshake,"
            + " drain",
        "Memory=1G | unknown limit 'Memory'; there are connections, in-flight, memory, workers,"
            + " handshake, drain",
        "\"\" | unknown limit ''; there are connections, in-flight, memory, workers, handshake,"
            + " drain",
        "workers=1, | unknown limit ''; there are connections, in-flight, memory, workers,"
            + " handshake, drain",
        "memory | 'memory' has no value; write memory=VALUE",
        "workers=1,drain | 'drain' has no value; write drain=VALUE",
        "workers=1,drain=2,workers=1 | workers is given twice",
        "connections=0 | connections must be a whole number from 1 to 2147483647, not '0'",
        "connections=2147483648 | connections must be a whole number from 1 to 2147483647, not"
            + " '2147483648'",
        "in-flight= | in-flight must be a whole number from 1 to 2147483647, not ''",
        "in-flight=-1 | in-flight must be a whole number from 1 to 2147483647, not '-1'",
        "workers=+1 | workers must be a whole number from 1 to 2147483647, not '+1'",
        "workers=١ | workers must be a whole number from 1 to 2147483647, not '١'",
        "workers=1k | workers must be a whole number from 1 to 2147483647, not '1k'",
        "handshake=0 | handshake must be a whole number of seconds from 1 to 2147483647, not '0'",
        "drain=1.5 | drain must be a whole number of seconds from 1 to 2147483647, not '1.5'",
        "memory= | memory must be a size in bytes, or with k, M or G behind it, of at least 128M,"
            + " not ''",
        "memory=lots | memory must be a size in bytes, or with k, M or G behind it, of at least"
            + " 128M, not 'lots'",
        "memory=0x80M | memory must be a size in bytes, or with k, M or G behind it, of at least"
            + " 128M, not '0x80M'",
        "memory=-1 | memory must be a size in bytes, or with k, M or G behind it, of at least 128M,"
            + " not '-1'",
        "memory=0 | memory must be at least 128M, not '0'",
        "memory=134217727 | memory must be at least 128M, not '134217727'",
        "memory=4294967297 | memory must be at most 4096M, which is what the JVM has (its option"
            + " -Xmx), not '4294967297'",
        "memory=9E | memory must be at most 4096M, which is what the JVM has (its option -Xmx), not"
            + " '9E'"
      })
  void mistakesNameWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> options.add(text))
        .isInstanceOf(UsageException.class)
        .hasMessage("--limits: " + message);
  }

  @Test
  void whatIsGivenTwiceMayBeInTwoOptions() throws UsageException {
    options.add("drain=1");
    assertThatThrownBy(() -> options.add("drain=2")).hasMessage("--limits: drain is given twice");
  }
}
