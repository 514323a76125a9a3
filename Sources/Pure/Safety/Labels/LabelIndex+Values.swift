package import InterlockJSON

extension LabelIndex {
    /// The most bytes of text of content that is added at once, on the thread of a call: more takes milliseconds.
    package static let longestAtOnce = 16 << 10

    /// Returns true if content has more bytes of text than are added at once. Reads no more of it than that.
    package static func isLong(_ content: JSONValue) -> Bool {
        var left = longestAtOnce
        return !fits(content, &left)
    }

    private static func fits(_ value: JSONValue, _ left: inout Int) -> Bool {
        switch value {
        case .null, .bool, .integer: left -= 8
        case .number(let number): left -= number.text.utf8.count + 1
        case .string(let text): left -= text.utf8.count + 1
        case .array(let items):
            for item in items { guard fits(item, &left) else { return false } }
        case .object(let object):
            for (key, value) in object.members {
                left -= key.utf8.count + 1
                guard fits(value, &left) else { return false }
            }
        }
        return left >= 0
    }

    /// Hashes of the values of content, which take longer to make than to add.
    package struct Values: Sendable {
        fileprivate var hashes: ArraySlice<UInt64> = []
        /// The hashes that are added at a time, which takes a fraction of a millisecond.
        private static let mostAtOnce = 4096

        /// The same values in parts, each of which is added at a time.
        package var parts: [Values] {
            stride(from: hashes.startIndex, to: hashes.endIndex, by: Self.mostAtOnce).map { start in
                Values(hashes: hashes[start..<min(start + Self.mostAtOnce, hashes.endIndex)])
            }
        }
    }

    /// Makes hashes for one index without it, on any thread.
    package struct ValueReader: Sendable {
        fileprivate let hasher: ValueHasher

        /// Returns the values of untrusted content, or of the arguments of a call; nil if it is too long.
        ///
        /// - Parameter isNested: true to read the JSON documents that strings of content are.
        package func values(of content: JSONValue, isNested: Bool) -> Values? {
            guard LabelIndex.isShort(content) else { return nil }
            var values = Values()
            eachText(of: content, isNested: isNested) { text in
                TextValues(text, hasher).each(on: nil, isWide: true) { values.hashes.append($0) }
            }
            return values
        }

        /// Returns the values of trusted content, but for those of the call that come back in it; nil if it is too long.
        package func values(ofTrusted content: JSONValue, unless echoes: Set<UInt64>) -> Values? {
            guard LabelIndex.isShort(content) else { return nil }
            var values = Values()
            eachText(of: content, isNested: true) { text in
                TextValues(text, hasher).each(
                    on: nil, isWide: false, unless: { echoes.contains($0) },
                    { values.hashes.append($0) })
            }
            return values
        }
    }

    package var reader: ValueReader { ValueReader(hasher: hasher) }

    /// Returns those values of a call's arguments that have no good origin: they do not become trusted by coming back.
    package func echoes(of arguments: Values) -> Set<UInt64> {
        Set(arguments.hashes.filter { origins(of: $0).bits & Origins.good == 0 })
    }

    /// Adds values of a trusted source.
    package mutating func add(trusted values: Values) {
        for hash in values.hashes { insert(hash, Origins.trusted, 0) }
    }

    /// Adds values of an untrusted source.
    ///
    /// - Parameters:
    ///   - source: the name of the source, for people.
    ///   - isNamed: true if a value of the user's request addressed the content.
    package mutating func add(untrusted values: Values, of source: String, isNamed: Bool) {
        let number = number(of: source)
        let origin = isNamed ? Origins.named : Origins.untrusted
        for hash in values.hashes { insert(hash, origin, number) }
    }
}
