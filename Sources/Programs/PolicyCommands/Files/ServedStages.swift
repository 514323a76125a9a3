package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The trust of each agent as the gateway of a deployment serves it. An agent that the gateway does not have has none.
package struct ServedStages: Sendable {
    private let trusts: [AgentName: AgentTerms.Trust]
    /// The digest of the gateway's policy; nil without a gateway.
    private let policy: String?

    /// The stages without a gateway: stage 0 for each agent.
    package static let unknown = ServedStages(trusts: [:])

    private init(trusts: [AgentName: AgentTerms.Trust]) {
        self.trusts = trusts
        policy = nil
    }

    /// Asks the running gateway.
    ///
    /// - Throws: exit 69 if it cannot be reached, 70 if its answer lacks the stage of an agent.
    package init(_ invocation: Invocation) throws(Failure) {
        let answer = try invocation.gateway().get("/v1/agents")
        // A gateway that does not say so counts as one without a first sign-off.
        let isFounding = answer["founding"]?.bool ?? true
        var trusts: [AgentName: AgentTerms.Trust] = [:]
        for row in answer["agents"]?.array ?? [] {
            guard let agent = row["agent"]?.string.flatMap({ AgentName($0) }),
                let stage = row["autonomy"]?.integer.flatMap({ TrustStageAssignment(Int($0)) })
            else {
                throw Failure(.internalError, "the gateway sent an agent without its autonomy")
            }
            let held = (row["held"]?.array ?? []).compactMap(\.string)
            trusts[agent] = .record(
                stage, isFounding: isFounding,
                hasOwnerLeft: held.contains(FindingCode.ownerLeft.rawValue))
        }
        self.trusts = trusts
        policy = answer["policy"]?.string
    }

    /// One line if the gateway has another policy than the one that was read from files, by which a command judges; nil
    /// otherwise.
    package func difference(from read: PolicySnapshot) -> String? {
        guard let policy, policy != read.digest.prefixed else { return nil }
        return
            "note: the gateway serves policy \(policy), and these files are \(read.digest.prefixed): its stages, judged by the files"
    }

    /// The stages of the gateway of the deployment that the command line names. Without an answer of it they are unknown,
    /// which standard error says.
    package static func known(to invocation: Invocation) -> ServedStages {
        guard Deployment.isNamed(invocation) else { return .unknown }
        do throws(Failure) { return try ServedStages(invocation) } catch {
            Output.error("note: each agent counts as stage 0: \(error.message)")
            return .unknown
        }
    }

    package subscript(agent: AgentName) -> AgentTerms.Trust {
        trusts[agent] ?? AgentTerms.Trust.none
    }
}
