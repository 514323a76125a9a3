package import InterlockAlerts
package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// Opens, handles and closes incidents (docs/specs/trust-and-review.md, section 6; docs/specs/evidence.md, C24). Each change
/// is durable in the log before it acts and is stored, so if the store fails, the log still has it. Without the log no
/// call is permitted, so that what is not recorded need not demote.
///
/// INVARIANT: an incident of severity 1 or 2 about an agent demotes it before its opening is answered; a closed one never
/// changes again. Kept by `IncidentServiceTests`, `test_incidents.py`.
package final class IncidentService: Sendable {
    private let gateway: Gateway
    package let store: any IncidentStore
    /// Held between reading an incident and storing its change.
    private let gate = AsyncGate()

    /// The most incidents of one list.
    package static let mostListed = 1_000

    package init(gateway: Gateway, store: any IncidentStore) {
        self.gateway = gateway
        self.store = store
    }

    /// Opens an incident that no alert is of. On return it is durable, and the agent is demoted.
    package func open(
        _ draft: IncidentDraft, by person: Pseudonym, with visibility: Visibility
    ) async throws(IncidentRefusal) -> Incident {
        try check(draft.reason)
        guard mayHandle(draft.agent, visibility) else { throw .notTheirs }
        if let agent = draft.agent, gateway.policy.snapshot.agents[agent] == nil {
            throw .noSuchAgent
        }
        if let run = draft.run { try check(run, of: draft.agent) }
        await gate.enter()
        defer { gate.leave() }
        return try await insert(
            draft.severity, alarm: nil, agent: draft.agent, run: draft.run,
            origin: .person(person, reason: draft.reason))
    }

    /// Opens an incident of an alert. The caller must check who may.
    ///
    /// - Returns: the open incident of the alert, if there is one.
    package func open(
        _ severity: Int, of alarm: RaisedAlert, by person: Pseudonym, reason: String
    ) async throws(IncidentRefusal) -> Incident {
        await gate.enter()
        defer { gate.leave() }
        if let known = try await openIncident(of: alarm.id) { return known }
        return try await insert(
            severity, alarm: alarm.id, agent: alarm.agent, run: alarm.run,
            origin: .person(person, reason: reason))
    }

    /// Opens an incident of severity 1 by itself, unless one of the same agent and trigger is open.
    package func open(
        _ trigger: IncidentTrigger, by agent: AgentName, in run: RunID
    ) async throws(IncidentRefusal) {
        await gate.enter()
        defer { gate.leave() }
        let open = try await openIncidents()
        guard !open.contains(where: { $0.agent == agent && $0.origin == .gateway(trigger) }) else {
            return
        }
        _ = try await insert(1, alarm: nil, agent: agent, run: run, origin: .gateway(trigger))
    }

    /// Records what a person did about an open incident; durable on return.
    ///
    /// - Parameter evalCase: the eval case that was made from the incident; nil if the action is another one.
    package func act(
        on id: IncidentID, _ text: String, evalCase: String?, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(IncidentRefusal) -> Incident {
        try check(text)
        if let evalCase { try check(case: evalCase) }
        await gate.enter()
        defer { gate.leave() }
        var incident = try await handled(id, visibility)
        let action = IncidentAction(
            at: gateway.clock.wall, by: person, text: text, evalCase: evalCase)
        guard incident.isOpen else { throw .closed }
        guard incident.add(action) else { throw .full }
        var fields: JSONObject = ["inc": .string(id.text), "by": .string(person.text)]
        fields["agent"] = incident.agent.map { .string($0.text) }
        fields["subject"] = evalCase.map { .string($0) }
        try await record(.incidentAction, fields, [("text", Array(text.utf8))])
        try await keep(incident)
        return incident
    }

    /// Closes an incident; durable on return. It does not undo a demotion.
    package func close(
        _ id: IncidentID, cause: IncidentCause, reason: String, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(IncidentRefusal) -> Incident {
        try check(reason)
        await gate.enter()
        defer { gate.leave() }
        return try await end(try await handled(id, visibility), cause, reason, person)
    }

    /// Closes the open incident of an alert. The caller must check who may.
    package func close(
        of alarm: AlertID, cause: IncidentCause, reason: String, by person: Pseudonym
    ) async throws(IncidentRefusal) -> Incident {
        await gate.enter()
        defer { gate.leave() }
        guard let incident = try await openIncident(of: alarm) else { throw .closed }
        return try await end(incident, cause, reason, person)
    }

    // The caller holds the gate.
    private func end(
        _ incident: Incident, _ cause: IncidentCause, _ reason: String, _ person: Pseudonym
    ) async throws(IncidentRefusal) -> Incident {
        var closed = incident
        let end = IncidentEnd(at: gateway.clock.wall, cause: cause, by: person, reason: reason)
        guard closed.close(end) else { throw .closed }
        var fields: JSONObject = [
            "inc": .string(incident.id.text), "as": .string(cause.rawValue),
            "by": .string(person.text),
        ]
        fields["agent"] = incident.agent.map { .string($0.text) }
        try await record(.incidentClosed, fields, [("reason", Array(reason.utf8))])
        try await keep(closed)
        return closed
    }

    // The caller holds the gate.
    private func insert(
        _ severity: Int, alarm: AlertID?, agent: AgentName?, run: RunID?, origin: IncidentOrigin
    ) async throws(IncidentRefusal) -> Incident {
        guard
            let incident = Incident(
                id: gateway.newID(), severity: severity, alarm: alarm, agent: agent, run: run,
                origin: origin, opened: gateway.clock.wall)
        else { throw .severity }
        var fields: JSONObject = [
            "inc": .string(incident.id.text), "sev": .integer(Int64(severity)),
        ]
        fields["alarm"] = alarm.map { .string($0.text) }
        fields["agent"] = agent.map { .string($0.text) }
        fields["ofrun"] = run.map { .string($0.text) }
        var payloads: [(field: String, plaintext: [UInt8])] = []
        switch origin {
        case .person(let by, let reason):
            fields["by"] = .string(by.text)
            payloads = [(field: "reason", plaintext: Array(reason.utf8))]
        case .gateway(let trigger): fields["code"] = .string(trigger.rawValue)
        case .earlier: break
        }
        try await record(.incidentOpened, fields, payloads)
        gateway.respond(to: incident)
        try await keep(incident)
        return incident
    }
}

// Reading, and who may.
extension IncidentService {
    /// Returns the incidents that the reader may see, newest first.
    package func incidents(
        isOpen: Bool?, of agent: AgentName?, for visibility: Visibility
    ) async throws(IncidentRefusal) -> [Incident] {
        let all = try await read { store throws(StoreFailure) in
            isOpen == true
                ? try await store.openIncidents()
                : try await store.incidents(most: Self.mostListed)
        }
        let seen = all.filter { incident in
            sees(incident, visibility)
                && (isOpen == nil || incident.isOpen == isOpen)
                && (agent == nil || incident.agent == agent)
        }
        return Array(seen.prefix(Self.mostListed))
    }

    /// - Throws: `missing`, also if the incident is not visible to this person.
    package func incident(
        _ id: IncidentID, for visibility: Visibility
    ) async throws(IncidentRefusal) -> Incident {
        let found = try await read { store throws(StoreFailure) in try await store.incident(id) }
        guard let found, sees(found, visibility) else { throw .missing }
        return found
    }

    /// True if the viewer may open, handle and close incidents about the agent: its owner, an owner of the policy, and the
    /// role `security`.
    package func mayHandle(_ agent: AgentName?, _ visibility: Visibility) -> Bool {
        visibility.mayDispose(ofAlertsAbout: agent)
            || visibility.person.map(gateway.policy.snapshot.owners.contains) ?? false
    }

    private func sees(_ incident: Incident, _ visibility: Visibility) -> Bool {
        visibility.seesAlerts(about: incident.agent) || mayHandle(incident.agent, visibility)
    }

    private func handled(
        _ id: IncidentID, _ visibility: Visibility
    ) async throws(IncidentRefusal) -> Incident {
        let found = try await incident(id, for: visibility)
        guard mayHandle(found.agent, visibility) else { throw .notTheirs }
        return found
    }

    private func openIncident(of alarm: AlertID) async throws(IncidentRefusal) -> Incident? {
        try await openIncidents().first { $0.alarm == alarm }
    }

    private func openIncidents() async throws(IncidentRefusal) -> [Incident] {
        try await read { store throws(StoreFailure) in try await store.openIncidents() }
    }
}

// Steps.
extension IncidentService {
    private func check(_ text: String) throws(IncidentRefusal) {
        guard text.contains(where: { !$0.isWhitespace }),
            text.unicodeScalars.count <= Incident.longestText
        else { throw .text }
    }

    /// The agent of a run that has ended is not known here; counts look at it.
    private func check(_ run: RunID, of agent: AgentName?) throws(IncidentRefusal) {
        guard let agent else { throw .agentOfRun }
        let others = gateway.runs.open { id, other in id == run && other != agent }
        guard others.isEmpty else { throw .agentOfRun }
    }

    /// A case has the name that a suite gives it: printable, without spaces.
    private func check(case name: String) throws(IncidentRefusal) {
        guard (1...128).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .evalCase }
    }

    private func record(
        _ type: RecordType, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])]
    ) async throws(IncidentRefusal) {
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(
                gateway.records.record(type, run: nil, fields: fields, sealing: payloads))
        } catch { throw .notRecorded(error.code) }
    }

    private func keep(_ incident: Incident) async throws(IncidentRefusal) {
        do throws(StoreFailure) { try await store.keep(incident) } catch {
            throw .unstored("it is in the log, and the store failed: \(error.reason)")
        }
    }

    private func read<Value>(
        _ body: (any IncidentStore) async throws(StoreFailure) -> Value
    ) async throws(IncidentRefusal) -> Value {
        do throws(StoreFailure) { return try await body(store) } catch {
            throw .unavailable(error.reason)
        }
    }
}
