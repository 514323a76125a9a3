import InterlockJSON
import InterlockModel
import InterlockProvenance

extension Invariants {
    /// Trailers, comparisons and reviews that are read have one written form, and no path of a file adds a line to a
    /// message or a command to the log of a job.
    package static func provenance(_ bytes: [UInt8]) {
        if let path = ChangedPath(bytes) { check(path) }
        if let extent = ChangeExtent(bytes) {
            precondition(Array(extent.text.utf8) == bytes, "an extent is written as it was read")
            precondition(extent.listed.count <= extent.files, "no more is listed than there is")
        }
        if let message = try? CommitMessage(bytes), let groups = try? message.trailers {
            guard let written = try? message.replacingTrailers(with: groups),
                let again = try? CommitMessage(written).trailers
            else { preconditionFailure("a message is written") }
            precondition(again == groups, "trailers are read as they were written")
        }
        if let diff = try? GitDiff(bytes) {
            for entry in diff.commits.flatMap(\.entries) { check(entry.path) }
        }
        if let tree = try? GitTree(bytes) {
            for entry in tree.entries { check(entry.path) }
        }
        if let words = try? ChangedWordCount.count(bytes) {
            precondition(words * 2 <= bytes.count, "a word takes two bytes or more")
        }
        precondition(
            RevertedCommits.named(in: bytes).count <= bytes.count / 40, "a commit takes its digits")
        checkChange(bytes)
        if let review = try? MergeReview(parsing: bytes) {
            let rules = MergeRules(
                review,
                MergeRules.Facts(
                    known: [], limit: nil, base: review.base, head: review.head, paths: [],
                    lines: 0, isAssisted: false))
            precondition(
                GateResult(rules.findings) == .refused, "without a known person nothing passes")
        }
    }

    /// A change is read as it was written, and no report of it fails.
    private static func checkChange(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes, limits: .upstream),
            let change = try? CheckedChange<Pseudonym>(value, name: { Pseudonym(written: $0) })
        else { return }
        let again = try? CheckedChange<Pseudonym>(
            change.json { $0.text }, name: { Pseudonym(written: $0) })
        precondition(again == change, "a change is read as it was written")
        var changes = ReviewedChanges()
        changes.add(change, at: change.opened)
        changes.add(change, at: change.opened + Duration.seconds(1))
        let report = ReviewCapacity(
            changes, from: change.opened, to: change.opened + Duration.seconds(86_400),
            limit: ReviewCapacity.defaultLimit)
        precondition(
            report.rows.allSatisfy { $0.hasty <= $0.timed && $0.timed <= $0.approvals },
            "what is hasty was timed")
    }

    private static func check(_ path: ChangedPath) {
        let file = ChangedFile(path: path, digest: nil, size: 0, added: 1, removed: 0)
        guard let extent = ChangeExtent([file]) else {
            preconditionFailure("one file is an extent")
        }
        precondition(
            extent.text.utf8.allSatisfy { (0x20..<0x7f).contains($0) },
            "an extent is one plain line")
        precondition(ChangeExtent(Array(extent.text.utf8)) == extent, "an extent is read again")
        let finding = GateFinding(.gateChanged, at: .file(path), "changed")
        let text = WorkflowAnnotation(finding).text
        precondition(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "an annotation is one line")
        // Bytes are compared: a combining scalar at the start of a name makes another character of what is before it.
        let start = Array("::error file=".utf8)
        precondition(text.utf8.starts(with: start), "an annotation is one command")
        let value = text.utf8.dropFirst(start.count).prefix { $0 != UInt8(ascii: ",") }
        precondition(
            text.utf8.dropFirst(start.count + value.count).starts(with: ",line=1,title=".utf8)
                && !value.contains(UInt8(ascii: ":")), "a name ends where the next property begins")
    }
}
