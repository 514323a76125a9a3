import CHyperscan
import InterlockSafety

/// All patterns of a rule set in vectorscan: finds where matches may end. One thread uses it at a time.
///
/// A database belongs to one version of the library and one processor, so it is compiled at load and never stored.
@safe final class CandidateEngine {
    private let handle: OpaquePointer
    /// The engine that owns the database, which must live as long as this one; nil if this one does.
    private let owner: CandidateEngine?

    /// The ends of matches of one rule that are close to one another.
    struct Candidate {
        /// The index of the rule.
        let rule: Int
        /// Offsets behind the last byte of a match.
        let ends: ClosedRange<Int>
    }

    private var buffer: [interlock_candidate]

    /// - Parameter block: the most bytes that are searched at a time.
    init(_ rules: [ScanRule], block: Int) throws(ScanFailure) {
        var bad: UInt32 = 0
        var made: OpaquePointer?
        let longest = rules.map { UInt32($0.pattern.lengths.upperBound) }
        let result = unsafe withCStrings(rules.map(\.pattern.text)) { patterns in
            unsafe interlock_hyperscan_compile(
                patterns, longest, UInt32(rules.count), &made, &bad)
        }
        guard let made = unsafe made, result == INTERLOCK_HYPERSCAN_OK else {
            switch result {
            case INTERLOCK_HYPERSCAN_PLATFORM:
                throw ScanFailure(.engine, "vectorscan does not support this processor")
            case INTERLOCK_HYPERSCAN_PATTERN:
                throw ScanFailure(
                    .rules, "vectorscan refuses the pattern of rule `\(rules[Int(bad)].id)`")
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

    /// Returns room for the candidates of a block: those of one rule are farther apart than its longest match.
    private static func buffer(for rules: [ScanRule], _ block: Int) -> [interlock_candidate] {
        let most = rules.reduce(64) { $0 + block / $1.pattern.lengths.upperBound + 2 }
        return Array(
            repeating: interlock_candidate(pattern: 0, first_end: 0, last_end: 0), count: most)
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
            Candidate(rule: Int($0.pattern), ends: Int($0.first_end)...Int($0.last_end))
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
