/**
 * Images in files: positional I/O, holes, and the locks that keep two programs from writing the
 * same image.
 */
@NullMarked
package io.faultdisk.block.file;

import org.jspecify.annotations.NullMarked;
