import InterlockMCP

/// Converts a child's stderr to log lines: never parsed, limited per minute, control characters replaced by dots,
/// apparent credentials removed.
struct StderrLog {
    private static let lineBytes = 4096
    private static let minuteNanoseconds: UInt64 = 60_000_000_000

    private let bytesPerMinute: Int
    private let redaction: LogRedaction
    private var line: [UInt8] = []
    private var windowStart: UInt64?
    private var used = 0
    private var dropped = 0

    init(bytesPerMinute: Int, redaction: LogRedaction) {
        self.bytesPerMinute = bytesPerMinute
        self.redaction = redaction
    }

    /// - Returns: the complete lines, and possibly one more that states how much was dropped.
    mutating func take(_ bytes: [UInt8], nowNanoseconds: UInt64) -> [String] {
        var lines: [String] = []
        if let start = windowStart, nowNanoseconds - start < Self.minuteNanoseconds {
        } else {
            windowStart = nowNanoseconds
            used = 0
            lines += takeDropped()
        }
        let taken = bytes.prefix(max(0, bytesPerMinute - used))
        used += taken.count
        dropped += bytes.count - taken.count
        for byte in taken {
            if byte == UInt8(ascii: "\n") || line.count == Self.lineBytes {
                lines.append(takeLine())
            }
            if byte != UInt8(ascii: "\n") {
                line.append(byte < 32 || byte == 127 ? UInt8(ascii: ".") : byte)
            }
        }
        return lines
    }

    /// - Returns: the rest after the child has ended.
    mutating func finish() -> [String] { (line.isEmpty ? [] : [takeLine()]) + takeDropped() }

    private mutating func takeLine() -> String {
        defer { line.removeAll(keepingCapacity: true) }
        return redaction.redacted(String(decoding: line, as: UTF8.self))
    }

    private mutating func takeDropped() -> [String] {
        defer { dropped = 0 }
        return dropped > 0 ? ["(\(dropped) bytes of stderr dropped)"] : []
    }
}
