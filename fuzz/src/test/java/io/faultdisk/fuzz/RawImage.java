package io.faultdisk.fuzz;

import java.util.ArrayList;
import java.util.List;

/** An image as it is, after the script of {@link ImageTrial}. */
final class RawImage {
  private static final int LARGEST_SEED = 32 << 10;

  private RawImage() {}

  static void fuzz(byte[] bytes) {
    Bytes input = new Bytes(bytes);
    byte[] script = input.take(ImageTrial.SCRIPT_BYTES);
    ImageTrial.run(input.rest(), script, false);
  }

  /** The small ones of the samples. */
  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (SampleImage sample : SampleImage.ALL) {
      byte[] image = sample.content();
      if (image.length <= LARGEST_SEED) {
        byte[] seed = new byte[ImageTrial.SCRIPT_BYTES + image.length];
        System.arraycopy(script(seeds.size()), 0, seed, 0, ImageTrial.SCRIPT_BYTES);
        System.arraycopy(image, 0, seed, ImageTrial.SCRIPT_BYTES, image.length);
        seeds.add(seed);
      }
    }
    return seeds;
  }

  /** Different ones; all actions are in two that follow each other. */
  static byte[] script(int number) {
    byte[] script = new byte[ImageTrial.SCRIPT_BYTES];
    script[0] = (byte) (number % 2 == 0 ? 12 : number);
    for (int i = 1; i < script.length; i++) {
      script[i] = (byte) ((i % 2 == 1 ? i / 2 : i * 7) + number * 9);
    }
    return script;
  }
}
