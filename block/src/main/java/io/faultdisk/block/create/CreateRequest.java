package io.faultdisk.block.create;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A new image as the user wants it.
 *
 * @param filename where, as for opening
 * @param format the driver's name
 * @param options the text of all {@code -o}, joined by commas
 * @param size of the virtual disk in bytes, if given beside the options
 * @param backing the backing file's name, if given beside the options
 * @param backingFormat the backing file's format, if given beside the options
 * @param openBacking false to take the backing file's name as it is, without looking ({@code -u})
 */
public record CreateRequest(
    String filename,
    String format,
    Optional<String> options,
    OptionalLong size,
    Optional<String> backing,
    Optional<String> backingFormat,
    boolean openBacking) {}
