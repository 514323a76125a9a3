import InterlockAdministration
import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions
@testable import InterlockSandboxes

/// The files that runs with untrusted content wrote (docs/specs/output-safety.md, section 7; decision 0154).
@Suite(.requirement("R084")) struct TaintedWorkspaceTests {
    /// A file in memory.
    private final class MemoryFile: TaintedWorkspaceFile {
        let bytes = Mutex<[UInt8]?>(nil)
        let isFull = Mutex(false)

        func read() throws(StoreFailure) -> [UInt8]? { bytes.withLock { $0 } }

        func write(_ bytes: [UInt8]) throws(StoreFailure) {
            guard !isFull.withLock({ $0 }) else { throw StoreFailure(reason: "no room") }
            self.bytes.withLock { $0 = bytes }
        }
    }

    private static let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
    private static let time = Timestamp(microseconds: 1_795_169_731_500_000)

    private func folder(_ text: String) throws -> FolderPath { try #require(FolderPath(text)) }

    /// User 1001 is another agent, whose sessions inherit nothing of those of `clerk`.
    private static let other: UInt32 = 1001
    private func outside() throws -> OutsideBench {
        let reader = ("purpose: Reads\n", "purpose: Reads\n    hooks: {uid: \(Self.other)}\n")
        return try OutsideBench(OutsideBench.users + [reader])
    }

    private func event(
        _ kind: HookEventKind, _ session: String, in folder: String?, call: String = "c1",
        _ tool: HookTool? = nil, details: JSONObject = [:]
    ) -> HookEvent {
        var event = HookBench.event(
            kind, session: session, call: call, tool: tool, details: details)
        event.workingDirectory = folder
        if kind == .postTool { event.hostName = "PostToolUse" }
        return event
    }

    /// Lets a session read a page and then run a command.
    private func taint(
        _ outside: OutsideBench, in folder: String?, command: String = "test a"
    ) async throws -> HookVerdict {
        let fetch = HookTool(hostName: "WebFetch", name: .fetch, arguments: [:])
        try await outside.send(event(.sessionStart, "s1", in: folder))
        #expect(try await outside.send(event(.preTool, "s1", in: folder, fetch)).decision == .allow)
        try await outside.send(
            event(
                .postTool, "s1", in: folder, fetch,
                details: ["tool_response": ["text": "plain"]]))
        return try await outside.send(
            event(.preTool, "s1", in: folder, call: "c2", HookBench.shell(command)))
    }

    /// Begins a session of the other agent and returns the level of its run.
    private func begin(
        _ outside: OutsideBench, _ session: String, in folder: String?
    ) async throws -> TaintLevel {
        try await outside.send(event(.sessionStart, session, in: folder), user: Self.other)
        let run = try #require(outside.bench.ledger.drafts(of: .runStart).last?.run?.run)
        return outside.bench.gateway.runs.tainted.settledLevel(of: run)
    }

    @Test func `a folder to which a tainted run can write taints later runs there`() async throws {
        let outside = try outside()
        let verdict = try await taint(outside, in: "/home/ada/shop")
        #expect(verdict.decision == .allow, "\(verdict)")
        let record = try #require(outside.bench.ledger.drafts(of: .workspaceLevel).last)
        #expect(record.fields["tl"] == 2 && record.run == nil)
        #expect(record.payloads.map(\.field) == ["detail"])
        let writer = try #require(outside.bench.ledger.drafts(of: .runStart).last?.run?.run)
        #expect(record.fields["ofrun"] == .string(writer.text))
        let types = outside.bench.types
        let written = try #require(types.lastIndex(of: .workspaceLevel))
        #expect(types[..<written].contains(.callIntent))
        for (number, place) in ["/home/ada/other", "/home/ada/shop2"].enumerated() {
            #expect(try await begin(outside, "u\(number)", in: place) == .clean, "\(place)")
        }
        #expect(try await begin(outside, "t", in: "/home/ada/shop") == .hostile)
        let tainted = try #require(outside.bench.ledger.drafts(of: .runTainted).last)
        #expect(tainted.fields["code"] == "workspace" && tainted.fields["tl"] == 2)
        #expect(tainted.fields["ofrun"] == .string(writer.text))
        let later = try #require(tainted.run?.run)
        let words = try #require(outside.bench.gateway.runs.tainted.taint(of: later)?.words)
        #expect(words.contains("wrote to this workspace, run \(writer.text)"))
    }

    @Test func `a level of the workspace that the log does not take denies every event`()
        async throws
    {
        let outside = try outside()
        _ = try await taint(outside, in: "/home/ada/shop")
        outside.bench.ledger.refuse(.runTainted)
        let read = HookTool(hostName: "NewRead", name: .read, arguments: [:])
        let events: [(HookEventKind, HookTool?)] = [(.sessionStart, nil), (.preTool, read)]
        for (kind, tool) in events {
            let verdict = try await outside.send(
                event(kind, "u1", in: "/home/ada/shop", tool), user: Self.other)
            #expect(verdict.decision == .deny && verdict.reason == "unrecorded", "\(kind)")
        }
    }

    /// A host that does not say where it works may work anywhere.
    @Test(arguments: ["/home/ada/shop/src/", "/home/ada", "/", nil] as [String?])
    func `so are folders below and above it, and an unknown one`(_ place: String?) async throws {
        let outside = try outside()
        _ = try await taint(outside, in: "/home/ada/shop")
        #expect(try await begin(outside, "t", in: place) == .hostile)
    }

    @Test func `a file of such a folder taints a run that works elsewhere`() async throws {
        let outside = try outside()
        _ = try await taint(outside, in: "/home/ada/shop")
        #expect(try await begin(outside, "s2", in: "/srv/other") == .clean)
        let read = HookTool(
            hostName: "Read", name: .read,
            arguments: ["file_path": "/srv/other/../../home/ada/shop/a.md"])
        try await outside.send(event(.preTool, "s2", in: "/srv/other", read), user: Self.other)
        let run = try #require(outside.bench.ledger.drafts(of: .runStart).last?.run?.run)
        #expect(outside.bench.gateway.runs.tainted.settledLevel(of: run) == .hostile)
    }

    @Test func `a run that is clean, and a command that only reads, leave a folder clean`()
        async throws
    {
        let outside = try outside()
        try await outside.send(event(.sessionStart, "s0", in: "/home/ada/shop"))
        try await outside.send(
            event(.preTool, "s0", in: "/home/ada/shop", HookBench.shell("test a")))
        _ = try await taint(outside, in: "/home/ada/shop", command: "read a")
        #expect(outside.bench.ledger.drafts(of: .workspaceLevel).isEmpty)
        #expect(try await begin(outside, "s2", in: "/home/ada/shop") == .clean)
    }

    @Test func `a level that cannot be recorded or kept denies the call`() async throws {
        let unrecorded = try outside()
        unrecorded.bench.ledger.refuse(.workspaceLevel)
        #expect(try await taint(unrecorded, in: "/home/ada/shop").decision == .deny)
        let unkept = try outside()
        let file = MemoryFile()
        file.isFull.withLock { $0 = true }
        try unkept.bench.gateway.runs.workspaces.restore(from: file)
        #expect(try await taint(unkept, in: "/home/ada/shop").decision == .deny)
    }

    @Test func `a restart keeps the levels, and an unreadable file is no empty one`() throws {
        let file = MemoryFile()
        let before = TaintedWorkspaces()
        try before.restore(from: file)
        let shop = TaintedWorkspace(
            folder: try folder("/home/ada/shop"), level: .hostile, run: Self.run, at: Self.time)
        try before.add(shop)
        let after = TaintedWorkspaces()
        try after.restore(from: file)
        #expect(after.all == [shop])
        #expect(after.worst(near: [try folder("/home/ada/shop/src")]) == shop)
        #expect(after.worst(near: [try folder("/home/bob")]) == nil)
        for text in ["", "{}", #"{"workspaces":[{}]}"#, #"{"workspaces":"none"}"#] {
            file.bytes.withLock { $0 = Array(text.utf8) }
            #expect(throws: StoreFailure.self, "\(text)") {
                try TaintedWorkspaces().restore(from: file)
            }
        }
    }

    @Test func `without room for one more, every folder counts at the worst level`() throws {
        let known = TaintedWorkspaces(most: 2)
        for (number, level) in [TaintLevel.hostile, .untrusted, .untrusted].enumerated() {
            let workspace = TaintedWorkspace(
                folder: try folder("/a\(number)"), level: level, run: Self.run, at: Self.time)
            try known.add(workspace)
        }
        #expect(known.all.map(\.folder) == [.root])
        #expect(known.worst(near: [try folder("/elsewhere")])?.level == .hostile)
    }

    @Test func `so it does with longer paths than a file can have`() throws {
        let file = MemoryFile()
        let known = TaintedWorkspaces(mostBytes: 9)
        try known.restore(from: file)
        for name in ["/abc", "/abcd", "/abcde"] {
            try known.add(
                TaintedWorkspace(
                    folder: try folder(name), level: .untrusted, run: Self.run, at: Self.time))
        }
        #expect(known.all.map(\.folder) == [.root])
        // The whole file can be read at the next start, whatever a host said.
        #expect(TaintedWorkspaces.mostBytes * 6 + TaintedWorkspaces.most * 256 < 16 << 20)
    }

    @Test func `the level of a folder does not fall by a later run with a lower one`() throws {
        let other = RunID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
        let known = TaintedWorkspaces()
        func add(_ level: TaintLevel, _ run: RunID) throws {
            try known.add(
                TaintedWorkspace(
                    folder: try folder("/home/ada"), level: level, run: run, at: Self.time))
        }
        try add(.untrusted, other)
        try add(.hostile, Self.run)
        try add(.untrusted, other)
        let worst = try #require(known.worst(near: [.root]))
        #expect(worst.level == .hostile && worst.run == Self.run)
    }

    @Test func `the own folder of a run hides no other one`() throws {
        let other = RunID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
        let known = TaintedWorkspaces()
        try known.add(
            TaintedWorkspace(
                folder: try folder("/home/ada"), level: .hostile, run: Self.run, at: Self.time))
        #expect(known.worst(near: [.root], besides: Self.run) == nil)
        try known.add(
            TaintedWorkspace(
                folder: try folder("/home/ada/shop"), level: .untrusted, run: other,
                at: Self.time + .seconds(1)))
        #expect(known.worst(near: [.root], besides: Self.run)?.run == other)
    }

    @Test func `a folder that is written to while it is declared clean stays`() throws {
        let known = TaintedWorkspaces()
        func add(_ name: String, _ level: TaintLevel) throws {
            try known.add(
                TaintedWorkspace(
                    folder: try folder(name), level: level, run: Self.run, at: Self.time))
        }
        try add("/home/ada", .untrusted)
        try add("/home/ada/shop", .untrusted)
        let listed = known.all
        try add("/home/ada/shop", .hostile)
        try add("/home/ada/lib", .untrusted)
        try known.remove(listed)
        #expect(known.all.map(\.folder.text) == ["/home/ada/lib", "/home/ada/shop"])
    }

    /// A command that may be anything can fetch a file and write it in one call.
    @Test(
        arguments: [(nil, .hostile), ("taint: {mode: strict}", .untrusted)]
            as [(String?, TaintLevel)])
    func `a command that may read the outside marks its folder itself`(
        _ rule: String?, _ level: TaintLevel
    ) async throws {
        let rules = rule.map {
            [("approvers: finance\n", "approvers: finance\n    \($0)\n")]
        }
        let outside = try OutsideBench(OutsideBench.users + (rules ?? []))
        try await outside.send(event(.sessionStart, "s1", in: "/home/ada/shop"))
        let command = event(
            .preTool, "s1", in: "/home/ada/shop", HookBench.shell("arbitrary a"))
        let asked = Task { try await outside.send(command) }
        let id = try await outside.bench.request().id
        #expect(outside.bench.gateway.runs.workspaces.all.isEmpty)
        for name in ["ines", "rui"] where outside.bench.approvals[id]?.state == .pending {
            try await outside.bench.vote(on: id, by: name)
        }
        #expect(try await asked.value.decision == .allow)
        let known = outside.bench.gateway.runs.workspaces.all
        #expect(known.map(\.folder.text) == ["/home/ada/shop"])
        #expect(known.map(\.level) == [level])
    }

    @Test func `a relative path of a file is one of the working directory`() async throws {
        let outside = try outside()
        let write = HookTool(
            hostName: "Tool", name: .shell,
            arguments: ["command": "test a", "file_path": "../lib/src/a.md"])
        let fetch = HookTool(hostName: "WebFetch", name: .fetch, arguments: [:])
        try await outside.send(event(.sessionStart, "s1", in: "/home/ada/shop"))
        try await outside.send(event(.preTool, "s1", in: "/home/ada/shop", fetch))
        try await outside.send(event(.preTool, "s1", in: "/home/ada/shop", call: "c2", write))
        let folders = outside.bench.gateway.runs.workspaces.all.map(\.folder.text)
        #expect(folders == ["/home/ada/lib/src", "/home/ada/shop"])
    }

    @Test(
        arguments: [
            ("a.md", "/w"), ("src/a.md", "/w/src"), ("../b/a.md", "/b"), ("/x/a.md", "/x"),
            ("~/a.md", "/"), ("file:///x/a.md", "/"), ("a\u{0}", "/"),
        ])
    func `a file that a call names is in one folder, or in any`(
        _ name: String, _ written: String
    ) {
        let call: JSONValue = ["cwd": "/w", "arguments": ["path": .string(name)]]
        #expect(HostServer.folders(of: call).map(\.text) == ["/w", written])
        #expect(HostServer.folders(of: ["cwd": "/w", "arguments": ["path": [1]]]).last == .root)
        #expect(HostServer.folders(of: ["cwd": "w", "arguments": [:]]) == [.root])
    }

    /// The folder in which a project is has other projects.
    @Test func `a folder that a search names is no sign of its neighbours`() throws {
        let known = TaintedWorkspaces()
        try known.add(
            TaintedWorkspace(
                folder: try folder("/home/ada/a"), level: .hostile, run: Self.run, at: Self.time))
        let search: JSONValue = ["cwd": "/home/ada/b", "arguments": ["path": "/home/ada/b"]]
        #expect(known.worst(near: HostServer.places(of: search)) == nil)
        let inside: JSONValue = ["cwd": "/home/ada/b", "arguments": ["path": "../a/x.md"]]
        #expect(known.worst(near: HostServer.places(of: inside)) != nil)
    }

    @Test func `a person declares a folder clean, on record, and open runs keep their level`()
        async throws
    {
        let outside = try outside()
        _ = try await taint(outside, in: "/home/ada/shop")
        let bench = outside.bench
        let request = WorkspaceCleanRequest(
            folder: try folder("/home/ada"), reason: "read the diff")
        #expect(try WorkspaceCleanRequest(request.json) == request)
        #expect(try await begin(outside, "s2", in: "/home/ada/shop") == .hostile)
        let open = try #require(bench.ledger.drafts(of: .runStart).last?.run?.run)
        let other = WorkspaceCleanRequest(
            folder: try folder("/home/ada/shop/src"), reason: "read the diff")
        await #expect(throws: SandboxRefusal.notTainted) {
            try await bench.sandboxes.declareClean(other)
        }
        bench.ledger.refuse(.workspaceLevel)
        await #expect(throws: SandboxRefusal.self) {
            try await bench.sandboxes.declareClean(request)
        }
        bench.ledger.accept()
        #expect(bench.sandboxes.taintedWorkspaces.count == 1)
        #expect(try await bench.sandboxes.declareClean(request) == 1)
        let record = try #require(bench.ledger.drafts(of: .workspaceLevel).last)
        #expect(record.fields["tl"] == 0 && record.fields["ofrun"] == nil)
        #expect(record.payloads.map(\.field) == ["detail", "reason"])
        #expect(bench.gateway.runs.tainted.settledLevel(of: open) == .hostile)
        #expect(bench.gateway.runs.workspaces.worst(near: [.root]) == nil)
        for wrong in [
            [:], ["folder": "home", "reason": "read the diff"], ["folder": "/home", "reason": "a"],
        ] as [JSONValue] {
            #expect(throws: FormError.self) { try WorkspaceCleanRequest(wrong) }
        }
    }

    @Test(
        arguments: [
            ("/a/b", "/a/b"), ("//a/./b/", "/a/b"), ("/a/../b", "/b"), ("/../..", "/"), ("/", "/"),
            ("a", nil), ("", nil), ("/a\u{0}", nil),
            ("/" + String(repeating: "a", count: 4096), nil),
        ] as [(String, String?)])
    func `a path of a folder is absolute, and its form is one`(_ text: String, _ path: String?) {
        #expect(FolderPath(text)?.text == path)
    }
}
