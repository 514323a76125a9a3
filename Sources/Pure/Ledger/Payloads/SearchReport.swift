package import InterlockJSON
package import InterlockModel

/// The report of the searches in one call, which is the sealed payload `insp` of the record that ends it
/// (docs/specs/output-safety.md, section 8): rules and places, the origins of its values, and the text by which it made its
/// run hostile. The record itself has numbers alone.
package struct SearchReport: Sendable, Hashable {
    /// The text of a server by which the call made its run hostile.
    package struct HostileText: Sendable, Hashable {
        /// The kinds of markers in words; empty for a text that was not searched.
        package let kinds: [String]
        /// The text around the first marker, which is untrusted; at most `longestPassage` bytes. Is nil if it is not known.
        package let passage: String?

        package init(kinds: [String], passage: String?) {
            self.kinds = Array(kinds.prefix(SearchReport.most))
            self.passage = passage?.beginning(bytes: SearchReport.longestPassage)
        }
    }

    /// The label of one value of the arguments.
    package struct Label: Sendable, Hashable {
        /// The JSON Pointer of the value, or its beginning; at most `ReportedFindings.longestPlace` bytes.
        package let pointer: String
        package let label: ValueLabel
    }

    /// The field of the record.
    package static let field = "insp"
    /// The most labels, sources, and kinds of markers.
    package static let most = 16
    /// The longest passage, in UTF-8 bytes.
    package static let longestPassage = 256
    /// The longest report that is read, in bytes; none is longer.
    package static let longestBytes = 128 << 10

    /// The findings in what the record counts as `find`: the answer of a call that was sent, otherwise its arguments.
    package var findings = ReportedFindings()
    /// The findings in the arguments of a call that was sent.
    package var arguments = ReportedFindings()
    /// The findings in its progress and log messages.
    package var notices = ReportedFindings()
    /// The tools, as `server.tool`, by which the run has its level.
    package private(set) var sources: [String] = []
    package private(set) var labels: [Label] = []
    /// The number of all values that have labels.
    package private(set) var labelled: Int64 = 0
    /// The worst label; nil if the agent's rule does not ask for labels.
    package private(set) var worst: ValueLabel?
    package var mark: HostileText?

    package init() {}

    /// - Parameter source: the name of a tool, as `server.tool`.
    package mutating func add(source: String) {
        guard sources.count < Self.most, !sources.contains(source) else { return }
        sources.append(source)
    }

    /// - Parameter count: the number of all values, also of those without a label here.
    package mutating func set(worst label: ValueLabel, of count: Int) {
        worst = label
        labelled = Int64(count)
    }

    package mutating func add(_ label: ValueLabel, of pointer: String) {
        let pointer = pointer.beginning(bytes: ReportedFindings.longestPlace)
        if let known = labels.firstIndex(where: { $0.pointer == pointer }) {
            // Two long pointers can have one beginning.
            labels[known] = Label(
                pointer: pointer, label: ValueLabel.worse(labels[known].label, label))
        } else if labels.count < Self.most {
            labels.append(Label(pointer: pointer, label: label))
        }
    }
}

extension SearchReport {
    package var json: JSONObject {
        var object = JSONObject()
        var more = JSONObject()
        for (name, found) in [("find", findings), ("args", arguments), ("nfind", notices)]
        where !found.isEmpty {
            object[name] = found.json
            if found.more > 0 { more[name] = .integer(found.more) }
        }
        if !more.isEmpty { object["more"] = .object(more) }
        if !sources.isEmpty { object["src"] = .array(sources.map(JSONValue.string)) }
        if let worst {
            var letters = JSONObject()
            for label in labels { letters[label.pointer] = .string(label.label.letter) }
            object["labels"] = .object(letters)
            object["worst"] = .string(worst.letter)
            if labelled > Int64(labels.count) { object["values"] = .integer(labelled) }
        }
        if let mark {
            var text: JSONObject = ["kinds": .array(mark.kinds.map(JSONValue.string))]
            text["text"] = mark.passage.map(JSONValue.string)
            object["mark"] = .object(text)
        }
        return object
    }

    /// - Returns: nil if the bytes are no report.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.longestBytes,
            let value = try? JSONValue(parsing: bytes, limits: .stored),
            let object = value.object
        else { return nil }
        func found(_ name: String) -> ReportedFindings? {
            guard let list = object[name] else { return ReportedFindings() }
            return ReportedFindings(json: list, more: object["more"]?[name]?.integer ?? 0)
        }
        guard let findings = found("find"), let arguments = found("args"),
            let notices = found("nfind")
        else { return nil }
        (self.findings, self.arguments, self.notices) = (findings, arguments, notices)
        for source in object["src"]?.array ?? [] {
            guard let source = source.string else { return nil }
            add(source: source)
        }
        if let letter = object["worst"]?.string {
            guard let worst = ValueLabel(letter: letter),
                let letters = object["labels"]?.object
            else { return nil }
            for (pointer, letter) in letters.members {
                guard let label = letter.string.flatMap({ ValueLabel(letter: $0) }) else {
                    return nil
                }
                add(label, of: pointer)
            }
            self.worst = worst
            labelled = max(object["values"]?.integer ?? 0, Int64(labels.count))
        }
        if let mark = object["mark"] {
            guard let kinds = mark["kinds"]?.array else { return nil }
            self.mark = HostileText(
                kinds: kinds.compactMap(\.string), passage: mark["text"]?.string)
        }
    }
}

extension ValueLabel {
    /// The letter of the label in reports (docs/specs/output-safety.md, section 7); `N` is an X that the request named.
    package var letter: String {
        switch self {
        case .request: "U"
        case .policy: "P"
        case .trusted: "T"
        case .made: "M"
        case .named: "N"
        case .untrusted: "X"
        }
    }

    package init?(letter: String) {
        guard let label = ValueLabel.allCases.first(where: { $0.letter == letter }) else {
            return nil
        }
        self = label
    }
}

extension String {
    /// Returns the longest beginning of whole scalars that has at most this many UTF-8 bytes.
    fileprivate func beginning(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var left = limit
        var kept = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            left -= UTF8.width(scalar)
            guard left >= 0 else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
