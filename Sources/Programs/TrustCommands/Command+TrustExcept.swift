package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockTrust

extension Command {
    package static let trustExcept = Command(
        "trust except [AGENT]", "raise a stage for a time without a promotion",
        example:
            "interlock trust except support-triage --to assisted --until 2026-12-08T09:00:00Z --reason 'The log of November was lost; the evidence is gathered again' --owner dana@acme.example --with omar@acme.example --out triage.json --as ines@acme.example",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--to STAGE", "the stage after the one that the agent has earned"),
            Option("--owner EMAIL", "the owner of the agent"),
            Option("--with EMAILS", "the other deciders, separated by commas"),
            Option("--until TIME", "when it ends, at most 30 days from now, RFC 3339"),
            Option("--out FILE", "write the statement with your signature there"),
            Option("--cosign FILE", "sign such a statement too; the last one hands it over"),
        ],
        exits: [Exit].ofOrders + [.cannotCreate],
        notes: """
            Two people sign at least. Neither criteria nor readiness are asked; the ceilings of policy and owner, a \
            cool-down and demotions hold. The exception is on record with its reason, is listed while it runs, and its runs \
            give no credit.
            """
    ) { invocation in
        if let path = invocation["cosign"] {
            return try StageExceptionFile.cosign(path, invocation)
        }
        return try StageExceptionFile.begin(invocation)
    }
}

/// The file of an exception, on its way from one decider to the next.
private enum StageExceptionFile {
    static func begin(_ invocation: Invocation) throws(Failure) -> Exit {
        guard let name = invocation.positional.first else {
            throw Failure(.usage, "missing agent", help: "pass AGENT, or --cosign FILE")
        }
        let agent = try Invocation.agentName(name)
        let to = try Command.stageOption("to", invocation)
        let path = try invocation.require("out")
        let until = try Invocation.parsed(
            try invocation.require("until"), "no time in whole seconds",
            help: "write 2026-12-08T09:00:00Z", .usage
        ) { Timestamp(rfc3339: $0) }
        let owner = try Invocation.person(try invocation.require("owner"))
        let reason = try invocation.require("reason")
        let deployment = try Deployment.open(invocation)
        let signer = try PersonSigner.open(invocation, deployment)
        _ = try invocation.require("with")
        let deciders = try invocation.people(signer.person.person, with: "with")
        let status = try GatewayClient(deployment).get("/v1/status/\(agent)")
        guard let policy = status["policy"]?.string.flatMap({ Digest(prefixed: $0) }),
            let from = to.previous
        else {
            throw Failure(.no, "the stage cannot be given, or the gateway names no policy")
        }
        guard
            let exception = StageException(
                org: try PersonSigner.trustFile(of: deployment).org, agent: agent, from: from,
                to: to, owner: owner, deciders: deciders, date: SystemClock().now.wall.wholeSecond,
                expires: until, reason: reason, policy: policy)
        else {
            throw Failure(
                .usage,
                "an exception ends within 30 days, has two deciders, and a reason of at least \(Promotion.leastRationale) characters"
            )
        }
        invocation.explain(text(of: exception))
        let payload = try statement { () throws(FormError) in try exception.canonical() }
        let envelope = try signer.sign(.stageException, payload)
        try write(envelope, to: path)
        return invocation.print(
            envelope.json,
            "one person has signed; the next: interlock trust except --cosign \(path) --as EMAIL")
    }

    static func cosign(_ path: String, _ invocation: Invocation) throws(Failure) -> Exit {
        let (before, exception) = try invocation.cosigned(
            path, without: ["to", "owner", "with", "until", "out", "reason"],
            "no exception from a stage"
        ) { envelope throws(FormError) in try StageException(envelope) }
        let deployment = try Deployment.open(invocation)
        let signer = try PersonSigner.open(invocation, deployment)
        guard exception.deciders.contains(signer.person.person) else {
            throw Failure(
                .notPermitted,
                "the exception does not name \(signer.person.person.address) as a decider")
        }
        invocation.explain(text(of: exception))
        let mine = try signer.sign(.stageException, before.payload)
        let known = before.signatures.map(\.credential)
        let whole = Envelope(
            payloadType: before.payloadType, payload: before.payload,
            signatures: before.signatures
                + mine.signatures.filter { !known.contains($0.credential) })
        guard whole.signatures.count >= exception.deciders.count else {
            try write(whole, to: path)
            return invocation.print(
                whole.json, "signed; the next: interlock trust except --cosign \(path) --as EMAIL")
        }
        let answer = try GatewayClient(deployment).post("/v1/stage-exceptions", whole.json)
        return invocation.print(
            answer,
            "\(exception.agent) is at \(answer.text("name")) until \(exception.expires.rfc3339(fractionDigits: 0))"
        )
    }

    private static func write(_ envelope: Envelope, to path: String) throws(Failure) {
        try FileFailure.exits(.cannotCreate, try File.write(envelope.bytes, to: path))
    }

    /// The text that a person reads before signing, made from the statement alone.
    private static func text(of exception: StageException) -> String {
        let lines = [
            "exception: \(exception.agent) from \(exception.from.name) to \(exception.to.name), until "
                + exception.expires.rfc3339(fractionDigits: 0),
            "owner \(exception.owner.address), deciders "
                + exception.deciders.map(\.address).joined(separator: ", "),
            "reason: \(exception.reason)",
        ]
        return lines.map { TerminalEscaping.shown($0) }.joined(separator: "\n")
    }
}
