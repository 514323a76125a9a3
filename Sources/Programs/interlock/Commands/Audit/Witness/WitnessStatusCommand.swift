import InterlockAdministration
import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockWitness
import InterlockWitnessing

extension Command {
    static let auditWitnessStatus = Command(
        "audit witness status", "who remembers this log, and what is wrong with them",
        example: "interlock audit witness status",
        options: [.directory, .json],
        exits: [.data, .notFound],
        notes: "Without a running gateway, what the trust file says."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let status: JSONValue
        if let running = try RunningGateway.find(deployment) {
            status = try running.get("/v1/witnesses")
        } else {
            let (policy, marks) = try deployment.trust.load()
            status = WitnessClient.status(of: policy, marks)
        }
        return invocation.print(status, text(status))
    }
}

private func text(_ status: JSONValue) -> String {
    var lines = [status["memory"]?.string].compactMap(\.self)
    lines.append("quorum   \(status["quorum"]?.string ?? "none")")
    if let lint = status["lint"]?.string { lines.append("         \(lint)") }
    for witness in status.rows("witnesses") {
        let mark = witness.flag("now") ? " now" : ""
        let url = witness["url"]?.string ?? "not asked"
        lines.append("witness  \(witness.text("name"))\(mark) \(url)")
        if let size = witness["remembers"]?.integer { lines.append("         remembers \(size)") }
        if witness["trouble"]?.string != nil { lines.append("         " + witness.text("trouble")) }
    }
    return lines.joined(separator: "\n")
}

/// The running gateway of a deployment.
enum RunningGateway {
    /// - Returns: nil if the gateway does not answer on its socket.
    static func find(_ deployment: Deployment) throws(Failure) -> GatewayClient? {
        let client = GatewayClient(deployment)
        do throws(Failure) { _ = try client.get("/v1/names") } catch {
            guard error.exit == .unavailable else { throw error }
            return nil
        }
        return client
    }
}
