import InterlockJSON

/// The reference page of the policy format: every key with its form, its default and one sentence. It is
/// made from the table that reading uses.
package enum PolicyReference {
    package static let text: String = {
        var page = Page()
        page.write(PolicySchema.policy)
        return """
            # Reference of the policy

            Made by `interlock policy schema --reference`; a test compares it. Unknown keys are refused.
            A policy is one file, or a folder whose files are merged by name: `org.yaml`, `servers/*.yaml`,
            `agents/*.yaml`, `elevations/*.yaml`, `tests/*.yaml`. What the parts mean together is described in
            [policy.md](policy.md), what a finding says in [findings.md](findings.md).

            | form | is written |
            |---|---|
            | duration | `15m`: a whole number and `s`, `m`, `h` or `d` |
            | rate | `60/m`: at most so many in any such window |
            | date | `2027-02-01`, valid to the end of that day in UTC |
            | time of day | `08:00` |
            | timestamp | `2026-11-20T08:00:00Z`, or with an offset |
            | verdict | `allow`, `approve`, `approve 2` (people, 1 to 9), `deny` |
            | guard | a CEL expression on one line, or in a literal block (`\\|`) |


            """ + page.sections.joined(separator: "\n\n") + "\n"
    }()

    private struct Page {
        var sections: [String] = []
        private var written: Set<String> = []
        private var waiting: [Record] = []

        mutating func write(_ first: Record) {
            waiting = [first]
            written = [first.name]
            while !waiting.isEmpty {
                let record = waiting.removeFirst()
                let inner = section(record)
                sections.append(inner)
            }
        }

        private mutating func section(_ record: Record) -> String {
            var lines = ["## \(record.title)", ""]
            if !record.oneOf.isEmpty {
                let keys = record.oneOf.map { "`\($0)`" }.joined(separator: " and ")
                lines += ["Exactly one of \(keys) is stated.", ""]
            }
            lines += ["| key | form | default | |", "|---|---|---|---|"]
            for field in record.fields {
                let fallback = field.isRequired ? "required" : field.fallback
                lines.append(
                    "| `\(field.key)` | \(form(field.shape)) | \(fallback) | \(field.about) |")
            }
            if let others = record.others {
                lines.append(
                    "| *\(others.keys.words)* | \(form(others.shape)) | | The same for one tool. |")
            }
            return lines.joined(separator: "\n")
        }

        private mutating func form(_ shape: Shape) -> String {
            switch shape {
            case .scalar(let type): return type.words
            case .json: return "any JSON"
            case .list(let element, _, let single):
                let inner = form(element)
                return single ? "\(inner), or a list" : "list of \(inner)"
            case .map(let keys, let value): return "\(keys.words) -> \(form(value))"
            case .shorthand(let kind, let inner):
                if case .egress = kind {
                    return "\(form(inner)), or \(link(PolicySchema.egressRule))"
                }
                return "\(form(inner)), or \(kind.words)"
            case .record(let record): return link(record)
            }
        }

        private mutating func link(_ record: Record) -> String {
            if written.insert(record.name).inserted { waiting.append(record) }
            let anchor = record.title.lowercased().filter { $0 != "`" && $0 != "." }
                .split(separator: " ").joined(separator: "-")
            return "[\(record.name)](#\(anchor))"
        }
    }
}

extension Field {
    /// The default as a file would state it, or an empty text if there is no default.
    fileprivate var fallback: String {
        guard let defaultValue else { return "" }
        switch (shape, defaultValue) {
        case (.scalar(.duration), .integer(let seconds)): return "`\(duration(seconds))`"
        case (.shorthand(.stage, _), .object(let stage)):
            return stage["is"]?.string.map { "`\($0)`" } ?? ""
        case (_, .string(let text)): return "`\(text)`"
        case (_, .array(let items)) where items.isEmpty: return "none"
        case (_, .object(let keys)): return keys.isEmpty ? "its keys' own" : "built in"
        default: return "`\(String(decoding: defaultValue.serialized(), as: UTF8.self))`"
        }
    }

    /// The duration in the largest unit that divides it.
    private func duration(_ seconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "m")]
        let fit = units.first { seconds % $0.0 == 0 } ?? (1, "s")
        return "\(seconds / fit.0)\(fit.1)"
    }
}

extension Record {
    /// The title: `an effect rule` -> `Effect rule`; code stays code.
    fileprivate var title: String {
        var words = name.split(separator: " ").map(String.init)
        if words.count > 1, words[0] == "a" || words[0] == "an" { words.removeFirst() }
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}

extension Shorthand {
    /// The short form that may replace the full form, in words.
    fileprivate var words: String {
        switch self {
        case .stage: "the stage alone"
        case .grant: "a class or tool alone"
        case .scope: "nothing for `[read]`"
        case .sandbox: "`isolated, network egress = none`"
        case .killSwitch: "`org-wide, tested monthly`"
        case .days: "`mon-fri`"
        case .rotation: "a date"
        case .unit: "the measure alone"
        case .egress: "`host:port`"
        }
    }
}

extension NameKind {
    fileprivate var words: String {
        switch self {
        case .qualifiedTool: "`server.tool`"
        case .field: "field path"
        case .item: "name"
        case .agent, .server, .tool, .group, .effect, .tier, .variable, .counter, .task: rawValue
        }
    }
}

extension ScalarType {
    fileprivate var words: String {
        switch self {
        case .text: "text"
        case .zone: "time zone"
        case .bool: "`true` or `false`"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .duration: "duration"
        case .rate: "rate"
        case .date: "date"
        case .clock: "time of day"
        case .timestamp: "timestamp"
        case .person: "e-mail address"
        case .verdict: "verdict"
        case .effect: "effect"
        case .toolClass, .ownClass: "class"
        case .tier: "tier"
        case .stage: "stage"
        case .ruleID: "id"
        case .versionOne: "`1`"
        case .toolReference: "tool"
        case .toolPattern: "`server.tool`, `server.*` or `*`"
        case .guardText: "guard"
        case .url: "http address"
        case .hostAndPort: "`host:port`"
        case .lintCode: "`W` code"
        case .byteCount: "bytes, or `64KiB`"
        case .fieldPath: "field path"
        case .publicKey: "`ed25519:` key"
        case .name(let kind): kind.words
        case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        }
    }
}
