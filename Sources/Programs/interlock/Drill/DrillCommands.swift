import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPorts
import InterlockRunning
import InterlockSelfTesting

extension Command {
    static let drillRun = Command(
        "drill run", "rehearse the kill switch now, on the real path",
        example: "interlock drill run",
        options: [
            .directory, .json,
            Option(
                "--variant V",
                "one of " + DrillVariant.allCases.map(\.rawValue).joined(separator: ", ")
                    + " (default: standard)"),
        ],
        exits: [.no, .unavailable],
        notes:
            "Canaries of the gateway that runs are stopped and released; no other calls are. The variants root_file, clock_step, thousand_runs and store_stopped rehearse a second gateway. The report waits for `drill sign`."
    ) { invocation in
        let variant = invocation["variant"] ?? "standard"
        guard DrillVariant(rawValue: variant) != nil else {
            throw Failure(
                .usage, "there is no variant `\(variant)`",
                help: didYouMean(variant, among: DrillVariant.allCases.map(\.rawValue)))
        }
        let client = GatewayClient(try Deployment.open(invocation), patience: .seconds(120))
        return try show(try client.post("/v1/drills", ["variant": .string(variant)]), invocation)
    }

    static let drillStatus = Command(
        "drill status", "when the kill switch was rehearsed, and when it must be",
        example: "interlock drill status",
        options: [.directory, .json],
        exits: [.no, .unavailable],
        notes: "Exit 1 while it is overdue or the last drill failed."
    ) { invocation in
        let client = GatewayClient(try Deployment.open(invocation))
        let status = try client.get("/v1/drills")
        let isFailing = status["failing"]?.bool == true
        guard !invocation.has("json") else {
            Output.json(status)
            return isFailing ? .no : .ok
        }
        func text(_ key: String) -> String { TerminalEscaping.shown(status[key]?.string ?? "-") }
        Output.line(
            "drills  \(text("standing")), due \(text("due")), last passed \(text("last_pass"))")
        Output.line("by itself  \(status["auto"]?.bool == true ? text("at") : "no: drill.auto")")
        for name in status["not_drilled"]?.array ?? [] {
            Output.line("not drilled  \(TerminalEscaping.shown(name.string ?? "-"))")
        }
        for drill in status["drills"]?.array ?? [] {
            Output.line(
                "\(drill["id"]?.string ?? "-")  \(drill["variant"]?.string ?? "-")  "
                    + "\(drill["ended"]?.string ?? "-")  "
                    + (drill["passed"]?.bool == true ? "passed" : "FAILED")
                    + (drill["signed_off"]?.bool == true ? ", signed off" : ", not signed off"))
        }
        return isFailing ? .no : .ok
    }

    static let drillSign = Command(
        "drill sign ID", "sign off the report of a drill",
        example: "interlock drill sign 01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example",
        options: [.directory, .person, .key, .json],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes:
            "Needs the role `security`, or an owner of the policy. A drill without a signature counts for a week."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        let known = try client.get("/v1/drills/\(invocation.positional[0])")
        let envelope: Envelope
        let report: DrillReport
        do throws(FormError) {
            envelope = try Envelope(json: known["envelope"] ?? .null)
            report = try DrillReport(parsing: envelope.payload)
        } catch { throw Failure(.data, "the gateway's report is malformed: \(error)") }
        let say = invocation.has("json") ? Output.error : Output.line
        say(
            "drill \(report.id.text), \(report.variant.rawValue): \(report.passed ? "passed" : "FAILED")"
        )
        for failure in report.failures { say("  " + TerminalEscaping.shown(failure)) }
        let signer = try PersonSigner.open(invocation, deployment)
        let answer = try client.post(
            "/v1/drills/\(report.id.text)/sign", try signer.sign(.drill, envelope.payload).json)
        if invocation.has("json") { Output.json(answer) } else { Output.line("signed off") }
        return .ok
    }

