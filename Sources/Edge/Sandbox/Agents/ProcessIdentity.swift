import Glibc

/// One process of this host: its number and its start, which tells it from a later process with that number.
struct ProcessIdentity: Hashable, Sendable {
    let pid: Int32
    /// The time of its start since the boot, in ticks of the kernel's clock, as `/proc/PID/stat` has it.
    let start: UInt64

    init(pid: Int32, start: UInt64) { (self.pid, self.start) = (pid, start) }

    /// - Returns: nil if there is no such process, or its start cannot be read.
    init?(pid: Int32) {
        guard pid > 0, let stat = Self.stat(of: pid) else { return nil }
        self.init(pid: pid, start: stat.start)
    }

    /// - Returns: nil if the process of the pidfd was reaped, or its start cannot be read.
    init?(pidfd: Int32) {
        // A number that is still that of the pidfd afterwards was no other process's in between.
        guard let pid = Self.pid(of: pidfd), let found = Self(pid: pid),
            Self.pid(of: pidfd) == pid
        else { return nil }
        self = found
    }

    /// True once the process has ended, also if it was not reaped; false if that cannot be found out. A process with
    /// one thread has nothing left then, and pid 1 of a namespace nothing in it: the kernel ends the others before.
    var hasEnded: Bool {
        // A process that is kept from `/proc` by its mount options still has its number.
        if Glibc.kill(pid, 0) != 0, errno == ESRCH { return true }
        guard let stat = Self.stat(of: pid) else { return false }
        return stat.start != start || [UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(stat.state)
    }

    private static func stat(of pid: Int32) -> (state: UInt8, start: UInt64)? {
        let bytes = HostFiles.content("/proc/\(pid)/stat", limit: 4096)
        // The name before may have blanks and parentheses of its own.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)...].split { $0 == 0x20 || $0 == 0x0a }
        // The first one here is field 3, the state; field 22 is the start.
        guard fields.count > 19, let state = fields[0].first,
            let start = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        return (state, start)
    }

    private static func pid(of pidfd: Int32) -> Int32? {
        let bytes = HostFiles.content("/proc/self/fdinfo/\(pidfd)", limit: 4096)
        for line in bytes.split(separator: 0x0a) where line.starts(with: Array("Pid:\t".utf8)) {
            // The number is -1 once the process was reaped.
            guard let pid = Int32(String(decoding: line.dropFirst(5), as: UTF8.self)), pid > 0
            else { return nil }
            return pid
        }
        return nil
    }
}
