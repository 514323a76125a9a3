import InterlockEgress
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Synchronization

/// Decides about the connections of one server's child, in the gateway itself.
final class ChildAuthorizer: EgressAuthorizer {
    private let egress: SandboxEgress
    private let source: EgressSource
    private let began: Int64
    private let random: [UInt8]
    /// The connections whose refusal is recorded, so that it is not recorded again.
    private let settled = Mutex<Set<UInt64>>([])

    init(_ egress: SandboxEgress, _ child: ServerChild) {
        self.egress = egress
        source = .child(child)
        began = egress.gateway.clock.wall.milliseconds
        random = egress.gateway.ports.entropy.bytes(6)
    }

    /// The proxy is gone: what was refused without a record of its own is recorded.
    deinit { egress.finish(source) }

    func decide(_ attempt: EgressAttempt) async -> EgressDecision {
        switch await answer(attempt, .decide) {
        case .admitted(let rule): return .allow(rule)
        case .refused(let reason):
            settled.withLock { _ = $0.insert(attempt.number) }
            return .deny(EgressRefusal(reason, "the gateway refuses it"))
        case .done, .opened: return .deny(EgressRefusal(.badRequest, "no decision was made"))
        }
    }

    func resolved(_ lookup: EgressLookup) {
        let asked = EgressDestination(lookup.attempt.target, lookup.attempt.access)
        egress.note(
            CheckedAddresses.distinct(lookup.answers), of: asked, call: id(of: lookup.attempt),
            rule: lookup.rule.text, milliseconds: max(0, lookup.milliseconds), source)
    }

    func connecting(_ connection: EgressConnection) async -> EgressReason? {
        let asked = await answer(
            connection.attempt,
            .connect(connection.addresses, hasEncryptedHello: connection.hasEncryptedHello))
        switch asked {
        case .done: return nil
        case .refused(let reason):
            settled.withLock { _ = $0.insert(connection.attempt.number) }
            return reason
        case .admitted, .opened: return .badRequest
        }
    }

    func refused(_ attempt: EgressAttempt?, _ refusal: EgressRefusal) async {
        let isSettled = settled.withLock { settled in
            attempt.map { settled.remove($0.number) != nil } ?? false
        }
        if !isSettled { _ = await answer(attempt, .refused(refusal.reason)) }
    }

    func closed(_ connection: EgressConnection, _ outcome: EgressOutcome) async {
        _ = await answer(connection.attempt, .closed(EgressEnd(outcome)))
    }

    private func answer(
        _ attempt: EgressAttempt?, _ content: EgressMessage.Content
    ) async -> EgressResponse {
        await egress.answer(
            EgressMessage(
                call: attempt.map { id(of: $0) } ?? egress.gateway.newID(),
                asked: attempt.map { EgressDestination($0.target, $0.access) }, content),
            of: source)
    }

    /// The same for all records of one connection.
    private func id(of attempt: EgressAttempt) -> CallID {
        let counted = (0..<4).map { UInt8(truncatingIfNeeded: attempt.number >> (24 - 8 * $0)) }
        return CallID(milliseconds: began, random: random + counted)
    }
}

extension CheckedAddresses {
    /// Returns each address once, at most as many as are ever checked.
    static func distinct(_ addresses: [IPAddress]) -> [IPAddress] {
        var seen: Set<IPAddress> = []
        return Array(addresses.filter { seen.insert($0).inserted }.prefix(mostAnswers))
    }
}
