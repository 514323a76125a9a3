package import InterlockCommandLine

extension Command {
    /// `evidence verify`.
    ///
    /// - Parameters:
    ///   - keys: the options that name the keys of a log.
    ///   - ownKeys: the verifier keys of this deployment's log, which count if the command line names none.
    package static func verifyEvidence(
        keys: [Option], _ ownKeys: @escaping @Sendable (Invocation) throws -> [String]
    ) -> Command {
        Command(
            "evidence verify PACK", "check an evidence pack: signatures, proofs, counts",
            example: "interlock evidence verify q3-pack --log log --trust trust.policy",
            options: [
                .directory,
                Option(
                    "--log DIR", "a log or ledger, from which every count is made again",
                    isRepeatable: true),
            ] + keys + [
                Option("--min-size N", "the log must hold at least this many records"),
                Option("--strict", "exit 3 if anything was left unverified"),
                .json,
            ],
            exits: [.no, .unanchored, .data, .notFound, .io],
            notes: """
                PACK is a folder or an archive of `interlock evidence build`. This command replaces itself by \
                `interlock-verify evidence`, which shares no code with the writer. The first broken file is named with \
                its expected and its found digest. What cannot be checked is printed as unverified, never as passed: \
                the counts without --log, the cosignatures without --trust. A pack from elsewhere, and a log of --log, \
                need --vkey or --trust: a log cannot vouch for its own key.
                """
        ) { invocation in
            var words = ["evidence", invocation.positional[0]]
            for name in ["vkey", "trust", "log", "min-size"] {
                let values = invocation.all(name).map { name == "log" ? Command.logFolder($0) : $0 }
                words += values.flatMap { ["--\(name)", $0] }
            }
            if invocation.has("strict") { words.append("--strict") }
            if invocation.isJSON { words.append("--json") }
            if !invocation.has("vkey"), !invocation.has("trust") {
                words += try ownKeys(invocation).flatMap { ["--vkey", $0] }
            }
            throw SmallVerifier.replaceProcess(words)
        }
    }

    /// The folder of a log. The folder of a ledger, which `audit --log` takes, has it as `log`.
    private static func logFolder(_ path: String) -> String {
        let inside = path + "/log"
        return !File.exists(path + "/checkpoint") && File.exists(inside + "/checkpoint")
            ? inside : path
    }
}
