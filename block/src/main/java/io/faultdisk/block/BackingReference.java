package io.faultdisk.block;

import java.util.Optional;

/**
 * A backing file as an image names it.
 *
 * @param filename as stored: relative names are relative to the image's own directory
 * @param format the driver to open it with, as stored
 */
public record BackingReference(String filename, Optional<String> format) {
  /** The driver to open it with: absent, to be probed, also if the image stores an empty name. */
  public Optional<String> driver() {
    return format.filter(name -> !name.isEmpty());
  }
}
