import InterlockCredentials
import InterlockEvals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// A change gate behind the hooks of a coding agent, whose run was measured and has a result that passes.
private struct HookedGate {
    static let names = FingerprintNames(
        models: ["model-5", "model-6"], prompt: ["CLAUDE.md", "docs/rules.md"])

    let gated: GateBench
    let service: HookEventService
    let run = NameAuthenticator.run(of: "clerk")

    init(_ names: FingerprintNames = HookedGate.names) async throws {
        gated = try await GateBench(GateBench.policy(HookBench.grants))
        let monitor = HookMonitorService(gated.bench.gateway, since: nil) { _, _ in }
        service = HookEventService(
            gated.bench.pipeline, shell: FirstWord(), monitor: monitor, results: .clean,
            deadline: .seconds(30))
        gated.registry.take(GateBench.files, of: run, GateBench.clerk)
        try await pass(names)
    }

    func pass(_ names: FingerprintNames) async throws {
        let parts = try gated.parts(of: GateBench.clerk)
        try await gated.submit(gated.result(of: parts, names: names))
    }

    @discardableResult
    func send(_ event: HookEvent) async throws -> HookVerdict {
        let exchange = FakeExchange()
        await service.handle(HookBench.head(), body: event.wire, exchange)
        return try HookVerdict(wire: try #require(exchange.now.response).body)
    }

    /// The verdict on a read, which the policy always allows.
    func read(_ call: String) async throws -> HookVerdict {
        try await send(HookBench.event(call: call, tool: HookBench.tool(.read)))
    }

    /// The parts that differ according to the last refusal on record.
    var differences: JSONValue? {
        gated.bench.ledger.drafts(of: .evalRefused).last?.fields["codes"]
    }

    static func session(_ model: JSONValue?) -> HookEvent {
        var details: JSONObject = ["source": "startup"]
        details["model"] = model
        return named("SessionStart", .sessionStart, details)
    }

    static func change(_ event: String, to model: JSONValue?) -> HookEvent {
        var details: JSONObject = ["from_model": "model-5"]
        details["to_model"] = model
        return named(event, .modelSwitch, details)
    }

    static func loaded(_ path: String?, _ reason: String? = "session_start") -> HookEvent {
        var details: JSONObject = ["memory_type": "Project"]
        details["file_path"] = path.map { .string($0) }
        details["load_reason"] = reason.map { .string($0) }
        return named("InstructionsLoaded", .instructions, details)
    }

    private static func named(
        _ name: String, _ kind: HookEventKind, _ details: JSONObject
    ) -> HookEvent {
        var event = HookBench.event(kind, details: details)
        event.hostName = name
        return event
    }
}

/// Models and instruction files that hooks report, at the change gate (docs/specs/evals.md, section 5).
@Suite(.requirement("R116", "R117")) struct HookedGateTests {
    /// The part that differs, or nil if the event shows what the result states.
    @Test(
        arguments: [
            (HookedGate.session("model-5"), nil), (HookedGate.session(nil), nil),
            (HookedGate.session("model-7"), "model"), (HookedGate.session(.null), nil),
            (HookedGate.session(["id": "model-5"]), "model"), (HookedGate.session(5), "model"),
            (HookedGate.change("PreModelSwitch", to: "model-6"), nil),
            (HookedGate.change("PreModelSwitch", to: "model-7"), "model"),
            (HookedGate.change("PostModelSwitch", to: "model-6"), nil),
            (HookedGate.change("PostModelSwitch", to: "model-7"), "model"),
            (HookedGate.change("PostModelSwitch", to: nil), "model"),
            (HookedGate.change("PostModelSwitch", to: ["id": "model-5"]), "model"),
            (HookedGate.loaded("/workspace/CLAUDE.md"), nil),
            (HookedGate.loaded("/workspace/docs/rules.md", "include"), nil),
            (HookedGate.loaded("/workspace/CLAUDE.md", "compact"), nil),
            (HookedGate.loaded("/workspace/sub/CLAUDE.md", "nested_traversal"), "prompt"),
            (HookedGate.loaded("/home/agent/.claude/CLAUDE.md"), "prompt"),
            (HookedGate.loaded("/workspace2/CLAUDE.md"), "prompt"),
            (HookedGate.loaded("/workspace/../CLAUDE.md"), "prompt"),
            (HookedGate.loaded(nil), "prompt"),
        ] as [(HookEvent, String?)])
    func `an event that shows another part than the result states refuses the next call`(
        _ event: HookEvent, _ part: String?
    ) async throws {
        let world = try await HookedGate()
        #expect(try await world.read("c1").decision == .allow)
        #expect(try await world.send(event).decision == .allow)
        let verdict = try await world.read("c2")
        #expect((verdict.decision == .deny) == (part != nil))
        #expect((verdict.reason == "eval-missing") == (part != nil))
        #expect(world.differences == part.map { JSONValue.array([.string($0)]) })
    }

    @Test func `a host that names its model with a call is judged by it at once`() async throws {
        let world = try await HookedGate()
        for (call, model, decision) in [
            ("c1", "model-5", HookDecision.allow), ("c2", "model-7", .deny),
            ("c3", "model-6", .allow),
        ] as [(String, String, HookDecision)] {
            let verdict = try await world.send(
                HookBench.event(
                    call: call, tool: HookBench.tool(.read), details: ["model": .string(model)]))
            #expect(verdict.decision == decision, "\(call)")
        }
        // The model of a subagent is not that of the run.
        let sub = HookBench.event(
            call: "c4", tool: HookBench.tool(.read), agent: "a1", details: ["model": "model-7"])
        #expect(try await world.send(sub).decision == .allow)
    }

    @Test func `a run that goes back to a model of its result passes again`() async throws {
        let world = try await HookedGate()
        try await world.send(HookedGate.change("PostModelSwitch", to: "model-7"))
        #expect(try await world.read("c1").decision == .deny)
        try await world.send(HookedGate.change("PostModelSwitch", to: "model-5"))
        #expect(try await world.read("c2").decision == .allow)
        // A file that was read stays read.
        try await world.send(HookedGate.loaded("/workspace/other.md", "include"))
        try await world.send(HookedGate.loaded("/workspace/CLAUDE.md"))
        #expect(try await world.read("c3").decision == .deny)
    }

    @Test func `a result that states the new parts lets the run go on`() async throws {
        let world = try await HookedGate()
        try await world.send(HookedGate.session("model-7"))
        try await world.send(HookedGate.loaded("/workspace/other.md", "include"))
        #expect(try await world.read("c1").decision == .deny)
        #expect(world.differences == ["model", "prompt"])
        world.gated.bench.clock.advance(.seconds(1))
        try await world.pass(
            FingerprintNames(models: ["model-7"], prompt: ["CLAUDE.md", "other.md"]))
        #expect(try await world.read("c2").decision == .allow)
    }

    /// A list without models or files states nothing; what the host began with is then the agent as it was evaluated.
    @Test func `of a result without names the first model and the files of the start count`()
        async throws
    {
        let world = try await HookedGate(.empty)
        try await world.send(HookedGate.session("model-9"))
        try await world.send(HookedGate.loaded("/workspace/CLAUDE.md"))
        try await world.send(HookedGate.loaded("/workspace/CLAUDE.md", "compact"))
        #expect(try await world.read("c1").decision == .allow)
        try await world.send(HookedGate.change("PostModelSwitch", to: "model-5"))
        #expect(try await world.read("c2").decision == .deny)
        try await world.send(HookedGate.change("PostModelSwitch", to: "model-9"))
        #expect(try await world.read("c3").decision == .allow)
        try await world.send(HookedGate.loaded("/workspace/sub/CLAUDE.md", "nested_traversal"))
        #expect(try await world.read("c4").decision == .deny)
        #expect(world.differences == ["prompt"])
    }

    @Test func `what a host showed of a run is forgotten with the run alone`() async throws {
        let world = try await HookedGate()
        try await world.send(HookedGate.session("model-7"))
        #expect(try await world.read("c1").decision == .deny)
        // A new count, and a new policy, forget nothing.
        await world.gated.registry.renew()
        try await world.gated.bench.swap(
            GateBench.policy(HookBench.grants + [("purpose: Reads", "purpose: Reads more")]))
        #expect(try await world.read("c2").decision == .deny)
        #expect(world.gated.registry.current.inputs.shown.count == 1)
        world.gated.registry.forget(world.run)
        let inputs = world.gated.registry.current.inputs
        #expect(inputs.shown.isEmpty && inputs.runs.isEmpty)
    }

    @Test func `paths are those below the folder of the start, also after a change of it`()
        async throws
    {
        let world = try await HookedGate()
        try await world.send(HookedGate.session("model-5"))
        var event = HookedGate.loaded("/workspace/sub/CLAUDE.md", "nested_traversal")
        event.workingDirectory = "/workspace/sub"
        try await world.send(event)
        #expect(try await world.read("c1").decision == .deny)
        #expect(world.differences == ["prompt"])
    }

    /// A run whose tokens are over has no other end that tells the gate.
    @Test func `what a host showed is forgotten once no token of the run is valid`() async throws {
        let world = try await HookedGate()
        let (gateway, clock) = (world.gated.bench.gateway, world.gated.bench.clock)
        let isOpen = gateway.runs.extend(
            world.run, of: GateBench.clerk, to: clock.now.wall + .seconds(60))
        #expect(isOpen)
        try await world.send(HookedGate.session("model-7"))
        #expect(world.gated.registry.current.inputs.shown.count == 1)
        clock.advance(.seconds(60) + TokenLife.leeway + RunExpiryTable.settling)
        await gateway.sweep()
        #expect(world.gated.bench.ledger.drafts(of: .runEnd).count == 1)
        let inputs = world.gated.registry.current.inputs
        #expect(inputs.shown.isEmpty && inputs.runs.isEmpty)
    }

    @Test func `any number of names makes one record of the same parts`() async throws {
        let world = try await HookedGate()
        for number in 10..<15 {
            try await world.send(
                HookedGate.change("PostModelSwitch", to: .string("model-\(number)")))
            #expect(try await world.read("c\(number)").decision == .deny)
        }
        #expect(world.gated.refusals == ["eval-missing"])
        #expect(world.gated.alerts == ["eval.refused"])
        try await world.send(HookedGate.loaded("/workspace/other.md", "include"))
        #expect(try await world.read("c1").decision == .deny)
        #expect(world.gated.refusals.count == 2)
        #expect(world.differences == ["model", "prompt"])
    }

    @Test func `more files than are kept differ from every result`() {
        var shown = NamedParts(of: GateBench.clerk)
        let all = (0..<NamedParts.mostFiles).map { ExactText("docs/\($0).md") }
        for path in all {
            shown.show(.instructions(path, in: "/workspace", isAtStart: true))
        }
        let names = FingerprintNames(prompt: all)
        let within = shown.otherFiles(than: names)
        shown.show(.instructions("docs/more.md", in: "/workspace", isAtStart: true))
        let above = shown.otherFiles(than: names)
        #expect(within == nil && above != nil)
        #expect(shown.otherFiles(than: .empty) != nil)
        #expect(shown.otherModel(than: .empty) == nil)
    }
}
