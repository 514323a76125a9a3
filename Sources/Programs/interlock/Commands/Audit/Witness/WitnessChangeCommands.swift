import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockPorts
import InterlockWitness
import InterlockWitnessing

extension Command {
    static let auditWitnessAdd = Command(
        "audit witness add VKEY URL",
        "add a witness that cosigns this log and counts for the quorum",
        example:
            "interlock audit witness add 'auditor.example+3f2a+AbCd' https://witness.auditor.example --now",
        options: [
            .directory,
            Option(
                "--now", "ask it at once for calls that must be witnessed, not only on the beat"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes:
            "A first witness makes the quorum; further ones join its group, whose threshold stays. The witness must know this log: give it the line `log VKEY` of trust.policy."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let (text, url) = (invocation.positional[0], invocation.positional[1])
        let key = try Invocation.parsed(
            text, "no witness's key", help: "it has type 0x04", .data
        ) { CosignerKey($0, hashing: OpenSSLHashing()) }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw Failure(.data, "`\(url)` is no address", help: "write https://HOST/witness")
        }
        if let running = try RunningGateway.find(deployment) {
            _ = try running.post(
                "/v1/witnesses/add",
                [
                    "vkey": .string(key.description), "url": .string(url),
                    "now": .bool(invocation.has("now")),
                ])
        } else {
            try change(deployment) { (policy, marks) throws(Failure) in
                do throws(TrustPolicyError) {
                    policy = try policy.adding(key, url: url)
                } catch {
                    throw Failure(.data, "\(error)")
                }
                if let name = TrustName(key.name) { marks.set(name, invocation.has("now")) }
            }
        }
        let quorum = try quorumName(deployment)
        Output.line("\(key.name) is a witness; quorum: \(quorum)")
        return .ok
    }

    static let auditWitnessRemove = Command(
        "audit witness remove NAME", "count a witness no longer; ends a fork that it reports",
        example: "interlock audit witness remove auditor.example",
        options: [.directory],
        exits: [.no, .data, .notFound, .unavailable, .io],
        notes: "A threshold above the members that are left comes down to them."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let name = invocation.positional[0]
        if let running = try RunningGateway.find(deployment) {
            _ = try running.post("/v1/witnesses/remove", ["name": .string(name)])
        } else {
            try change(deployment) { (policy, marks) throws(Failure) in
                guard let name = TrustName(name), let left = policy.removing(name) else {
                    throw Failure(.notFound, "there is no witness `\(name)`")
                }
                policy = left
                marks.set(name, false)
            }
        }
        let quorum = try quorumName(deployment)
        Output.line("\(name) is no witness; quorum: \(quorum)")
        return .ok
    }
}

/// Edits the files of a deployment whose gateway does not run.
private func change(
    _ deployment: Deployment,
    _ edit: (inout TrustPolicy, inout ImmediateWitnessList) throws(Failure) -> Void
) throws(Failure) {
    var (policy, marks) = try deployment.trust.load()
    try edit(&policy, &marks)
    do throws(TrustStoreFailure) {
        try deployment.trust.save(policy: policy.text, marks: marks.text)
    } catch {
        throw Failure(.io, error.reason)
    }
}

private func quorumName(_ deployment: Deployment) throws(Failure) -> String {
    try deployment.trust.load().policy.quorum?.description ?? "none"
}
