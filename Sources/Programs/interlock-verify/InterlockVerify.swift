import Glibc

/// Checks a log, a proof or an evidence bundle from its bytes, by docs/auditing.md alone: no code is
/// shared with the program that wrote them, nothing is configured, nothing goes over a network.
@main
struct InterlockVerify {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    static func run(_ words: [String]) -> Exit {
        do {
            switch try Arguments.parse(words) {
            case .help:
                Output.line(Arguments.help)
                return .verified
            case .check(let arguments):
                let findings = try check(arguments)
                findings.print()
                return findings.exit(strict: arguments.strict)
            }
        } catch {
            Output.error("interlock-verify: \(error.message)")
            return error.exit
        }
    }

    private static func check(_ arguments: Arguments) throws(Refusal) -> Findings {
        let trust = try Trust(arguments)
        switch try Subject(arguments.paths) {
        case .log(let folder):
            return try LogVerification.verify(folder, trust, arguments)
        case .proof(let proof, let leaf):
            return try ProofVerification.verify(proof: proof, leaf: leaf, trust, arguments)
        case .bundle(let path):
            return try BundleVerification.verify(path, trust, arguments)
        }
    }
}

/// What is to be checked, found by looking at it.
private enum Subject {
    case log(String)
    case proof(String, leaf: String)
    case bundle(String)

    init(_ paths: [String]) throws(Refusal) {
        if paths.count == 2 {
            self = .proof(paths[0], leaf: paths[1])
            return
        }
        let path = paths[0]
        if Files.isFolder(path) {
            guard Files.exists(path + "/checkpoint") else {
                guard !Files.exists(path + "/manifest.dsse.json") else { throw Subject.pack(path) }
                throw Refusal(.missing, "there is no `checkpoint` in `\(path)`")
            }
            self = .log(path)
            return
        }
        let head = try Files.head(path, count: 19)
        guard !head.isText("manifest.dsse.json\0") else { throw Subject.pack(path) }
        guard !head.isText("c2sp.org/tlog-proof") else {
            throw Refusal(.usage, "a proof is checked together with its record: PROOF LEAFFILE")
        }
        self = .bundle(path)
    }

    private static func pack(_ path: String) -> Refusal {
        Refusal(.usage, "`\(path)` is an evidence pack, which this version does not check")
    }
}
