@NullMarked
package io.faultdisk.posix;

import org.jspecify.annotations.NullMarked;
