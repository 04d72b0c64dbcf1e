package io.faultdisk.nbd.bench;

import java.util.Arrays;
import java.util.Optional;

/** What kind of requests a load is made of, and in which order their offsets come. */
public enum Access {
  /** Reads, one after the other. */
  READ("read", true, false, false),

  /** Writes, one after the other. */
  WRITE("write", false, true, false),

  /** Reads anywhere. */
  RANDREAD("randread", true, false, true),

  /** Writes anywhere. */
  RANDWRITE("randwrite", false, true, true),

  /** Reads and writes anywhere, in random order. */
  RANDRW("randrw", true, true, true);

  private final String text;
  private final boolean reads;
  private final boolean writes;
  private final boolean random;

  Access(String text, boolean reads, boolean writes, boolean random) {
    this.text = text;
    this.reads = reads;
    this.writes = writes;
    this.random = random;
  }

  /** The one with this name. */
  public static Optional<Access> of(String text) {
    return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
  }

  /** Its name, as fio has it. */
  public String text() {
    return text;
  }

  /** Whether there are reads. */
  public boolean reads() {
    return reads;
  }

  /** Whether there are writes: what the export held is lost. */
  public boolean writes() {
    return writes;
  }

  /** Whether offsets are random; else they ascend. */
  public boolean random() {
    return random;
  }
}
