import InterlockLedger

/// Reads records one by one, each by its place. The bundle that was read last is kept, so that records which lie
/// near each other cost one read together.
package struct EntryReader: Sendable {
    private let reader: LedgerReader
    /// What is published; later records are in frames.
    private let size: UInt64
    private var bundle: LogFiles.Bundle?

    /// - Parameter size: of a published checkpoint.
    package init(_ reader: LedgerReader, published size: UInt64) {
        self.reader = reader
        self.size = size
    }

    /// - Returns: nil beyond the durable log.
    package mutating func entry(at index: UInt64) throws(LedgerFailure) -> LedgerEntry? {
        guard index < size, let bytes = try published(index) else {
            return try reader.entry(at: index)
        }
        return LedgerEntry(index: index, leaf: Leaf(stored: bytes, hashing: reader.hashing))
    }

    /// - Returns: nil where no bundle has it: what that means the reader of the whole log knows.
    private mutating func published(_ index: UInt64) throws(LedgerFailure) -> ArraySlice<UInt8>? {
        if let known = bundle?[index] { return known }
        do throws(TileFault) {
            bundle = try reader.files.bundle(of: index, size: size)
        } catch {
            throw LedgerFailure(error)
        }
        return bundle?[index]
    }
}
