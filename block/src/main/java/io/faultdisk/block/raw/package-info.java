/** The raw format: the image is its file, or a window of it. */
@NullMarked
package io.faultdisk.block.raw;

import org.jspecify.annotations.NullMarked;
