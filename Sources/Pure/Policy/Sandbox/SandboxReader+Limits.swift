import InterlockModel

extension SandboxReader {
    /// The sizes of files and of memory that a policy may state, in bytes: 1 MiB to 1 TiB.
    static let sizes: ClosedRange<Int64> = (1 << 20)...(1 << 40)
    /// Less memory than 16 MiB starts no program.
    private static let memorySizes: ClosedRange<Int64> = (16 << 20)...(1 << 40)
    /// The amounts that may be sent to one host, in bytes: 1 KiB to 1 TiB.
    static let sentSizes: ClosedRange<Int64> = (1 << 10)...(1 << 40)
    /// The longest run, in seconds: 31 days.
    private static let longestRun: Int64 = 31 * 86_400

    mutating func readLimits() {
        guard let limits = value["limits"] else { return }
        if let wall = limits["wall"], let seconds = wall.seconds {
            if seconds > Self.longestRun {
                report(.outOfRange, at: wall, "wall: more than 31 days")
            } else {
                settings.limits.wall = .seconds(seconds)
            }
        }
        if let cpu = limits["cpu"]?.integer { settings.limits.cpu = Int(cpu) }
        if let pids = limits["pids"]?.integer { settings.limits.pids = Int(pids) }
        if let files = limits["nofile"]?.integer { settings.limits.openFiles = Int(files) }
        if let memory = size(of: limits["memory"], "memory", Self.memorySizes) {
            settings.limits.memory = memory
            settings.limits.statesMemory = true
        }
        if let size = size(of: limits["file_size"], "file_size", Self.sizes) {
            settings.limits.fileSize = size
        }
        if let size = size(of: limits["tmp"], "tmp", Self.sizes) { settings.limits.tmp = size }
        if let required = limits["require_cgroup"]?.flag {
            settings.limits.requiresCgroup = required
        }
    }

    /// Returns nil for a size that is not stated, or that is reported because it is outside of its range.
    mutating func size(
        of value: TypedValue?, _ key: String, _ range: ClosedRange<Int64>
    ) -> Int64? {
        guard let value, let size = value.integer else { return nil }
        guard range.contains(size) else {
            report(
                .outOfRange, at: value,
                "\(key): \(size) bytes is not in \(byteText(range.lowerBound)) to "
                    + byteText(range.upperBound))
            return nil
        }
        return size
    }
}

/// A number of bytes as a policy states it, in the largest unit that divides it: `512MiB`.
package func byteText(_ bytes: Int64) -> String {
    for (unit, size) in [("GiB", Int64(1) << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    where bytes > 0 && bytes % size == 0 {
        return "\(bytes / size)\(unit)"
    }
    return "\(bytes)"
}

/// A time as a policy states it, in the largest unit that divides it: `30m`.
package func durationText(_ seconds: Int64) -> String {
    for (unit, size) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)]
    where seconds > 0 && seconds % size == 0 {
        return "\(seconds / size)\(unit)"
    }
    return "\(seconds)s"
}
