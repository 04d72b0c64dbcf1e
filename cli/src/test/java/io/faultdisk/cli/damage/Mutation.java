package io.faultdisk.cli.damage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Damages images at random: mostly in clusters that hold metadata, mostly whole words, mostly with
 * values that mean something.
 */
final class Mutation {
  private static final int CHANGES_MAX = 6;

  private final RandomGenerator random;

  Mutation(RandomGenerator random) {
    this.random = random;
  }

  Damage of(SampleImage sample) {
    byte[] content = sample.content();
    ByteBuffer image = ByteBuffer.wrap(content);
    StringBuilder name = new StringBuilder();
    int changes = random.nextInt(1, CHANGES_MAX + 1);
    for (int i = 0; i < changes; i++) {
      int at = place(sample);
      change(sample, image, at);
      name.append(i == 0 ? "" : ", ").append(at);
      name.append(" = ").append(Long.toHexString(image.getLong(at)));
    }
    if (random.nextInt(20) == 0) {
      content = Arrays.copyOf(content, random.nextInt(content.length));
      name.append(", ").append(content.length).append(" bytes long");
    }
    return new Damage(sample, name.toString(), content);
  }

  /** A word, at a multiple of 4 that leaves room for 8 bytes. */
  private int place(SampleImage sample) {
    int l2 = sample.tableBehind(sample.usedL1Entry());
    int start =
        switch (random.nextInt(8)) {
          case 0, 1 -> 0;
          case 2 -> sample.l1();
          case 3 -> l2;
          case 4 -> sample.refcountTable();
          case 5 -> sample.firstRefcountBlock();
          case 6 -> sample.snapshotTable();
          default -> random.nextInt(sample.length() / 512) * 512;
        };
    int reach = start == 0 ? 256 : 128;
    return Math.min(start + random.nextInt(reach / 4) * 4, (sample.length() - 8) & -4);
  }

  private void change(SampleImage sample, ByteBuffer image, int at) {
    long old = image.getLong(at);
    switch (random.nextInt(6)) {
      case 0 -> image.putLong(at, old ^ (1L << random.nextInt(64)));
      case 1 -> image.putInt(at, random.nextInt());
      case 2 -> image.putInt(at, random.nextInt(256));
      case 3 -> image.putLong(at, old + random.nextInt(-2, 3) * (long) sample.clusterSize());
      case 4 -> image.putLong(at, flags() | cluster(sample));
      default -> image.putLong(at, sample.word(place(sample)));
    }
  }

  private long flags() {
    return switch (random.nextInt(4)) {
      case 0 -> 1L << 63;
      case 1 -> 1L << 62;
      case 2 -> 1;
      default -> 0;
    };
  }

  /** The offset of a cluster of the image, or of the one behind its end. */
  private long cluster(SampleImage sample) {
    int clusters = sample.length() / sample.clusterSize() + 1;
    return (long) random.nextInt(clusters + 1) * sample.clusterSize();
  }
}
