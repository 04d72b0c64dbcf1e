/**
 * Damaged images: whatever an image says, opening, checking, repairing, reading and writing it ends
 * with a clear error or a result, and with the same as in the real tools.
 *
 * <p>{@link SampleImage} has sound images of all kinds; {@link Damages} damages each place that
 * means something, in each way that makes a difference; {@link Treatment} is what is done with the
 * result.
 */
@NullMarked
package io.faultdisk.cli.damage;

import org.jspecify.annotations.NullMarked;
