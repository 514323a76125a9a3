import InterlockCluster
import InterlockClusterAudit
import InterlockCommandLine
import InterlockLogReading
import InterlockModel
import InterlockTesting
import Testing

/// `audit verify --cluster` on a folder with the real logs of two nodes.
@Suite struct ClusterVerificationTests {
    private func run(_ evidence: ClusterEvidence, _ more: [String] = []) async throws -> Exit {
        let command = Command(
            "audit verify [DIR]", "recompute the log", example: "interlock audit verify",
            options: ClusterVerifyCommand.options + Option.logKeys + [
                Option("--payloads", "look for payloads"), Option("--strict", "exit 3"), .json,
            ]
        ) { try ClusterVerifyCommand.run($0) }
        let genesis = evidence.chain.rows[0].digest.unwrapped
        let words =
            ["audit", "verify", "--cluster", evidence.folder]
            + (more.contains("--genesis") ? [] : ["--genesis", genesis.prefixed]) + more
        guard case .run(let invocation) = try CommandParser(commands: [command]).parse(words)
        else { throw Failure(.internalError, "it runs nothing") }
        return try await invocation.command.run(invocation)
    }

    @Test func `the folder of an honest cluster is good, and each edit of it is not`()
        async throws
    {
        let evidence = try await ClusterEvidence()
        #expect(try await run(evidence) == .ok)
        #expect(try await run(evidence, ["--strict", "--json"]) == .unanchored)

        var verification = ClusterVerification(
            folder: evidence.folder, genesis: evidence.chain.rows[0].digest.unwrapped)
        let good = try verification.run()
        #expect(good.isGood && good.findings.isEmpty, "\(good.findings)")
        #expect(good.logs.map(\.origin) == ["acme/gw1/2026", "acme/gw2/2026"])
        #expect(good.summary.hasPrefix("ok: 2 logs with "))

        // Another first entry than the one that was given.
        verification.genesis = AuditedChain.policy
        #expect(try verification.run().findings.map(\.rule) == [.chain])
        #expect(try await run(evidence, ["--genesis", AuditedChain.policy.prefixed]) == .no)

        // The end of the chain is missing, which the logs name.
        try evidence.write(Array(evidence.chain.rows.dropLast()))
        #expect(try await run(evidence) == .no)
        try evidence.write(evidence.chain.rows)

        // A byte of a log is changed.
        let checkpoint = evidence.log(2) + "/log/checkpoint"
        let bytes = try File.read(checkpoint, limit: 1 << 16)
        var edited = bytes
        edited[edited.count - 8] ^= 1
        try File.write(edited, to: checkpoint)
        #expect(try await run(evidence) == .no)
        try File.write(bytes, to: checkpoint)
        #expect(try await run(evidence) == .ok)

        // The log of a member is missing.
        evidence.remove(2)
        #expect(try await run(evidence) == .no)
        #expect(try await run(evidence, ["--lost", "gw2"]) == .ok)
    }

    @Test func `options of one log, and a missing first entry, are refused`() async throws {
        let evidence = try await ClusterEvidence()
        for words in [["--payloads"], ["--genesis", "x"], ["--lost", "../x"]] {
            let failure = await #expect(throws: Failure.self) { try await run(evidence, words) }
            #expect(failure?.exit == .usage)
        }
        try evidence.write([])
        #expect(try await run(evidence) == .no)
    }
}
