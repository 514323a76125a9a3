import InterlockModel

/// The values that the broker holds, and those of canaries, as keyed hashes: a value is recognised where it occurs whole,
/// and cannot be read from here.
///
/// A text is searched with a table of bits over the first seven bytes of each form and over those from its second one on:
/// so every second place of the text is looked up. Only where its bit is set are hashes computed and compared.
package struct BrokeredValues: Sendable {
    /// The lengths of values that are registered, in bytes. Of a longer one, the beginning is.
    package static let lengths = 8...1024
    package static let mostValues = 10_000
    /// The most canaries, which are counted for themselves.
    package static let mostPlanted = 1_000
    /// Differs if other forms of a value are recognised: a text that an earlier version found clean is searched again.
    package static let version: UInt8 = 3
    /// Shorter values stop no run, unless nearly all bytes of one differ: people have names of users and hosts in the
    /// folder of secrets, and other text has them, too.
    package static let shortestDistinct = 16
    private static let shortestMixed = 12
    private static let mixedHundredths = 350
    /// The longest form of a value: `\u0041` for each byte.
    package static let longestForm = 6 * lengths.upperBound

    private static let window = 8
    private static let bits = 17
    private static let words = (1 << bits) / 64

    private let hash: SipHash
    /// Multiplies a window; odd.
    private let multiplier: UInt64
    private var table = [UInt64](repeating: 0, count: words)
    /// The forms by the hash of their window: their length, and the hash of the whole.
    ///
    /// INVARIANT: the longest come first, so that a value that begins as another one does is found whole. Kept by
    /// `BrokeredValuesTests`.
    private var forms: [UInt64: [Form]] = [:]
    package private(set) var count = 0
    private var plantedCount = 0
    /// The same values by parts of them.
    package private(set) var stretches: ValueStretches

    private struct Form: Sendable, Hashable {
        let length: Int
        let hash: UInt64
        /// The canary whose value it is; nil for a value of the broker.
        let planted: PlantedValueName?
        /// False for a value that other text may have by chance.
        let isDistinct: Bool
    }

    /// - Parameter key: random words, which are of this process alone.
    package init(key: (UInt64, UInt64)) {
        hash = SipHash(key: key)
        stretches = ValueStretches(hash)
        multiplier = hash.hash([0x6d].span) | 1
    }

    /// A form that was found.
    package struct Match: Sendable, Hashable {
        package let start: Int
        /// The number of its bytes.
        package let length: Int
        /// The canary whose form it is; nil for a value of the broker.
        package let planted: PlantedValueName?
        /// False for a value of the broker that other text may have by chance.
        package let isDistinct: Bool
    }

    package var isEmpty: Bool { count == 0 && plantedCount == 0 }

    /// Registers a value with its encodings.
    ///
    /// - Returns: false if it is too short to be recognised, or there are too many.
    package mutating func add(_ value: [UInt8]) -> Bool {
        guard value.count >= Self.lengths.lowerBound, count < Self.mostValues else { return false }
        register(value, nil)
        count += 1
        return true
    }

    /// Registers a canary with its encodings.
    ///
    /// - Returns: false if it cannot be recognised as a whole, or there are too many.
    package mutating func add(_ planted: PlantedValue) -> Bool {
        guard (PlantedValueForm.shortest...Self.lengths.upperBound).contains(planted.bytes.count),
            plantedCount < Self.mostPlanted
        else { return false }
        register(planted.bytes, planted.name)
        plantedCount += 1
        return true
    }

    private mutating func register(_ value: [UInt8], _ planted: PlantedValueName?) {
        let isDistinct = planted != nil || Self.isDistinct(value)
        let known = Array(value.prefix(Self.lengths.upperBound))
        stretches.add(known, planted)
        var texts = SecretEncodings.all(of: known).map { (bytes: $0, isDistinct: isDistinct) }
        // Names of hosts are in lower case. A broker's value that is one is in other text as well, and so may be words.
        let lower = known.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        if lower != known, planted != nil || isDistinct && !Self.isHostName(lower) {
            texts.append((bytes: lower, isDistinct: planted != nil))
        }
        for form in texts where form.bytes.count >= Self.window {
            let text = form.bytes
            let bytes = text.span
            let word = Self.word(bytes, 0)
            for seven in [(word << 8) >> 8, word >> 8] {
                let slot = self.slot(seven)
                table[slot >> 6] |= 1 << UInt64(slot & 63)
            }
            let first = hash.hash(bytes.extracting(0..<Self.window))
            let entry = Form(
                length: text.count, hash: hash.hash(bytes), planted: planted,
                isDistinct: form.isDistinct)
            Self.insert(entry, into: &forms[first, default: []])
        }
    }

    private static func isDistinct(_ value: [UInt8]) -> Bool {
        value.count >= shortestDistinct
            || value.count >= shortestMixed && Entropy.hundredths(of: value) >= mixedHundredths
    }

    /// True for labels with dots between them (RFC 1035), of which the last has letters alone.
    private static func isHostName(_ lower: [UInt8]) -> Bool {
        let labels = lower.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last, last.count > 1,
            last.allSatisfy({ isLetter($0) })
        else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy {
                    isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-")
                        || $0 == UInt8(ascii: "_")
                }
        }
    }

    private static func insert(_ form: Form, into known: inout [Form]) {
        guard !known.contains(form) else { return }
        // The one that no text has by chance is first of two of one length.
        let position =
            known.firstIndex {
                $0.length < form.length
                    || $0.length == form.length && form.isDistinct && !$0.isDistinct
            } ?? known.count
        known.insert(form, at: position)
    }

    /// Passes the longest form that begins at each start in `starts` at which one does.
    package func search(_ text: Span<UInt8>, starts: Range<Int>, _ found: (Match) -> Void) {
        let last = min(starts.upperBound, text.count - Self.window + 1)
        guard !isEmpty, starts.lowerBound < last else { return }
        let table = table.span
        let words = table.count
        precondition(starts.lowerBound >= 0 && words == Self.words)
        let bytes = unsafe text.bytes
        var start = starts.lowerBound
        while start < last {
            // A window is behind each start: `last` is no later than the last one. Most windows are of no form, so those of
            // eight starts are looked up at a time.
            while last &- start >= 8 {
                let set =
                    bit(of: ByteWord.load(bytes, start), in: table)
                    | bit(of: ByteWord.load(bytes, start &+ 2), in: table)
                    | bit(of: ByteWord.load(bytes, start &+ 4), in: table)
                    | bit(of: ByteWord.load(bytes, start &+ 6), in: table)
                if set & 1 == 1 { break }
                start &+= 8
            }
            let end = min(last, start + 8)
            while start < end {
                if bit(of: ByteWord.load(bytes, start), in: table) & 1 == 1 {
                    for place in start..<min(start + 2, last) {
                        match(text, at: place).map(found)
                    }
                }
                start += 2
            }
        }
    }

    /// Returns the longest form that begins at an offset, behind which a window is.
    private func match(_ text: Span<UInt8>, at start: Int) -> Match? {
        for form in forms[hash.hash(text.extracting(start..<start + Self.window))] ?? []
        where start + form.length <= text.count
            && hash.hash(text.extracting(start..<start + form.length)) == form.hash
        {
            return Match(
                start: start, length: form.length, planted: form.planted,
                isDistinct: form.isDistinct)
        }
        return nil
    }

    /// Returns a word whose lowest bit is set if a form may begin with a window, or at its second byte: the seven bytes
    /// from there on are looked up.
    @inline(__always)
    private func bit(of window: UInt64, in table: Span<UInt64>) -> UInt64 {
        let slot = slot(window >> 8)
        return table[slot >> 6] &>> UInt64(slot & 63)
    }

    private static func word(_ bytes: Span<UInt8>, _ start: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<window { word |= UInt64(bytes[start + index]) << UInt64(8 * index) }
        return word
    }

    private func slot(_ word: UInt64) -> Int {
        Int((word &* multiplier) >> UInt64(64 - Self.bits))
    }
}
