import CLinux
import CSpawn
import Glibc

/// The means of the kernel and of this machine for a sandbox, as far as they are known without making one.
package enum HostAbilities {
    /// The ABI of Landlock, or 0 if the kernel has none.
    package static var landlock: Int { Int(interlock_landlock_abi()) }

    /// The release of the kernel, such as `6.1.0-18-amd64`.
    package static var kernel: String {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return "unknown" }
        return unsafe withUnsafeBytes(of: &names.release) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// True if bubblewrap is installed by the system.
    package static var hasBubblewrap: Bool { unsafe access("/usr/bin/bwrap", X_OK) == 0 }
}
