import InterlockCredentials
package import InterlockEgress
import InterlockModel
package import InterlockPorts
package import InterlockSandboxes
import InterlockTransport
import Synchronization

/// Passes on the proxy's questions about connections to the gateway, which decides and records. What the gateway does
/// not answer is refused.
package final class GatewayAuthorizer: EgressAuthorizer {
    /// Sends a message to the gateway and blocks until it responds; returns nil if it gives no response.
    package typealias Send = @Sendable (EgressMessage) -> EgressResponse?

    private struct State {
        /// The connections whose refusal the gateway has made, so that it is not reported to it.
        var settled: Set<UInt64> = []
        /// The number of connections that were refused, by the gateway or by the proxy.
        var refusals = 0
        var isEnding = false
        var isLost = false
    }

    private let send: Send
    private let began: Int64
    private let random: [UInt8]
    /// The threads that wait for the gateway.
    private let workers: WorkerPool
    private let state = Mutex(State())

    private static let threads = 8
    /// No connection is refused because others wait: the proxy bounds their number.
    private static let queue = 1 << 20

    package init(_ send: @escaping Send) {
        self.send = send
        began = SystemClock().wall.milliseconds
        random = SystemEntropy().bytes(6)
        workers = WorkerPool("connections", threads: Self.threads, limit: Self.queue)
    }

    /// Makes the first failure count for all further reports, so that a gateway that is gone delays the end of the run
    /// once.
    package func beginEnd() { state.withLock { $0.isEnding = true } }

    /// The number of connections that were refused until now.
    package var refusals: Int { state.withLock { $0.refusals } }

    /// Returns once the waiting reports are made. Nothing may be asked afterwards.
    package func finish() { workers.stop() }

    package func decide(_ attempt: EgressAttempt) async -> EgressDecision {
        switch await answer(attempt, .decide) {
        case .admitted(let rule): return .allow(rule)
        case .refused(let reason):
            state.withLock { _ = $0.settled.insert(attempt.number) }
            return .deny(EgressRefusal(reason, "the gateway refuses it"))
        case .done, .opened, nil:
            return .deny(EgressRefusal(.auditUnavailable, "the gateway does not answer"))
        }
    }

    /// One question: each costs several wakeups of threads here and in the gateway.
    package func open(_ attempt: EgressAttempt) async -> EgressDecision {
        switch await answer(attempt, .open) {
        case .opened(let rule): return .allow(rule)
        case .refused(let reason):
            state.withLock { _ = $0.settled.insert(attempt.number) }
            return .deny(EgressRefusal(reason, "the gateway refuses it"))
        case .admitted, .done, nil:
            return .deny(EgressRefusal(.auditUnavailable, "the gateway does not answer"))
        }
    }

    package func resolved(_ lookup: EgressLookup) {
        let message = message(
            lookup.attempt,
            .resolved(
                Self.distinct(lookup.answers),
                rule: lookup.attempt.model?.rule ?? lookup.rule.text,
                milliseconds: max(0, lookup.milliseconds)))
        Task(executorPreference: workers) { _ = self.post(message) }
    }

    package func connecting(_ connection: EgressConnection) async -> EgressReason? {
        switch await answer(
            connection.attempt,
            .connect(
                connection.addresses, hasEncryptedHello: connection.hasEncryptedHello,
                content: connection.content))
        {
        case .done: return nil
        case .refused(let reason):
            state.withLock { _ = $0.settled.insert(connection.attempt.number) }
            return reason
        case .admitted, .opened, nil: return .auditUnavailable
        }
    }

    package func refused(_ attempt: EgressAttempt?, _ refusal: EgressRefusal) async {
        let isSettled = state.withLock { state in
            state.refusals += 1
            return attempt.map { state.settled.remove($0.number) != nil } ?? false
        }
        if !isSettled { _ = await answer(attempt, .refused(refusal.reason)) }
    }

    package func closed(_ connection: EgressConnection, _ outcome: EgressOutcome) async {
        _ = await answer(connection.attempt, .closed(EgressEnd(outcome)))
    }

    private func answer(
        _ attempt: EgressAttempt?, _ content: EgressMessage.Content
    ) async -> EgressResponse? {
        let message = message(attempt, content)
        return await withTaskExecutorPreference(workers) { self.post(message) }
    }

    private func message(
        _ attempt: EgressAttempt?, _ content: EgressMessage.Content
    ) -> EgressMessage {
        EgressMessage(
            call: attempt.map { id(of: $0.number) } ?? fresh,
            asked: attempt.map { EgressDestination($0.target, $0.access, model: $0.model) }, content
        )
    }

    /// The same for all messages about one connection.
    private func id(of number: UInt64) -> CallID {
        let counted = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        return CallID(milliseconds: began, random: random + counted)
    }

    private var fresh: CallID {
        CallID(milliseconds: SystemClock().wall.milliseconds, random: SystemEntropy().bytes(10))
    }

    private func post(_ message: EgressMessage) -> EgressResponse? {
        guard !state.withLock({ $0.isLost }) else { return nil }
        if let response = send(message) { return response }
        state.withLock { if $0.isEnding { $0.isLost = true } }
        return nil
    }

    private static func distinct(_ addresses: [IPAddress]) -> [IPAddress] {
        var seen: Set<IPAddress> = []
        let unique = addresses.filter { seen.insert($0).inserted }
        return Array(unique.prefix(CheckedAddresses.mostAnswers))
    }
}
