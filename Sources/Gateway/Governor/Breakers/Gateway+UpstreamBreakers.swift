import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Why nothing is sent to a tool now, before a grant is used up for it.
    func openBreaker(of address: ToolAddress) -> Refusal? {
        breakers.refusal(of: address, at: clock.boot).map(Refusal.breakerOpen)
    }

    /// Whether a call may be sent, or tries for all.
    func admit(_ recorded: RecordedCall) -> UpstreamBreaker.Verdict {
        let address = recorded.address
        let policy = policy.snapshot
        return breakers.admit(
            address, isRead: recorded.decided.decision.toolClass == .read,
            hasRead: { policy.hasRead(at: address.server) }, at: clock.boot)
    }

    /// What the end of a call says about its server.
    func judgeServer(by inspected: InspectedCall) {
        let executed = inspected.executed
        let address = executed.cleared.address
        let changes = breakers.end(
            address, failed: isFailure(inspected), wasTrial: executed.wasTrial,
            isRead: executed.recorded.decided.decision.toolClass == .read, at: clock.boot)
        for change in changes { note(change) }
    }

    package enum LetTry {
        case done, notOpen
        case notRecorded(String)
    }

    /// A person lets one call try what is refused now; durable before one may.
    ///
    /// - Parameter name: of a server, or of a tool as `server.tool`.
    package func letOneTry(_ name: String, reason: String, by: Pseudonym) async -> LetTry {
        let open = breakers.standing.first { entry in
            if case .open = entry.state { entry.key.text == name } else { false }
        }
        guard let key = open?.key else { return .notOpen }
        var fields = key.fields
        fields["code"] = "person"
        fields["by"] = .string(by.text)
        do throws(LedgerRefusal) {
            _ = try await ledger.append(
                records.record(
                    .breakerClosed, run: nil, fields: fields,
                    sealing: [("why", Array(reason.utf8))]))
        } catch {
            return .notRecorded(error.code)
        }
        return breakers.halfClose(key) ? .done : .notOpen
    }

    /// nil when its end says nothing about the server.
    private func isFailure(_ inspected: InspectedCall) -> Bool? {
        switch inspected.executed.answer {
        case .breakerOpen, .unmet, .cancelled: nil
        case .failed, .timedOut: true
        case .rpcError: false
        case .result:
            inspected.code.hasPrefix("schema.")
                || (inspected.state == .toolError
                    && breakers.settings.countsErrors.contains(inspected.executed.cleared.address))
        }
    }

    private func note(_ change: CircuitBreakerService.UpstreamChange) {
        let now = clock.now
        var fields = change.key.fields
        switch change.change {
        case .opened(let until):
            fields["until"] = .integer((now.wall + (until - now.boot)).microseconds)
            ledger.note(RecordDraft(.breakerOpened, run: nil, fields: fields))
            raise(alarm: "breaker.upstream", subject: change.key.text)
        case .closed:
            fields["code"] = "recovered"
            ledger.note(RecordDraft(.breakerClosed, run: nil, fields: fields))
        }
    }
}

extension CircuitBreakerService.UpstreamKey {
    /// As people name it.
    package var text: String { tool?.description ?? server.text }

    var fields: JSONObject {
        var fields: JSONObject = ["server": .string(server.text.leafText)]
        if let tool { fields["tool"] = .string(tool.leafName) }
        return fields
    }
}

extension Refusal {
    static func breakerOpen(_ wait: Duration) -> Refusal {
        Refusal(
            .upstreamFailed, "upstream", "breaker-open",
            "the server failed several times and is not called for now",
            retryAfterMilliseconds: Int(clamping: max(1_000, wait.microseconds / 1_000)),
            outcome: .notExecuted)
    }
}
