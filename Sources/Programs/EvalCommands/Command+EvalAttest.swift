package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

extension Command {
    package static let evalAttest = Command(
        "eval attest AGENT", "state what the holder of a token runs",
        example:
            "interlock eval attest refunds --token 01kag0q9m2c4e6g8j0k2n4p6r8 --until 2026-12-10T00:00:00Z --fingerprint refunds.yaml --sign release.key",
        options: EvalInput.options + [
            Option("--token ID", "the id of the token, as `interlock agents token` records it")
                .required,
            Option("--until TIME", "when the statement ends, RFC 3339").required,
            Option("--fingerprint FILE", "list of prompt files, skills and models").required,
            Option("--sign FILE|agent", "a key of `eval.attesters` in the policy").required,
        ],
        exits: .ofOrders,
        notes: """
            For agents of tier medium and high that speak MCP alone, whose files the gateway does not see. The token must be \
            bound to the agent's `workloads`; a key that the agent's owner can use alone does not count.
            """
    ) { invocation in
        let input = try EvalInput(invocation)
        let agent = try PolicyInput.agent(invocation.positional[0], in: input.policy)
        let token = try invocation.require("token")
        guard ReleaseManifest.isCredential(token) else {
            throw Failure(
                .usage, "invalid id of a token `\(TerminalEscaping.shown(token))`",
                help: "1 to 128 letters, digits, dots, hyphens and underscores")
        }
        let until = try Invocation.parsed(
            try invocation.require("until"), "no time", help: "write 2026-11-20T09:00:00Z",
            .usage
        ) { Timestamp(rfc3339: $0) }
        let parts = try input.fingerprint(
            of: agent, manifest: try invocation.require("fingerprint"))
        let manifest = ReleaseManifest(
            org: input.policy.org, agent: agent, credential: token, model: parts.model,
            prompt: parts.prompt, skills: parts.skills, until: until)
        let key = try ListedKey(
            try invocation.require("sign"), among: input.policy.document.eval.attesters, "attesters"
        )
        let payload: [UInt8]
        do throws(FormError) { payload = try manifest.canonical() } catch {
            throw Failure(.internalError, "the manifest cannot be written: \(error)")
        }
        let envelope = try key.sign(.releaseManifest, payload)
        let answer = try invocation.gateway().post("/v1/evals", envelope.json)
        return invocation.print(
            answer, "\(agent): taken; the gate says \(answer["gate"]?.string ?? "nothing")")
    }
}
