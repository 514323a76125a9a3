import InterlockDoctor
import InterlockHooks
import InterlockHosts
import InterlockJSON

extension Invariants {
    /// Any bytes in the place of each file and of each program's output: a control is enforced only by a managed file that
    /// is in effect, and a report without managed settings is never good.
    package static func doctor(_ bytes: [UInt8]) {
        for host in HookHost.allCases {
            let report = DoctorReport(doctorFacts(bytes, host))
            let outcome = DoctorReport.outcome(of: [report])
            let failed = report.checks.filter { $0.verdict == .failed }
            precondition((outcome == .failed) == !failed.isEmpty, "a failure is the outcome")
            precondition(report.checks.allSatisfy { !$0.cause.isEmpty }, "each check has a cause")
            let hasFile = report.checks.contains {
                $0.name == .managedFile && $0.verdict != .failed
            }
            precondition(hasFile || outcome == .failed, "nothing is good without managed settings")
            for check in report.checks where check.verdict == .enforced(at: .managedSettings) {
                precondition(host.facts.isVerified, "a host that was never tested enforces nothing")
                precondition(
                    hasFile
                        || [.probe, .hostVersion, .managedServers, .serverList].contains(check.name),
                    "settings that are not in effect enforce nothing")
            }
        }
        // Any request of a host: only a canary shows that a control was heard.
        let transcript = transcript(bytes)
        precondition(
            transcript.requests == 1 && (transcript.files.isEmpty || bytes.count >= 32),
            "a canary is not in fewer bytes than it has")
        if let version = HostVersion(output: bytes) {
            precondition(HostVersion("\(version)") == version, "a version is read again")
        }
    }

    private static func transcript(_ bytes: [UInt8]) -> ProbeTranscript {
        var transcript = ProbeTranscript()
        let script = ProbeScript(project: "/p") { [UInt8](repeating: 0xab, count: $0) }
        guard let script else { preconditionFailure("a plain path needs no quoting") }
        let request = try? JSONValue(parsing: bytes, limits: .upstream)
        transcript.hear(bytes, request, of: script)
        if let request { precondition(script.answer(request).events.count == 6, "one message") }
        return transcript
    }

    private static func doctorFacts(_ bytes: [UInt8], _ host: HookHost) -> DoctorFacts {
        func file(_ path: String) -> FileFacts {
            FileFacts(path: path, content: .bytes(bytes), steps: [])
        }
        let ended = ProgramFacts.ended(code: 0, output: bytes, errors: bytes)
        return DoctorFacts(
            host: host, user: DoctorFacts.User(id: 1000, isRootMapped: true),
            managed: [file("/etc/a.json"), file("/etc/b.json")],
            managedServers: file("/etc/c.json"),
            agentPlane: .init(machine: file("/etc/c.json"), configured: nil),
            ownSettings: [file("a.json"), file("a.toml")],
            serverLists: HostKind.allCases.map { .init(kind: $0, file: file("b.json")) },
            variables: [],
            adapter: DoctorFacts.Adapter(
                file: file("/a"), trial: .ended(code: 2, output: [], errors: bytes)),
            version: ended, policyHelper: ended, endpoint: file("/etc/d.json"),
            gateway: .answers(owner: 0), lastEvent: .none,
            logKey: .gateway,
            sandbox: DoctorFacts.Sandbox(isPossible: true, isInside: false, detail: ""),
            probe: host == .claudeCode
                ? .ran([
                    ProbeSession(
                        isRewritten: false, end: ended, hasMarker: false,
                        transcript: transcript(bytes))
                ]) : .notTested("no script"))
    }
}
