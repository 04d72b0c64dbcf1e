package io.faultdisk.block;

import io.faultdisk.block.options.Options;
import java.util.Optional;

/**
 * What a child inherits from the node above it while both are being opened.
 *
 * @param nodeName the parent's name
 * @param flags the parent's flags
 * @param options the parent's options after defaults
 * @param file the node that was opened for it to guess the format, if that is how it was done
 */
record NodeParent(String nodeName, OpenFlags flags, Options options, Optional<Node> file) {}
