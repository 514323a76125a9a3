package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import Synchronization

/// Servers that a person has shut off, until a person releases them (specs of MCP, section 14). Shutting off
/// acts first and is written down after; a release is durable before anything is offered again.
package final class QuarantineDesk: Sendable {
    private let gate = AsyncGate()
    private let gateway: Gateway
    private let store: any QuarantineStore

    package init(gateway: Gateway, store: any QuarantineStore) {
        self.gateway = gateway
        self.store = store
    }

    /// At start, before any call.
    package func restore() async throws(StoreFailure) {
        for (server, body) in try await store.quarantines() {
            // What cannot be read was still somebody's order to shut off.
            let reason = body["reason"]?.string ?? "by an order that cannot be read"
            gateway.pins.shutOff(server, reason: reason)
        }
    }

    /// Nothing of the server is offered when this returns, also when it throws `notKept`.
    package func quarantine(
        _ server: ServerName, reason: String, by: Pseudonym
    ) async throws(QuarantineRefusal) {
        try check(server, reason)
        await gate.enter()
        defer { gate.leave() }
        gateway.pins.shutOff(server, reason: reason)
        gateway.sessions.announceToolListChange()
        gateway.ledger.note(
            record(.serverQuarantined, server, ["code": "operator"], reason, by))
        gateway.log("server \(server) quarantined by the operator")
        do throws(StoreFailure) {
            try await store.keep(
                quarantine: server, body: ["reason": .string(reason), "by": .string(by.text)])
        } catch {
            throw .notKept(error.reason)
        }
    }

    /// - Throws: `drift` with what stands against it; everything else leaves the server shut off too.
    package func release(
        _ server: ServerName, reason: String, by: Pseudonym
    ) async throws(QuarantineRefusal) {
        try check(server, reason)
        await gate.enter()
        defer { gate.leave() }
        guard gateway.pins.shutOffReason(of: server) != nil else { throw .notQuarantined(server) }
        let policy = gateway.policy.snapshot
        if let refusal = policy.lockRefusal(of: server) { throw .drift([refusal.description]) }
        guard case .ready = gateway.upstreams.view(of: server) else {
            throw .drift(["it does not answer, so it cannot be compared"])
        }
        let hidden = gateway.pins.hidden(of: server, under: policy)
        guard hidden.isEmpty else {
            throw .drift(hidden.prefix(Self.mostReasons).map { "\($0.name): \($0.reason)" })
        }
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(record(.serverReleased, server, [:], reason, by))
        } catch {
            throw .notKept(error.code)
        }
        do throws(StoreFailure) { try await store.remove(quarantine: server) } catch {
            throw .notKept(error.reason)
        }
        gateway.pins.open(server)
        gateway.sessions.announceToolListChange()
        gateway.log("server \(server) released by the operator")
    }

    private static let mostReasons = 20

    private func check(_ server: ServerName, _ reason: String) throws(QuarantineRefusal) {
        guard gateway.policy.snapshot.servers[server] != nil else { throw .unknown(server) }
        guard (8...500).contains(reason.utf8.count) else { throw .reason }
    }

    private func record(
        _ type: RecordType, _ server: ServerName, _ more: JSONObject, _ reason: String,
        _ by: Pseudonym
    ) -> RecordDraft {
        var fields = more
        fields["srv"] = .string(server.text)
        fields["by"] = .string(by.text)
        return gateway.records.record(
            type, run: nil, fields: fields, sealing: [("note", Array(reason.utf8))])
    }
}

/// Why a server was not shut off or released.
package enum QuarantineRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case unknown(ServerName)
    case reason
    case notQuarantined(ServerName)
    /// What differs from the lock, or keeps it from being compared.
    case drift([String])
    case notKept(String)

    package var description: String {
        switch self {
        case .unknown(let server): "the policy has no server `\(server)`"
        case .reason: "a reason has 8 to 500 bytes"
        case .notQuarantined(let server): "nobody has quarantined `\(server)`"
        case .drift(let reasons): "it is not as in the lock: " + reasons.joined(separator: "; ")
        case .notKept(let reason): "it cannot be kept: \(reason)"
        }
    }
}

/// Where orders to shut off servers outlive the process.
package protocol QuarantineStore: Sendable {
    func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)]
    /// Durable on return; one of the same server is replaced.
    func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure)
    /// Durable on return.
    func remove(quarantine server: ServerName) async throws(StoreFailure)
}
