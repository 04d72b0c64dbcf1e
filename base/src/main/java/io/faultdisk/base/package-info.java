@NullMarked
package io.faultdisk.base;

import org.jspecify.annotations.NullMarked;
