import InterlockJSON
import InterlockModel
import InterlockPorts

/// Replaces the findings in what a server answered. Equal values of one run have equal replacements.
struct AnswerRedaction {
    let run: RunID
    /// A keyed digest.
    let digest: @Sendable ([UInt8]) -> Digest

    /// - Parameters:
    ///   - texts: the texts of `document`.
    ///   - findings: those in `texts`.
    /// - Returns: nil if a value cannot be replaced: it is in several strings, in the name of a member, in a number, or
    ///   in a member whose form the protocol prescribes; also if a finding is not within its text.
    func redacted(
        _ document: JSONValue, _ texts: ResultTexts, _ findings: [ResultFinding]
    ) -> JSONValue? {
        var parts = ResultRedaction()
        for finding in findings {
            guard case .part(let index, let range) = finding.extent, index < texts.texts.count
            else { return nil }
            // The text is not copied: it may have 16 MiB, and 256 findings.
            let text = texts.texts[index].utf8
            guard range.lowerBound >= 0, range.upperBound <= text.count else { return nil }
            let start = text.index(text.startIndex, offsetBy: range.lowerBound)
            let value = text[start..<text.index(start, offsetBy: range.count)]
            let label = "\(finding.rule):\(suffix(value))"
            parts.add(ResultRedaction.Removal(range, label), of: index)
        }
        guard let copy = parts.applied(to: document, texts: texts),
            prescribed(document) == prescribed(copy)
        else { return nil }
        return repeating(copy, of: document)
    }

    /// The first 32 bits of the keyed digest of a value, in hexadecimal.
    private func suffix(_ value: Substring.UTF8View) -> String {
        var message = Array(run.text.utf8)
        message.append(0)
        message += value
        return Hex.encode(digest(message).bytes.prefix(4))
    }

    /// Returns the addresses, types and encoded bytes of blocks of content.
    private func prescribed(_ document: JSONValue) -> [JSONValue] {
        let messages = (document["messages"]?.array ?? []).compactMap { $0["content"] }
        let blocks =
            (document["content"]?.array ?? []) + (document["contents"]?.array ?? []) + messages
        let resources = blocks.compactMap { $0["resource"] }
        return (blocks + resources).flatMap { block in
            ["type", "uri", "mimeType", "data", "blob"].compactMap { block[$0] }
        }
    }

    /// Returns the copy, in which a text that repeats the structured content repeats it still: an escaped value is
    /// another text than the value, so it has another replacement.
    private func repeating(_ copy: JSONValue, of document: JSONValue) -> JSONValue {
        guard case .object(var object) = copy, let before = document["structuredContent"],
            let after = object["structuredContent"], let originals = document["content"]?.array,
            let copies = object["content"]?.array
        else { return copy }
        object["content"] = .array(
            zip(originals, copies).map { original, copy -> JSONValue in
                guard original["type"] == "text", value(original) == before,
                    value(copy) != after, case .object(var block) = copy
                else { return copy }
                block["text"] = .string(String(decoding: after.serialized(), as: UTF8.self))
                return .object(block)
            })
        return .object(object)
    }

    /// Returns the value of a text that is JSON.
    private func value(_ block: JSONValue) -> JSONValue? {
        block["text"]?.string.flatMap { text in
            try? JSONValue(parsing: Array(text.utf8), limits: .upstream)
        }
    }
}
