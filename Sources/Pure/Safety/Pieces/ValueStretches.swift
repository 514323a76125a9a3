/// The stretches of eight characters of registered values, as keyed hashes: a value is recognised that leaves in pieces
/// (docs/specs/output-safety.md, section 4, item 1).
///
/// A piece is known as it is, in lower case, reversed, in hexadecimal digits, and in base64 and base64url at each
/// alignment. A shorter one is not, nor one of words or digits alone, which other text has by chance, except of a canary.
package struct ValueStretches: Sendable {
    /// The most stretches; later values are not known in pieces.
    package static let most = 1 << 18
    /// The fewest bytes that look random of a value that is known in pieces.
    package static let fewestBytes = 16
    /// The most stretches of values in one text that is searched.
    package static let mostFound = 1 << 14
    /// The most values that share a stretch, such as the header of tokens; further ones are not known by it.
    package static let mostShared = 16

    private static let stretch = 8
    private static let bits = 20

    private struct Value: Sendable {
        let hash: UInt64
        let planted: PlantedValueName?
        /// The bytes of a part; the last part may have fewer.
        let partBytes: Int
        var known: UInt64 = 0
    }
    /// Bytes of a value.
    private struct Stretch: Sendable, Hashable {
        let value: Int32
        let start: Int16
        let count: Int16
    }

    private let hash: SipHash
    /// Multiplies a stretch; odd.
    private let multiplier: UInt64
    private let limit: Int
    /// A bit for each stretch, so that most places of a text cost no hash. Empty until there is a value.
    private var table: [UInt64] = []
    private var values: [Value] = []
    private var places: [UInt64: Stretch] = [:]
    /// The further places of stretches that are at several.
    private var shared: [UInt64: [Stretch]] = [:]
    private var count = 0

    /// - Parameter most: the most stretches.
    init(_ hash: SipHash, most: Int = ValueStretches.most) {
        self.hash = hash
        limit = most
        multiplier = hash.hash([0x70].span) | 1
    }

    package var isEmpty: Bool { values.isEmpty }

    /// - Parameter value: a value, or the beginning of a long one.
    mutating func add(_ value: [UInt8], _ planted: PlantedValueName?) {
        guard value.count >= Self.fewestBytes else { return }
        // The value of a canary is random as a whole.
        let starts =
            planted == nil
            ? Self.randomStarts(of: value) : Array(0...value.count - Self.stretch)
        var isRandom = [Bool](repeating: false, count: value.count)
        for start in starts { for place in start..<start + Self.stretch { isRandom[place] = true } }
        guard isRandom.count(where: { $0 }) >= Self.fewestBytes, count < limit else { return }
        if table.isEmpty { table = [UInt64](repeating: 0, count: (1 << Self.bits) / 64) }
        values.append(
            Value(hash: hash.hash(value.span), planted: planted, partBytes: (value.count + 63) / 64)
        )
        let lower = value.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        let reversed = Array(value.reversed())
        for start in starts {
            insert(value, at: start, start, Self.stretch)
            insert(lower, at: start, start, Self.stretch)
            insert(reversed, at: value.count - Self.stretch - start, start, Self.stretch)
        }
        func isRandomAll(_ start: Int, _ count: Int) -> Bool {
            isRandom[start..<start + count].allSatisfy { $0 }
        }
        for isUpper in [false, true] {
            let digits = SecretEncodings.digits(value, isUpper)
            let bytes = Self.stretch / 2
            for start in 0...value.count - bytes where isRandomAll(start, bytes) {
                insert(digits, at: 2 * start, start, bytes)
            }
        }
        for alignment in 0..<3 {
            let text = SecretEncodings.base64(value, alignment)
            let other = SecretEncodings.urlSafe(text)
            guard text.count >= Self.stretch else { continue }
            for offset in 0...text.count - Self.stretch {
                // A character is six bits. The bytes before the value are in the text, too.
                let bit = 6 * (offset + SecretEncodings.base64Heads[alignment])
                let (first, end) = ((bit + 7) / 8, (bit + 6 * Self.stretch) / 8)
                guard isRandomAll(first - alignment, end - first) else { continue }
                insert(text, at: offset, first - alignment, end - first)
                insert(other, at: offset, first - alignment, end - first)
            }
        }
    }

    /// Adds a stretch of an encoding of the last value.
    private mutating func insert(_ text: [UInt8], at offset: Int, _ start: Int, _ bytes: Int) {
        guard count < limit else { return }
        let index = values.count - 1
        let key = hash.hash(text.span.extracting(offset..<offset + Self.stretch))
        let place = Stretch(value: Int32(index), start: Int16(start), count: Int16(bytes))
        if let first = places[key] {
            let further = shared[key] ?? []
            guard first != place, !further.contains(place) else { return }
            guard further.count < Self.mostShared - 1 else { return }
            shared[key] = further + [place]
        } else {
            places[key] = place
            let span = text.span
            let bytes = unsafe span.bytes
            let slot = slot(ByteWord.load(bytes, offset))
            table[slot >> 6] |= 1 << UInt64(slot & 63)
        }
        count += 1
        values[index].known |= parts(of: place)
    }

    /// Returns the parts of each value that are in a text, those that were registered first before others; nil if the text
    /// has more stretches of values than are searched.
    package func parts(in text: Span<UInt8>) -> [ValuePart]? {
        let last = text.count - Self.stretch + 1
        guard !isEmpty, last > 0 else { return [] }
        var found: [Int32: UInt64] = [:]
        var stretches = 0
        let table = table.span
        let bytes = unsafe text.bytes
        for start in 0..<last {
            let slot = slot(ByteWord.load(bytes, start))
            guard table[slot >> 6] & (1 << UInt64(slot & 63)) != 0 else { continue }
            let key = hash.hash(text.extracting(start..<start + Self.stretch))
            guard let first = places[key] else { continue }
            stretches += 1
            guard stretches <= Self.mostFound else { return nil }
            found[first.value, default: 0] |= parts(of: first)
            for place in shared[key] ?? [] { found[place.value, default: 0] |= parts(of: place) }
        }
        return found.sorted { $0.key < $1.key }.map { index, parts in
            let value = values[Int(index)]
            return ValuePart(
                value: value.hash, parts: parts, known: value.known, planted: value.planted)
        }
    }

    private func parts(of place: Stretch) -> UInt64 {
        let partBytes = values[Int(place.value)].partBytes
        var parts: UInt64 = 0
        for part in Int(place.start) / partBytes...Int(place.start + place.count - 1) / partBytes {
            parts |= 1 << UInt64(part)
        }
        return parts
    }

    private func slot(_ word: UInt64) -> Int {
        Int((word &* multiplier) >> UInt64(64 - Self.bits))
    }

    /// Returns the starts of stretches in which letters, capitals and digits change twice. A capital that begins a word is
    /// no change.
    private static func randomStarts(of value: [UInt8]) -> [Int] {
        let kinds = value.map(CharacterKind.init)
        return (0...value.count - stretch).filter { start in
            var changes = 0
            for place in start + 1..<start + stretch {
                switch (kinds[place - 1], kinds[place]) {
                case (.other, _), (_, .other), (.capital, .letter): break
                case (let before, let kind): if before != kind { changes += 1 }
                }
            }
            return changes >= 2
        }
    }

    private enum CharacterKind {
        case letter, capital, digit, other

        init(_ byte: UInt8) {
            switch byte {
            case 0x61...0x7a: self = .letter
            case 0x41...0x5a: self = .capital
            case 0x30...0x39: self = .digit
            default: self = .other
            }
        }
    }
}
