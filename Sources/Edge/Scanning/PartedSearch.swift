import InterlockPorts
import InterlockSafety
import Synchronization

/// The search of one result in parts, of which each is at most one block of the scanner. The first part reads the values
/// of the broker, for which all parts search.
final class PartedSearch: Sendable {
    /// The bytes of a part. The work for a block bounds its time: some tens of milliseconds for near matches.
    static let partBytes = 256 << 10

    private struct Begun {
        let slot: ScannerSlot
        let values: RegisteredValues
        var document: JoinedTexts
        /// The bytes that the scanner has.
        var taken = 0
        /// The findings in the document itself, after its last part. Windows of its views follow.
        var findings: SecretFindings?
        var views: ViewSearch?

        mutating func next() -> ResultInspection? {
            if let findings { return slot.search(&views, of: document, with: findings) }
            let start = taken
            // Millions of short texts are joined in parts, too.
            document.join(upTo: start + PartedSearch.partBytes)
            let count = document.bytes.count
            taken = min(start + PartedSearch.partBytes, count)
            // The scanner searches a block when it has the bytes behind it, so the last block is a part of its own.
            let isLast = document.isWhole && taken == count && (start == 0 || start == taken)
            switch slot.search(start..<taken, of: document, isLast: isLast, for: values) {
            case .more: return nil
            case .failed: return .failed(.scanner)
            case .ended(let findings):
                self.findings = findings
                return slot.search(&views, of: document, with: findings)
            }
        }
    }

    private let texts: [String]
    private let reader: BrokerValueReader
    private let slots: SpareSlot
    private let begun = Mutex<Begun?>(nil)

    init(_ texts: [String], for reader: BrokerValueReader, by slots: SpareSlot) {
        (self.texts, self.reader, self.slots) = (texts, reader, slots)
    }

    /// Gives back the scanner of a search that ended before its last part.
    deinit {
        if let slot = begun.withLock({ $0?.slot }) { slots.give(slot) }
    }

    /// Searches the next part. One call at a time; none after the answer.
    ///
    /// - Returns: nil if there are more.
    func next() -> ResultInspection? {
        begun.withLock { begun in
            if begun == nil { begun = begin() }
            guard begun != nil else { return .failed(.scanner) }
            guard let inspection = begun?.next() else { return nil }
            if let slot = begun?.slot { slots.give(slot) }
            begun = nil
            return inspection
        }
    }

    private func begin() -> Begun? {
        guard let values = reader.read() else { return nil }
        return Begun(slot: slots.take(), values: values, document: JoinedTexts(joining: texts))
    }
}

/// Makes scanners for searches in parts, and keeps one: the next search then makes none.
final class SpareSlot: Sendable {
    private let make: @Sendable () -> ScannerSlot
    private let spare = Mutex<ScannerSlot?>(nil)

    init(_ make: @escaping @Sendable () -> ScannerSlot) { self.make = make }

    func take() -> ScannerSlot {
        let kept = spare.withLock { spare in
            defer { spare = nil }
            return spare
        }
        return kept ?? make()
    }

    func give(_ slot: ScannerSlot) { spare.withLock { $0 = slot } }
}
