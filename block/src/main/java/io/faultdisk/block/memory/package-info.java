/** A sparse disk in memory: {@code memory:64M}. */
@NullMarked
package io.faultdisk.block.memory;

import org.jspecify.annotations.NullMarked;
