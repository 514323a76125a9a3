/// Makes the bytes of a ClientHello, right and wrong.
struct HelloBytes {
    var extensions: [(type: Int, content: [UInt8])] = []
    var session: [UInt8] = [UInt8](repeating: 7, count: 32)
    var suites: [UInt8] = [0x13, 0x01, 0x13, 0x02]
    /// Bytes after the extensions, inside the message.
    var trailing: [UInt8] = []

    init(names: [String]) {
        if !names.isEmpty { add(names: names) }
        extensions.append((43, [2, 3, 4]))
    }

    mutating func add(names: [String], type: UInt8 = 0) {
        let list = names.flatMap { [type] + Self.vector(2, Array($0.utf8)) }
        extensions.append((0, Self.vector(2, list)))
    }

    /// Bytes after their count.
    static func vector(_ size: Int, _ bytes: [UInt8]) -> [UInt8] {
        (0..<size).reversed().map { UInt8(bytes.count >> (8 * $0) & 255) } + bytes
    }

    /// The message with its header.
    var message: [UInt8] {
        let all = extensions.flatMap {
            [UInt8($0.type >> 8), UInt8($0.type & 255)] + Self.vector(2, $0.content)
        }
        let body =
            [3, 3] + [UInt8](repeating: 9, count: 32) + Self.vector(1, session)
            + Self.vector(2, suites) + [1, 0] + Self.vector(2, all) + trailing
        return [1] + Self.vector(3, body)
    }

    /// The records, each with at most `size` bytes of the message.
    func records(of size: Int = 16_384) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = message[...]
        while !rest.isEmpty {
            bytes += [22, 3, 1] + Self.vector(2, Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return bytes
    }
}
