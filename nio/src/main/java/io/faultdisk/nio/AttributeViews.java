package io.faultdisk.nio;

import io.faultdisk.rules.FileEvents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.DosFileAttributeView;
import java.nio.file.attribute.DosFileAttributes;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attribute views: what they read is announced as {@code stat}, what they change as {@code
 * setattr}.
 */
final class AttributeViews {
  private AttributeViews() {}

  /**
   * A view of ours over one of the wrapped file system; of a kind that we do not know, that one. It
   * can do what that one can, which may be more than its type says.
   */
  static <V extends FileAttributeView> V wrap(FaultPath path, Class<V> type, V view) {
    FileAttributeView wrapped = view;
    if (view instanceof PosixFileAttributeView posix) {
      wrapped = new Posix(path, posix);
    } else if (view instanceof DosFileAttributeView dos) {
      wrapped = new Dos(path, dos);
    } else if (view instanceof BasicFileAttributeView basic) {
      wrapped = new Basic<>(path, basic);
    } else if (view instanceof AclFileAttributeView acl) {
      wrapped = new Acl(path, acl);
    } else if (view instanceof FileOwnerAttributeView owner) {
      wrapped = new Owner<>(path, owner);
    } else if (view instanceof UserDefinedFileAttributeView user) {
      wrapped = new UserDefined(path, user);
    }
    return type.isInstance(wrapped) ? type.cast(wrapped) : view;
  }

  private abstract static class View<V extends FileAttributeView> implements FileAttributeView {
    final FaultPath path;
    final V view;

    View(FaultPath path, V view) {
      this.path = path;
      this.view = view;
    }

    @Override
    public String name() {
      return view.name();
    }

    void reading() throws IOException {
      path.getFileSystem().gate().pass(FileEvents.STAT, path);
    }

    void changing(OpenFile.Action change) throws IOException {
      Changes.attributes(path, change);
    }
  }

  private static class Basic<V extends BasicFileAttributeView> extends View<V>
      implements BasicFileAttributeView {
    Basic(FaultPath path, V view) {
      super(path, view);
    }

    @Override
    public BasicFileAttributes readAttributes() throws IOException {
      reading();
      return view.readAttributes();
    }

    @Override
    public void setTimes(
        @Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created)
        throws IOException {
      changing(() -> view.setTimes(modified, accessed, created));
    }
  }

  private static final class Posix extends Basic<PosixFileAttributeView>
      implements PosixFileAttributeView {
    Posix(FaultPath path, PosixFileAttributeView view) {
      super(path, view);
    }

    @Override
    public PosixFileAttributes readAttributes() throws IOException {
      reading();
      return view.readAttributes();
    }

    @Override
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
      changing(() -> view.setPermissions(permissions));
    }

    @Override
    public void setGroup(GroupPrincipal group) throws IOException {
      changing(() -> view.setGroup(group));
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
      reading();
      return view.getOwner();
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
      changing(() -> view.setOwner(owner));
    }
  }

  private static final class Dos extends Basic<DosFileAttributeView>
      implements DosFileAttributeView {
    Dos(FaultPath path, DosFileAttributeView view) {
      super(path, view);
    }

    @Override
    public DosFileAttributes readAttributes() throws IOException {
      reading();
      return view.readAttributes();
    }

    @Override
    public void setReadOnly(boolean value) throws IOException {
      changing(() -> view.setReadOnly(value));
    }

    @Override
    public void setHidden(boolean value) throws IOException {
      changing(() -> view.setHidden(value));
    }

    @Override
    public void setSystem(boolean value) throws IOException {
      changing(() -> view.setSystem(value));
    }

    @Override
    public void setArchive(boolean value) throws IOException {
      changing(() -> view.setArchive(value));
    }
  }

  private static class Owner<V extends FileOwnerAttributeView> extends View<V>
      implements FileOwnerAttributeView {
    Owner(FaultPath path, V view) {
      super(path, view);
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
      reading();
      return view.getOwner();
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
      changing(() -> view.setOwner(owner));
    }
  }

  private static final class Acl extends Owner<AclFileAttributeView>
      implements AclFileAttributeView {
    Acl(FaultPath path, AclFileAttributeView view) {
      super(path, view);
    }

    @Override
    public List<AclEntry> getAcl() throws IOException {
      reading();
      return view.getAcl();
    }

    @Override
    public void setAcl(List<AclEntry> acl) throws IOException {
      changing(() -> view.setAcl(acl));
    }
  }

  private static final class UserDefined extends View<UserDefinedFileAttributeView>
      implements UserDefinedFileAttributeView {
    UserDefined(FaultPath path, UserDefinedFileAttributeView view) {
      super(path, view);
    }

    @Override
    public List<String> list() throws IOException {
      reading();
      return view.list();
    }

    @Override
    public int size(String name) throws IOException {
      reading();
      return view.size(name);
    }

    @Override
    public int read(String name, ByteBuffer dst) throws IOException {
      reading();
      return view.read(name, dst);
    }

    @Override
    public int write(String name, ByteBuffer src) throws IOException {
      int[] written = new int[1];
      changing(() -> written[0] = view.write(name, src));
      return written[0];
    }

    @Override
    public void delete(String name) throws IOException {
      changing(() -> view.delete(name));
    }
  }
}
