/**
 * The block layer: a graph of nodes through which every request passes, with QEMU's rules for
 * alignment, splitting, flushing and permissions.
 *
 * <p>The way in is {@link io.faultdisk.block.BlockGraph#open}: it opens an image from a file name,
 * dotted options or a {@code json:} object and returns a {@link io.faultdisk.block.BlockBackend},
 * which tools and servers send requests to. Someone who adds a driver implements {@link
 * io.faultdisk.block.DriverType} (what can be opened) and {@link io.faultdisk.block.BlockDriver}
 * (an opened instance); the generic work (padding, read-modify-write, splitting, flush generations,
 * overlapping requests, the permission check) is done once, in {@link io.faultdisk.block.Node}.
 *
 * <pre>
 *   BlockBackend        range check, cache=writethrough means FUA
 *        |  edge with permissions
 *      Node (raw)       generic request path, then the driver
 *        |  file
 *      Node (blkdebug)  events arrive here, rules decide
 *        |  image
 *      Node (file)      positional I/O on a real file
 * </pre>
 *
 * <p>Offsets and lengths are bytes, ranges half open. A request is a blocking call on the caller's
 * thread; a failed one throws {@link io.faultdisk.block.BlockIoException} with the errno.
 */
@NullMarked
package io.faultdisk.block;

import org.jspecify.annotations.NullMarked;
