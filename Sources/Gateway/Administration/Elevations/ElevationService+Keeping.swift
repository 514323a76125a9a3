import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
package import InterlockPorts
import Synchronization

extension ElevationService {
    /// Restores the open elevations from the store. An elevation that is malformed, or whose signatures no longer
    /// verify, grants nothing and raises an alert with the code of the refusal. Restores nothing while the authorized
    /// keys cannot be read.
    package func restore() async throws(StoreFailure) {
        guard let orders else { return }
        await gate.enter()
        defer { gate.leave() }
        for body in try await store.openElevations() {
            do throws(ElevationRefusal) {
                let request = try ElevationRequest(json: body, verifier: orders)
                state.withLock { $0[request.id] = request }
            } catch {
                gateway.raise(alarm: "elevation.unreadable", subject: error.code)
            }
        }
        await endUnfit()
        showGranted()
    }

    /// Ends the elevations whose window is over. Called every second.
    package func expire() async {
        let now = gateway.clock.wall
        guard open.contains(where: { $0.isDue(at: now) }) else { return }
        await gate.enter()
        defer { gate.leave() }
        for request in open where request.isDue(at: now) {
            _ = await close(request, .time, by: nil, proof: nil)
        }
    }

    /// Evaluates every open elevation under the policy that has just come into force, and ends those that it no longer
    /// permits.
    package func rejudge() async {
        await gate.enter()
        defer { gate.leave() }
        await endUnfit()
    }

    /// Verifies the signatures of every open elevation again after a change of people. An approval by a revoked
    /// credential no longer counts, and a granted elevation with too few approvals ends. An omitted approval stays in
    /// the store; the next start omits it again.
    package func followPeople() async {
        guard let orders else { return }
        await gate.enter()
        defer { gate.leave() }
        for before in open {
            do throws(ElevationRefusal) {
                let request = try ElevationRequest(json: before.json, verifier: orders)
                if request != before { state.withLock { $0[request.id] = request } }
            } catch {
                // The request itself no longer verifies, for example because its author's credential was revoked.
                gateway.raise(alarm: "elevation.unfit", subject: before.id.text)
                _ = await close(before, .policy, by: nil, proof: nil)
            }
        }
        await endUnfit()
    }

    private func endUnfit() async {
        for request in open {
            do throws(ElevationRefusal) {
                if request.holds(under: try terms(of: request.order)) { continue }
            } catch {
                gateway.raise(alarm: "elevation.unfit", subject: request.id.text)
            }
            _ = await close(request, .policy, by: nil, proof: nil)
        }
    }

    /// Puts the elevation out of force before the store and the record follow, so that a failure of theirs cannot keep
    /// a grant alive. The caller must hold the gate.
    ///
    /// - Returns: false if the store could not record the end; a restart then restores the elevation, and an alert says
    ///   so.
    func close(
        _ before: ElevationRequest, _ cause: ElevationCause, by person: Pseudonym?,
        proof: [UInt8]?
    ) async -> Bool {
        var request = before
        guard request.end(cause) else { return true }
        show(request)
        var isKept = true
        do throws(ElevationRefusal) { try await replace(before, with: request) } catch {
            isKept = false
            gateway.raise(alarm: "elevation.end_not_kept", subject: request.id.text)
        }
        var fields: JSONObject = [
            "code": .string("elevation." + cause.rawValue.hyphensAsUnderscores)
        ]
        fields["by"] = person.map { .string($0.text) }
        gateway.ledger.note(
            draft(
                request.state == .denied ? .elevationDenied : .elevationEnded, request, fields,
                proof.map { [("proof", $0)] } ?? []))
        return isKept
    }

    /// Makes the new state visible to decisions and people. An ended elevation is removed from memory.
    func show(_ request: ElevationRequest) {
        let wasGranted = state.withLock { state in
            let wasGranted = state[request.id]?.state == .granted
            state[request.id] = request.state.isFinal ? nil : request
            return wasGranted
        }
        guard wasGranted || request.state == .granted else { return }
        showGranted()
        gateway.tellChanges()
    }

    private func showGranted() {
        gateway.elevations.replace(
            with: open.filter { $0.state == .granted }.map(\.proposal.fact))
    }

    func replace(
        _ before: ElevationRequest, with request: ElevationRequest
    ) async throws(ElevationRefusal) {
        try await keep { () async throws(StoreFailure) in
            try await self.store.replace(
                elevation: before.id, revision: before.revision, with: request.state.rawValue,
                newRevision: request.revision, body: request.json)
        }
    }

    func keep(
        _ write: () async throws(StoreFailure) -> Bool
    ) async throws(ElevationRefusal) {
        let isFirst: Bool
        do throws(StoreFailure) { isFirst = try await write() } catch {
            throw .notRecorded("store")
        }
        guard isFirst else { throw .notRecorded("store") }
    }

    /// Appends a record of the elevation to the audit log, durable on return.
    func record(
        _ type: RecordType, _ request: ElevationRequest, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])]
    ) async throws(ElevationRefusal) {
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(draft(type, request, fields, payloads))
        } catch {
            throw .notRecorded(error.code)
        }
    }

    private func draft(
        _ type: RecordType, _ request: ElevationRequest, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])]
    ) -> RecordDraft {
        var fields = fields
        fields["elev"] = .string(request.id.text)
        fields["agent"] = .string(request.order.agent.text)
        fields["pol"] = .string(gateway.policy.snapshot.digestText)
        if type == .elevationRequested || type == .elevationGranted {
            fields["from"] = .integer(request.order.from.microseconds)
            fields["until"] = .integer(request.order.until.microseconds)
        }
        if type == .elevationRequested { fields["author"] = .string(request.order.author.text) }
        return gateway.records.record(type, run: nil, fields: fields, sealing: payloads)
    }
}
