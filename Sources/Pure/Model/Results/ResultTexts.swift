package import InterlockJSON

/// The texts of a tool's result in the order of the document: what an inspector searches. Besides the strings these are the
/// names of members and the numbers, which a copy of the same shape cannot replace.
package struct ResultTexts: Sendable {
    package private(set) var texts: [String] = []
    /// The indices of the strings, in ascending order.
    package private(set) var strings: [Int] = []
    /// The UTF-8 bytes of all texts together.
    package private(set) var bytes = 0

    package init(_ result: JSONValue) {
        texts.reserveCapacity(16)
        add(result)
    }

    private mutating func add(_ value: JSONValue) {
        switch value {
        case .null, .bool: break
        case .integer(let number): add(text: String(number))
        case .number(let number): add(text: number.searched)
        case .string(let text):
            strings.append(texts.count)
            add(text: text)
        case .array(let items): for item in items { add(item) }
        case .object(let object):
            for (key, value) in object.members {
                add(text: key)
                add(value)
            }
        }
    }

    private mutating func add(text: String) {
        texts.append(text)
        bytes += text.utf8.count
    }
}

extension JSONNumber {
    /// The digits that a server gets (RFC 8785), and as they are written if that differs: `4.5e3` is `4500 4.5e3`.
    package var searched: String {
        guard let sent = JSONNumber(double)?.text, sent != text else { return text }
        return sent + " " + text
    }
}
