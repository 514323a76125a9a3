package import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockScanning
import InterlockWorkspace

extension Command {
    package static let safetyTest = Command(
        "safety test FILE", "find secrets in one file",
        example: "interlock safety test --direction results answer.json",
        options: [
            Option("--direction WAY", "as `arguments` or `results` of a call"), .json,
        ],
        exits: [.no, .data],
        notes: """
            As `safety scan`, for one file under any name. With --direction, by the rules of calls, which know personal data \
            too, and each finding with what happens to a call: `deny`, `replace` or `mark`. JSON is searched as calls are, each \
            name and value on a line of its own, and a finding has the JSON Pointer of its value, or of the first and last of several. Nothing is decoded.
            """
    ) { invocation in
        let path = invocation.positional[0]
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: mostBytes, followsLink: true)
        } catch { throw Failure(.data, error.message) }
        let shown = EscapedBytes.text(Array(path.utf8))
        guard let word = invocation["direction"] else {
            let found = try search(bytes, by: .files)
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
        let found = try search(texts.bytes, by: .calls)
        for row in CallFindingRow.rows(of: found, in: texts, path: shown, direction) {
            invocation.print(row.json, row.sentence)
        }
        return found.blocking == 0 ? .ok : .no
    }

    /// The largest file of `safety test`, in bytes.
    private static let mostBytes = 256 << 20

    private static func search(
        _ bytes: [UInt8], by texts: SearchedTexts
    ) throws(Failure) -> SecretFindings {
        let hashing = OpenSSLHashing()
        do throws(ScanFailure) {
            let scanner = SecretScanner(
                try .builtIn(for: texts, hashing: hashing),
                values: try BrokerSecrets(in: nil, at: SystemClock().now.wall).values,
                hashing: hashing)
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
