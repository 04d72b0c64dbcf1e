package io.faultdisk.qmp;

import io.faultdisk.base.UsageException;

/** An error of another class than {@link ErrorClass#GENERIC_ERROR}, which any other mistake has. */
public final class QmpException extends UsageException {
  private static final long serialVersionUID = 1L;

  private final ErrorClass errorClass;

  /** An error. */
  public QmpException(ErrorClass errorClass, String message) {
    super(message);
    this.errorClass = errorClass;
  }

  /** Its class. */
  public ErrorClass errorClass() {
    return errorClass;
  }

  /** The class of any mistake. */
  static ErrorClass classOf(UsageException mistake) {
    return mistake instanceof QmpException own ? own.errorClass : ErrorClass.GENERIC_ERROR;
  }
}
