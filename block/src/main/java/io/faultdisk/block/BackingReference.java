package io.faultdisk.block;

import java.util.Optional;

/**
 * A backing file as an image names it.
 *
 * @param filename as stored: relative names are relative to the image's own directory
 * @param format the driver to open it with; probed if absent
 */
public record BackingReference(String filename, Optional<String> format) {}
