package io.faultdisk.block;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Guesses the format of an image from its first bytes.
 *
 * <p>Formats without a driver here are recognised too: treating such an image as raw would let a
 * write destroy it, and a probed raw image must not be turned into one of them by its user (who
 * could then name any file as its backing file).
 */
public final class FormatGuess {
  private static final String RAW = "raw";

  /** A format by the bytes that its images may begin with, one character a byte. */
  private record Foreign(String format, List<String> magics) {
    boolean matches(String head) {
      for (String magic : magics) {
        if (head.startsWith(magic)) {
          return true;
        }
      }
      return false;
    }
  }

  private static final List<Foreign> FOREIGN =
      List.of(
          new Foreign("qcow2", List.of("QFI\u00fb\0\0\0\2", "QFI\u00fb\0\0\0\3")),
          new Foreign("qcow", List.of("QFI\u00fb\0\0\0\1")),
          new Foreign("qed", List.of("QED\0")),
          new Foreign("vmdk", List.of("KDMV", "COWD", "# Disk DescriptorFile")),
          new Foreign("vpc", List.of("conectix")),
          new Foreign("vhdx", List.of("vhdxfile")),
          new Foreign("luks", List.of("LUKS\u00ba\u00be\0\1")),
          new Foreign("parallels", List.of("WithoutFreeSpace\2\0\0\0", "WithouFreSpacExt\2\0\0\0")),
          new Foreign("bochs", List.of("Bochs Virtual HD Image\0")));

  /** VDI keeps its signature behind a free text of 64 bytes. */
  private static final String VDI_SIGNATURE = "\u007f\u0010\u00da\u00be";

  private static final int VDI_SIGNATURE_OFFSET = 64;

  private FormatGuess() {}

  /** The name of the format: {@code raw} if nothing else fits. */
  static String of(byte[] head, Iterable<DriverType> types, String filename) {
    int best = 0;
    String name = RAW;
    for (DriverType type : types) {
      int score = type.probe(head, filename);
      if (score > best) {
        best = score;
        name = type.name();
      }
    }
    return best > 0 ? name : foreign(head).orElse(RAW);
  }

  /** The format whose signature the bytes carry, if it is not raw. */
  public static Optional<String> foreign(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    for (Foreign format : FOREIGN) {
      if (format.matches(text)) {
        return Optional.of(format.format);
      }
    }
    return text.startsWith(VDI_SIGNATURE, VDI_SIGNATURE_OFFSET)
        ? Optional.of("vdi")
        : Optional.empty();
  }
}
