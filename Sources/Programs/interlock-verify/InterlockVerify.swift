import Glibc

/// Verifies a log, a proof or an evidence bundle from its bytes, according to docs/auditing.md alone: it shares no code
/// with the program that wrote them, has no configuration, and uses no network.
///
/// INVARIANT: the small verifier shares no code with the writer. Kept by `Tests/RepositoryTests`,
/// `Tests/VerifierTests`, `test_interlock_verify.py`, `test_verify_*.py`.
@main
struct InterlockVerify {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    static func run(_ words: [String]) -> Exit {
        do {
            let arguments = try Arguments(words)
            if arguments.has("--help") {
                Output.line(Arguments.help)
                return .verified
            }
            if arguments.has("--version") {
                Output.line("interlock-verify \(Arguments.version)")
                return .verified
            }
            let isStrict = arguments.has("--strict")
            let trust = try Trust(arguments)
            if try isPack(arguments) {
                let report = try PackVerification.verify(arguments.paths[0], trust, arguments)
                report.print(json: arguments.has("--json"))
                return report.exit(strict: isStrict)
            }
            let findings = try check(arguments, trust)
            findings.print()
            return findings.exit(strict: isStrict)
        } catch {
            Output.error("interlock-verify: \(error.message)")
            return error.exit
        }
    }

    /// Detects an evidence pack, which the first word names, or its first file.
    private static func isPack(_ arguments: Arguments) throws(Refusal) -> Bool {
        guard !arguments.isPack else { return true }
        guard arguments.paths.count == 1 else { return false }
        let path = arguments.paths[0]
        guard !Files.isFolder(path) else { return Files.exists(path + "/" + PackFiles.manifest) }
        let head = try Files.beginning(path, 19)
        return head.prefix(10).isText("README.md\0") || head.prefix(9).isText("controls/")
            || head.isText("manifest.dsse.json\0")
    }

    /// Detects the kind of the evidence from its content.
    private static func check(
        _ arguments: Arguments, _ trust: Trust
    ) throws(Refusal) -> Findings {
        try arguments.refuse("--log", "--json", for: "anything but an evidence pack")
        let path = arguments.paths[0]
        if arguments.paths.count == 2 {
            return try ProofVerification.verify(path, leaf: arguments.paths[1], trust, arguments)
        }
        if Files.isFolder(path) { return try LogVerification.verify(path, trust, arguments) }
        let head = try Files.beginning(path, 19)
        guard !head.isText("c2sp.org/tlog-proof") else {
            throw Refusal(.usage, "a proof is checked with its record: PROOF LEAFFILE")
        }
        return try BundleVerification.verify(path, trust, arguments)
    }
}
