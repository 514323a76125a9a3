import Glibc

/// The file system of cgroups, as far as a run uses it. Every call is one system call or a few, and waits for nothing.
package protocol CgroupFiles: Sendable {
    /// - Returns: at most 64 KiB of a file; nil if it cannot be read, or has more.
    func read(_ path: String) -> String?

    /// - Returns: 0 or an errno. The kernel takes a setting as a whole, by one write.
    func write(_ text: String, to path: String) -> Int32

    /// - Returns: 0 or an errno.
    func makeFolder(_ path: String) -> Int32
    func removeFolder(_ path: String) -> Int32

    func isWritable(_ path: String) -> Bool

    /// Opens a folder by its path alone.
    ///
    /// - Returns: a descriptor, which the caller closes, or -1.
    func open(_ path: String) -> Int32
}

/// The cgroups of the kernel.
package struct KernelCgroupFiles: CgroupFiles {
    private static let most = 64 << 10

    package init() {}

    package func read(_ path: String) -> String? {
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= Self.most else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    package func write(_ text: String, to path: String) -> Int32 {
        let file = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return errno }
        defer { close(file) }
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.write(file, bytes, bytes.count)
        return count == bytes.count ? 0 : count < 0 ? errno : EIO
    }

    package func makeFolder(_ path: String) -> Int32 {
        unsafe mkdir(path, 0o755) == 0 ? 0 : errno
    }

    package func removeFolder(_ path: String) -> Int32 { unsafe rmdir(path) == 0 ? 0 : errno }

    package func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK) == 0 }

    package func open(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
}
