package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

extension Command {
    package static let policyDiff = Command(
        "policy diff OLD NEW", "compare two policies by what they decide",
        example: "interlock policy diff policy proposed",
        options: PolicyInput.options + [
            .person, Option("--agent AGENT", "only this agent"),
            Option("--sign FILE|agent", "sign NEW with this key, after the differences were shown"),
        ],
        exits: [.no, .second, .data, .notFound, .cannotCreate, .notPermitted],
        notes: """
            OLD and NEW are paths, or git:REV for the policy (--policy) as of a revision of git.
            Exit 0: equal. 1: NEW narrows. 2: NEW widens, or cannot be compared.
            """
    ) { invocation in
        let now = try PolicyInput.time(invocation)
        let old = try ComparedPolicy(invocation, invocation.positional[0], at: now)
        let new = try ComparedPolicy(invocation, invocation.positional[1], at: now)
        defer {
            old.removeScratch()
            new.removeScratch()
        }
        var agent: AgentName?
        if let name = invocation["agent"] {
            guard let known = AgentName(name),
                old.policy.agents[known] != nil || new.policy.agents[known] != nil
            else { throw Failure(.notFound, "neither policy has an agent `\(name)`") }
            agent = known
        }
        let comparison = PolicyComparison.compare(old.policy, new.policy, at: now, agent: agent)
        // The criteria are about all agents.
        let criteria = agent == nil ? new.criteria.differences(from: old.criteria) : []
        for difference in comparison.differences + criteria {
            invocation.print(difference.json, difference.text)
        }
        if let key = invocation["sign"] { try sign(new, with: key, invocation) }
        return switch (comparison.differences + criteria).map(\.direction).max() {
        case nil: .ok
        case .narrows: .no
        case .widens, .notComparable: .second
        }
    }
}

private func sign(
    _ new: ComparedPolicy, with key: String, _ invocation: Invocation
) throws(Failure) {
    guard !new.isFromGit else {
        throw Failure(.usage, "only a policy on disk can be signed", help: "name its path as NEW")
    }
    guard invocation["agent"] == nil else {
        throw Failure(.usage, "`--sign` is for the whole policy", help: "leave `--agent` out")
    }
    let signer = try PersonSigner.open(
        key: key, as: invocation["as"], try Deployment.open(invocation))
    let file = SignOffFile(besidePolicy: new.path)
    let signOff = try file.sign(by: signer, seen: new.policy.digest, at: SystemClock().now.wall)
    Output.error(
        "\(RevisionSource.signOffName): \(signOff.signatures.count) signatures, author \(signOff.author)"
    )
}
