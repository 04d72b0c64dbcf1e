/**
 * How a user's words become options: file names, {@code json:{...}}, {@code --image-opts} strings.
 *
 * <p>All of them end as {@link io.faultdisk.block.options.Options}, a bag of dotted keys that is
 * handed down from node to node; each node takes what it knows and what is left over is an error.
 * Accept and refuse decisions, messages and the order in which mistakes are found are those of QEMU
 * 7.2. Nothing here opens a file.
 */
@NullMarked
package io.faultdisk.block.options;

import org.jspecify.annotations.NullMarked;
