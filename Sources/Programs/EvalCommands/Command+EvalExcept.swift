package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvals
import InterlockJSON
import InterlockModel

extension Command {
    package static let evalExcept = Command(
        "eval except [AGENT]", "let an agent work a day without passing evals",
        example:
            "interlock eval except refunds --reason 'the signer is away' --until 2026-12-01T12:00:00Z --out refunds.json --as ada@acme.example",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--until TIME", "when it ends, at most 24 hours from now, RFC 3339"),
            Option("--out FILE", "write the statement with your signature there"),
            Option("--cosign FILE", "sign such a statement too, and hand it to the gateway"),
        ],
        exits: [Exit].ofOrders + [.cannotCreate],
        notes: """
            Two people other than the agent's owner sign; nothing else lets an agent work that the change gate refuses. The \
            exception is on record with both signatures and the reason.
            """
    ) { invocation in
        if let path = invocation["cosign"] { return try ExceptionFile.cosign(path, invocation) }
        return try ExceptionFile.begin(invocation)
    }
}

/// The file of an exception, on its way from the first person to the second.
private enum ExceptionFile {
    static func begin(_ invocation: Invocation) throws(Failure) -> Exit {
        guard let name = invocation.positional.first else {
            throw Failure(
                .usage, "missing agent", help: "pass AGENT, or --cosign FILE")
        }
        let agent = try Invocation.agentName(name)
        let path = try invocation.require("out")
        let until = try Invocation.parsed(
            try invocation.require("until"), "no time in whole seconds",
            help: "write 2026-11-20T09:00:00Z", .usage
        ) { Timestamp(rfc3339: $0) }
        let deployment = try Deployment.open(invocation)
        let signer = try PersonSigner.open(invocation, deployment)
        let org = try PersonSigner.trustFile(of: deployment).org
        let reason = try invocation.require("reason")
        guard
            let exception = EvalException(
                org: org, agent: agent, reason: reason, from: SystemClock().now.wall, until: until)
        else {
            throw Failure(
                .usage,
                "an exception ends within the next 24 hours, and has a reason of 8 to 500 characters",
                help: "interlock eval except --help")
        }
        let envelope = try signer.sign(.evalException, try payload(exception))
        try ResultWriter.write(envelope.bytes, to: path)
        return invocation.print(
            envelope.json,
            "one person has signed; another one: interlock eval except --cosign \(path) --as EMAIL")
    }

    static func cosign(_ path: String, _ invocation: Invocation) throws(Failure) -> Exit {
        let (first, exception) = try invocation.cosigned(
            path, without: ["until", "out", "reason"], "no exception from evals"
        ) { envelope throws(FormError) in try EvalException(envelope) }
        let deployment = try Deployment.open(invocation)
        let signer = try PersonSigner.open(invocation, deployment)
        invocation.explain(
            "signing: agent \(exception.agent) may work without passing evals until "
                + "\(exception.until.rfc3339(fractionDigits: 0)): "
                + TerminalEscaping.shown(exception.reason))
        let second = try signer.sign(.evalException, first.payload)
        let envelope = Envelope(
            payloadType: .evalException, payload: first.payload,
            signatures: first.signatures + second.signatures)
        let answer = try GatewayClient(deployment).post("/v1/evals", envelope.json)
        return invocation.print(
            answer,
            "agent \(exception.agent) may work until \(exception.until.rfc3339(fractionDigits: 0))")
    }

    private static func payload(_ exception: EvalException) throws(Failure) -> [UInt8] {
        do throws(FormError) { return try exception.canonical() } catch {
            throw Failure(.internalError, "the exception cannot be written: \(error)")
        }
    }
}
