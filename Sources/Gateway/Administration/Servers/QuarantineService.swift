package import InterlockApprovals
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Quarantines servers that a person has shut off or that broke the protocol, until a person releases them
/// (docs/specs/mcp.md, section 14). A quarantine takes effect before it is recorded; a release is durable before
/// anything of the server is offered again.
///
/// INVARIANT: a server that a person shut off, or that broke the protocol, is offered again only as reviewed and by a
/// person, also after a reload or restart. Kept by `QuarantineTests`, `StdioUpstreamTests`, `test_server_orders.py`.
package final class QuarantineService: Sendable {
    private let gate = AsyncGate()
    private let gateway: Gateway
    private let store: any QuarantineStore
    private let trial: any UpstreamTrial
    private let retryAfter: Duration
    private let charges = Mutex<[ServerName: Charges]>([:])

    /// All quarantines of a server in this process; a release ends only those that it has seen.
    private struct Charges {
        var count = 0
        /// The last violation of the protocol, or nil if it never violated it.
        var conduct: ShutOff?
    }

    private static let longestRetry = Duration.seconds(60)

    /// - Parameter retryAfter: the delay before a failed write to the store is tried again; it doubles with each retry,
    ///   up to a minute.
    package init(
        gateway: Gateway, store: any QuarantineStore, trial: any UpstreamTrial,
        retryAfter: Duration = .seconds(1)
    ) {
        self.gateway = gateway
        self.store = store
        self.trial = trial
        self.retryAfter = retryAfter
    }

    /// Restores the stored quarantines. Must be called at start, before any call.
    package func restore() async throws(StoreFailure) {
        for (server, body) in try await store.quarantines() {
            gateway.pins.shutOff(server, ShutOff(body))
        }
    }

    /// Quarantines a server that broke the protocol. Nothing of it is offered when this returns. Does not block: the
    /// quarantine is stored soon after, with retries; if the first write fails, an alert is raised.
    ///
    /// - Parameters:
    ///   - code: the code of the violated rule, for the record.
    ///   - reason: one sentence, in lower case.
    package func brokeProtocol(_ server: ServerName, code: String, reason: String) {
        gateway.ledger.note(Self.record(server, code))
        let cause = ShutOff.conduct(code: code, reason)
        let isNew = charges.withLock { charges in
            charges[server, default: Charges()].count += 1
            charges[server]?.conduct = cause
            // A person's order stays in force: it says more.
            if case .person? = gateway.pins.shutOff(of: server) { return false }
            gateway.pins.shutOff(server, cause)
            return true
        }
        if isNew { begin(cause, of: server) }
    }

    private func begin(_ cause: ShutOff, of server: ServerName) {
        gateway.tellChanges()
        Task {
            var pause = retryAfter
            while !(await keep(cause, of: server, isFirst: pause == retryAfter)) {
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestRetry)
            }
        }
    }

    /// - Returns: true if nothing is left to do.
    private func keep(_ cause: ShutOff, of server: ServerName, isFirst: Bool) async -> Bool {
        await gate.enter()
        defer { gate.leave() }
        // The server was released in between, or shut off by a person.
        guard gateway.pins.shutOff(of: server) == cause else { return true }
        do throws(StoreFailure) {
            try await store.keep(quarantine: server, body: .object(cause.body))
            return true
        } catch {
            if isFirst { gateway.raise(alarm: Self.unkept, subject: server.text) }
            gateway.ports.log(
                LogLine(
                    "the quarantine of \(server) is not kept yet: \(error.reason)", .warning,
                    part: "servers"))
            return false
        }
    }

    private static let unkept = "quarantine.unkept"

    private static func record(_ server: ServerName, _ code: String) -> RecordDraft {
        RecordDraft(
            .serverQuarantined, run: nil,
            fields: ["srv": .string(server.text), "code": .string(code)])
    }

    /// Quarantines a server by a person's order. Nothing of it is offered when this returns, also when it throws
    /// `notKept`; it is stored durably only if it does not throw.
    ///
    /// - Parameter order: what that person signed, if anything.
    package func quarantine(
        _ server: ServerName, reason: String, by: Pseudonym, order: [UInt8]? = nil
    ) async throws(QuarantineRefusal) {
        try check(server, reason)
        await gate.enter()
        defer { gate.leave() }
        let cause = ShutOff.person(reason)
        charges.withLock { charges in
            charges[server, default: Charges()].count += 1
            gateway.pins.shutOff(server, cause)
        }
        gateway.tellChanges()
        gateway.ledger.note(
            record(.serverQuarantined, server, ["code": "operator"], reason, by, order))
        gateway.ports.log(
            LogLine("server \(server) quarantined by a person", .warning, part: "servers"))
        do throws(StoreFailure) {
            var body = cause.body
            body["by"] = .string(by.text)
            try await store.keep(quarantine: server, body: .object(body))
        } catch { throw .notKept(error.reason) }
    }

    /// Releases a server. A server whose connection was given up is contacted again first, with nothing of it offered.
    ///
    /// - Throws: `drift` with the differences from the lock, also if the server was quarantined again meanwhile. After
    ///   any other error, too, a quarantined server stays so.
    package func release(
        _ server: ServerName, reason: String, by: Pseudonym, order: [UInt8]? = nil
    ) async throws(QuarantineRefusal) {
        try check(server, reason)
        let seen = charges.withLock { $0[server]?.count ?? 0 }
        // Outside the gate, so that the quarantine of another server does not wait for this one.
        if gateway.pins.shutOff(of: server) != nil { await trial.tryAgain(server) }
        await gate.enter()
        defer { gate.leave() }
        guard gateway.pins.shutOff(of: server) != nil else { throw .notQuarantined(server) }
        guard charges.withLock({ $0[server]?.count ?? 0 }) == seen else { throw Self.meanwhile }
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
            _ = try await gateway.ledger.append(
                record(.serverReleased, server, [:], reason, by, order))
        } catch { throw .notKept(error.code) }
        do throws(StoreFailure) { try await store.remove(quarantine: server) } catch {
            await takeBack(server, reason, by)
            throw .notKept(error.reason)
        }
        try open(server, seen)
        gateway.tellChanges()
        gateway.ports.log(LogLine("server \(server) released by a person", part: "servers"))
    }

    /// Records the quarantine again, because the log has a release that the store rejected: the last record counts. A
    /// crash before this is durable leaves a release in the log and the server shut off, never the other way round.
    private func takeBack(_ server: ServerName, _ reason: String, _ by: Pseudonym) async {
        let again = record(.serverQuarantined, server, ["code": "release.unkept"], reason, by)
        do throws(LedgerRefusal) { _ = try await gateway.ledger.append(again) } catch {
            gateway.ledger.note(again)
            gateway.ports.log(
                "the log says that \(server) was released, which was not kept: \(error.code)")
        }
        // The store may have applied the removal that it could not confirm.
        if let cause = gateway.pins.shutOff(of: server) { begin(cause, of: server) }
    }

    /// Offers the server again, unless it broke the protocol since `seen`. In that case the log already has the
    /// release, so the quarantine is recorded once more.
    private func open(_ server: ServerName, _ seen: Int) throws(QuarantineRefusal) {
        let breach = charges.withLock { charges -> ShutOff? in
            if let now = charges[server], now.count != seen, let conduct = now.conduct {
                gateway.pins.shutOff(server, conduct)
                return conduct
            }
            gateway.pins.open(server)
            return nil
        }
        guard let breach else { return }
        if case .conduct(let code, _) = breach { gateway.ledger.note(Self.record(server, code)) }
        begin(breach, of: server)
        throw Self.meanwhile
    }

    private static let meanwhile = QuarantineRefusal.drift([
        "it was quarantined again during the review"
    ])
    private static let mostReasons = 20

    private func check(_ server: ServerName, _ reason: String) throws(QuarantineRefusal) {
        guard gateway.policy.snapshot.servers[server] != nil else { throw .unknown(server) }
        guard OrderLimits.reason.contains(reason.unicodeScalars.count) else { throw .reason }
    }

    private func record(
        _ type: RecordType, _ server: ServerName, _ more: JSONObject, _ reason: String,
        _ by: Pseudonym, _ order: [UInt8]? = nil
    ) -> RecordDraft {
        var fields = more
        fields["srv"] = .string(server.text)
        fields["by"] = .string(by.text)
        return gateway.records.record(
            type, run: nil, fields: fields,
            sealing: [("note", Array(reason.utf8))] + (order.map { [("order", $0)] } ?? []))
    }
}

extension Problem {
    package init(_ refusal: QuarantineRefusal) {
        switch refusal {
        case .unknown: self.init(.noSuchServer, "\(refusal)", help: "interlock servers list")
        case .reason: self.init(.malformed, "\(refusal)")
        case .notQuarantined: self.init(.notQuarantined, "\(refusal)")
        case .drift:
            self.init(
                .drifted, "\(refusal)",
                help: "interlock servers drift shows it, servers pin accepts it")
        case .notKept: self.init(.notKept, "\(refusal)")
        }
    }
}
