import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

extension CallPipeline {
    /// Finds the node that serves the run of a request (docs/specs/cluster.md, section 4). Durable on return: the record of
    /// a run that came from another node. If another node serves the run, it has answered.
    ///
    /// - Returns: true if this node serves the run.
    func place(
        _ admitted: AdmittedRequest, _ body: [UInt8], _ placed: PlacedExchange
    ) async -> Result<Bool, RefusedRequest> {
        let principal = admitted.principal
        // The record of a run that comes from elsewhere names the person of its credential.
        _ = gateway.runs.context(of: principal)
        let request = PlacedRequest(
            admitted.received.head, body, run: principal.run, agent: principal.agent,
            isCall: admitted.received.method == .post)
        switch await placed.placement.place(request, placed) {
        case .here(let stay):
            placed.begin(stay)
            guard await gateway.commitLevel(of: principal.run) else {
                return .failure(unplaced(.levelNotKept, admitted))
            }
            return .success(true)
        case .answered: return .success(false)
        case .refused(let refusal): return .failure(unplaced(refusal, admitted))
        case .broken(let refusal):
            gateway.countDenial(of: principal.agent, at: nil, code: refusal.code)
            end(placed, with: refusal, to: body, isCall: request.isCall)
            return .success(false)
        case .invalidRun:
            let response = IdentityFailure.expired.challenge(gateway.settings.resource.metadataURL)
            return .failure(
                RefusedRequest(
                    .http(response), .credential(code: IdentityFailure.expired.code, nil)))
        }
    }

    /// A stream cannot be answered by an error, and its client asks again by itself.
    private func unplaced(
        _ refusal: Refusal, _ admitted: AdmittedRequest
    ) -> RefusedRequest {
        let exit: PipelineExit =
            admitted.received.method == .post
            ? .refusedCaller(refusal)
            : .http(.plain(503, refusal.sentence, ("retry-after", "1")))
        return RefusedRequest(exit, .unplaced(admitted.principal.agent, code: refusal.code))
    }

    /// Ends a stream whose node was lost: a call's response says that its outcome is unknown.
    private func end(
        _ placed: PlacedExchange, with refusal: Refusal, to body: [UInt8], isCall: Bool
    ) {
        if isCall {
            let error = RefusalResponse(refusal, decisionID: nil).error
            placed.send(
                event: SSEEvent(data: JSONRPCWriter.error(id: RequestID(scanning: body), error))
                    .encoded())
        }
        placed.endEvents()
    }
}

extension Gateway {
    /// Returns true once the store of the cluster has the level of the run: always, on a node that is alone.
    func commitLevel(of run: RunID, for call: CallID? = nil) async -> Bool {
        guard let placement = ports.placement else { return true }
        let level = runs.tainted.settledLevel(of: run)
        return await placement.commit(level, of: call ?? newID(), in: run)
    }

    /// Returns true if records of the run belong in this node's log.
    func records(_ run: RunID) -> Bool { ports.placement?.serves(run) ?? true }
}

extension Refusal {
    /// The content that raised the level of its run is withheld: another node might serve the run as one that has not read
    /// it.
    static let levelNotKept = Refusal(
        .denied, "store", "level-not-kept", rule: "store",
        "the store of the cluster did not keep that the run has read untrusted content",
        retryAfterMilliseconds: 1000, outcome: .notExecuted)
    static let resultNotKept = Refusal(
        .upstreamFailed, "store", "level-not-kept", rule: "store",
        "the call ran; its result is withheld because the store of the cluster did not keep that "
            + "the run has read untrusted content",
        outcome: .executed)
}
