/// The fields of a request, for values that are spread over several of them: their parts are joined as a server can join
/// them.
struct SentFields {
    /// Fields that clients send of themselves, whose names say nothing of a run.
    private static let usual = [
        "accept", "accept-encoding", "accept-language", "cache-control", "connection",
        "content-encoding", "content-length", "content-type", "expect", "host", "pragma",
        "user-agent", "via",
    ].map { Array($0.utf8) }

    private var fields: [(name: [UInt8], value: [UInt8])] = []

    /// Adds a field with its name in lower case; a line without a colon is left out.
    mutating func add(_ line: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let space: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        let value = line[(colon + 1)...].drop(while: space)
        let end = value.lastIndex { !space($0) }.map { $0 + 1 } ?? value.startIndex
        fields.append((Array(line[..<colon]), Array(value[..<end])))
    }

    /// The values of fields of one name, and the names and the values of fields that are not usual, each without anything
    /// between them. Less than two are not joined.
    var joined: [String] {
        var texts: [[UInt8]] = []
        for (index, field) in fields.enumerated() {
            let isFirst = !fields[..<index].contains { $0.name == field.name }
            let equal = fields[index...].filter { $0.name == field.name }
            if isFirst, equal.count > 1 { texts.append(equal.flatMap(\.value)) }
        }
        let others = fields.filter { field in !Self.usual.contains(field.name) }
        if others.count > 1 {
            texts.append(others.flatMap(\.name))
            texts.append(others.flatMap(\.value))
        }
        return texts.map { String(decoding: $0, as: UTF8.self) }
    }
}
