/**
 * Logs of everything that changes a disk, in the format of the kernel's dm-log-writes.
 *
 * <p>{@link io.faultdisk.block.logwrites.LogWritesType} is the driver {@code blklogwrites}, which
 * writes them; {@link io.faultdisk.block.logwrites.LogReader} reads them, {@link
 * io.faultdisk.block.logwrites.LogReplay} does what they say to another disk.
 */
@NullMarked
package io.faultdisk.block.logwrites;

import org.jspecify.annotations.NullMarked;
