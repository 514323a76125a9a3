/// Reads a segment in order with few system calls: what follows is read along, more each time.
///
/// What was read along may have been written since, so a frame that is not found in it has to be looked for again after
/// `forget`. A frame that is whole in it is a frame of the log, also if its segment was reused meanwhile.
struct ReadAhead {
    private var bytes: [UInt8] = []
    private var start = 0

    private static let firstBytes = 16 << 10
    private static let mostBytes = 256 << 10

    /// - Returns: `count` bytes, or fewer at the end of the file.
    mutating func read(_ file: FileDescriptor, at offset: Int, count: Int) throws(SystemError)
        -> [UInt8]
    {
        if holds(offset, count: count) {
            return Array(bytes[offset - start..<offset - start + count])
        }
        let goesOn = !bytes.isEmpty && (start...start + bytes.count).contains(offset)
        let more = goesOn ? min(max(Self.firstBytes, 2 * bytes.count), Self.mostBytes) : 0
        bytes = try file.read(at: offset, count: max(count, more))
        start = offset
        return bytes.count <= count ? bytes : Array(bytes[..<count])
    }

    func holds(_ offset: Int, count: Int) -> Bool {
        offset >= start && offset + count <= start + bytes.count
    }

    mutating func forget() { bytes = [] }
}
