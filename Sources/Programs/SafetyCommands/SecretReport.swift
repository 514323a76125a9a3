import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockSafety
import InterlockWorkspace
package import InterlockWorkspaceFiles

/// The findings of a search, each by path, line and rule and never by value, and which of them the policy waives.
package struct SecretReport {
    /// One finding in words.
    package struct Row: Sendable, Hashable {
        /// Is empty for a content of the history whose path is not known.
        let path: String
        let line: Int
        let rule: String
        let secretClass: String
        let strength: String
        let isWaived: Bool
        /// The content of the history that has it; nil for a file of the tree.
        var origin: Origin?

        /// A content of the history, and the commit that brought it, if one is known.
        struct Origin: Sendable, Hashable {
            let blob: String
            let commit: String?

            /// The first 12 digits of either.
            var words: String {
                commit.map { "commit \($0.prefix(12))" } ?? "blob \(blob.prefix(12))"
            }
        }

        package var isOfHistory: Bool { origin != nil }

        private var place: String {
            let words = [origin?.words, path.isEmpty ? nil : path].compactMap { $0 }
            return words.joined(separator: " ") + ":\(line)"
        }

        /// `path:line rule`, as it is recorded; a finding of the history begins with its commit.
        package var text: String { "\(place) \(rule)" }

        /// The line for people.
        package var sentence: String {
            "\(place): \(rule) (\(secretClass), \(isWaived ? "waived" : strength))"
        }

        var json: JSONValue {
            var object: JSONObject = [
                "line": .integer(Int64(line)), "rule": .string(rule),
                "class": .string(secretClass), "strength": .string(strength),
                "waived": .bool(isWaived),
            ]
            object["path"] = path.isEmpty ? nil : .string(path)
            object["blob"] = origin.map { .string($0.blob) }
            object["commit"] = origin?.commit.map(JSONValue.string)
            return .object(object)
        }
    }

    /// The most findings that one message or record lists.
    package static let mostShown = 20

    package let search: ProjectSearch
    /// The search of the history, or nil if it was not searched.
    package let history: HistorySearch?
    /// The name and the digest of the rules.
    let rulesName: String
    package let rules: Digest
    /// The findings that are kept, in the order of paths and lines.
    package let rows: [Row]
    /// The numbers of findings that block, that mark, and that would block and are waived; also of those not kept.
    package let blocking: Int
    package let marked: Int
    package let waived: Int
    /// The names of secrets of the broker that are too short to be recognised.
    package let unregistered: [String]

    /// - Parameter waivers: those that count now.
    init(
        _ search: ProjectSearch, history: HistorySearch?, rules: RuleSet, waivers: [ScanWaiver],
        unregistered: [String]
    ) {
        (self.search, self.history) = (search, history)
        (rulesName, self.rules) = (rules.name, rules.digest)
        self.unregistered = unregistered
        var count = Count()
        var inTree: Set<Digest> = []
        for (path, findings) in search.found {
            var digest: Digest?
            if case .file(_, _, let found, _)? = search.base[path] { digest = found }
            if let digest { inTree.insert(digest) }
            count.add(findings, at: path.escaped) { rule in
                waivers.contains {
                    $0.digest == digest && $0.rule == rule && sameBytes($0.file, path.escaped)
                }
            }
        }
        for blob in history?.found ?? [] {
            // A file of the tree with this content was counted already.
            if let digest = blob.digest, inTree.contains(digest) { continue }
            let origin = Row.Origin(
                blob: blob.blob.id.hex(blob.format), commit: blob.commit?.hex(blob.format))
            // A content has no path of its own: it is what was reviewed, wherever a commit has it.
            count.add(blob.findings, at: blob.path ?? "", of: origin) { rule in
                waivers.contains { $0.digest == blob.digest && $0.rule == rule }
            }
        }
        // A finding that is not kept is of a rule that is not known here, so no waiver is of it.
        rows = count.rows
        blocking = count.blocking - count.waived + (history?.blockingBeyond ?? 0)
        marked = count.marked + (history?.markedBeyond ?? 0)
        waived = count.waived
    }

    private struct Count {
        private(set) var rows: [Row] = []
        private(set) var blocking = 0
        private(set) var marked = 0
        private(set) var waived = 0

        mutating func add(
            _ findings: SecretFindings, at path: String, of origin: Row.Origin? = nil,
            waives: (String) -> Bool
        ) {
            blocking += findings.blocking
            marked += findings.marked
            for finding in findings.sorted {
                let rule = finding.rule.description
                let isWaived =
                    finding.strength == .block && finding.secretClass != .brokered && waives(rule)
                if isWaived { waived += 1 }
                rows.append(
                    Row(
                        path: path, line: finding.line, rule: rule,
                        secretClass: finding.secretClass.rawValue,
                        strength: finding.strength.rawValue, isWaived: isWaived, origin: origin))
            }
        }
    }

    /// The findings that stop a launch, as far as they are kept.
    package var blockingRows: [Row] { rows.filter { $0.strength == "block" && !$0.isWaived } }

    /// Distinct findings that mark, or that are waived, for the record.
    package func recorded(isWaived: Bool, most: Int) -> [String] {
        var texts: [ExactText] = []
        var seen: Set<ExactText> = []
        for row in rows where row.isWaived == isWaived && (isWaived || row.strength == "mark") {
            guard texts.count < most else { break }
            let text = ExactText(row.text)
            if seen.insert(text).inserted { texts.append(text) }
        }
        return texts.texts
    }

    /// The last line for people.
    var summary: String {
        let words = [
            "\(blocking) that block", "\(marked) marked", "\(waived) waived",
        ].joined(separator: ", ")
        let objects =
            history.map { "\($0.blobs) files of the history (\($0.known) known), " } ?? ""
        return
            "\(search.files) files, \(search.bytes) bytes, \(objects)rules \(rulesName): \(words)"
    }

    /// The last object of `--json`.
    var json: JSONValue {
        var object: JSONObject = [
            "files": .integer(Int64(search.files)), "bytes": .integer(search.bytes),
            "unchanged": .integer(Int64(search.known)), "blocking": .integer(Int64(blocking)),
            "marked": .integer(Int64(marked)), "waived": .integer(Int64(waived)),
            "rules": .string(rulesName), "digest": .string(rules.prefixed),
        ]
        object["history"] = history.map {
            [
                "files": .integer(Int64($0.blobs)), "bytes": .integer($0.bytes),
                "known": .integer(Int64($0.known)),
            ]
        }
        return .object(object)
    }
}
