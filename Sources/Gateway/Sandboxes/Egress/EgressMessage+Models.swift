import InterlockEgress
import InterlockJSON
import InterlockModel

/// The parts of a message about a request to a model, in the form of the local socket.
extension ModelDestination {
    init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, at: "model", required: ["name", "tls"])
        self.init(
            name: try fields.string("name", length: 1...64), isSecure: try fields.bool("tls"))
    }

    var json: JSONValue { ["name": .string(name), "tls": .bool(isSecure)] }
}

extension ModelPrompt {
    private static let sizes: ClosedRange<Int64> = 0...Int64(limits.bytes)

    init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "prompt", required: ["hash", "size"], optional: ["model"])
        self.init(
            digest: try fields.made("hash", "a digest in base64") { Digest(base64: $0) },
            size: try fields.integer("size", in: Self.sizes), model: try fields.modelID())
    }

    var json: JSONValue {
        var object: JSONObject = ["hash": .string(digest.base64), "size": .integer(size)]
        object["model"] = model.map { .string($0.text) }
        return .object(object)
    }
}

extension ModelAnswer {
    init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "answer", required: ["status", "hash"],
            optional: ["model", "in", "out", "read", "written"])
        func count(_ name: String) throws(FormError) -> Int64? {
            fields.has(name) ? try fields.integer(name, in: ModelUsage.counts) : nil
        }
        var statement = ModelStatement()
        statement.model = try fields.modelID()
        statement.usage.input = try count("in")
        statement.usage.output = try count("out")
        statement.usage.cacheRead = try count("read")
        statement.usage.cacheWritten = try count("written")
        self.init(
            status: Int(try fields.integer("status", in: 100...999)),
            digest: try fields.made("hash", "a digest in base64") { Digest(base64: $0) },
            statement: statement)
    }

    var json: JSONValue {
        var object: JSONObject = [
            "status": .integer(Int64(status)), "hash": .string(digest.base64),
        ]
        object["model"] = statement.model.map { .string($0.text) }
        object["in"] = statement.usage.input.map(JSONValue.integer)
        object["out"] = statement.usage.output.map(JSONValue.integer)
        object["read"] = statement.usage.cacheRead.map(JSONValue.integer)
        object["written"] = statement.usage.cacheWritten.map(JSONValue.integer)
        return .object(object)
    }
}

extension StrictFields {
    fileprivate func modelID() throws(FormError) -> ModelID? {
        has("model") ? try made("model", "the id of a model") { ModelID($0) } : nil
    }
}
