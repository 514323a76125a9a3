import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
package import InterlockPorts
import Synchronization

extension ElevationService {
    /// Takes back what was open when the last process ended. What does not read as it was written, or
    /// whose signatures do not hold any more, grants nothing, and the alarm names it.
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

    /// Ends what is over. Called every second.
    package func expire() async {
        let now = gateway.clock.wall
        guard open.contains(where: { $0.isDue(at: now) }) else { return }
        await gate.enter()
        defer { gate.leave() }
        for request in open where request.isDue(at: now) {
            _ = await close(request, .time, by: nil, proof: nil)
        }
    }

    /// Judges every open elevation under the policy that was just put in force: what it has no room for
    /// ends.
    package func rejudge() async {
        await gate.enter()
        defer { gate.leave() }
        await endUnfit()
    }

    /// Looks again at who signed what is open: an approval with a key that has ended since counts no more, and
    /// what has too few without it ends. What is in the store follows at the next start.
    package func followPeople() async {
        guard let orders else { return }
        await gate.enter()
        defer { gate.leave() }
        for before in open {
            do throws(ElevationRefusal) {
                let request = try ElevationRequest(json: before.json, verifier: orders)
                if request != before { state.withLock { $0[request.id] = request } }
            } catch {
                // Whoever asked for it is gone.
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

    /// Out of force first; the store and the record follow, so that no failure of theirs keeps a grant
    /// alive. For whoever is inside the gate.
    ///
    /// - Returns: whether the end is in the store; else a restart brings it back, and the alarm says so.
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

    /// From here on everybody sees it. One that has ended stays only in the log.
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

    /// Durable on return.
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
