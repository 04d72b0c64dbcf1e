/**
 * What an image format can do besides serving requests: one small interface per capability, which
 * its {@link io.faultdisk.block.BlockDriver} or {@link io.faultdisk.block.DriverType} implements.
 *
 * <p>A tool asks {@code node.driver() instanceof Checkable}; a format without the capability simply
 * does not implement it. All methods block, and throw {@link io.faultdisk.block.BlockIoException}
 * for an I/O error and {@link io.faultdisk.base.UsageException} with QEMU's text for everything
 * that the user is told in words.
 */
@NullMarked
package io.faultdisk.block.format;

import org.jspecify.annotations.NullMarked;
