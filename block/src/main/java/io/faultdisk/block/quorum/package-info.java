/** The {@code quorum} driver: several equal images, of which the majority is believed. */
@NullMarked
package io.faultdisk.block.quorum;

import org.jspecify.annotations.NullMarked;