    static let drillVerify = Command(
        "drill verify FILE", "check the signed report of a drill, offline",
        example: "interlock drill verify drill.json",
        options: [
            .directory, .json,
            Option("--vkey VKEY", "the log's verifier key (default: that of the deployment)"),
        ],
        exits: [.no, .data, .notFound],
        notes: "Exit 0: signed by the node, and passed by its own facts. Exit 1: it did not pass."
    ) { invocation in
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.read(invocation.positional[0], limit: Envelope.largestJSON)
        } catch { throw Failure(error.isMissing ? .notFound : .data, error.message) }
        let signed: SignedDrill
        do {
            signed = try SignedDrill(
                try Envelope(parsing: bytes), node: try nodeKey(invocation),
                verifier: OpenSSLVerifier())
        } catch let failure as Failure {
            throw failure
        } catch { throw Failure(.data, "`\(invocation.positional[0])` is no report: \(error)") }
        if invocation.has("json") {
            Output.json(signed.report.json)
        } else {
            Output.line(
                "drill \(signed.report.id.text) of \(signed.report.org), \(signed.report.node): "
                    + (signed.report.passed ? "passed" : "FAILED")
                    + "; rehearsed \(signed.report.subject.words); signed by the node and \(signed.signatures.compactMap(\.key).count) people by key"
            )
            let others = signed.signatures.count { $0.key == nil }
            if others > 0 {
                Output.line("  \(others) signatures by passkey, which the gateway alone can verify")
            }
            for failure in signed.report.failures {
                Output.line("  " + TerminalEscaping.shown(failure))
            }
        }
        return signed.report.passed ? .ok : .no
    }

    static let drillCountingServer = Command(
        "drill counting-server", "the server that canaries call, over stdio; drills start it",
        example: "interlock drill counting-server"
    ) { _ in
        while let line = readLine() {
            guard let message = try? JSONValue(parsing: Array(line.utf8), limits: .agent) else {
                continue
            }
            let answer = await CountingServer.answer(message) { canary, number in
                Output.error("counted \(canary) \(number) \(SystemClock().now.boot.microseconds)")
            }
            if let answer { Output.json(answer) }
        }
        return .ok
    }

    static let drillSandbox = Command(
        "drill sandbox", "the sandboxed run of a canary, over stdio; drills start it",
        example: "interlock drill sandbox", options: [.directory]
    ) { invocation in
        guard let program = File.realPath("/proc/self/exe"),
            let agent = AgentName(CanaryNames.agent("sandbox"))
        else { throw Failure(.internalError, "this program's own file cannot be found") }
        return RunTrial.canary(
            agent, [program, "stdio", "--gateway", RunTrial.gateway],
            of: try Deployment.open(invocation),
            under: try DrillPolicy.made(at: SystemClock().now.wall).snapshot)
    }

    private static func nodeKey(_ invocation: Invocation) throws -> PublicKey {
        guard let text = invocation["vkey"] else {
            let deployment = try Deployment.open(invocation)
            return try NodeKeys.opened(deployment).log.publicKey
        }
        guard let key = VerifierKey(text, hashing: OpenSSLHashing()),
            let node = PublicKey(bytes: key.publicKey)
        else { throw Failure(.usage, "`\(text)` is no verifier key") }
        return node
    }

    private static func show(_ answer: JSONValue, _ invocation: Invocation) throws -> Exit {
        let report = answer["report"] ?? .null
        let passed = report["passed"]?.bool == true
        guard !invocation.has("json") else {
            Output.json(answer)
            return passed ? .ok : .no
        }
        if let subject = report["rehearsed"]?.string.flatMap({ DrillReport.Subject(rawValue: $0) })
        {
            Output.line("rehearsed  \(subject.words)")
        }
        for point in report["points"]?.array ?? [] {
            Output.line(
                "\(point["class"]?.string ?? "-")  answered in \(point["ack_ms"]?.integer ?? 0) ms, "
                    + "\(point["calls_before"]?.integer ?? 0) calls before, "
                    + "\(point["calls_after_ack"]?.integer ?? 0) after")
        }
        Output.line("drill \(report["id"]?.string ?? "-") \(passed ? "passed" : "FAILED")")
        for failure in answer["failures"]?.array ?? [] {
            Output.line("  " + TerminalEscaping.shown(failure.string ?? "-"))
        }
        return passed ? .ok : .no
    }
}
