import InterlockAdministration
import InterlockCommandLine
import InterlockPorts

/// Completes erasures that a crash interrupted, then searches every hour for payloads past their retention.
struct Retention {
    private let task: Task<Void, Never>
    private let sources: LogErasureSources

    private static let interval = Duration.seconds(3600)
    /// The pause after a failure, for instance of a full disk.
    private static let patience = Duration.seconds(60)

    /// - Parameter days: the number of days that payloads are kept.
    init(_ service: ErasureService, _ sources: LogErasureSources, days: Int) {
        self.sources = sources
        task = Task {
            await Self.untilDone { () async throws(ErasureRefusal) in try await service.finish() }
            while !Task.isCancelled {
                await Self.untilDone { () async throws(ErasureRefusal) in
                    try await service.expire(after: Int64(days))
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
                log("payloads: \(error)", .warning, part: "payloads")
                try? await Task.sleep(for: patience)
            }
        }
    }
}
