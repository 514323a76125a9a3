package import InterlockCommandLine
import InterlockEvidencePack

extension Command {
    /// `evidence build`.
    ///
    /// - Parameter open: opens the log of the deployment that the command line names.
    package static func buildEvidence(
        _ open: @escaping @Sendable (Invocation) throws -> EvidenceInput
    ) -> Command {
        Command(
            "evidence build", "write the evidence of a period that an auditor can check",
            example: "interlock evidence build --from 2026-08-01 --to 2026-11-01 -o q3-pack",
            options: [
                .directory,
                Option("--from D", "the first day or time of the period").required,
                Option("--to D", "the first day or time after it").required,
                Option("-o DIR", "the folder to make; must not exist yet").required,
                Option("--tar FILE", "the same as an archive, which must not exist yet"),
                Option("--agent A", "of this agent alone", isRepeatable: true),
                Option(
                    "--framework ID", "with the map of this framework alone", isRepeatable: true),
                Option("--samples N", "the most samples of a control [default: 5]"),
                Option("--seed HEX", "the seed of the samples, given by the auditor"),
                Option(
                    "--size N", "at the signed checkpoint of this size [default: the published]"),
                Option("--partial", "although the log begins after the period, with a gap"),
                Option("--pseudonyms", "without names of people, promotions and reviews"),
                Option("--view V", "print four-column, or the answers to questionnaire:FILE"),
            ],
            exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io, .notPermitted],
            notes: """
                The pack states for each control what enforces it, which tests passed, how many records there are, and \
                sample records with their proofs; a control that is not shown is a gap. docs/evidence.md describes \
                each file, and `evidence verify` checks them. The export is recorded first. Payloads are not in a pack: \
                `audit bundle RUN --disclose FIELD` gives one to an auditor. A pack is checked by `interlock-verify` before \
                it has its name; one with a fault stays in DIR.partial.
                """
        ) { invocation in
            let request = try EvidenceRequest(invocation)
            try SmallVerifier.requirePresence()
            var folder = try PackFolder(request.folder)
            if let archive = request.archive { try OutputFile.requireFree(archive) }
            let input = try open(invocation)
            let build = try EvidenceBuild(request, input)
            try input.export(build.recordCount)
            let report = try build.write(to: &folder)
            if let archive = request.archive { try folder.archive(to: archive) }
            switch request.view {
            case .fourColumns?: Output.text(report.fourColumns)
            case .questionnaire(let questions)?:
                Output.text(questions.filled { report.answer($0) })
                let unknown = questions.unanswered { report.answer($0) }
                if !unknown.isEmpty {
                    let shown = unknown.map { "`\(TerminalEscaping.shown($0))`" }
                    Output.error(
                        "interlock: \(unknown.count) questions are not answered: "
                            + shown.joined(separator: ", "))
                    Output.error(
                        "  help: the column `control` takes C01 to C24, and items of frameworks such as CC6.1"
                    )
                }
            case nil:
                Output.line(
                    "wrote `\(request.folder)`: \(folder.files.count + 1) files, \(build.recordCount) records, verified by interlock-verify without the log"
                )
            }
            return .ok
        }
    }
}
