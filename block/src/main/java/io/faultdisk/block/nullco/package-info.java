/** A disk that stores nothing, for measuring: {@code null-co://}. */
@NullMarked
package io.faultdisk.block.nullco;

import org.jspecify.annotations.NullMarked;
