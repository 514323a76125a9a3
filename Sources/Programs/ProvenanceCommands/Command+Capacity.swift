package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON

extension Command {
    package static let provenanceCapacity = Command(
        "provenance capacity", "show who reviews the changes of agents, and how much",
        example: "interlock provenance capacity --days 7",
        options: [
            Option("--days N", "the last days, 1 to 90 [default: 30]"), .json, .directory,
        ],
        exits: [.no, .unavailable],
        notes: """
            For each repository and reviewer: changes by agents, waiting, time for reading, haste, load and what came \
            back, from the merge checks whose review file names its change. The rows are in the order of names, and rank \
            no one. Exit 1: a reviewer is over the limit of open changes or capped, or a check cannot be read.
            """
    ) { invocation in
        let days = try invocation.number("days", in: 1...90) ?? 30
        let answer = try invocation.gateway().get("/v1/review-capacity?days=\(days)")
        let report = ReviewCapacityText(answer)
        invocation.print(answer, report.lines.joined(separator: "\n"))
        return report.isInOrder ? .ok : .no
    }
}
