/**
 * Dirty bitmaps: which parts of a node were written to since they were last cleared.
 *
 * <p>Each node has its {@link io.faultdisk.block.bitmap.DirtyBitmaps}; a format that can keep them
 * in the image implements {@link io.faultdisk.block.format.BitmapStore}.
 */
@NullMarked
package io.faultdisk.block.bitmap;

import org.jspecify.annotations.NullMarked;
