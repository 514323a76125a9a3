package import InterlockModel

/// The search for secrets in the workspace of an agent, as the policy states it (docs/specs/coding-agents.md, section
/// 11).
package struct ScanSpec: Sendable {
    /// The findings that do not stop a launch, in the order of the file.
    package let waivers: [ScanWaiver]
    /// True if the history of the workspace's repositories is searched too; false if that is not stated.
    package let searchesHistory: Bool

    static let mostWaivers = 200

    init(_ value: TypedValue, _ findings: inout Findings) {
        let list = value["waive"]?.items ?? []
        if let stated = value["waive"], list.count > Self.mostWaivers {
            findings.add(
                .tooLarge, at: stated, "waive: more than \(Self.mostWaivers) entries")
        }
        var waivers: [ScanWaiver] = []
        for item in list.prefix(Self.mostWaivers) {
            if let waiver = ScanWaiver(item, &findings) { waivers.append(waiver) }
        }
        self.waivers = waivers
        searchesHistory = value["history"]?.flag ?? false
    }
}

/// One reviewed finding: a file with known content, and the rule that finds something in it.
///
/// The digest is that of the whole file, as `sha256sum` prints it. So the waiver ends with the next change of the file,
/// and no policy has the digest of a secret.
package struct ScanWaiver: PolicyPart {
    /// The path below the workspace, as `interlock safety scan` prints it.
    package let file: String
    package let rule: String
    package let digest: Digest
    package let owner: Person
    /// The last day.
    package let until: CivilDate
    package let reason: String
    package let place: PolicyLocation
    let path: String

    /// The longest time for which a waiver counts, in days (docs/specs/policy.md, section 3).
    static let mostDays = 180

    fileprivate init?(_ value: TypedValue, _ findings: inout Findings) {
        guard let file = value["path"], let path = file.text, let rule = value["rule"],
            let name = rule.text, let sum = value["sha256"], let hex = sum.text,
            let owner = value["owner"]?.person, let until = value["until"]?.date,
            let reason = value["reason"], let words = reason.text
        else { return nil }
        let problem: (at: TypedValue, words: String)?
        let digest = Digest(hex: hex)
        if !Self.isBelow(path) {
            problem = (file, "path: `\(path)` is not the path of a file below the workspace")
        } else if !Self.isRule(name) {
            problem = (rule, "rule: `\(name)` is not the name of a rule")
        } else if name == "brokered-value" || name == "canary" {
            problem = (
                rule, "rule: values that the gateway's broker holds, and canaries, cannot be waived"
            )
        } else if digest == nil {
            problem = (sum, "sha256: expected the 64 digits that `sha256sum` prints of the file")
        } else if !(8...500).contains(words.utf8.count) {
            problem = (reason, "reason: expected 8 to 500 bytes")
        } else {
            problem = nil
        }
        if let problem { findings.add(.wrongType, at: problem.at, problem.words) }
        guard problem == nil, let digest else { return nil }
        (self.file, self.rule, self.digest) = (path, name, digest)
        (self.owner, self.until, self.reason) = (owner, until, words)
        (place, self.path) = (value.place, value.path)
    }

    /// Returns true through the last day, which must be at most 180 days ahead.
    package func isLive(at now: Timestamp) -> Bool { problem(at: now) == nil }

    /// The reason why the waiver does not count, or nil if it does.
    func problem(at now: Timestamp) -> String? {
        until.waiverProblem(at: now, mostDays: Self.mostDays)
    }

    /// The waiver in words: `tests/key.pem (private-key) until 2027-01-31`.
    package var words: String { "\(file) (\(rule)) until \(until.text)" }

    private static func isBelow(_ path: String) -> Bool {
        let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return path.utf8.count <= 4096
            && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
            && names.allSatisfy { name in
                !name.isEmpty && !name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8)
            }
    }

    private static func isRule(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }
}
