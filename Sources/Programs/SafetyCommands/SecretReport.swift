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
        let path: String
        let line: Int
        let rule: String
        let secretClass: String
        let strength: String
        let isWaived: Bool

        /// `path:line rule`, as it is recorded.
        package var text: String { "\(path):\(line) \(rule)" }

        /// The line for people.
        package var sentence: String {
            "\(path):\(line): \(rule) (\(secretClass), \(isWaived ? "waived" : strength))"
        }

        var json: JSONValue {
            [
                "path": .string(path), "line": .integer(Int64(line)), "rule": .string(rule),
                "class": .string(secretClass), "strength": .string(strength),
                "waived": .bool(isWaived),
            ]
        }
    }

    /// The most findings that one message or record lists.
    package static let mostShown = 20

    package let search: ProjectSearch
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
        _ search: ProjectSearch, rules: RuleSet, waivers: [ScanWaiver], unregistered: [String]
    ) {
        self.search = search
        (rulesName, self.rules) = (rules.name, rules.digest)
        self.unregistered = unregistered
        var rows: [Row] = []
        var (blocking, marked, waived) = (0, 0, 0)
        for (path, findings) in search.found {
            var digest: Digest?
            if case .file(_, _, let found, _)? = search.base[path] { digest = found }
            blocking += findings.blocking
            marked += findings.marked
            for finding in findings.sorted {
                let rule = finding.rule.description
                let isWaived =
                    finding.strength == .block && finding.secretClass != .brokered
                    && waivers.contains {
                        $0.digest == digest && $0.rule == rule && sameBytes($0.file, path.escaped)
                    }
                if isWaived { waived += 1 }
                rows.append(
                    Row(
                        path: path.escaped, line: finding.line, rule: rule,
                        secretClass: finding.secretClass.rawValue,
                        strength: finding.strength.rawValue, isWaived: isWaived))
            }
        }
        // A finding that is not kept is of a rule that is not known here, so no waiver is of it.
        (self.rows, self.blocking) = (rows, blocking - waived)
        (self.marked, self.waived) = (marked, waived)
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
        return "\(search.files) files, \(search.bytes) bytes, rules \(rulesName): \(words)"
    }

    /// The last object of `--json`.
    var json: JSONValue {
        [
            "files": .integer(Int64(search.files)), "bytes": .integer(search.bytes),
            "unchanged": .integer(Int64(search.known)), "blocking": .integer(Int64(blocking)),
            "marked": .integer(Int64(marked)), "waived": .integer(Int64(waived)),
            "rules": .string(rulesName), "digest": .string(rules.prefixed),
        ]
    }
}
