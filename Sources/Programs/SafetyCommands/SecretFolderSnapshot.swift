import CLinux
import Glibc
import InterlockCommandLine
import InterlockModel
import InterlockSafety

/// The names, states and times of the files in a deployment's folder of secrets, and nothing of their content.
struct SecretFolderSnapshot {
    let folder: String
    /// The regular files, sorted. Links and folders are no secrets.
    let names: [String]
    /// Equal to that of an earlier snapshot only if no file was added, removed, replaced or written since then. Empty
    /// if there are no files.
    ///
    /// INVARIANT: a change after a snapshot gives another revision, also if it leaves size and modification time as
    /// they were. Kept by `BrokerSecretsTests`.
    let revision: [UInt8]

    private static let mostFiles = BrokeredValues.mostValues
    /// The coarsest step of a file system's times. A file that was changed within one may change again and keep its
    /// times.
    private static let coarsestStep = Duration.seconds(2)

    /// Lists the folder through one descriptor, so that all names are of the same folder.
    ///
    /// - Parameter now: a time before the call.
    /// - Throws: `values` if the state of a file cannot be read. A folder that does not exist has no files.
    init(of folder: String, at now: Timestamp) throws(ScanFailure) {
        self.folder = folder
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let failure = FileFailure("open", folder)
            guard failure.isMissing else { throw ScanFailure(.values, failure.message) }
            (self.names, self.revision) = ([], [])
            return
        }
        defer { close(descriptor) }
        var names: [String] = []
        var revision: [UInt8] = []
        var isSettled = true
        for name in try Self.entries(of: descriptor) {
            var status = stat()
            guard unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw ScanFailure(.values, "the secret `\(name)` cannot be read")
            }
            guard status.st_mode & S_IFMT == S_IFREG else { continue }
            names.append(name)
            revision += Self.bytes(of: name, status)
            // Each write sets it by the clock of the kernel. The modification time is what a program says.
            isSettled = isSettled && Self.time(status.st_ctim) <= now - Self.coarsestStep
        }
        if !isSettled {
            // Equal to no other revision: the next search reads the values again.
            var generator = SystemRandomNumberGenerator()
            revision += Self.bytes(of: [generator.next(), generator.next()])
        }
        (self.names, self.revision) = (names, revision)
    }

    private static func entries(of descriptor: Int32) throws(ScanFailure) -> [String] {
        let names: [String]
        do throws(FileFailure) { names = try File.names(in: "/proc/self/fd/\(descriptor)") } catch {
            throw ScanFailure(.values, "the folder of secrets cannot be read")
        }
        guard names.count <= mostFiles else {
            throw ScanFailure(.values, "the folder of secrets has too many files")
        }
        return names
    }

    private static func bytes(of name: String, _ status: stat) -> [UInt8] {
        let numbers: [UInt64] = [
            UInt64(status.st_dev), UInt64(status.st_ino), UInt64(status.st_size),
            UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
            UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)),
            UInt64(bitPattern: Int64(status.st_ctim.tv_sec)),
            UInt64(bitPattern: Int64(status.st_ctim.tv_nsec)),
        ]
        return Array(name.utf8) + [0] + bytes(of: numbers)
    }

    private static func bytes(of numbers: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in numbers {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            }
        }
        return bytes
    }

    /// Rounded up, so that a time is not taken for an older one.
    private static func time(_ time: timespec) -> Timestamp {
        Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + (Int64(time.tv_nsec) + 999) / 1000)
    }
}
