package io.faultdisk.block.qcow2.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.testkit.RandomCases;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compression of clusters: what is packed can be unpacked, and has the bytes that zlib makes. */
class CodecTest {
  private static final int CASES = 200;

  @Test
  void whatIsPackedCanBeUnpacked() {
    RandomCases.run(
        "a cluster survives compression",
        CASES,
        random -> {
          byte[] cluster = text(1 << 9 + random.nextInt(9), random);
          for (Codec codec : new Codec[] {ZlibCodec.ZLIB, ZstdCodec.ZSTD}) {
            byte[] packed = new byte[cluster.length - 1];
            int bytes = codec.compress(cluster, packed);
            if (bytes > 0) {
              assertThat(unpacked(codec, packed, bytes, cluster.length)).isEqualTo(cluster);
            }
          }
        });
  }

  /** The rest of the last sector follows the data and means nothing. */
  private static byte[] unpacked(Codec codec, byte[] packed, int bytes, int clusterSize) {
    byte[] data = Arrays.copyOf(packed, bytes + 511 & -512);
    Arrays.fill(data, bytes, data.length, (byte) 0xee);
    byte[] cluster = new byte[clusterSize];
    assertThat(codec.decompress(data, cluster)).isTrue();
    return cluster;
  }

  @Test
  void randomBytesDoNotFit() {
    RandomCases.run(
        "random bytes do not get smaller",
        5,
        random -> {
          byte[] cluster = new byte[65536];
          random.nextBytes(cluster);
          for (Codec codec : new Codec[] {ZlibCodec.ZLIB, ZstdCodec.ZSTD}) {
            assertThat(codec.compress(cluster, new byte[65535])).isEqualTo(-1);
          }
        });
  }

  @Test
  void damagedDataAreNoticed() {
    byte[] garbage = new byte[512];
    Arrays.fill(garbage, (byte) 0xff);
    for (Codec codec : new Codec[] {ZlibCodec.ZLIB, ZstdCodec.ZSTD}) {
      assertThat(codec.decompress(garbage, new byte[4096])).isFalse();
      assertThat(codec.decompress(new byte[3], new byte[4096])).isFalse();
    }
  }

  /** Recorded with Python's {@code zlib.compressobj(-1, DEFLATED, -12, 9)}, zlib 1.2.13. */
  @ParameterizedTest(name = "{0} bytes of {1}")
  @CsvSource({
    "512, 00, 6360180523190000",
    "4096, 5a, edc1010d000000c2a09eef1fc41e0e28000000e0dd00",
    "65536, 5a, 825002654/348",
    "65536, 00010203, -716762610/425",
    "20000, 7175636f,"
        + " edd4390e82000004c0c77ac54a01118c9fb7b6dd6036c429e60b33cc87db0000000000fcd4f83cde616bd3721a608fda2743aafd3ea4daef43aafd3ea4daef43aafdfe56e6d765e2bfb4df8754fb4b48b5df8754fb7d48b5df8754fb7d48b5df87d4633d8fb047cbfb3ac31eb5df8754fb7d48b5df8754fb7d48b5dfe7db07",
    "65536, 68656c6c6f20776f726c6420, -734065628/667",
    "30000, 0102030405060708090a0b0c0d0e0f101112131415161718191a, 2091951747/292"
  })
  void deflateMakesTheBytesOfZlib(int bytes, String pattern, String expected) {
    byte[] unit = HexFormat.of().parseHex(pattern);
    byte[] source = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      source[i] = (byte) (unit[i % unit.length] + (i / 5000) * (i / 700 % 3));
    }
    byte[] target = new byte[bytes];
    int packed = new Deflate(source, target).run();
    String found = HexFormat.of().formatHex(target, 0, packed);
    assertThat(found.length() > 400 ? found.hashCode() + "/" + packed : found).isEqualTo(expected);
  }

  /** Repeats itself here and there, nearby and far away. */
  private static byte[] text(int bytes, RandomGenerator random) {
    byte[] text = new byte[bytes];
    int at = 0;
    while (at < bytes) {
      int run = Math.min(bytes - at, 1 + random.nextInt(300));
      int back = 1 + random.nextInt(6000);
      boolean fresh = back > at || random.nextInt(3) == 0;
      for (int end = at + run; at < end; at++) {
        text[at] = fresh ? (byte) random.nextInt(64) : text[at - back];
      }
    }
    return text;
  }
}
