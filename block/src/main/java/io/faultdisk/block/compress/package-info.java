/** The {@code compress} filter: what is written through it is stored compressed. */
@NullMarked
package io.faultdisk.block.compress;

import org.jspecify.annotations.NullMarked;
