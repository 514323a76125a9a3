package import InterlockCommandLine
import InterlockDeployment
import InterlockModel
import InterlockProvenance

extension Command {
    package static let provenanceMark = Command(
        "provenance mark FILE [SOURCE] [COMMIT]", "add trailers for what agents wrote to a commit",
        example: "interlock provenance mark .git/COMMIT_EDITMSG",
        options: [.directory],
        exits: [.no],
        notes: """
            Git's hook `prepare-commit-msg` calls it with these arguments. The files of the index whose content the audit \
            log has from a run are named in the message, with the run and its record. Trailers of earlier commits stay, as \
            long as the commit changes one of their files. A merge is left as it is. 0 done, 1 not done: the commit is not \
            made.
            """
    ) { invocation in
        do throws(Failure) {
            try mark(invocation)
            return .ok
        } catch {
            guard error.exit != .usage else { throw error }
            throw Failure(.no, error.message, help: error.help)
        }
    }

    private static func mark(_ invocation: Invocation) throws(Failure) {
        let words = invocation.positional
        let source = words.count > 1 ? words[1] : ""
        guard ["", "message", "template", "merge", "squash", "commit"].contains(source) else {
            throw Failure(.usage, "unknown source `\(TerminalEscaping.shown(source))` of a message")
        }
        guard source != "merge" else { return }
        let path = words[0]
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: CommitMessage.mostBytes)
        } catch { throw Failure(.no, error.message) }
        // A message of `-m` has no comments of Git's editor.
        let message = try parsed { () throws(TrailerFault) in
            try CommitMessage(bytes, hasComments: source != "message")
        }
        let earlier = try parsed { () throws(TrailerFault) in try message.trailers }
        let change = try ChangeReader().staged(
            message.content,
            isAmending: source == "commit" && words.count > 2 && words[2] == "HEAD")
        let digests = Set(change.files.compactMap(\.knownDigest)).sorted { $0.hex < $1.hex }
        guard !digests.isEmpty || !earlier.isEmpty else { return }
        let written = try GatewayProvenance(invocation).written(digests, runs: earlier.map(\.run))
        if let unread = written.unread.first {
            Output.error(
                "interlock: the changes of run \(unread.run.text) cannot be read, so its files are not marked: \(unread.reason)"
            )
        }
        let marked = try parsed { () throws(TrailerFault) in
            try message.replacingTrailers(with: change.trailers(by: written))
        }
        guard marked != bytes else { return }
        do throws(FileFailure) { try File.write(marked, to: path, mode: 0o644) } catch {
            throw Failure(.no, error.message)
        }
    }

    private static func parsed<Value>(
        _ work: () throws(TrailerFault) -> Value
    ) throws(Failure) -> Value {
        do throws(TrailerFault) { return try work() } catch {
            throw Failure(
                .no, "the message cannot be marked: \(error)",
                help: "remove the trailers of agents from it; they are made again")
        }
    }

    package static let provenanceCheck = Command(
        "provenance check RANGE", "check what agents wrote before a merge",
        example: "interlock provenance check origin/main..HEAD --review review.json",
        options: [
            Option("--review FILE", "what the platform knows of the change, as JSON"),
            Option(
                "--without RUN", "leave out a run whose changes cannot be read any more",
                isRepeatable: true),
            .json, .directory,
        ],
        exits: [.no, .data, .unavailable, .tryAgain],
        notes: """
            RANGE is BASE..HEAD in the repository of the current folder, of which no hook, configuration or attribute is \
            read. The contents of changed files are compared with those that runs wrote, by the audit log; with --review, the \
            rules of a merge hold too. 0 pass, 1 refused, 65 invalid input, 69 could not find out, 75 pending. Each finding is \
            a line that GitHub Actions shows at its file. The answer is on record before it is printed.
            """
    ) { invocation in
        var without: Set<RunID> = []
        for text in invocation.all("without") {
            without.insert(
                try Invocation.parsed(text, "no id of a run", help: nil, .usage) { RunID($0) })
        }
        let review = try invocation["review"].map { path throws(Failure) in try readReview(path) }
        let range = try ChangeReader().range(
            invocation.positional[0], countsWords: review?.change != nil)
        let gateway = try GatewayProvenance(invocation)
        let check = try ProvenanceCheck(range, review, without: without, gateway)
        let record = try gateway.record(check.statement)
        for finding in check.findings {
            invocation.print(finding.json, WorkflowAnnotation(finding).text)
        }
        invocation.print(check.summary(record: record), check.sentence(record: record))
        return check.exit
    }

    private static func readReview(_ path: String) throws(Failure) -> MergeReview {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: MergeReview.mostBytes)
        } catch { throw Failure(.data, error.message) }
        do throws(FormError) { return try MergeReview(parsing: bytes) } catch {
            throw Failure(
                .data, "`\(TerminalEscaping.shown(path))`: \(TerminalEscaping.shown("\(error)"))")
        }
    }
}
