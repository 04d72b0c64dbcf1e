/** The {@code copy-on-read} filter: what is read from a backing file is kept in the image. */
@NullMarked
package io.faultdisk.block.copyonread;

import org.jspecify.annotations.NullMarked;
