/**
 * Making new images: what {@code img create} and {@code img convert} do before and around a
 * driver's own {@link io.faultdisk.block.format.Creatable#create}. {@link
 * io.faultdisk.block.create.ImageCreation} is the entry.
 */
@NullMarked
package io.faultdisk.block.create;

import org.jspecify.annotations.NullMarked;
