import Glibc
package import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
import InterlockJSON
import InterlockModel
package import InterlockPolicy
import InterlockSafety
import InterlockScanning
import InterlockWorkspace
package import InterlockWorkspaceFiles

extension Command {
    /// - Parameters:
    ///   - loading: reads and compiles the policy of a deployment.
    ///   - reading: makes the reader of the repositories of a project.
    package static func safetyScan(
        loading: @escaping @Sendable (Deployment) throws(Failure) -> PolicySnapshot,
        reading: @escaping @Sendable (String) throws(Failure) -> any ObjectReader
    ) -> Command {
        Command(
            "safety scan DIR", "find secrets in a project",
            example: "interlock safety scan ~/project",
            options: [
                Option(
                    "--agent AGENT", "with the hidden names and waivers of this agent's policy"),
                Option("--history", "also what earlier commits and other branches have"), .json,
                .directory,
            ],
            exits: [.no, .data],
            notes: """
                Searches every file that a run would see, as raw bytes; archives are not opened, and what the workspace hides \
                is left out. A finding has path, line and rule, never the value. 0 nothing that blocks, 1 a finding that \
                blocks, 65 a folder or file that cannot be read, 70 the search failed. With a deployment (--dir or \
                $INTERLOCK_DIR), the values of its secrets are looked for too, and files without findings are remembered. With \
                --history, a Git in a sandbox reads every file that the project's repositories have, each content once, and a \
                finding begins with the commit that brought it; hidden names count, because a run can read them there.
                """
        ) { invocation in
            let report = try search(invocation, loading, reading)
            for row in report.rows { invocation.print(row.json, row.sentence) }
            for name in report.unregistered {
                Output.error(
                    "interlock: the secret `\(TerminalEscaping.shown(name))` is too short to be recognised"
                )
            }
            invocation.print(report.json, report.summary)
            return report.blocking == 0 ? .ok : .no
        }
    }

    private static func search(
        _ invocation: Invocation,
        _ loading: (Deployment) throws(Failure) -> PolicySnapshot,
        _ reading: (String) throws(Failure) -> any ObjectReader
    ) throws(Failure) -> SecretReport {
        let named = invocation.positional[0]
        guard let project = File.realPath(named) else {
            throw Failure(.data, "`\(TerminalEscaping.shown(named))` cannot be read")
        }
        let needsOne = Deployment.isNamed(invocation) || invocation.has("agent")
        let deployment = needsOne ? try Deployment.open(invocation) : nil
        var patterns = SandboxWorkspace.hiddenByDefault
        var waivers: [ScanWaiver] = []
        if let name = invocation["agent"], let deployment {
            let agent = try Invocation.agentName(name)
            guard let entry = try loading(deployment).agents[agent] else {
                throw Failure(.notFound, "the policy has no agent `\(agent)`")
            }
            patterns = entry.sandboxSettings.workspace.hidden
            waivers = entry.spec.scan?.waivers ?? []
        }
        let hidden: HiddenNames
        do throws(HiddenNames.PatternError) { hidden = try HiddenNames(patterns) } catch {
            throw Failure(.data, "a hidden name of the policy cannot be used")
        }
        let history = invocation.has("history") ? try reader(of: project, reading) : nil
        let report: SecretReport
        do throws(ProjectSearch.Failure) {
            report = try SecretSearch(
                project, hidden: hidden, waivers: waivers, deployment: deployment,
                history: history
            ).run(at: SystemClock().now.wall)
        } catch { throw Failure(error) }
        guard report.history?.stores.isEmpty != true else {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(named))` has no history",
                help: "no repository of Git with a file lies in it where a run would see it")
        }
        return report
    }

    private static func reader(
        of project: String, _ reading: (String) throws(Failure) -> any ObjectReader
    ) throws(Failure) -> any ObjectReader {
        guard geteuid() != 0 else {
            throw Failure(
                .usage, "`--history` is not for root",
                help:
                    "Git runs in a sandbox as an ordinary user; run it as the owner of the project"
            )
        }
        return try reading(project)
    }

    package static let safetyRules = Command(
        "safety rules [FILE]", "list or check the rules for secrets",
        example: "interlock safety rules --check",
        options: [
            Option("--check", "run each rule's own tests in both engines"), .json,
        ],
        exits: [.no, .data],
        notes:
            """
            Without FILE, the rules of this program; those of personal data are for calls alone. A rule has a source, which \
            its form is known from.
            """
    ) { invocation in
        let hashing = OpenSSLHashing()
        let rules = try rules(invocation.positional.first, hashing)
        if invocation.has("check") {
            let failures: [RuleSetError]
            do throws(ScanFailure) {
                failures = try RuleSetTest(rules, hashing: hashing).failures
            } catch { throw Failure(.data, error.message) }
            let file = invocation.positional.first.map { TerminalEscaping.shown($0) + ": " } ?? ""
            for failure in failures {
                invocation.print(
                    ["rule": .string(failure.rule ?? ""), "message": .string(failure.message)],
                    file + failure.description)
            }
            guard failures.isEmpty else { return .no }
            return invocation.print(
                [
                    "rules": .integer(Int64(rules.rules.count)),
                    "digest": .string(rules.digest.prefixed),
                ],
                "\(rules.rules.count) rules of \(rules.name) hold, \(rules.digest.prefixed)")
        }
        let ofFiles = try invocation.positional.isEmpty ? builtIn(.files, hashing) : rules
        for rule in rules.rules {
            let isOfFiles = ofFiles[rule.id] != nil
            invocation.print(
                [
                    "id": .string(rule.id.description), "class": .string(rule.secretClass.rawValue),
                    "strength": .string(rule.strength.rawValue), "source": .string(rule.source),
                    "files": .bool(isOfFiles),
                ],
                "\(rule.id) (\(rule.secretClass.rawValue), \(rule.strength.rawValue)"
                    + "\(isOfFiles ? "" : ", calls alone")): \(rule.source)"
            )
        }
        return .ok
    }

    private static func builtIn(
        _ texts: SearchedTexts, _ hashing: OpenSSLHashing
    ) throws(Failure) -> RuleSet {
        do throws(ScanFailure) { return try .builtIn(for: texts, hashing: hashing) } catch {
            throw Failure(.internalError, error.message)
        }
    }

    private static func rules(
        _ path: String?, _ hashing: OpenSSLHashing
    ) throws(Failure) -> RuleSet {
        guard let path else { return try builtIn(.calls, hashing) }
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: RuleSet.mostBytes, followsLink: true)
        } catch { throw Failure(.data, error.message) }
        do throws(RuleSetError) {
            return try RuleSet(parsing: bytes, hashing: hashing)
        } catch {
            let place = error.offset.map { position(of: $0, in: bytes) } ?? ""
            throw Failure(
                .data, TerminalEscaping.shown("\(path)\(place): \(error.description)"))
        }
    }

    /// `:LINE:COLUMN` of a byte, both from 1; columns are bytes.
    private static func position(of offset: Int, in bytes: [UInt8]) -> String {
        let before = bytes.prefix(max(0, offset))
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return ":\(line):\(before.count - start + 1)"
    }
}

extension Failure {
    fileprivate init(_ failure: ProjectSearch.Failure) {
        switch failure {
        case .files(let failure): self.init(.data, failure.message)
        case .scanner(let failure): self.init(.internalError, "scan-failed: \(failure)")
        }
    }
}
