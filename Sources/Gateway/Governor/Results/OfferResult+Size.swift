import InterlockJSON
import InterlockMCP

/// The limits on one result that no policy changes (docs/specs/output-safety.md, section 3); others are those of its
/// parser (`JSONLimits.upstream`) and of its structure (`ToolResult.maximumBlocks`).
enum ResultLimits {
    static let longestStringBytes = 4 << 20
}

extension JSONValue {
    /// Returns true if a string, or the name of a member, has more bytes.
    func hasString(longerThan limit: Int) -> Bool {
        switch self {
        case .null, .bool, .integer, .number: false
        case .string(let text): text.utf8.count > limit
        case .array(let elements): elements.contains { $0.hasString(longerThan: limit) }
        case .object(let object):
            object.members.contains {
                $0.key.utf8.count > limit || $0.value.hasString(longerThan: limit)
            }
        }
    }
}

/// The cut of a result that is too long. It follows the search of the result: a value that is cut in two is found in the
/// whole text alone.
struct ResultCut: Sendable {
    let method: CallMethod
    let version: ProtocolVersion
    /// The bytes of the result at most, as `OfferResult.byteCount` counts them.
    let limit: Int64
    /// The bytes of the whole result.
    let bytes: Int

    /// Returns the part of a result that its agent gets, with the notice.
    ///
    /// - Parameter shown: the whole result in the form of `version`.
    /// - Returns: nil if the result cannot be cut.
    func part(of shown: JSONObject) -> JSONObject? {
        guard let result = try? OfferResult(method, shown) else { return nil }
        if Int64(result.byteCount) <= limit { return shown }
        return result.cut(to: limit, from: bytes)?.shown(in: version, routedBy: nil)
    }
}

extension OfferResult {
    /// The bytes that the agent reads: texts, data, structured content and `_meta`, as serialized.
    var byteCount: Int {
        switch self {
        case .tool(let result):
            bytes(of: result.content) + (result.structuredContent?.serialized().count ?? 0)
                + bytes(of: result.meta)
        case .resource(let result): bytes(of: result.contents) + bytes(of: result.meta)
        case .prompt(let result):
            bytes(of: result.messages.map(\.content)) + (result.description?.utf8.count ?? 0)
                + bytes(of: result.meta)
        case .completion(let result): bytes(of: result.shown)
        case .nothing: 0
        }
    }

    private func bytes(of objects: [JSONObject]) -> Int { objects.reduce(0) { $0 + bytes(of: $1) } }

    private func bytes(of object: JSONObject?) -> Int {
        object.map { JSONValue.object($0).serialized().count } ?? 0
    }

    /// Returns the beginning of the texts, with a notice that says how much is missing, without `_meta`.
    ///
    /// - Parameters:
    ///   - limit: the bytes of the returned result at most, as `byteCount` counts them.
    ///   - bytes: the bytes of this result.
    /// - Returns: nil if the result has anything but texts, or if the limit has no room for a notice.
    func cut(to limit: Int64, from bytes: Int) -> OfferResult? {
        let notice = "[interlock: result cut: \(bytes) bytes, limit \(limit) bytes]"
        switch self {
        case .tool(let result):
            guard result.structuredContent == nil,
                result.content.allSatisfy({ $0["type"] == "text" }),
                let content = beginning(
                    of: result.content, before: ["type": "text", "text": .string(notice)], limit)
            else { return nil }
            return .tool(result.replacing(content: content, structuredContent: nil))
        case .resource(let result):
            guard let uri = result.contents.first?["uri"],
                result.contents.allSatisfy({ $0["text"] != nil }),
                let contents = beginning(
                    of: result.contents,
                    before: ["uri": uri, "mimeType": "text/plain", "text": .string(notice)], limit)
            else { return nil }
            return .resource(result.replacing(contents: contents))
        case .prompt, .completion, .nothing: return nil
        }
    }

    /// Returns the first parts that leave room for the notice, the last of them cut, and the notice.
    private func beginning(
        of parts: [JSONObject], before notice: JSONObject, _ limit: Int64
    ) -> [JSONObject]? {
        var room = Int(clamping: limit) - bytes(of: notice)
        guard room >= 0 else { return nil }
        var kept: [JSONObject] = []
        for part in parts {
            let size = bytes(of: part)
            if size > room {
                if let last = cut(part, to: room) { kept.append(last) }
                break
            }
            kept.append(part)
            room -= size
        }
        return kept + [notice]
    }

    /// Returns the part with the beginning of its text, or nil if there is no room for one character.
    private func cut(_ part: JSONObject, to room: Int) -> JSONObject? {
        guard let text = part["text"]?.string else { return nil }
        var part = part
        part["text"] = ""
        var left = room - bytes(of: part)
        var beginning = ""
        for scalar in text.unicodeScalars {
            left -= Self.mostBytes(of: scalar)
            if left < 0 { break }
            beginning.unicodeScalars.append(scalar)
        }
        guard !beginning.isEmpty else { return nil }
        part["text"] = .string(beginning)
        return part
    }

    /// The bytes of a character in a JSON string, at most.
    private static func mostBytes(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0..<0x20: 6
        case 0x22, 0x5c: 2
        case 0..<0x80: 1
        case 0..<0x800: 2
        case 0..<0x1_0000: 3
        default: 4
        }
    }
}
