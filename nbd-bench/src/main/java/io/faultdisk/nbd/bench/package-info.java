/**
 * Puts load on any NBD server and measures how it bears it.
 *
 * <p>The tour: a {@link io.faultdisk.nbd.bench.LoadPlan} says what to do, {@link
 * io.faultdisk.nbd.bench.Load#run} does it, a {@link io.faultdisk.nbd.bench.LoadResult} says what
 * came of it. Each connection has a thread of its own ({@link
 * io.faultdisk.nbd.bench.LoadConnection}), which sends all the requests that it may with one system
 * call, takes all the replies that have come with another, and allocates nothing in between; so the
 * server is the bottleneck.
 */
@NullMarked
package io.faultdisk.nbd.bench;

import org.jspecify.annotations.NullMarked;
