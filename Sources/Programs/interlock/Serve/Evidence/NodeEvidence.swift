import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore
import Synchronization

/// Reads this node's own log for the people plane, with the code of the `audit` commands. Files are read on two
/// separate threads: one for pages, one for slower work, so that no download delays a page.
final class NodeEvidence: Sendable {
    let log: AuditLog
    private let pages: JobThread
    private let files: JobThread
    private let simulations = JobThread("simulation", limit: 2, yields: true)
    private let isClosing = Atomic(false)

    /// The number of requests that may wait for the thread of pages, and for that of downloads and replays.
    private static let waiting = (pages: 32, files: 8)
    /// The bounds of a search for one page.
    static let pageBounds = RecordSearch.Bounds(scanned: 4096, looked: 2048, passesDamage: true)
    /// The bounds of a search for a download or a replay, which needs all records.
    static let fileBounds = RecordSearch.Bounds(scanned: 65_536, looked: 65_536)

    init(_ deployment: Deployment, _ setup: LedgerSetup) {
        log = AuditLog(
            serving: deployment, setup.reader.remembering, keys: setup.verifierKeys)
        pages = JobThread("evidence-pages", limit: Self.waiting.pages)
        files = JobThread("evidence-files", limit: Self.waiting.files)
    }

    func close() {
        isClosing.store(true, ordering: .relaxed)
        pages.close()
        files.close()
        simulations.close()
    }

    /// - Parameter body: must return once its second argument returns false.
    func simulation<Value: Sendable>(
        _ body: @escaping @Sendable (AuditLog, @escaping () -> Bool) throws -> Value
    ) async throws(EvidenceRefusal) -> Value {
        try await answer(on: simulations, .noSuchRecord) { [self] log in
            try body(log) { !self.isClosing.load(ordering: .relaxed) }
        }
    }

    /// - Parameter missing: the refusal if the requested item does not exist.
    func page<Value: Sendable>(
        missing: EvidenceRefusal = .noSuchRecord,
        _ body: @escaping @Sendable (AuditLog) throws -> Value
    ) async throws(EvidenceRefusal) -> Value { try await answer(on: pages, missing, body) }

    func file<Value: Sendable>(
        missing: EvidenceRefusal = .noSuchRecord,
        _ body: @escaping @Sendable (AuditLog) throws -> Value
    ) async throws(EvidenceRefusal) -> Value { try await answer(on: files, missing, body) }

    private func answer<Value: Sendable>(
        on thread: JobThread, _ missing: EvidenceRefusal,
        _ body: @escaping @Sendable (AuditLog) throws -> Value
    ) async throws(EvidenceRefusal) -> Value {
        let log = log
        let result: Result<Value, EvidenceRefusal> = await withCheckedContinuation { waiter in
            let isTaken = thread.submit {
                waiter.resume(
                    returning: Result { try body(log) }.mapError { EvidenceRefusal($0, missing) })
            }
            if !isTaken { waiter.resume(returning: .failure(.busy)) }
        }
        return try result.get()
    }
}

extension EvidenceRefusal {
    /// - Parameter missing: the refusal if the requested item does not exist.
    fileprivate init(_ error: any Error, _ missing: EvidenceRefusal) {
        switch error {
        case let refusal as EvidenceRefusal: self = refusal
        case let failure as Failure where failure.exit == .notFound: self = missing
        case let failure as Failure: self = .unreadable(failure.message)
        default: self = .unreadable("\(error)")
        }
    }
}
