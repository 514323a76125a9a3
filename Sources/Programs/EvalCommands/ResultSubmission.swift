import InterlockCommandLine
import InterlockDeployment
import InterlockEvals
import InterlockJSON
import InterlockModel

/// `interlock eval gate --submit`: hands a signed result to the running gateway.
enum ResultSubmission {
    /// - Returns: `no` if the gateway has taken the result and refuses the agent nevertheless.
    /// - Throws: exit 65 if the file is no signed result, 69 if the gateway cannot be reached, 77 if no key that counts
    ///   signed it.
    static func run(_ path: String, _ invocation: Invocation) throws(Failure) -> Exit {
        let others = ["fingerprint", "policy", "lock", "base"]
        guard invocation.positional.isEmpty, !others.contains(where: invocation.has) else {
            throw Failure(
                .usage, "`--submit` takes a file alone: the gateway has its own policy",
                help: "interlock eval gate --submit FILE")
        }
        let stored = try StoredResult(path)
        guard let signed = stored.signed else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(path))` is not signed",
                help: "interlock eval run \(stored.result.agent) --sign FILE")
        }
        let answer = try invocation.gateway().post("/v1/evals", signed.envelope.json)
        let gate = answer["gate"]?.string ?? "missing"
        guard gate == "passed" else {
            invocation.print(
                answer, "\(stored.result.agent): taken, and refused nevertheless: eval-\(gate)")
            return .no
        }
        let until = answer["until"]?.string ?? "-"
        let needs =
            answer["proof"]?.string == FingerprintProof.declared.rawValue
            ? ""
            : "; its runs must be measured (`interlock run`) or attested (`interlock eval attest`)"
        invocation.print(answer, "\(stored.result.agent): passes the gate until \(until)\(needs)")
        return .ok
    }
}
