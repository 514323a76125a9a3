/// Returns true if two strings have the same bytes. `==` on String also accepts canonically equivalent text (`é` in one
/// scalar or two), which JSON distinguishes, and takes quadratic time to do so.
package func sameBytes(_ a: String, _ b: String) -> Bool {
    guard a.utf8.count == b.utf8.count else { return false }
    let left = a.utf8.span
    let right = b.utf8.span
    for index in left.indices where left[index] != right[index] { return false }
    return true
}

/// A string that is compared, hashed and ordered by its bytes: the dictionary key for untrusted text.
///
/// String hashes its normalised text: keys that normalise alike collide under every seed of the process, and
/// normalising a long run of combining marks takes quadratic time.
package struct ExactText: Hashable, Comparable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }

    package static func == (a: ExactText, b: ExactText) -> Bool {
        Steps.count(1 + a.text.utf8.count)
        return sameBytes(a.text, b.text)
    }

    package static func < (a: ExactText, b: ExactText) -> Bool {
        let left = a.text.utf8.span
        let right = b.text.utf8.span
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }

    package func hash(into hasher: inout Hasher) {
        Steps.count(1 + text.utf8.count)
        hashBytes(of: text, into: &hasher)
    }
}

extension ExactText: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.text = text }
    package var description: String { text }
}

/// Feeds the bytes and a terminator that never occurs in UTF-8 to `hasher`, which uses the seed of the process.
package func hashBytes(of text: String, into hasher: inout Hasher) {
    let bytes = text.utf8.span
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    hasher.combine(0xff as UInt8)
}

extension Sequence<ExactText> {
    package var texts: [String] { map(\.text) }
}

extension Set<ExactText> {
    package init(texts: some Sequence<String>) { self.init(texts.map { ExactText($0) }) }

    package func contains(_ text: String) -> Bool { contains(ExactText(text)) }

    @discardableResult
    package mutating func insert(_ text: String) -> (inserted: Bool, memberAfterInsert: ExactText) {
        insert(ExactText(text))
    }

    @discardableResult
    package mutating func remove(_ text: String) -> ExactText? { remove(ExactText(text)) }
}

extension Dictionary where Key == ExactText {
    package subscript(_ text: String) -> Value? {
        get { self[ExactText(text)] }
        _modify { yield &self[ExactText(text)] }
    }

    package subscript(_ text: String, default value: @autoclosure () -> Value) -> Value {
        get { self[ExactText(text)] ?? value() }
        _modify { yield &self[ExactText(text), default: value()] }
    }

    @discardableResult
    package mutating func removeValue(forKey text: String) -> Value? {
        removeValue(forKey: ExactText(text))
    }

    @discardableResult
    package mutating func updateValue(_ value: Value, forKey text: String) -> Value? {
        updateValue(value, forKey: ExactText(text))
    }
}
