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

    /// True if a cgroup v2 with the controllers for memory and processor time is delegated to this user.
    package static var hasCgroup: Bool {
        guard let line = firstLine("/proc/self/cgroup"), line.hasPrefix("0::") else { return false }
        let folder = "/sys/fs/cgroup" + line.dropFirst(3)
        let controllers = firstLine(folder + "/cgroup.subtree_control") ?? ""
        let words = controllers.split(separator: " ")
        return unsafe access(folder, W_OK) == 0 && words.contains("memory") && words.contains("cpu")
    }

    /// True if bubblewrap is installed by the system.
    package static var hasBubblewrap: Bool { unsafe access("/usr/bin/bwrap", X_OK) == 0 }

    private static func firstLine(_ path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(file, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
