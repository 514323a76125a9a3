package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockRunning
import InterlockSelfTest

extension Command {
    package static let selfTestRun = Command(
        "selftest run", "make forbidden calls, and check the deployment",
        example: "interlock selftest run",
        options: [.directory, .json],
        exits: [.no, .unavailable],
        notes: """
            A canary makes forbidden calls to a fake server through the gateway that runs; each must be refused. Then it \
            checks policy, configuration, log and live state against nine known pitfalls and two checklists. Exit 1 if an \
            act or a check failed; alerts and `ready` follow the acts alone.
            """
    ) { invocation in
        let client = GatewayClient(try Deployment.open(invocation), patience: .seconds(180))
        let report = try client.post("/v1/self-test", .null)
        return SelfTestPrinting.show(report, invocation)
    }

    package static let selfTestStatus = Command(
        "selftest status", "when the deployment tested itself, and how it ended",
        example: "interlock selftest status",
        options: [.directory, .json],
        exits: [.no, .unavailable],
        notes: "Exit 1 unless the last self-test passed and the next is not overdue."
    ) { invocation in
        let status = try GatewayClient(try Deployment.open(invocation)).get("/v1/self-test")
        let isSound = status["standing"]?.string == "passed"
        guard !invocation.has("json") else {
            Output.json(status)
            return isSound ? .ok : .no
        }
        func text(_ key: String) -> String { TerminalEscaping.shown(status[key]?.string ?? "-") }
        Output.line(
            "self-test  \(text("standing")), last \(text("last")), overdue from \(text("due"))")
        for result in SelfTestPrinting.results(of: status["report"] ?? .null)
        where result["result"]?.string != "pass" {
            SelfTestPrinting.line(result)
        }
        return isSound ? .ok : .no
    }

    package static let selfTestList = Command(
        "selftest list", "the ids of all acts and checks",
        example: "interlock selftest list", options: [.json]
    ) { invocation in
        let acts = SelfTestCase.allCases.map(\.rawValue)
        let checks = DeploymentCheck.allCases.map(\.rawValue)
        guard !invocation.has("json") else {
            Output.json([
                "acts": .array(acts.map { .string($0) }),
                "checks": .array(checks.map { .string($0) }),
            ])
            return .ok
        }
        for id in acts + checks { Output.line(id) }
        return .ok
    }

    package static let selfTestSandbox = Command(
        "selftest sandbox", "the sandboxed run of a canary; self-tests start it",
        example: "interlock selftest sandbox", options: [.directory]
    ) { invocation in
        guard let agent = AgentName(CanaryNames.agent(SelfTestPolicy.runner)) else {
            throw Failure(.internalError, "the canary of the self-test has no name")
        }
        return RunTrial.canary(
            agent, SelfTestEgress.command, of: try Deployment.open(invocation),
            under: try SelfTestPolicy.made(at: SystemClock().now.wall).snapshot)
    }
}

/// Prints results of self-tests.
enum SelfTestPrinting {
    static func results(of report: JSONValue) -> [JSONValue] {
        (report["acts"]?.array ?? []) + (report["checks"]?.array ?? [])
    }

    static func show(_ report: JSONValue, _ invocation: Invocation) -> Exit {
        let results = results(of: report)
        let failed = results.count { $0["result"]?.string != "pass" }
        let passed = report["passed"]?.bool == true && failed == 0 && !results.isEmpty
        if invocation.has("json") {
            Output.json(report)
        } else {
            for result in results { line(result) }
            Output.line("self-test: \(results.count - failed) passed, \(failed) failed")
        }
        return passed ? .ok : .no
    }

    static func line(_ result: JSONValue) {
        func text(_ key: String) -> String { TerminalEscaping.shown(result[key]?.string ?? "-") }
        Output.line("\(text("result"))  \(text("id"))  \(text("text"))")
        if let remedy = result["remedy"]?.string {
            Output.line("  help: \(TerminalEscaping.shown(remedy))")
        }
    }
}
