import InterlockDoctor
import InterlockHooks
import InterlockJSON
import Testing

/// The judgement of a probe: each guard that is gone turns its own line red, and what shows nothing is unknown.
struct ProbeChecksTests {
    private static let denied =
        "PreToolUse:Bash hook error: interlock: denied (no-grant) no [rec 1]"
    private static let byRule = "File is in a directory that is denied by your permission settings."
    private static let controls: Set<ProbeFile> = [.plainRead, .plainMention, .plainImport]

    /// A session that a guarded host gives, whose parts a test replaces.
    private struct Session {
        var files = controls
        var results: [ProbeCall: String] = [
            .plainRead: "1\tKEY", .hiddenRead: byRule, .command: denied,
        ]
        var hasMarker = false
        var isRewritten = false
        var end = ProgramFacts.ended(code: 0, output: Array("{}".utf8), errors: [])
        var isHeard = true

        func made() throws -> ProbeSession {
            let script = try #require(ProbeScriptTests.script())
            let canaries = script.files.filter { file in
                files.contains { $0.path == file.path }
            }
            let parts = results.map { call, text -> JSONValue in
                [
                    "type": "tool_result", "tool_use_id": .string(call.id),
                    "content": .string(text),
                ]
            }
            let body: JSONValue = [
                "system": .string(canaries.map(\.text).joined()),
                "messages": [["role": "user", "content": .array(parts)]],
            ]
            var transcript = ProbeTranscript()
            if isHeard { transcript.hear(body.serialized(), body, of: script) }
            return ProbeSession(
                isRewritten: isRewritten, end: end, hasMarker: hasMarker, transcript: transcript)
        }
    }

    private func checks(_ sessions: Session...) throws -> [DoctorCheck] {
        var installation = try Installation()
        installation.probe = .ran(try sessions.map { try $0.made() })
        return installation.checks(.probe)
    }

    private func failed(_ session: Session) throws -> [String] {
        try checks(session).filter { $0.verdict == .failed }.compactMap(\.subject)
    }

    private func unknown(_ session: Session) throws -> [String] {
        try checks(session).filter { $0.verdict == .unknown }.compactMap(\.subject)
    }

    @Test func `a guarded host has a line for each way, before and after settings were rewritten`()
        throws
    {
        let found = try checks(Session(), Session(isRewritten: true))
        let ways = ["a guarded call", "a hidden file", "an @-mention", "an import"]
        #expect(found.map(\.subject) == ways + ways.map { "\($0), with settings rewritten" })
        #expect(found.map(\.verdict.word) == [String](repeating: "enforced", count: 8))
        #expect(found[0].verdict.point == .hook && found[2].verdict.point == .managedSettings)
    }

    @Test func `a hidden file that reaches the model fails, on its way alone`() throws {
        #expect(try failed(Session(files: Self.controls.union([.hiddenRead]))) == ["a hidden file"])
        #expect(
            try failed(Session(files: Self.controls.union([.hiddenMention]))) == ["an @-mention"])
        #expect(try failed(Session(files: Self.controls.union([.hiddenImport]))) == ["an import"])
        // Also if its control did not.
        #expect(try failed(Session(files: [.hiddenMention])) == ["an @-mention"])
    }

    @Test func `a command that ran, or that Interlock did not stop, fails`() throws {
        #expect(try failed(Session(hasMarker: true)) == ["a guarded call"])
        var session = Session()
        for text in ["This command requires approval", "", "ok"] {
            session.results[.command] = text
            #expect(try failed(session) == ["a guarded call"])
        }
    }

    @Test func `a call that waits for people is stopped`() throws {
        var session = Session()
        session.results[.command] = nil
        #expect(try unknown(session) == ["a guarded call"])
        for member in ["terminal_reason", "stop_reason"] {
            let end = JSONValue.object([member: "tool_deferred"]).serialized()
            session.end = .ended(code: 0, output: end, errors: [])
            let check = try checks(session)[0]
            #expect(check.verdict == .enforced(at: .hook) && check.cause.contains("people"))
        }
    }

    @Test func `a way on which nothing reached the model shows nothing`() throws {
        #expect(
            try unknown(Session(files: [])) == ["a hidden file", "an @-mention", "an import"])
        var session = Session(files: [.plainMention, .plainImport])
        // The policy lets the agent read nothing, so that the gateway refuses both.
        session.results[.plainRead] = Self.denied
        #expect(try unknown(session).isEmpty && failed(session).isEmpty)
        session.results[.plainRead] = nil
        #expect(try unknown(session) == ["a hidden file"])
    }

    @Test(arguments: [
        ProgramFacts.failed("took longer than 90 s"),
        .ended(code: 1, output: [], errors: Array("sandbox required\nbut unavailable".utf8)),
        .ended(code: 1, output: [], errors: []), .absent,
    ])
    func `a host that asks the model nothing is unknown, with its reason`(_ end: ProgramFacts)
        throws
    {
        let found = try checks(Session(end: end, isHeard: false))
        #expect(found.count == 4 && found.allSatisfy { $0.verdict == .unknown })
        #expect(found.allSatisfy { !$0.cause.contains("\n") && !$0.cause.hasSuffix(": ") })
    }

    @Test func `a probe that was asked for and not made is never good`() throws {
        var installation = try Installation()
        #expect(DoctorReport.outcome(of: [installation.report]) == .good)
        installation.probe = .impossible("no port")
        #expect(installation.checks(.probe)[0].verdict == .unknown)
        #expect(DoctorReport.outcome(of: [installation.report]) == .unknown)
        installation.probe = .notTested("no script")
        #expect(installation.checks(.probe)[0].verdict == .guidance)
        #expect(DoctorReport.outcome(of: [installation.report]) == .unknown)
        // Another host was probed.
        var other = try Installation()
        other.probe = .ran([try Session().made()])
        #expect(DoctorReport.outcome(of: [installation.report, other.report]) == .good)
    }

    @Test func `a drop-in requires a probe`() throws {
        var installation = try Installation()
        let path = "/etc/claude-code/managed-settings.d/50-interlock.json"
        guard case .bytes(let bytes) = installation.managed[0].content else { return }
        installation.managed.append(Installation.file(path, bytes))
        let check = try #require(installation.checks(.probe).first)
        #expect(check.verdict == .unknown && check.subject == path)
        #expect(check.help == "interlock doctor --host claude-code --probe")
        installation.probe = .ran([try Session().made()])
        #expect(DoctorReport.outcome(of: [installation.report]) == .good)
        installation.probe = .notAsked
        installation.managed[1] = FileFacts(path: path, content: .absent, steps: [])
        #expect(installation.checks(.probe).isEmpty)
    }
}
