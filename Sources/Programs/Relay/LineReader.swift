import Glibc

/// Reads lines of bounded length from a descriptor; a longer line is skipped as a whole.
struct LineReader {
    enum Line {
        case text([UInt8])
        case tooLong
    }

    private let descriptor: Int32
    private let limit: Int
    private var buffer: [UInt8] = []
    private var searched = 0
    private var isSkipping = false
    private var isAtEnd = false

    init(descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// - Returns: nil at the end of the input; a last line without its newline is returned.
    mutating func next() -> Line? {
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                searched = 0
                if isSkipping {
                    isSkipping = false
                    return .tooLong
                }
                return .text(line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : line)
            }
            searched = buffer.count
            if buffer.count > limit {
                isSkipping = true
                buffer = []
                searched = 0
            }
            guard !isAtEnd, read() else {
                defer { buffer = [] }
                // The end of a skipped line is not a line.
                if isSkipping {
                    isSkipping = false
                    return .tooLong
                }
                return buffer.isEmpty ? nil : .text(buffer)
            }
        }
    }

    private mutating func read() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                isAtEnd = true
                searched = 0
                return false
            }
            buffer += chunk[..<count]
            return true
        }
    }
}
