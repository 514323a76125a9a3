import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    /// Returns a refusal if a breaker of the tool is open; checked before a grant is used.
    func openBreaker(of address: ToolAddress) -> Refusal? {
        breakers.refusal(of: address, at: clock.boot).map(Refusal.breakerOpen)
    }

    /// Decides whether a call may be sent, possibly as the trial of an open breaker.
    func admit(_ recorded: RecordedCall) -> UpstreamBreaker.Verdict {
        guard recorded.call.host == nil else { return .free }
        let address = recorded.address
        let policy = policy.snapshot(for: recorded.call.principal.agent)
        return breakers.admit(
            address, isRead: recorded.decision.toolClass == .read,
            hasRead: { policy.hasRead(at: address.server) }, at: clock.boot)
    }

    /// Evaluates what the end of a call says about its server.
    func judgeServer(by inspected: InspectedCall) {
        let executed = inspected.executed
        // The host is the agent itself, which answers for no other.
        guard executed.call.host == nil else { return }
        let address = executed.address
        let changes = breakers.end(
            address, failed: isFailure(inspected), wasTrial: executed.wasTrial,
            isRead: executed.decided.decision.toolClass == .read, at: clock.boot)
        for change in changes { note(change) }
    }

    package enum LetTry {
        case done, notOpen
        case notRecorded(String)
    }

    /// Permits one trial of an open breaker by a person's decision; recorded durably before the trial is possible.
    ///
    /// - Parameters:
    ///   - name: the name of a server, or of a tool as `server.tool`.
    ///   - order: what that person signed, if anything.
    package func letOneTry(
        _ name: String, reason: String, by: Pseudonym, order: [UInt8]? = nil
    ) async -> LetTry {
        let open = breakers.status.first { entry in
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
                    sealing: [("why", Array(reason.utf8))] + (order.map { [("order", $0)] } ?? [])))
        } catch { return .notRecorded(error.code) }
        return breakers.halfClose(key) ? .done : .notOpen
    }

    /// Returns nil if the end says nothing about the server.
    private func isFailure(_ inspected: InspectedCall) -> Bool? {
        switch inspected.executed.answer {
        // A server that answers too much is well: the same result is no failure if it is read before it is withheld.
        case .breakerOpen, .unmet, .cancelled, .exceeded: nil
        // If the gateway ended the call, the answers of one agent must not keep others from the server.
        case .failed, .timedOut:
            inspected.executed.refusedInput == nil ? true : nil
        case .rpcError: false
        case .result:
            inspected.code.hasPrefix("schema.")
                || (inspected.state == .toolError
                    && breakers.settings.countsErrors.contains(inspected.address))
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
    /// The name that people use.
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
