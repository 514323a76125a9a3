import InterlockAdministration
import InterlockLedger
import InterlockModel
import InterlockStore

/// Reads this node's own log for the people plane, by the same code as the `audit` commands. Files are read on
/// threads of their own: one for what a page shows, one for what takes longer, so that no download holds up a page.
final class NodeEvidence: Sendable {
    private let log: AuditLog
    private let pages: JobThread
    private let files: JobThread

    /// Requests that may wait for a page's thread, and for that of downloads and replays.
    private static let waiting = (pages: 32, files: 8)
    /// What one page may cost.
    static let pageBounds = RecordSearch.Bounds(scanned: 4096, looked: 2048, passesDamage: true)
    /// A download or a replay is of all or of nothing.
    static let fileBounds = RecordSearch.Bounds(scanned: 65_536, looked: 65_536)

    init(_ deployment: Deployment, _ setup: LedgerSetup) {
        log = AuditLog(serving: deployment, setup)
        pages = JobThread("evidence-pages", limit: Self.waiting.pages)
        files = JobThread("evidence-files", limit: Self.waiting.files)
    }

    func close() {
        pages.close()
        files.close()
    }

    /// - Parameter missing: what is said of what is not there.
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
    /// - Parameter missing: what is said of what is not there.
    fileprivate init(_ error: any Error, _ missing: EvidenceRefusal) {
        switch error {
        case let refusal as EvidenceRefusal: self = refusal
        case let failure as Failure where failure.exit == .notFound: self = missing
        case let failure as Failure: self = .unreadable(failure.message)
        default: self = .unreadable("\(error)")
        }
    }
}
