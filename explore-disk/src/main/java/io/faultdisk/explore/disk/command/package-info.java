/**
 * Any program as a workload or a check of an exploration, unmodified: it is given its disk as an
 * NBD URI, or as a file system of the kernel's that is mounted on it.
 *
 * <pre>
 *   program -- (mount point -- ext4 or XFS -- /dev/loopN -- nbdfuse --) socket -- NBD server -- disk
 * </pre>
 *
 * <p>{@link CommandWorkload} runs one for each case; {@link CommandCheck} has others look at what
 * is left. Whatever comes about for a run, processes included, is undone at its end.
 */
@NullMarked
package io.faultdisk.explore.disk.command;

import org.jspecify.annotations.NullMarked;
