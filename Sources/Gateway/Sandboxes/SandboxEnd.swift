package import InterlockJSON
package import InterlockModel

/// The end of a run, as its supervisor states it.
package struct SandboxEnd: Sendable, Hashable {
    package enum Source: String, Sendable, CaseIterable { case agent, interlock }

    /// The kind of end, such as `exited`, `wall` or `killed`.
    package let code: String
    package let source: Source
    /// The exit code of the supervisor, 0 to 255; nil if it is not known.
    package let exit: Int?
    /// Processor time in microseconds.
    package let processorTime: Int64?
    /// The most memory of all processes together, in bytes; nil without a cgroup that counts it.
    package let peakMemory: Int64?
    /// The most memory of one process, in bytes.
    package let largestProcess: Int64?
    /// The limits that the run reached.
    package let hits: [SandboxLimitHit]

    package init(
        code: String, source: Source, exit: Int?, processorTime: Int64? = nil,
        peakMemory: Int64? = nil, largestProcess: Int64? = nil, hits: [SandboxLimitHit] = []
    ) {
        self.code = code
        self.source = source
        self.exit = exit
        self.processorTime = processorTime
        self.peakMemory = peakMemory
        self.largestProcess = largestProcess
        self.hits = hits
    }

    /// The end of a run whose supervisor did not report it.
    static let unknown = SandboxEnd(code: "unknown", source: .interlock, exit: nil)

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, required: ["code", "source", "exit"],
            optional: ["cpu_us", "memory", "rss", "hits"])
        let most: Int64 = 1 << 53 - 1
        self.init(
            code: try fields.made("code", "1 to 32 of a-z and -") { text in
                let isWord = text.utf8.allSatisfy {
                    $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                }
                return (1...32).contains(text.utf8.count) && isWord ? text : nil
            },
            source: try fields.made("source", "agent or interlock", Source.init),
            exit: Int(try fields.integer("exit", in: 0...255)),
            processorTime: fields.has("cpu_us") ? try fields.integer("cpu_us", in: 0...most) : nil,
            peakMemory: fields.has("memory") ? try fields.integer("memory", in: 0...most) : nil,
            largestProcess: fields.has("rss") ? try fields.integer("rss", in: 0...most) : nil,
            hits: fields.has("hits") ? try Self.hits(fields) : [])
    }

    private static func hits(_ fields: StrictFields) throws(FormError) -> [SandboxLimitHit] {
        var hits: [SandboxLimitHit] = []
        for one in try fields.array("hits", count: 0...SandboxLimitHit.most) {
            hits.append(try SandboxLimitHit(one))
        }
        return hits
    }

    package var json: JSONValue {
        var object: JSONObject = ["code": .string(code), "source": .string(source.rawValue)]
        object["exit"] = exit.map { .integer(Int64($0)) }
        object["cpu_us"] = processorTime.map(JSONValue.integer)
        object["memory"] = peakMemory.map(JSONValue.integer)
        object["rss"] = largestProcess.map(JSONValue.integer)
        if !hits.isEmpty { object["hits"] = .array(hits.map(\.json)) }
        return .object(object)
    }

    /// The fields of `run.end`.
    var fields: JSONObject {
        var object: JSONObject = ["code": .string(code), "src": .string(source.rawValue)]
        object["exit"] = exit.map { .integer(Int64($0)) }
        object["cpu"] = processorTime.map(JSONValue.integer)
        object["mem"] = peakMemory.map(JSONValue.integer)
        object["rss"] = largestProcess.map(JSONValue.integer)
        return object
    }
}
