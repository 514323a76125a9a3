import CHyperscan
import InterlockSafety

/// The texts of all rules of a set in vectorscan: finds where a match may lie. One thread uses it at a time.
///
/// A rule whose pattern has no text that is in each match has the pattern itself here. Texts compile in a tenth of the
/// time that whole patterns of all rules take (docs/decisions/0132-texts-of-rules-as-candidates.md).
///
/// A database belongs to one version of the library and one processor, so it is compiled at load and never stored.
@safe final class CandidateEngine {
    private let handle: OpaquePointer
    /// The engine that owns the database, which must live as long as this one; nil if this one does.
    private let owner: CandidateEngine?

    /// The ends of candidates of one rule that are close to one another.
    struct Candidate {
        /// The index of the rule.
        let rule: Int
        /// Offsets behind the last byte of a candidate.
        let ends: ClosedRange<Int>
    }

    /// The least distance, in bytes, of two candidates of one rule: it bounds their number in a block.
    private static let leastGap = 256

    private var buffer: [interlock_candidate]

    /// - Parameter block: the most bytes that are searched at a time.
    init(_ rules: [ScanRule], block: Int) throws(ScanFailure) {
        var bad: UInt32 = 0
        var made: OpaquePointer?
        let gaps = rules.map { UInt32(Self.gap(of: $0)) }
        let (patterns, texts) = Self.patterns(of: rules)
        let result = unsafe withCStrings(texts) { texts in
            unsafe interlock_hyperscan_compile(
                patterns, texts, UInt32(patterns.count), gaps, UInt32(rules.count), &made, &bad)
        }
        guard let made = unsafe made, result == INTERLOCK_HYPERSCAN_OK else {
            switch result {
            case INTERLOCK_HYPERSCAN_PLATFORM:
                throw ScanFailure(.engine, "vectorscan does not support this processor")
            case INTERLOCK_HYPERSCAN_PATTERN:
                throw ScanFailure(
                    .rules,
                    "vectorscan refuses the pattern of rule `\(rules[Int(patterns[Int(bad)].rule)].id)`"
                )
            case INTERLOCK_HYPERSCAN_MEMORY:
                throw ScanFailure(.engine, "no memory for the rules")
            default: throw ScanFailure(.engine, "vectorscan cannot compile the rules")
            }
        }
        unsafe handle = made
        owner = nil
        buffer = Self.buffer(for: rules, block)
    }

    /// Shares the database of an engine, which another thread may use meanwhile.
    ///
    /// - Parameter rules: the rules of `owner`.
    init(sharing owner: CandidateEngine, _ rules: [ScanRule], block: Int) throws(ScanFailure) {
        guard let made = unsafe interlock_hyperscan_share(owner.handle) else {
            throw ScanFailure(.engine, "no memory for the rules")
        }
        unsafe handle = made
        self.owner = owner
        buffer = Self.buffer(for: rules, block)
    }

    /// Returns what is searched for: each text of each rule, or the pattern of a rule without texts.
    private static func patterns(of rules: [ScanRule]) -> ([interlock_pattern], [String]) {
        var patterns: [interlock_pattern] = []
        var texts: [String] = []
        for (index, rule) in rules.enumerated() {
            let number = UInt32(index)
            for text in rule.candidates.texts {
                texts.append(escaped(text.bytes))
                patterns.append(
                    interlock_pattern(
                        rule: number, longest: UInt32(text.bytes.count),
                        ignores_case: text.ignoresCase ? 1 : 0))
            }
            guard rule.candidates.texts.isEmpty else { continue }
            texts.append(rule.pattern.text)
            patterns.append(
                interlock_pattern(
                    rule: number, longest: UInt32(rule.pattern.lengths.upperBound),
                    ignores_case: 0))
        }
        return (patterns, texts)
    }

    /// Returns a pattern that matches these bytes alone.
    private static func escaped(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text += [
                UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)],
                digits[Int(byte & 15)],
            ]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func gap(of rule: ScanRule) -> Int {
        max(leastGap, rule.pattern.lengths.upperBound)
    }

    /// Returns room for the candidates of a block: those of one rule are farther apart than its gap.
    private static func buffer(for rules: [ScanRule], _ block: Int) -> [interlock_candidate] {
        let most = rules.reduce(64) { $0 + block / gap(of: $1) + 2 }
        return Array(
            repeating: interlock_candidate(rule: 0, first_end: 0, last_end: 0), count: most)
    }

    deinit { unsafe interlock_hyperscan_free(handle) }

    /// The version of the library.
    static var version: String { unsafe String(cString: interlock_hyperscan_version()) }

    /// The size of the database, in bytes.
    var size: Int { unsafe interlock_hyperscan_size(handle) }

    func candidates(in bytes: Span<UInt8>) throws(ScanFailure) -> [Candidate] {
        var count = 0
        let result = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe interlock_hyperscan_scan(
                handle, bytes.baseAddress, bytes.count, &buffer, buffer.count, &count)
        }
        guard result == INTERLOCK_HYPERSCAN_OK else {
            throw ScanFailure(
                result == INTERLOCK_HYPERSCAN_FULL ? .budget : .scan, "vectorscan ended the search")
        }
        return buffer[..<count].map {
            Candidate(rule: Int($0.rule), ends: Int($0.first_end)...Int($0.last_end))
        }
    }
}

/// Passes the texts, which contain no NUL, as C strings that are valid during the call.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    // One block of bytes, with the offset of each text in it.
    var offsets: [Int] = []
    var all: [CChar] = []
    for text in texts {
        offsets.append(all.count)
        for byte in text.utf8 { all.append(CChar(bitPattern: byte)) }
        all.append(0)
    }
    return unsafe all.withUnsafeBufferPointer { all in
        let pointers = unsafe offsets.map { unsafe all.baseAddress?.advanced(by: $0) }
        return unsafe pointers.withUnsafeBufferPointer { pointers in
            unsafe body(pointers.baseAddress!)
        }
    }
}
