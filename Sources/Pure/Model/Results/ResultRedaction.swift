package import InterlockJSON

/// The parts of a result that its reader must not get. A copy is made of the received result, in which string values alone
/// differ (docs/specs/coding-agents.md, section 7).
package struct ResultRedaction: Sendable, Hashable {
    /// A part of one text.
    package struct Removal: Sendable, Hashable {
        /// UTF-8 bytes of the text.
        package let range: Range<Int>
        /// The word that takes the place of the part, for instance the name of the rule that found it.
        package let label: String

        package init(_ range: Range<Int>, _ label: String) {
            (self.range, self.label) = (range, label)
        }
    }

    /// Parts by the index of their text in `ResultTexts`.
    private var spans: [Int: [Removal]] = [:]
    /// The word that takes the place of every string, or nil.
    package private(set) var whole: String?

    package init() {}

    /// Withholds every string.
    package init(whole label: String) { (whole, self.label) = (label, label) }

    package var isEmpty: Bool { spans.isEmpty && whole == nil }

    /// The word for the result as a whole: the first of those that were added.
    package private(set) var label = "part"

    package mutating func add(_ span: Removal, of text: Int) {
        if isEmpty { label = span.label }
        spans[text, default: []].append(span)
    }

    package mutating func addAll(_ label: String) {
        if isEmpty { self.label = label }
        whole = whole ?? label
    }

    /// The text that takes the place of a part.
    package static func mark(_ label: String) -> String { "[redacted:\(label)]" }

    /// Returns the copy, or nil if a part is in no string.
    ///
    /// - Parameter texts: the texts of `result`.
    package func applied(to result: JSONValue, texts: ResultTexts) -> JSONValue? {
        let strings = Set(texts.strings)
        guard spans.keys.allSatisfy(strings.contains) else { return nil }
        var next = 0
        return copy(result, &next)
    }

    private func copy(_ value: JSONValue, _ next: inout Int) -> JSONValue {
        switch value {
        case .null, .bool: return value
        case .integer, .number:
            next += 1
            return value
        case .string(let text):
            defer { next += 1 }
            return .string(whole.map(Self.mark) ?? spans[next].map { redacted(text, $0) } ?? text)
        case .array(let items):
            var copies: [JSONValue] = []
            copies.reserveCapacity(items.count)
            for item in items { copies.append(copy(item, &next)) }
            return .array(copies)
        case .object(let object):
            var members: [(key: String, value: JSONValue)] = []
            members.reserveCapacity(object.count)
            for (key, value) in object.members {
                next += 1
                members.append((key, copy(value, &next)))
            }
            return .object(JSONObject(distinct: members))
        }
    }

    /// Parts that overlap or touch become one, with the label of the first.
    private func redacted(_ text: String, _ spans: [Removal]) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var end = 0
        let ordered = spans.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < (
                $1.range.lowerBound, $1.range.upperBound
            )
        }
        for span in ordered {
            let range = span.range.clamped(to: 0..<bytes.count)
            if range.lowerBound > end || result.isEmpty {
                result += bytes[end..<max(end, range.lowerBound)]
                result += Array(Self.mark(span.label).utf8)
            }
            end = max(end, range.upperBound)
        }
        result += bytes[end...]
        return String(decoding: result, as: UTF8.self)
    }
}
