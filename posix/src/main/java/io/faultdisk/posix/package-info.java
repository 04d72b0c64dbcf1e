/**
 * System calls on files that {@link java.nio.channels.FileChannel} cannot say: O_DIRECT, hole
 * punching, SEEK_HOLE, OFD locks, and the exact errno of whatever failed.
 *
 * <p>Newcomers need two types: {@link io.faultdisk.posix.PosixFile}, an open file, and {@link
 * io.faultdisk.posix.PosixException}, which every failure is. {@link
 * io.faultdisk.posix.AlignedBuffers} makes the memory that O_DIRECT asks for. Linux only, 64-bit
 * x86 and ARM.
 */
@NullMarked
package io.faultdisk.posix;

import org.jspecify.annotations.NullMarked;
