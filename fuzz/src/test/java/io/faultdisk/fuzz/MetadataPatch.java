package io.faultdisk.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An image as a sound one and changes of its metadata, so that a few bytes of input reach any
 * table.
 *
 * <pre>
 *   1 byte        which sample; + 128: and the image is cut off, 2 bytes for where
 *   20 bytes      the script of {@link ImageTrial}
 *   3 bytes up    a change: area, 4-byte word in it, kind of change, and what that takes
 *   ...
 * </pre>
 */
final class MetadataPatch {
  private static final int CHANGES_MAX = 24;

  private final SampleImage sample;
  private final ByteBuffer image;
  private final Bytes input;

  private MetadataPatch(SampleImage sample, Bytes input) {
    this.sample = sample;
    this.image = ByteBuffer.wrap(sample.content().clone());
    this.input = input;
  }

  static void fuzz(byte[] bytes) {
    Bytes input = new Bytes(bytes);
    int which = input.number8();
    byte[] script = input.take(ImageTrial.SCRIPT_BYTES);
    SampleImage sample = SampleImage.ALL.get((which & 127) % SampleImage.ALL.size());
    int cut = (which & 128) != 0 ? input.number16() * 64 : Integer.MAX_VALUE;
    MetadataPatch patch = new MetadataPatch(sample, input);
    for (int i = 0; i < CHANGES_MAX && !input.isEmpty(); i++) {
      patch.change(patch.place());
    }
    byte[] whole = patch.image.array();
    byte[] image = Arrays.copyOf(whole, Math.min(cut, whole.length));
    ImageTrial.run(image, script, Arrays.equals(image, sample.content()));
  }

  /** A word, with room for 8 bytes. */
  private int place() {
    List<SampleImage.Area> areas = sample.areas();
    SampleImage.Area area = areas.get(input.number8() % areas.size());
    int words = Math.max(1, area.bytes() / Integer.BYTES);
    int at = area.offset() + input.number8() % words * Integer.BYTES;
    return Math.min(at, image.capacity() - Long.BYTES);
  }

  private void change(int at) {
    long old = image.getLong(at);
    int kind = input.number8();
    switch (kind % 10) {
      case 0 -> image.putLong(at, old ^ (1L << input.number8()));
      case 1 -> image.putInt(at, input.number32());
      case 2 -> image.putInt(at, input.number8());
      case 3 -> image.putShort(at, (short) input.number16());
      case 4 -> image.put(at, (byte) input.number8());
      case 5 -> image.putLong(at, input.number64());
      case 6 -> image.putLong(at, old + (byte) input.number8() * (long) sample.clusterSize());
      case 7 -> image.putLong(at, flags(kind / 10) | cluster());
      case 8 -> image.putLong(at, image.getLong(place()));
      default -> image.putLong(at, input.number8() < 128 ? Long.MAX_VALUE : 0);
    }
  }

  private static long flags(int which) {
    return switch (which % 5) {
      case 0 -> 1L << 63;
      case 1 -> 1L << 62;
      case 2 -> 1;
      case 3 -> (1L << 63) | 1;
      default -> 0;
    };
  }

  private long cluster() {
    return (long) input.number8() * sample.clusterSize();
  }

  /** Every sample as it is, with two scripts. */
  static List<byte[]> seeds() {
    return IntStream.range(0, 2 * SampleImage.ALL.size())
        .mapToObj(
            i -> {
              byte[] seed = new byte[1 + ImageTrial.SCRIPT_BYTES + 3];
              seed[0] = (byte) (i / 2);
              byte[] script = RawImage.script(i);
              System.arraycopy(script, 0, seed, 1, script.length);
              return seed;
            })
        .toList();
  }
}
