package import InterlockModel
package import InterlockSafety

/// Searches texts by the rules and for registered values: those of the broker, and canaries. A text is searched in blocks
/// that overlap by more than the longest match; each block has its own part of the starts of matches.
///
/// Everything is searched as raw bytes: nothing is decoded, and archives are not opened.
package final class SecretScanner: ContentScanner {
    /// The engines that decide which windows are searched by RE2.
    package enum Mode: Sendable {
        /// Vectorscan finds candidates, and RE2 confirms each.
        case both
        /// RE2 searches the whole block for each rule: the meaning with which `both` is compared.
        case confirmationAlone
    }

    private static let block = 1 << 20
    /// The bytes of a match, one after it, and the longest form of a registered value.
    private static let overlap = max(RulePattern.longestMatch, BrokeredValues.longestForm) + 1

    package private(set) var digest: Digest
    private let rules: RuleSet
    private let hashing: any Hashing
    private let keeping: Int
    private let mode: Mode
    /// Made when the first text is searched: a search of a tree that is known to be clean needs none.
    private var made: RuleMatcher?
    private var values: BrokeredValues
    private let blockBytes: Int
    private var buffer: [UInt8] = []
    /// The first start of a match in the buffer that was not looked for yet. The byte before it is context.
    private var pending = 0
    /// The offset in the text of the buffer's first byte, and the number of line feeds before it.
    private var offset: Int64 = 0
    private var lines = 0
    private var findings = SecretFindings()

    /// - Parameters:
    ///   - revision: bytes that change if the registered values do.
    ///   - keeping: the most findings of one text that are kept.
    ///   - blockBytes: the size of a block in bytes; two overlaps (12 KiB) if it is less.
    package init(
        _ rules: RuleSet, values: BrokeredValues, revision: [UInt8] = [], hashing: any Hashing,
        mode: Mode = .both, keeping: Int = SecretFindings.mostKept,
        blockBytes: Int = SecretScanner.block
    ) {
        (self.values, self.hashing, self.keeping) = (values, hashing, keeping)
        self.blockBytes = Self.size(blockBytes)
        (self.rules, self.mode) = (rules, mode)
        digest = Self.digest(of: rules, revision, hashing)
    }

    /// Searches by rules that are compiled already.
    ///
    /// - Parameters:
    ///   - blockBytes: as above; memory grows with it.
    ///   - budget: the work for a block; a search that needs more fails with `budget`.
    init(
        _ compiled: CompiledRules, values: BrokeredValues, revision: [UInt8],
        hashing: any Hashing, keeping: Int, blockBytes: Int, budget: RuleMatcher.Budget
    ) throws(ScanFailure) {
        let size = Self.size(blockBytes)
        (self.values, self.hashing, self.keeping) = (values, hashing, keeping)
        self.blockBytes = size
        (rules, mode) = (compiled.set, .both)
        digest = Self.digest(of: compiled.set, revision, hashing)
        made = try compiled.matcher(block: size + Self.overlap, budget: budget)
    }

    private static func size(_ blockBytes: Int) -> Int { max(blockBytes, 2 * overlap) }

    private static func digest(
        of rules: RuleSet, _ revision: [UInt8], _ hashing: any Hashing
    ) -> Digest {
        let version = Array(CandidateEngine.version.utf8)
        return hashing.sha256(
            rules.digest.bytes + [BrokeredValues.version] + version + [0] + revision)
    }

    /// Replaces the values, for the texts that begin later.
    package func replace(_ values: BrokeredValues, revision: [UInt8]) {
        self.values = values
        digest = Self.digest(of: rules, revision, hashing)
    }

    private func matcher() throws(ScanFailure) -> RuleMatcher {
        if let made { return made }
        let matcher = try RuleMatcher(rules, block: blockBytes + Self.overlap, mode: mode)
        made = matcher
        return matcher
    }

    package func begin() {
        buffer.removeAll(keepingCapacity: true)
        (pending, offset, lines) = (0, 0, 0)
        findings = SecretFindings(keeping: keeping)
    }

    package func take(_ bytes: Span<UInt8>) throws(ScanFailure) {
        var taken = 0
        while taken < bytes.count {
            let count = min(bytes.count - taken, blockBytes + Self.overlap - buffer.count)
            let part = bytes.extracting(taken..<taken + count)
            unsafe part.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
            taken += count
            guard buffer.count == blockBytes + Self.overlap else { continue }
            try search(upTo: buffer.count - Self.overlap)
            drop(before: buffer.count - Self.overlap - 1)
        }
    }

    package func finish() throws(ScanFailure) -> SecretFindings {
        if !buffer.isEmpty { try search(upTo: buffer.count) }
        return findings
    }

    /// Looks for matches that begin before `end`.
    private func search(upTo end: Int) throws(ScanFailure) {
        var found: [Match] = []
        let bytes = buffer
        try matcher().matches(in: bytes.span, starts: pending..<end, hashing: hashing) {
            rule, match in
            found.append(Match(start: match.lowerBound, length: match.count, rule: rule))
        }
        values.search(bytes.span, starts: pending..<end) { value in
            found.append(
                Match(
                    start: value.start, length: value.length, planted: value.planted,
                    isDistinct: value.isDistinct))
        }
        pending = end
        guard !found.isEmpty else { return }
        found.sort { ($0.start, $0.id) < ($1.start, $1.id) }
        var (counted, line) = (0, lines + 1)
        for match in found {
            line += lineFeeds(counted..<match.start)
            counted = match.start
            findings.add(
                SecretFinding(
                    rule: match.id, secretClass: match.secretClass,
                    strength: match.rule?.strength ?? .block,
                    offset: offset + Int64(match.start), length: match.length, line: line,
                    planted: match.planted, isDistinct: match.isDistinct))
        }
    }

    /// A match of a rule, or a registered value: a canary, or a value of the broker.
    private struct Match {
        let start: Int
        let length: Int
        var rule: ScanRule?
        var planted: PlantedValueName?
        var isDistinct = true

        var id: RuleID { rule?.id ?? (planted == nil ? .brokered : .canary) }
        var secretClass: SecretClass {
            rule?.secretClass ?? (planted == nil ? .brokered : .canary)
        }
    }

    private func drop(before end: Int) {
        lines += lineFeeds(0..<end)
        offset += Int64(end)
        pending -= end
        buffer.removeFirst(end)
    }

    private func lineFeeds(_ range: Range<Int>) -> Int {
        let buffer = buffer
        return buffer.span.extracting(range).count(of: UInt8(ascii: "\n"))
    }
}
