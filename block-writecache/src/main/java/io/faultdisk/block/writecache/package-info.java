/**
 * A volatile disk cache over a node: what a flush makes durable, and what a power cut leaves.
 *
 * <p>{@link io.faultdisk.block.writecache.WriteCacheType} is the driver {@code write-cache}, {@link
 * io.faultdisk.block.writecache.WriteCache} the model itself, for other drivers that need one.
 */
@NullMarked
package io.faultdisk.block.writecache;

import org.jspecify.annotations.NullMarked;
