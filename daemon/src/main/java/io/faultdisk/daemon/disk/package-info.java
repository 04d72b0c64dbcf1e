/**
 * Live control of faulty disks. A <em>disk</em> is a blkdebug node of the graph, and its name is
 * the node's. Entry: {@link io.faultdisk.daemon.disk.Disks}.
 *
 * <p>{@link io.faultdisk.daemon.disk.Disk} changes rules, state, breakpoints and power while
 * requests are under way; each change is in force when the method returns. {@link
 * io.faultdisk.daemon.disk.DiskActivity} counts what happens, at a cost of some dozen nanoseconds a
 * request. {@link io.faultdisk.daemon.disk.DiskListener} hears of what matters.
 */
@NullMarked
package io.faultdisk.daemon.disk;

import org.jspecify.annotations.NullMarked;
