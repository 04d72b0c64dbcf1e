package io.faultdisk.nbd.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The blocks of a PEM file, {@code -----BEGIN LABEL-----} to {@code -----END LABEL-----}; what
 * stands between them is for people. Immutable.
 *
 * @param blocks in their order
 */
record PemFile(List<Block> blocks) {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /** The text is not what a PEM file looks like. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  /** One block. Immutable. */
  static final class Block {
    private final String label;
    private final boolean encrypted;
    private final byte[] bytes;

    private Block(String label, boolean encrypted, byte[] bytes) {
      this.label = label;
      this.encrypted = encrypted;
      this.bytes = bytes;
    }

    /** Such as {@code CERTIFICATE}. */
    String label() {
      return label;
    }

    /** Whether it has the headers of the oldest kind of encryption. */
    boolean encrypted() {
      return encrypted;
    }

    /** What it holds, in DER. */
    byte[] bytes() {
      return bytes.clone();
    }
  }

  PemFile {
    blocks = List.copyOf(blocks);
  }

  static PemFile read(Path file) throws IOException, Malformed {
    return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
  }

  static PemFile parse(String text) throws Malformed {
    List<Block> blocks = new ArrayList<>();
    String label = "";
    boolean encrypted = false;
    StringBuilder base64 = new StringBuilder();
    for (String each : text.lines().toList()) {
      String line = each.strip();
      if (label.isEmpty()) {
        if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
          label = line.substring(BEGIN.length(), line.length() - DASHES.length());
          encrypted = false;
          base64.setLength(0);
        }
      } else if (line.startsWith(END)) {
        blocks.add(new Block(label, encrypted, decode(base64.toString())));
        label = "";
      } else if (line.indexOf(':') >= 0) {
        encrypted |= line.startsWith("Proc-Type:") && line.endsWith("ENCRYPTED");
      } else if (!line.startsWith("DEK-Info")) {
        base64.append(line);
      }
    }
    if (!label.isEmpty()) {
      throw new Malformed("Base64 decoding error.");
    }
    return new PemFile(blocks);
  }

  private static byte[] decode(String base64) throws Malformed {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new Malformed("Base64 decoding error.");
    }
  }

  /** The blocks with such a label. */
  List<Block> labelled(String label) {
    return blocks.stream().filter(block -> block.label().equals(label)).toList();
  }
}
