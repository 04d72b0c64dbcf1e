/**
 * What every other module needs and no module should invent twice: error numbers, the exception for
 * a user's mistake, sizes as people read and write them, and the doors to time, randomness and
 * scheduling.
 *
 * <p>The tour: {@link io.faultdisk.base.Errno} is a Linux error number. {@link
 * io.faultdisk.base.UsageException} carries the exact line a tool prints. {@link
 * io.faultdisk.base.Units} formats and parses sizes as qemu-io does. {@link
 * io.faultdisk.base.Clock}, {@link io.faultdisk.base.Sleeper} and {@link io.faultdisk.base.Seed}
 * are the only sources of time, waiting and chance, so that tests replace them. {@link
 * io.faultdisk.base.Turns} decides which request runs next.
 *
 * <p>Depends on nothing but the JDK.
 */
@NullMarked
package io.faultdisk.base;

import org.jspecify.annotations.NullMarked;
