import InterlockAdministration
import InterlockCommandLine
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// The reads and removals in the log's files that erasures need, on a separate thread.
struct LogErasureSources: ErasureSources {
    private let reader: LedgerReader
    private let packs: PackFolder
    private let jobs: JobThread

    private static let maximumWaiting = 16

    init(_ log: LedgerSetup) {
        reader = log.reader
        packs = PackFolder(log.configuration.payloads)
        jobs = JobThread("erasure-reads", limit: Self.maximumWaiting)
    }

    func runs(of subject: Pseudonym) async throws(StoreFailure) -> Set<RunID> {
        try await read { reader throws(LedgerFailure) in
            var runs: Set<RunID> = []
            try reader.scan { entry in
                if let record = entry.record, record.text("subj") == subject.text,
                    let run = record.text("run").flatMap({ RunID($0) })
                {
                    runs.insert(run)
                }
                return true
            }
            return runs
        }
    }

    func erasures() async throws(StoreFailure) -> Erasure {
        try await read { reader throws(LedgerFailure) in
            var erasure = Erasure()
            try reader.scan(of: [.payloadErased]) { _, record in
                erasure.add(record)
                return true
            }
            return erasure
        }
    }

    func removePacks(through day: CivilDate) async throws(StoreFailure) {
        let packs = packs
        try await read { _ throws(LedgerFailure) in try packs.remove(through: day) }
    }

    func close() { jobs.close() }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (LedgerReader) throws(LedgerFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let reader = reader
        return try await jobs.read(busy: "too much is asked at once") { () throws(LedgerFailure) in
            try body(reader)
        }
    }
}
