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
            let findings = try check(arguments)
            findings.print()
            return findings.exit(strict: arguments.has("--strict"))
        } catch {
            Output.error("interlock-verify: \(error.message)")
            return error.exit
        }
    }

    /// Detects the kind of the evidence from its content.
    private static func check(_ arguments: Arguments) throws(Refusal) -> Findings {
        let trust = try Trust(arguments)
        let path = arguments.paths[0]
        if arguments.paths.count == 2 {
            return try ProofVerification.verify(path, leaf: arguments.paths[1], trust, arguments)
        }
        if Files.isFolder(path) {
            guard !Files.exists(path + "/manifest.dsse.json") else { throw pack(path) }
            return try LogVerification.verify(path, trust, arguments)
        }
        let head = try Files.beginning(path, 19)
        guard !head.isText("manifest.dsse.json\0") else { throw pack(path) }
        guard !head.isText("c2sp.org/tlog-proof") else {
            throw Refusal(.usage, "a proof is checked with its record: PROOF LEAFFILE")
        }
        return try BundleVerification.verify(path, trust, arguments)
    }

    private static func pack(_ path: String) -> Refusal {
        Refusal(.usage, "`\(path)` is an evidence pack, which this version does not check")
    }
}
