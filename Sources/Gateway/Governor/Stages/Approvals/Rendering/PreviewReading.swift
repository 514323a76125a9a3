import InterlockJSON
import InterlockMCP
import InterlockModel

/// The result of a preview: an object from which a template displays members.
struct PreviewReading: Sendable {
    /// The id of the preview's own call.
    let call: CallID
    private let result: JSONObject

    /// The most canonical bytes of the members that are displayed or compared.
    static let largest = 16 << 10

    /// - Parameter names: the members that the result must contain.
    init(
        _ end: CallEnd, of call: CallID, naming names: some Collection<String>
    ) throws(PreviewFault) {
        guard case .closed(let closed) = end else { throw .refused }
        guard case .result(let result) = closed.shown, result["isError"] != true else {
            throw .failed
        }
        guard let object = Self.object(of: result) else { throw .noObject }
        guard names.allSatisfy({ object[$0] != nil }) else { throw .missingMember }
        self.call = call
        self.result = object
        guard let bytes = try? members(names).canonical(), bytes.count <= Self.largest else {
            throw .tooLarge
        }
    }

    func members(_ names: some Collection<String>) -> JSONObject {
        var members: JSONObject = [:]
        for name in names { members[name] = result[name] }
        return members
    }

    /// Returns the structured content, or the object in a single JSON text.
    private static func object(of result: JSONObject) -> JSONObject? {
        if let structured = result["structuredContent"] { return structured.object }
        guard let content = result["content"]?.array, content.count == 1,
            let text = content[0]["text"]?.string
        else { return nil }
        return (try? JSONValue(parsing: Array(text.utf8), limits: .upstream))?.object
    }
}

/// The reason a preview failed.
enum PreviewFault: String, Error, Hashable, Sendable {
    /// Refused by the policy, a halt or the log.
    case refused
    /// Failed at the server.
    case failed
    /// The result is not an object.
    case noObject = "no-object"
    case missingMember = "missing-member"
    case tooLarge = "too-large"
}
