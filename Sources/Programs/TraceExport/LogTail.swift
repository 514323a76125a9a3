import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore
import InterlockTracing

/// Reads the records of calls at the end of a log that is being written, on a thread that leaves the processor to
/// all others.
struct LogTail: Sendable {
    let reader: LedgerReader
    /// The number of durable records.
    let durable: @Sendable () -> UInt64
    let thread: JobThread

    struct Portion: Sendable {
        var records: [(record: StoredRecord, hash: Digest)] = []
        /// The index after the last record that was read.
        var next: UInt64
    }

    /// The most records of calls in one portion, which bounds its memory.
    static let most = 1_024

    /// Reads from a record on, and none that is not durable.
    ///
    /// - Throws: the reason why the log could not be read; what was not read is read by the next call.
    func read(from start: UInt64) async throws(StoreFailure) -> Portion {
        let (reader, size) = (reader, durable())
        guard start < size else { return Portion(next: start) }
        return try await thread.answer(busy: "the log is read already") {
            () throws(StoreFailure) in
            do throws(LedgerFailure) {
                return try Self.portion(reader, from: start, to: size)
            } catch { throw StoreFailure(reason: error.reason) }
        }
    }

    private static func portion(
        _ reader: LedgerReader, from start: UInt64, to size: UInt64
    ) throws(LedgerFailure) -> Portion {
        // The reader remembers which frames it needs not visit again (`LedgerReader.remembering`).
        let end = try min(reader.size(), size)
        var portion = Portion(next: start)
        try reader.scan(from: start) { entry in
            guard entry.index < end, portion.records.count < most else { return false }
            portion.next = entry.index + 1
            if CallSpanAssembler.types.contains(where: { entry.mayBe($0) }),
                let record = entry.record
            {
                portion.records.append((record, entry.leaf.hash))
            }
            return true
        }
        return portion
    }
}
