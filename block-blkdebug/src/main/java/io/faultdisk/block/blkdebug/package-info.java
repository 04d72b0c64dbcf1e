@NullMarked
package io.faultdisk.block.blkdebug;

import org.jspecify.annotations.NullMarked;
