import InterlockAdministration
import InterlockPorts

/// Finishes what erasures a crash cut short, then looks every hour for payloads that are past their time.
struct Retention {
    private let task: Task<Void, Never>
    private let sources: LogErasureSources

    private static let interval = Duration.seconds(3600)
    /// After a failure, for instance a full disk.
    private static let patience = Duration.seconds(60)

    /// - Parameter days: how long payloads are kept.
    init(_ desk: ErasureService, _ sources: LogErasureSources, days: Int) {
        self.sources = sources
        task = Task {
            await Self.untilDone { () async throws(ErasureRefusal) in try await desk.finish() }
            while !Task.isCancelled {
                await Self.untilDone { () async throws(ErasureRefusal) in
                    try await desk.expire(after: Int64(days))
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    func stop() async {
        task.cancel()
        await task.value
        sources.close()
    }

    private static func untilDone(_ body: () async throws(ErasureRefusal) -> Void) async {
        while !Task.isCancelled {
            do throws(ErasureRefusal) { return try await body() } catch {
                log(LogLine("payloads: \(error)", .warning, part: "payloads"))
                try? await Task.sleep(for: patience)
            }
        }
    }
}
