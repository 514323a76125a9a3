/// Changes to a `JSONDocument`, collected first and applied together. All other bytes are preserved.
package struct JSONEdit: Sendable {
    private let document: JSONDocument
    private var changes: [(range: Range<Int>, text: [UInt8])] = []

    package init(of document: JSONDocument) { self.document = document }

    /// - Precondition: no other change overlaps the range.
    package mutating func replace(_ range: Range<Int>, with text: String) {
        changes.append((range, Array(text.utf8)))
    }

    /// Removes members together with their commas. The last remaining member is followed by a comma only if the former
    /// last member was.
    ///
    /// - Parameter keys: the keys to remove. Keys that the object does not have are ignored.
    package mutating func remove(_ keys: Set<ExactText>, from object: JSONNode) {
        let gone = object.members.filter { keys.contains($0.key) }
        for member in gone {
            replace(line(member.range, comma: member.comma), with: "")
            // A comment may separate the value from its comma; the comment is kept.
            if let comma = member.comma, comma != member.range.upperBound {
                replace(comma..<comma + 1, with: "")
            }
        }
        let rest = object.members.filter { !keys.contains($0.key) }
        if let last = object.members.last, keys.contains(last.key), last.comma == nil,
            let comma = rest.last?.comma
        {
            replace(comma..<comma + 1, with: "")
        }
    }

    /// Appends a member after the last one, on a line of its own if the last member is on its own line.
    ///
    /// - Parameter value: the value as JSON text.
    package mutating func append(_ key: String, _ value: String, to object: JSONNode) {
        let text = quoted(key) + ": " + value
        guard let last = object.members.last else {
            let inside = object.range.lowerBound + 1..<object.range.lowerBound + 1
            return replace(inside, with: text)
        }
        let end = (last.comma ?? last.range.upperBound - 1) + 1
        let comma = last.comma == nil ? "," : ""
        let tail = last.comma == nil ? "" : ","
        replace(end..<end, with: comma + separator(before: last) + text + tail)
    }

    /// The whole file with the changes applied.
    package var bytes: [UInt8] {
        var result: [UInt8] = []
        var place = 0
        for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            precondition(change.range.lowerBound >= place, "two changes of one place")
            result += document.bytes[place..<change.range.lowerBound]
            result += change.text
            place = change.range.upperBound
        }
        return result + document.bytes[place...]
    }

    /// Returns the line break and indentation that precede a member, or one space if the member does not begin a line.
    package func separator(before member: JSONMember) -> String {
        var start = member.range.lowerBound
        while start > 0, isBlank(document.bytes[start - 1]) { start -= 1 }
        guard start > 0, document.bytes[start - 1] == UInt8(ascii: "\n") else { return " " }
        start -= 1
        if start > 0, document.bytes[start - 1] == UInt8(ascii: "\r") { start -= 1 }
        return String(decoding: document.bytes[start..<member.range.lowerBound], as: UTF8.self)
    }

    /// Extends the range by a comma that directly follows it, and by the whole line if nothing else is on that line.
    private func line(_ range: Range<Int>, comma: Int?) -> Range<Int> {
        let bytes = document.bytes
        let end = comma == range.upperBound ? range.upperBound + 1 : range.upperBound
        var before = range.lowerBound
        var after = end
        while before > 0, isBlank(bytes[before - 1]) { before -= 1 }
        while after < bytes.count, isBlank(bytes[after]) { after += 1 }
        let beginsLine = before == 0 || bytes[before - 1] == UInt8(ascii: "\n")
        guard beginsLine, after < bytes.count,
            bytes[after] == UInt8(ascii: "\n") || bytes[after] == UInt8(ascii: "\r")
        else { return range.lowerBound..<end }
        if bytes[after] == UInt8(ascii: "\r") { after += 1 }
        if after < bytes.count, bytes[after] == UInt8(ascii: "\n") { after += 1 }
        return before..<after
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }
}
