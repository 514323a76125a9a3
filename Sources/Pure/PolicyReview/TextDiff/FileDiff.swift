package import InterlockModel

/// The difference in the text of one file of a revision.
package struct FileDiff: Sendable, Hashable {
    package enum Change: String, Sendable, CaseIterable { case added, removed, changed }

    /// Neighbouring lines, of which some differ.
    package struct Hunk: Sendable, Hashable {
        /// The number of the first line in the old text, from 1.
        package let oldStart: Int
        /// The number of the first line in the new text, from 1.
        package let newStart: Int
        package let lines: [Line]
    }

    package struct Line: Sendable, Hashable {
        package let kind: TextDiff.Kind
        /// The line without its line break.
        package let text: String
        /// True if the line is the last of its text and has no line break.
        package let isUnended: Bool
    }

    package let path: String
    package let change: Change
    /// SHA-256 of the new bytes, or nil for a file that is removed.
    package let digest: Digest?
    /// The number of lines that are added and removed; all lines if they are too many to compare.
    package let added: Int
    package let removed: Int
    /// The lines that differ, each with up to three lines around it; empty if the file is no text, or its lines are too
    /// many.
    package let hunks: [Hunk]
    /// False if one of the two files is not UTF-8; only its digest is then known.
    package let isText: Bool
    /// False if the files differ by too many lines to match them: kept lines may be removed and added again.
    package let isShortest: Bool

    package static let context = 3

    package init(
        path: String, change: Change, digest: Digest?, added: Int, removed: Int, hunks: [Hunk],
        isText: Bool = true, isShortest: Bool = true
    ) {
        self.path = path
        self.change = change
        self.digest = digest
        self.added = added
        self.removed = removed
        self.hunks = hunks
        self.isText = isText
        self.isShortest = isShortest
    }
}

/// The differences in the texts of two revisions, by path.
package struct RevisionFileDiff: Sendable, Hashable {
    package let files: [FileDiff]
    /// The signed files that are the same in both, with the SHA-256 of each.
    package let unchanged: [UnchangedFile]
    /// False if the texts are longer than a page shows, or were not kept: what is missing was not read by the signer.
    package let isWhole: Bool

    package struct UnchangedFile: Sendable, Hashable {
        package let path: String
        package let digest: Digest
        package init(path: String, digest: Digest) {
            self.path = path
            self.digest = digest
        }
    }

    /// The most lines of all files together, and their most bytes.
    package static let mostLines = 20_000
    package static let mostBytes = 4 << 20

    package init(files: [FileDiff], unchanged: [UnchangedFile] = [], isWhole: Bool = true) {
        self.files = files
        self.unchanged = unchanged
        self.isWhole = isWhole
    }

    /// - Parameter old: nil if there is nothing to compare with, so that every file is new.
    package init(from old: RevisionTexts?, to new: RevisionTexts, _ hashing: any Hashing) {
        var files: [FileDiff] = []
        var unchanged: [UnchangedFile] = []
        var (lines, bytes) = (0, 0)
        // Every file would look new if the texts in force were not kept.
        var isWhole = !new.files.isEmpty && old?.files.isEmpty != true
        let former = old?.files ?? [:]
        for path in Set(former.keys).union(new.files.keys).sorted() {
            let (before, after) = (former[path], new.files[path])
            if before == after, let after {
                unchanged.append(UnchangedFile(path: path, digest: hashing.sha256(after)))
                continue
            }
            let file = FileDiff(path, from: before, to: after, hashing)
            lines += file.hunks.reduce(0) { $0 + $1.lines.count }
            bytes += file.hunks.reduce(0) { $0 + $1.lines.reduce(0) { $0 + $1.text.utf8.count } }
            let fits =
                lines <= Self.mostLines && bytes <= Self.mostBytes && !file.lacksLines
            isWhole = isWhole && fits && file.isText
            files.append(fits ? file : file.withoutLines)
        }
        self.init(files: files, unchanged: unchanged, isWhole: isWhole)
    }
}

extension FileDiff {
    /// - Parameters:
    ///   - old: nil if there was no such file.
    ///   - new: nil if there is none any more.
    package init(_ path: String, from old: [UInt8]?, to new: [UInt8]?, _ hashing: any Hashing) {
        let change: Change = old == nil ? .added : new == nil ? .removed : .changed
        let digest = new.map { hashing.sha256($0) }
        let texts = [old ?? [], new ?? []]
        guard texts.allSatisfy({ String(validating: $0, as: UTF8.self) != nil }) else {
            self.init(
                path: path, change: change, digest: digest, added: 0, removed: 0, hunks: [],
                isText: false)
            return
        }
        guard let diff = TextDiff(from: texts[0], to: texts[1]) else {
            self.init(
                path: path, change: change, digest: digest,
                added: TextDiff.lineCount(of: texts[1]), removed: TextDiff.lineCount(of: texts[0]),
                hunks: [], isShortest: false)
            return
        }
        self.init(
            path: path, change: change, digest: digest, added: diff.added, removed: diff.removed,
            hunks: Self.hunks(of: diff), isShortest: diff.isShortest)
    }

    /// True if lines differ that are not in `hunks`.
    fileprivate var lacksLines: Bool { hunks.isEmpty && added + removed > 0 }

    fileprivate var withoutLines: FileDiff {
        FileDiff(
            path: path, change: change, digest: digest, added: added, removed: removed, hunks: [],
            isText: isText, isShortest: isShortest)
    }

    private static func hunks(of diff: TextDiff) -> [Hunk] {
        var hunks: [Hunk] = []
        var lines: [Line] = []
        var start = (old: 0, new: 0)
        func end() {
            guard lines.contains(where: { $0.kind != .same }) else { return lines.removeAll() }
            hunks.append(Hunk(oldStart: start.old + 1, newStart: start.new + 1, lines: lines))
            lines.removeAll()
        }
        for (place, part) in diff.parts.enumerated() {
            guard part.kind == .same else {
                if lines.isEmpty { start = (part.old.lowerBound, part.new.lowerBound) }
                lines +=
                    part.kind == .removed
                    ? diff.old[part.old].map { Line(.removed, $0) }
                    : diff.new[part.new].map { Line(.added, $0) }
                continue
            }
            let after = place == 0 ? 0 : min(context, part.new.count)
            let before =
                place == diff.parts.count - 1 ? 0 : min(context, part.new.count - after)
            lines += diff.new[part.new].prefix(after).map { Line(.same, $0) }
            if after + before < part.new.count { end() }
            if lines.isEmpty {
                start = (part.old.upperBound - before, part.new.upperBound - before)
            }
            lines += diff.new[part.new].suffix(before).map { Line(.same, $0) }
        }
        end()
        return hunks
    }
}

extension FileDiff.Line {
    fileprivate init(_ kind: TextDiff.Kind, _ line: ArraySlice<UInt8>) {
        let isUnended = line.last != UInt8(ascii: "\n")
        self.init(
            kind: kind, text: String(decoding: isUnended ? line : line.dropLast(), as: UTF8.self),
            isUnended: isUnended)
    }
}
