/**
 * How clusters are compressed: {@link io.faultdisk.block.qcow2.codec.Codec} and the encoders behind
 * it. Knows nothing of images.
 */
@NullMarked
package io.faultdisk.block.qcow2.codec;

import org.jspecify.annotations.NullMarked;
