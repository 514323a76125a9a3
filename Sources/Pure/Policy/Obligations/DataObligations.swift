package import InterlockJSON

/// The obligations on a call's data: the union of those of the agent, the tool and the server
/// (docs/specs/policy.md, section 4.4). `keep` intersects, `drop` and `mask` add up, and the smallest size
/// applies.
package struct DataObligations: Sendable, Hashable {
    /// The fields of the result to keep, or nil for all of them. An empty list keeps no field.
    package private(set) var keep: [FieldPath]?
    package private(set) var drop: [FieldPath] = []
    package private(set) var mask: [FieldPath: MaskMethod] = [:]
    /// The maximum size of the result as it is given to the agent, in bytes.
    package private(set) var maxBytes: Int64?
    /// The treatment of a larger result. Of several obligations with a size, each must permit a cut.
    package private(set) var overflow = ResultOverflow.withhold
    /// Fields of the arguments that are never sent.
    package private(set) var argumentsDrop: [FieldPath] = []

    /// The maximum size of a result where nothing states one, in bytes.
    package static let defaultMaxBytes: Int64 = 1 << 20

    init(
        keep: [FieldPath]? = nil, drop: [FieldPath] = [], mask: [FieldPath: MaskMethod] = [:],
        maxBytes: Int64? = nil, overflow: ResultOverflow = .withhold,
        argumentsDrop: [FieldPath] = []
    ) {
        self.keep = keep.map { Set($0).sorted() }
        self.drop = Set(drop).sorted()
        self.mask = mask
        self.maxBytes = maxBytes
        self.overflow = maxBytes == nil ? .withhold : overflow
        self.argumentsDrop = Set(argumentsDrop).sorted()
    }

    package var isEmpty: Bool {
        keep == nil && drop.isEmpty && mask.isEmpty && maxBytes == nil && argumentsDrop.isEmpty
    }

    /// True if a part of the result must be changed, so that the result must be JSON.
    package var changesResults: Bool { keep != nil || !drop.isEmpty || !mask.isEmpty }

    /// The names that a test's `obligations` lists, sorted.
    package var names: [String] {
        var names: [String] = []
        if !argumentsDrop.isEmpty { names.append("arguments.drop") }
        if !drop.isEmpty { names.append("drop") }
        if keep != nil { names.append("keep") }
        if !mask.isEmpty { names.append("mask") }
        if maxBytes != nil { names.append("max_bytes") }
        if overflow == .truncate { names.append("overflow") }
        return names
    }

    func union(_ other: DataObligations) -> DataObligations {
        DataObligations(
            keep: Self.keptByBoth(keep, other.keep), drop: drop + other.drop,
            mask: mask.merging(other.mask) { $0.stricter($1) },
            maxBytes: [maxBytes, other.maxBytes].compactMap { $0 }.min(),
            overflow: [self, other].allSatisfy { $0.maxBytes == nil || $0.overflow == .truncate }
                ? .truncate : .withhold,
            argumentsDrop: argumentsDrop + other.argumentsDrop)
    }

    private static func keptByBoth(_ a: [FieldPath]?, _ b: [FieldPath]?) -> [FieldPath]? {
        guard let a, let b else { return a ?? b }
        return a.flatMap { path in b.compactMap { path.intersection($0) } }
    }

    /// The form in which decisions show the obligations, next to `audit` and `egress`.
    package var json: JSONObject {
        func list(_ paths: [FieldPath]) -> JSONValue { .array(paths.map { .string($0.text) }) }
        var object = JSONObject()
        if !argumentsDrop.isEmpty { object["arguments"] = ["drop": list(argumentsDrop)] }
        if !drop.isEmpty { object["drop"] = list(drop) }
        if let keep { object["keep"] = list(keep) }
        if !mask.isEmpty {
            var methods = JSONObject()
            for (path, method) in mask.sorted(by: { $0.key < $1.key }) {
                methods[path.text] = .string(method.rawValue)
            }
            object["mask"] = .object(methods)
        }
        if let maxBytes { object["max_bytes"] = .integer(maxBytes) }
        if overflow == .truncate { object["overflow"] = .string(overflow.rawValue) }
        return object
    }
}
