package io.faultdisk.block;

import java.util.Locale;
import java.util.Optional;

/** What a growing image does with its new space. */
public enum Preallocation {
  /** Nothing: the space is a hole. */
  OFF,
  /** The format's metadata are made, the data are not. */
  METADATA,
  /** The space is reserved in the file system. */
  FALLOC,
  /** Zeroes are written. */
  FULL;

  /** The spelling in options. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode spelled so, in lower case. */
  public static Optional<Preallocation> named(String name) {
    for (Preallocation mode : values()) {
      if (mode.optionName().equals(name)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }
}
