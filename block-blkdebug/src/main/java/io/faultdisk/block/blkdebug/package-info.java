/**
 * The blkdebug filter: a node that holds rules and fails, or holds up, the requests that they name.
 *
 * <p>{@link io.faultdisk.block.blkdebug.BlkdebugType} opens it ({@code blkdebug:RULES:IMAGE},
 * {@code driver=blkdebug}); the rules themselves are the business of {@link
 * io.faultdisk.rules.FaultEngine}.
 */
@NullMarked
package io.faultdisk.block.blkdebug;

import org.jspecify.annotations.NullMarked;
