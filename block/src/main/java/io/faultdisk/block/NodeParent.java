package io.faultdisk.block;

import io.faultdisk.block.options.Options;

/**
 * What a child inherits from the node above it while both are being opened.
 *
 * @param nodeName the parent's name
 * @param flags the parent's flags
 * @param options the parent's options after defaults
 */
record NodeParent(String nodeName, OpenFlags flags, Options options) {}
