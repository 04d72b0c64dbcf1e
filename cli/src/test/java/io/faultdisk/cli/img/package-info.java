/** The {@code img} tool: its commands against transcripts of the real one, and its own parts. */
@NullMarked
package io.faultdisk.cli.img;

import org.jspecify.annotations.NullMarked;
