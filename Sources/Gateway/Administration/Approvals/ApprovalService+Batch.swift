package import InterlockApprovals
package import InterlockModel

/// The result of one vote of a batch.
package struct BatchedResult: Sendable {
    package let request: ApprovalID
    package let result: Result<ApprovalAction, ApprovalRefusal>
}

extension ApprovalService {
    /// Counts the votes of a batch, each for itself. The requests are checked together first. Durable on return.
    ///
    /// - Parameter facts: returns those of an agent and a tool now.
    /// - Returns: what became of each vote, in the order of the batch.
    /// - Throws: if no vote was counted.
    package func vote(
        batch envelope: Envelope,
        _ facts: @Sendable (AgentName, ToolAddress) -> BatchFacts
    ) async throws(ApprovalRefusal) -> [BatchedResult] {
        var proofs: [(request: ApprovalID, proof: VoteProof)] = []
        do throws(FormError) {
            for one in try BatchedVote.all(of: envelope) {
                proofs.append((request: one.request, proof: VoteProof.batch(one)))
            }
        } catch { throw .malformed(error) }
        let requests = proofs.compactMap { shown($0.request) }
        guard requests.count == proofs.count, let first = requests.first?.review.call else {
            throw .noSuchRequest
        }
        if let reason = BatchRefusal.reason(against: requests, facts(first.agent, first.address)) {
            throw .notBatched(reason)
        }
        var results: [BatchedResult] = []
        for (request, proof) in proofs {
            do throws(ApprovalRefusal) {
                let action = try await counted(proof, note: nil)
                results.append(BatchedResult(request: request, result: .success(action)))
            } catch {
                // The same signature is under all of them.
                if results.isEmpty, error == .badSignature { throw error }
                results.append(BatchedResult(request: request, result: .failure(error)))
            }
        }
        return results
    }
}
