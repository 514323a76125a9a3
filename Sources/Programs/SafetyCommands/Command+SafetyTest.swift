package import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
import InterlockJSON
import InterlockModel
package import InterlockPolicy
package import InterlockSafety
import InterlockScanning
import InterlockWorkspace

extension Command {
    /// - Parameters:
    ///   - loading: reads and compiles the policy of a deployment.
    ///   - rules: returns the rules for calls of a deployment, those of the program with its own.
    package static func safetyTest(
        loading: @escaping @Sendable (Deployment) throws(Failure) -> PolicySnapshot,
        rules: @escaping @Sendable (Deployment) throws(Failure) -> RuleSet
    ) -> Command {
        Command(
            "safety test FILE", "find secrets in one file",
            example: "interlock safety test --direction results answer.json",
            options: [
                Option("--direction WAY", "as `arguments` or `results` of a call"),
                Option("--tool TOOL", "with what the policy says of `server.tool`"), .json,
                .directory,
            ],
            exits: [.no, .data],
            notes: """
                As `safety scan`, for one file under any name. With --direction, by the rules of calls, which know personal data \
                too, and each finding with what happens to a call: `deny`, `replace` or `mark`. JSON is searched as calls are, each \
                name and value on a line of its own, and a finding has the JSON Pointer of its value, or of the first and last of several. \
                Nothing is decoded. A deployment in the current folder, or that of --dir, adds its own rules. With --tool, the policy of \
                the deployment is asked: a number is `accepted`, `waived` or `returned` where its tool has it, and a class that the \
                policy raises is denied or replaced. FILE then has the arguments, or what the result has as structured content.
                """
        ) { invocation in
            let path = invocation.positional[0]
            let bytes: [UInt8]
            do throws(FileFailure) {
                bytes = try File.readRegular(path, limit: mostBytes, followsLink: true)
            } catch { throw Failure(.data, error.message) }
            let shown = EscapedBytes.text(Array(path.utf8))
            let tool = try consequences(invocation, loading)
            guard let word = invocation["direction"] else {
                guard tool == nil else {
                    throw Failure(
                        .usage, "`--tool` needs `--direction`", help: "use `arguments` or `results`"
                    )
                }
                let found = try search(bytes, by: builtIn(.files))
                for finding in found.sorted {
                    let row = SecretReport.Row(shown, finding)
                    invocation.print(row.json, row.sentence)
                }
                return found.blocking == 0 ? .ok : .no
            }
            guard let direction = CallFindingRow.Direction(rawValue: word) else {
                throw Failure(
                    .usage, "invalid direction `\(TerminalEscaping.shown(word))`",
                    help: "use `arguments` or `results`")
            }
            let texts = CallTexts(bytes)
            let ofCalls =
                try Deployment.isAtHand(invocation)
                ? rules(Deployment.open(invocation)) : builtIn(.calls)
            let found = try search(texts.bytes, by: ofCalls)
            let rows = CallFindingRow.rows(of: found, in: texts, path: shown, direction, of: tool)
            for row in rows { invocation.print(row.json, row.sentence) }
            guard tool == nil else { return rows.contains(where: \.changesCall) ? .no : .ok }
            return found.blocking == 0 ? .ok : .no
        }
    }

    /// Returns what the policy does with values in calls of the tool that is named; nil if none is.
    private static func consequences(
        _ invocation: Invocation,
        _ loading: (Deployment) throws(Failure) -> PolicySnapshot
    ) throws(Failure) -> ToolConsequences? {
        guard let name = invocation["tool"] else { return nil }
        guard let tool = ToolAddress(dotted: name) else {
            throw Failure(
                .usage, "invalid tool `\(TerminalEscaping.shown(name))`", help: "use `server.tool`")
        }
        let policy = try loading(try Deployment.open(invocation))
        guard policy.table.number(of: tool) != nil else {
            throw Failure(
                .notFound, "the policy has no tool `\(TerminalEscaping.shown(name))`")
        }
        return ToolConsequences(policy: policy, tool: tool, now: SystemClock().now.wall)
    }

    /// The largest file of `safety test`, in bytes.
    private static let mostBytes = 256 << 20
    /// The most findings of a file that are printed; those that block come before those that mark.
    private static let mostFindings = 1024

    private static func builtIn(_ texts: SearchedTexts) throws(Failure) -> RuleSet {
        do throws(ScanFailure) {
            return try RuleSet.builtIn(for: texts, hashing: OpenSSLHashing())
        } catch { throw Failure(.internalError, "scan-failed: \(error)") }
    }

    private static func search(
        _ bytes: [UInt8], by rules: RuleSet
    ) throws(Failure) -> SecretFindings {
        let hashing = OpenSSLHashing()
        do throws(ScanFailure) {
            let scanner = SecretScanner(
                rules, values: try BrokerSecrets(in: nil, at: SystemClock().now.wall).values,
                hashing: hashing, keeping: mostFindings)
            scanner.begin()
            try scanner.take(bytes.span)
            return try scanner.finish()
        } catch { throw Failure(.internalError, "scan-failed: \(error)") }
    }
}

extension SecretReport.Row {
    /// A finding in one file, which no policy waives.
    fileprivate init(_ path: String, _ finding: SecretFinding) {
        self.init(
            path: path, line: finding.line, rule: finding.rule.description,
            secretClass: finding.secretClass.rawValue, strength: finding.strength.rawValue,
            isWaived: false)
    }
}
