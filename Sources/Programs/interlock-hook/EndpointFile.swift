import CLinux
import Glibc
import InterlockHooks
import InterlockModel

/// `/etc/interlock/hook.json`, which names the gateway. A user who can replace it decides in the gateway's place, so it is
/// accepted only if the agent's user cannot:
///
/// - If root has an id in this user namespace, root must own the file and the folders above it, and neither a group nor
///   others may write to them.
/// - If root has none, as inside a run, every file that the caller sees there is the caller's own or a stranger's. The file
///   must then be on a read-only mount, which only the launcher can have made: a command inside has no capabilities.
enum EndpointFile {
    static let path = "/etc/interlock/hook.json"

    static func read() throws(AdapterFailure) -> HookEndpoint {
        let isRootMapped = HookUserIDs.mapRoot(identities())
        var descriptor = AT_FDCWD
        for (number, name) in ["/", "etc", "interlock", "hook.json"].enumerated() {
            // No link in any component; a pipe must not wait for its other end.
            let kind = number < 3 ? O_DIRECTORY | interlock_open_path : O_NONBLOCK | O_NOCTTY
            let next = unsafe openat(descriptor, name, kind | O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else {
                throw .configuration(errno == ENOENT ? "no such file" : "cannot be opened")
            }
            descriptor = next
            if isRootMapped { try checkOwner(descriptor, name) }
        }
        if !isRootMapped { try checkMount(descriptor) }
        let bytes = try content(descriptor)
        do throws(FormError) {
            return try HookEndpoint(parsing: bytes)
        } catch { throw .configuration("\(error)") }
    }

    private static func checkOwner(_ descriptor: Int32, _ name: String) throws(AdapterFailure) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_uid == 0,
            status.st_mode & 0o022 == 0
        else { throw .configuration("`\(name)` must be root's, and writable by root alone") }
    }

    private static func checkMount(_ descriptor: Int32) throws(AdapterFailure) {
        var system = statvfs()
        guard unsafe fstatvfs(descriptor, &system) == 0, system.f_flag & readOnlyMount != 0 else {
            throw .configuration("must be on a read-only mount, where root has no user id")
        }
    }

    /// ST_RDONLY of statvfs.
    private static let readOnlyMount: UInt = 1

    private static func content(_ descriptor: Int32) throws(AdapterFailure) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .configuration("must be a regular file")
        }
        guard let bytes = whole(descriptor, limitBytes: HookEndpoint.limitBytes) else {
            throw .configuration(
                "cannot be read, or is longer than \(HookEndpoint.limitBytes) bytes")
        }
        return bytes
    }

    private static func identities() -> [UInt8] {
        let descriptor = unsafe open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return [] }
        return whole(descriptor, limitBytes: 16 << 10) ?? []
    }

    /// Returns nil if the file cannot be read, or is longer.
    private static func whole(_ descriptor: Int32, limitBytes: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: limitBytes + 1)
        while true {
            let count = unsafe Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += part.prefix(count)
            guard bytes.count <= limitBytes else { return nil }
        }
    }
}
