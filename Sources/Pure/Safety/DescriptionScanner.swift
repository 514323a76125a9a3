package import InterlockJSON

/// Scans a server's texts about its tools, its prompts and itself, before a person accepts them. Plain code, linear in
/// the text; nothing here decides a call.
package struct DescriptionScanner: Sendable {
    /// The most findings of one definition.
    package static let mostFindings = 64
    /// Base64 within base64 is scanned; a third level is not.
    private static let deepestCode = 2

    /// The original names of tools by their names in lower case.
    private let toolNames: [ExactText: String]

    /// - Parameter tools: the names of all tools that agents may see.
    package init(tools: some Sequence<String>) {
        toolNames = Dictionary(
            tools.filter { $0.utf8.count >= 3 }.map { (ExactText($0.lowercased()), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Scans every text of a definition, including keys, because a model reads them too.
    ///
    /// - Parameters:
    ///   - name: the name of the tool itself, which its own texts may contain.
    ///   - path: the path of the value, for the findings.
    /// - Returns: at most `mostFindings` findings, in the order of the texts.
    package func scan(
        _ value: JSONValue, of name: String?, at path: String
    ) -> [DescriptionFinding] {
        var findings: [DescriptionFinding] = []
        collect(value, name, path, &findings)
        return findings
    }

    /// Scans a single text.
    package func scan(_ text: String, of name: String?, at path: String) -> [DescriptionFinding] {
        scan(.string(text), of: name, at: path)
    }

    /// The recursion is bounded by the depth of the value, which its parser bounds.
    private func collect(
        _ value: JSONValue, _ name: String?, _ path: String, _ findings: inout [DescriptionFinding]
    ) {
        guard findings.count < Self.mostFindings else { return }
        switch value {
        case .string(let text):
            let found = look(Array(text.unicodeScalars), name, path, depth: 0)
            findings += found.prefix(Self.mostFindings - findings.count)
        case .object(let object):
            for (key, member) in object.members {
                let place = path.isEmpty ? key : path + "." + key
                collect(.string(key), name, place, &findings)
                collect(member, name, place, &findings)
            }
        case .array(let elements):
            for (place, element) in elements.enumerated() {
                collect(element, name, "\(path)[\(place)]", &findings)
            }
        case .null, .bool, .integer, .number: break
        }
    }

    private func look(
        _ scalars: [Unicode.Scalar], _ name: String?, _ path: String, depth: Int
    ) -> [DescriptionFinding] {
        var findings = Unicode.Scalar.hiddenRuns(in: scalars).map { run in
            DescriptionFinding(.hiddenUnicode, at: path, run.lowerBound, codePoints(scalars[run]))
        }
        let plain = PlainText(scalars)
        findings += ChatTemplates.findings(in: plain, at: path)
        findings += imperatives(in: plain, at: path)
        findings += otherTools(in: plain, name, at: path)
        findings += DataLinks.findings(in: plain, at: path)
        guard depth < Self.deepestCode else { return findings }
        for (offset, text) in EncodedParts.decoded(scalars) {
            findings += look(Array(text.unicodeScalars), name, path, depth: depth + 1).map {
                DescriptionFinding($0.kind, at: path, offset, $0.excerpt, isEncoded: true)
            }
        }
        return findings
    }

    private func imperatives(in plain: PlainText, at path: String) -> [DescriptionFinding] {
        var findings: [DescriptionFinding] = []
        var next = 0
        for start in plain.words.indices where start >= next {
            let ends = Phrase.imperative.compactMap { $0.match(plain.words, at: start) }
            guard let end = ends.max() else { continue }
            next = end
            findings.append(
                DescriptionFinding(
                    .imperative, at: path, plain.words[start].offset,
                    plain.words[start..<end].map(\.text).joined(separator: " ")))
        }
        return findings
    }

    private func otherTools(
        in plain: PlainText, _ own: String?, at path: String
    ) -> [DescriptionFinding] {
        plain.names.compactMap { range in
            let text = plain.text(range)
            guard let name = toolNames[text], name != own else { return nil }
            // A name of one plain word is ordinary prose unless the text calls it a tool.
            let isWord = text.utf8.allSatisfy { (0x61...0x7a).contains($0) }
            guard !isWord || plain.isCalledTool(range) else { return nil }
            return DescriptionFinding(.otherTool, at: path, plain.offsets[range.lowerBound], name)
        }
    }

    private func codePoints(_ run: ArraySlice<Unicode.Scalar>) -> String {
        let shown = run.prefix(8).map { "U+" + String($0.value, radix: 16, uppercase: true) }
        return shown.joined(separator: " ") + (run.count > 8 ? " and \(run.count - 8) more" : "")
    }
}
