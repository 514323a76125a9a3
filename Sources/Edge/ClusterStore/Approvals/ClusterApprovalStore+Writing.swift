import InterlockCluster
package import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockPorts
import Synchronization

/// Changes of requests. Each is one function of the store, so it is there whole or not at all.
extension ClusterApprovalStore {
    package func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite {
        let name = ChangeAttempt.Name(
            change: change, row: row, body: hashing.sha256(body.serialized()))
        if let last = state.withLock({ $0.attempts[row.id] }), last.name == name {
            guard let prepared = last.prepared else { return .done }
            return try await send(prepared, name)
        }
        if case .settle(let isRecorded) = change {
            return try await isSettled(row, isRecorded: isRecorded) ? .done : .superseded
        }
        guard let prepared = try await prepare(change, row, body) else { return .superseded }
        let now = author.now
        state.withLock { state in
            state.attempts[row.id] = ChangeAttempt(name: name, prepared: prepared)
            state.forgetOld(at: now)
        }
        return try await send(prepared, name)
    }

    /// Returns true if the store has the use that the log decided about. A use is final, so nothing is written: one that the
    /// log has and the store lost comes back with its entry, and one that the log lacks stays used.
    private func isSettled(
        _ row: ApprovalRow, isRecorded: Bool
    ) async throws(StoreFailure) -> Bool {
        guard isRecorded, case .success(let request)? = try await request(row.id) else {
            return false
        }
        return request.status == .used && request.row.revision == Int64(row.revision)
            && request.verified.columns.version == Int64(row.version)
    }

    private func send(
        _ prepared: PreparedChange, _ name: ChangeAttempt.Name
    ) async throws(StoreFailure) -> ApprovalWrite {
        let id = name.row.id
        let incarnation: Incarnation
        do throws(ClusterCallFailure) {
            incarnation = try self.incarnation()
            switch prepared.call {
            case .ask(let draft): _ = try await store.ask(draft, in: incarnation)
            case .revise(let version, let isAnew, let ends, let body):
                _ = try await store.revise(
                    version, isAnew: isAnew, ends: ends, body: body, in: incarnation)
            case .vote(let vote): _ = try await store.vote(vote, in: incarnation)
            case .end(let version, let end, let draft):
                _ = try await store.finish(version, end, draft, in: incarnation)
            case .use(let version, let use, let draft, let nonce):
                let answer = try await store.use(
                    version, use, draft, nonce: nonce, known: chain.applied.head.number,
                    in: incarnation)
                await chain.apply(answer.entries)
            }
        } catch {
            state.withLock { state in
                state.known[id] = nil
                // The change may have been made unless the store refused it, so it is sent again as it is.
                if error.refusal != nil, state.attempts[id]?.name == name {
                    state.attempts[id] = nil
                }
            }
            guard error.refusal == .closed else { throw StoreFailure(error) }
            return .superseded
        }
        if case .use(_, let use, _, _) = prepared.call {
            try check(use, by: incarnation, prepared.origins)
        }
        state.withLock { state in
            state.attempts[id] = ChangeAttempt(name: name, prepared: nil)
            state.known[id] = prepared.after
        }
        return .done
    }

    /// Checks a use that the store has committed against the chain. The call is sent only if `GatedUse` clears it too, which
    /// knows its scope and the lease.
    private func check(
        _ use: GrantUse, by incarnation: Incarnation, _ origins: [Digest: ExactText]
    ) throws(StoreFailure) {
        let chain = try applied()
        let requests = chain.state.requests
        guard let number = requests.entry(of: use, by: store.node),
            let digest = chain.digest(of: number), !requests.isEnded(use.request)
        else {
            throw StoreFailure(
                reason: "the grant is used, and the control chain does not permit its call")
        }
        let entry = ApprovalUseEntry(
            request: use.request, number: use.number,
            use: ApprovalUse(call: use.call, intent: use.intent),
            entry: ChainReference(number: number, digest: digest), incarnation: incarnation.number,
            origins: origins.filter { $0.value != origin })
        state.withLock { $0.uses[use.intent] = entry }
    }

    package func removeRequests(of erasure: Erasure) async throws(StoreFailure) {
        let runs: Set<ExactText>
        do throws(ClusterCallFailure) { runs = try await store.runsOfRequests() } catch {
            throw StoreFailure(error)
        }
        let isErased = runs.contains { run in
            RunID(run.text).map { erasure.covers(.run($0)) } ?? false
        }
        guard !isErased else {
            throw StoreFailure(
                reason: "the requests of erased runs are not deleted from a cluster's store")
        }
    }
}
